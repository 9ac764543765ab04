"""Is everything an auditor opens on record, whichever page or program opens it?"""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import VisitReading
from db.event import SecurityEvent
from db.form import Attachment, Blob
from tests import factories


@pytest.fixture
def case_id(session: Session) -> str:
    """A case with a file."""
    unit = factories.create_unit(session)
    campaign = factories.create_campaign(session, units=[unit], release=factories.shipped_release(session))
    project = factories.create_project(session, campaign=campaign, unit=unit)
    case = factories.create_case(session, project=project, campaign=campaign)
    session.add(Blob(sha256="ab", size=5, content=b"%PDF-"))
    session.flush()
    session.add(
        Attachment(
            id="file1", case_id=case.id, filename="依据.pdf", media_type="application/pdf", size=5, sha256="ab",
            uploaded_by=case.initiator_id, uploaded_at=case.started_at,
        )
    )  # fmt: skip
    return case.id


def enter(client: FlaskClient, session: Session, role: str, kind: str) -> str:
    person = factories.create_person(session)
    factories.create_post(
        session, role=role, organisation=factories.create_organisation(session, kind=kind), person=person
    )
    factories.log_in(client, session, person)
    return person.id


def test_pages_prints_and_files_are_each_on_record_with_the_callers_address(client, session, case_id):
    person_id = enter(client, session, "AUDITOR", "audit_office")
    for address in (f"/cases/{case_id}", f"/cases/{case_id}/print/declaration", "/attachments/file1"):
        assert client.get(address).status_code == 200
    logged = session.scalars(select(SecurityEvent).order_by(SecurityEvent.id)).all()

    assert [event.detail["what"] for event in logged] == ["case", "print", "attachment"]
    assert {(event.kind, event.actor, event.case_id) for event in logged} == {("case_read", person_id, case_id)}
    assert logged[0].client["ip"] == "127.0.0.1"


def test_the_program_is_on_record_as_the_page_is(client, session, case_id):
    enter(client, session, "AUDITOR", "audit_office")
    assert client.get(f"/api/v1/cases/{case_id}").status_code == 200

    assert session.scalars(select(SecurityEvent.kind)).all() == ["case_read"]


def test_what_cannot_be_seen_is_no_reading(client, session, case_id):
    enter(client, session, "AUDITOR", "audit_office")
    assert client.get("/cases/nothing").status_code == 404

    assert session.scalars(select(SecurityEvent.kind)).all() == ["access_refused"]
    assert session.scalars(select(VisitReading)).all() == []


def test_other_readers_only_leave_their_mark(client, session, case_id):
    enter(client, session, "PERF_OFFICER", "performance_section")
    assert client.get(f"/cases/{case_id}").status_code == 200

    assert session.scalars(select(SecurityEvent)).all() == []
    assert session.scalars(select(VisitReading.case_id)).all() == [case_id]
