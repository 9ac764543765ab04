"""Does nothing change whatever an auditor sends to any address, and does an administrator read nothing of auditors'?"""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table, select, text
from sqlalchemy.orm import Session

from db.models import Base
from tests import factories
from tests.district import District, create_district
from tests.system.test_auditor import OWN, changing

#: What anybody's own desk and log-in change; everything else is business, policy or administration.
PERSONAL = {
    "person", "login_session", "access_token", "visit_reading", "security_event", "idempotency_key", "notice",
    "saved_view", "preference", "sealed_leaf", "seal_checkpoint", "heartbeat", "password_history",
}  # fmt: skip
#: Addresses of the auditors' own pages, as an administrator would type them.
AUDITORS = (
    "/audit", "/audit/process", "/audit/process/figures", "/audit/flags/fast", "/audit/acts", "/audit/compare",
    "/audit/event-log/xes", "/audit/event-log/ocel", "/cases/{case}/replay", "/cases/{case}/replay/frames",
    "/cases/{case}/verification", "/cases/{case}/evidence", "/cases/{case}/receipts/1", "/cases/{case}/timeline.csv",
    "/cases/{case}/today", "/cases/{case}/print/approval", "/api/v1/cases/{case}/events",
    "/api/v1/cases/{case}/comparison?with={case}", "/api/v1/cases/{case}/today",
)  # fmt: skip


@pytest.fixture
def district(session: Session) -> District:
    made = create_district(session)
    case_id = made.start()["case_id"]
    made.walk(case_id, "draft", "unit_sign")
    return made


def content(session: Session) -> dict[str, int]:
    """A fingerprint of every table that is not somebody's own."""
    session.rollback()
    found = {}
    for table in Base.metadata.sorted_tables:
        if isinstance(table, Table) and table.name not in PERSONAL:
            digest = text(f"SELECT coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {table.name} t")
            found[table.name] = session.execute(digest).scalar_one()
    return found


def address(rule: str, ids: dict[str, str]) -> str:
    parts = [ids.get(part[1:-1].split(":")[-1], "1") if part.startswith("<") else part for part in rule.split("/")]
    return "/".join(parts)


def test_nothing_changes_whatever_an_auditor_sends(
    app: Flask, client: FlaskClient, session: Session, district: District
):
    app.config["WTF_CSRF_ENABLED"] = False  # a forged page is not what is tried here
    case_id = district.started[0]["case_id"]
    visit = district.open_visits(case_id)["department_review"]
    ids = {
        "case_id": case_id,
        "visit_id": visit.id,
        "campaign_id": district.campaign.id,
        "process_id": "target_declaration",
    }
    body: dict[str, Any] = {"verb": "approve", "expected_seq": 3, "reason": "依据充分，同意", "form": {}, "params": {}}
    routes = [route for route in changing(app) if route[2] not in OWN]
    before = content(session)
    page, program = app.test_client(), factories.bearer(session, district.people["AUDITOR"])
    factories.log_in(page, session, district.people["AUDITOR"])
    answers: dict[int, list[str]] = {}
    for number, (method, rule, _) in enumerate(routes):
        where = address(rule, ids)
        if where.startswith("/api/"):
            headers = {**program, "Idempotency-Key": f"key-{number}"}
            answer = client.open(where, method=method, json=body, headers=headers)
        else:
            answer = page.open(where, method=method, data=body)
        answers.setdefault(answer.status_code, []).append(f"{method} {rule}")
    assert len(routes) > 60
    assert len(answers[403]) > len(routes) * 0.8, answers
    assert not [status for status in answers if status >= 500], answers
    assert content(session) == before


@pytest.mark.parametrize("role", ["SYS_ADMIN", "SEC_ADMIN", "AUDIT_ADMIN"])
def test_an_administrator_reads_nothing_that_only_auditors_may(
    client: FlaskClient, session: Session, district: District, role: str
):
    body = factories.create_organisation(session, kind="information_centre")
    person = factories.create_person(session, username=role.lower())
    factories.create_post(session, role=role, organisation=body, person=person)
    program = factories.bearer(session, person)
    factories.log_in(client, session, person)
    case_id = district.started[0]["case_id"]
    for place in AUDITORS:
        where = place.format(case=case_id)
        answer = client.get(where, headers=program if where.startswith("/api/") else None)
        assert answer.status_code in (403, 404), where
    assert (
        session.scalar(select(text("count(*)")).select_from(text("security_event WHERE kind = 'access_refused'"))) > 10
    )
