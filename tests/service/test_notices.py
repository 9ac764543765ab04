"""Is everybody told what concerns them, once, by a job and never inside a decision?"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.desk import Notice
from db.event import Outbox
from db.participation import Substitution
from db.person import Person
from service import notice_channels, notice_events, notices
from tests import factories

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


@dataclass
class Desk:
    """A case with its drafter, two reviewers of one post and a bureau leader."""

    session: Session
    case: CaseFile
    people: dict[str, Person]

    def event(self, kind: str = "form_submitted", actor: str | None = "clerk", **values):
        self.case.seq += 1
        made = {"actor": self.people[actor].id if actor else None, "kind": kind, "at": AT, **values}
        return factories.create_event(self.session, case=self.case, **made)

    def told(self, at: datetime = AT) -> list[tuple[str, str]]:
        notice_events.tell(self.session, at)
        chosen = select(Person.name, Notice.kind).join(Person, Person.id == Notice.person_id)
        return sorted(self.session.execute(chosen).tuples())


@pytest.fixture
def desk(session) -> Desk:
    unit = factories.create_unit(session)
    campaign = factories.create_campaign(session, units=[unit])
    people = {name: factories.create_person(session, name=name) for name in ("clerk", "one", "two", "leader")}
    department = session.get_one(type(unit), unit.parent_id)
    for name in ("one", "two"):
        factories.create_post(session, role="DEPT_REVIEWER", organisation=department, person=people[name])
    bureau = factories.create_organisation(session, kind="bureau_leaders")
    factories.create_post(session, role="BUREAU_LEADER", organisation=bureau, person=people["leader"])
    project = factories.create_project(session, campaign=campaign, unit=unit)
    case = factories.create_case(session, project=project, campaign=campaign, initiator=people["clerk"])
    return Desk(session, case, people)


def test_a_new_task_is_told_to_all_who_hold_the_post(desk):
    factories.create_waiting(desk.session, case=desk.case, opened_at=AT)
    desk.event()

    assert desk.told() == [("one", "task"), ("two", "task")]


def test_an_event_is_told_once_however_often_the_job_runs(desk):
    factories.create_waiting(desk.session, case=desk.case, opened_at=AT)
    event = desk.event()
    desk.told()
    desk.session.add(Outbox(kind="event", case_id=event.case_id, payload={"seq": event.seq}, created_at=AT))
    desk.session.flush()

    assert desk.told() == [("one", "task"), ("two", "task")]
    assert desk.session.scalar(select(func.count()).select_from(Outbox)) == 0


def test_what_comes_back_is_told_as_returned_with_the_reason(desk):
    visit = factories.create_waiting(
        desk.session, case=desk.case, node="draft", person=desk.people["clerk"], opened_at=AT
    )
    desk.event("visit_returned", "one", reason="依据不足，请补充。")

    assert desk.told() == [("clerk", "returned")]
    row = notices.page(desk.session, desk.people["clerk"].id).rows[0]
    assert (row.visit_id, row.facts["by"], row.facts["reason"]) == (visit.id, "one", "依据不足，请补充。")


def test_nobody_is_told_of_their_own_deed(desk):
    factories.create_waiting(desk.session, case=desk.case, person=desk.people["one"], opened_at=AT)
    desk.event("seat_transferred", "one")

    assert desk.told() == []


def test_an_urge_reaches_whoever_sits_there_and_their_substitute(desk):
    visit = factories.create_waiting(
        desk.session, case=desk.case, person=desk.people["one"], opened_at=AT - timedelta(days=1)
    )
    period = {"begins_on": AT.date(), "ends_before": AT.date() + timedelta(days=5)}
    pair = {"principal_id": desk.people["one"].id, "substitute_id": desk.people["two"].id}
    desk.session.add(
        Substitution(**pair, **period, processes=[], reason="年休假", set_by=desk.people["one"].id, set_at=AT)
    )
    desk.event("visit_urged", "clerk", visit=visit.id)

    assert desk.told() == [("one", "urged"), ("two", "urged")]


def test_a_copy_a_request_and_the_end_reach_whom_they_concern(desk):
    factories.create_waiting(desk.session, case=desk.case, opened_at=AT - timedelta(days=1))
    desk.event("case_copied", "one", changes=[{"type": "copy_sent", "copy": "c", "person": desk.people["two"].id}])
    desk.event("exception_requested", "one")
    desk.case.finished_at, desk.case.stage = AT, "in_library"
    desk.event("visit_approved", "one")

    # The end is the last event's; all three were kept at one instant here.
    assert set(desk.told()) == {("two", "copied"), ("leader", "exception"), ("clerk", "finished")}


def test_simulated_and_old_events_tell_nobody(desk):
    factories.create_waiting(desk.session, case=desk.case, opened_at=AT)
    desk.event(simulated=True)
    assert desk.session.scalar(select(func.count()).select_from(Outbox)) == 0

    desk.event()
    assert desk.told(AT + timedelta(days=4)) == []
    assert desk.session.scalar(select(func.count()).select_from(Outbox)) == 0


def test_reading_marks_one_a_case_or_all(desk):
    factories.create_waiting(desk.session, case=desk.case, person=desk.people["one"], opened_at=AT)
    desk.event()
    desk.told()
    one = desk.people["one"].id
    assert notices.unread(desk.session, one) == 1

    assert notices.mark_read(desk.session, one, at=AT, case_id="other") == 0
    assert notices.mark_read(desk.session, one, at=AT) == 1
    assert notices.unread(desk.session, one) == 0


def test_mail_and_robot_are_queued_as_the_person_wants(desk):
    clerk = desk.people["clerk"].id
    notice_channels.choose(
        desk.session, clerk, mail="clerk@example.cn", mail_kinds=["returned"], robot_kinds=["task"], digest=True, at=AT
    )
    factories.create_waiting(desk.session, case=desk.case, node="draft", person=desk.people["clerk"], opened_at=AT)
    desk.event("visit_returned", "one")
    desk.told()

    assert desk.session.execute(select(Outbox.kind, Outbox.sent_at)).all() == [("mail", None)]


def test_what_was_read_long_ago_is_forgotten(desk):
    one = desk.people["one"].id
    for key in ("read", "unread"):
        notices.tell(desk.session, [notices.News(kind="task", key=key, people=[one])], at=AT)
    notices.mark_read(desk.session, one, at=AT, notice_id=notices.page(desk.session, one).rows[-1].id)
    notices.forget(desk.session, AT + timedelta(days=91))

    assert notices.page(desk.session, one).total == notices.unread(desk.session, one) == 1
