"""Is everybody reminded of a deadline at the right time, once, however many schedulers there are?"""

import threading
import time
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from db.case import CaseFile, Visit
from db.connection import database_now, make_sessions
from db.desk import Notice
from db.event import Timer
from db.person import Person
from service import reminders
from service.jobs import Job, run_once
from service.people import DISTRICT
from tests import factories

#: A Wednesday; the deadline is on the Friday.
AT = datetime(2026, 11, 25, 2, tzinfo=UTC)
DUE = datetime(2026, 11, 27, 23, 59, 59, tzinfo=DISTRICT)


def at_hour(day: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, 8, 30, tzinfo=DISTRICT)


@pytest.fixture
def waiting(session) -> Visit:
    """A visit due on Friday whose section has a reviewer and a chief; the bureau has a leader."""
    unit = factories.create_unit(session)
    campaign = factories.create_campaign(session, units=[unit])
    project = factories.create_project(session, campaign=campaign, unit=unit)
    case = factories.create_case(session, project=project, campaign=campaign, stage="fund_review")
    section = session.get_one(type(unit), unit.fund_section_id)
    bureau = factories.create_organisation(session, kind="bureau_leaders")
    for role, place in (("FUND_REVIEWER", section), ("FUND_CHIEF", section), ("BUREAU_LEADER", bureau)):
        person = factories.create_person(session, username=role)
        factories.create_post(session, role=role, organisation=place, person=person)
    return factories.create_waiting(
        session, case=case, node="fund_review", opened_at=AT - timedelta(days=7), due_at=DUE
    )


def told(session) -> list[tuple[str, str]]:
    chosen = select(Person.username, Notice.kind).join(Person, Person.id == Notice.person_id).order_by(Notice.id)
    return list(session.execute(chosen).tuples())


def test_each_is_reminded_on_their_working_day(session, waiting):
    reminders.plan(session, AT)
    expected = [
        (at_hour(25), ("FUND_REVIEWER", "before")),
        (at_hour(27), ("FUND_REVIEWER", "due")),
        (at_hour(30), ("FUND_CHIEF", "overdue")),
        (at_hour(2, 12), ("BUREAU_LEADER", "long_overdue")),
    ]
    for number, (instant, _) in enumerate(expected):
        reminders.fire(session, instant - timedelta(seconds=1))
        assert told(session) == [notice for _, notice in expected[:number]], "nothing is told early"
        reminders.fire(session, instant)
        reminders.fire(session, instant)
        assert told(session) == [notice for _, notice in expected[: number + 1]]


def test_a_visit_opened_after_its_first_reminder_gets_only_the_later_ones(session, waiting):
    waiting.opened_at = at_hour(26)
    reminders.plan(session, at_hour(26))
    reminders.fire(session, at_hour(27))

    assert told(session) == [("FUND_REVIEWER", "due")]


def test_after_a_pause_of_all_schedulers_nobody_is_told_that_a_day_is_near_which_has_come(session, waiting):
    reminders.plan(session, AT)
    reminders.fire(session, at_hour(27))
    assert told(session) == [("FUND_REVIEWER", "due")]
    reminders.fire(session, at_hour(30))
    assert told(session)[1:] == [("FUND_CHIEF", "overdue")]


def test_what_is_decided_reminds_nobody(session, waiting):
    reminders.plan(session, AT)
    waiting.state = "decided"
    session.flush()
    reminders.fire(session, at_hour(30))

    assert told(session) == []
    assert session.scalar(select(func.count()).select_from(Timer).where(Timer.due_at <= at_hour(30))) == 0


def test_a_suspended_case_reminds_nobody_and_its_shifted_deadline_does(session, waiting):
    reminders.plan(session, AT)
    case = session.get_one(CaseFile, waiting.case_id)
    case.suspended_at = AT
    session.flush()
    reminders.fire(session, at_hour(27))
    assert told(session) == []

    case.suspended_at, waiting.due_at = None, datetime(2026, 12, 4, 23, 59, 59, tzinfo=DISTRICT)
    session.flush()
    reminders.fire(session, at_hour(30))
    assert told(session) == []
    reminders.fire(session, at_hour(2, 12))
    assert told(session) == [("FUND_REVIEWER", "before")]


def test_timers_of_closed_visits_are_forgotten_and_those_of_open_ones_kept(session, waiting):
    reminders.plan(session, AT)
    reminders.forget(session, AT)
    assert session.scalar(select(func.count()).select_from(Timer)) == len(reminders.KINDS)

    waiting.state = "decided"
    session.flush()
    reminders.forget(session, AT)
    assert session.scalar(select(func.count()).select_from(Timer)) == 0


def test_planning_again_changes_nothing(session, waiting):
    reminders.plan(session, AT)
    reminders.plan(session, AT)

    assert session.scalar(select(func.count()).select_from(Timer)) == len(reminders.KINDS)


class Killed(Exception):
    """A scheduler dies before its commit."""


def _until_fired(session, seconds: float) -> None:
    """Wait until no timer waits, or for so long."""
    waiting = select(func.count()).select_from(Timer).where(Timer.fired_at.is_(None))
    patience = time.monotonic() + seconds
    while session.scalar(waiting) and time.monotonic() < patience:
        session.rollback()
        time.sleep(0.1)


def _schedulers_at_work(session, engine, *, visits: int, seconds: float, deaths: float) -> list[Timer]:
    """Let three schedulers race for one timer of each visit, dying before a commit now and then."""
    now = database_now(session)
    random = Random(7)
    for visit in visits_of(session, visits):
        due = now + timedelta(seconds=random.uniform(0.2, seconds))
        session.add(Timer(case_id=visit.case_id, visit_id=visit.id, kind="due", due_at=due, deadline=visit.due_at))
    session.commit()
    ended = threading.Event()

    def schedule(number: int) -> None:
        chance, sessions = Random(number), make_sessions(engine)

        def fire(own, at):
            reminders.fire(own, at)
            if chance.random() < deaths:
                own.flush()
                raise Killed  # its transaction is lost, as a killed process's is

        while not ended.is_set():
            run_once(Job("reminders", 1, fire), sessions)
            ended.wait(0.02)

    threads = [threading.Thread(target=schedule, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    _until_fired(session, seconds + 20)
    ended.wait(0.3)  # whatever would fire a second time has the chance
    ended.set()
    for thread in threads:
        thread.join()
    session.expire_all()
    return list(session.scalars(select(Timer)))


def visits_of(session, count: int) -> list[Visit]:
    unit = factories.create_unit(session)
    campaign = factories.create_campaign(session, units=[unit])
    person = factories.create_person(session)
    made = []
    for _ in range(count):
        project = factories.create_project(session, campaign=campaign, unit=unit)
        case = factories.create_case(session, project=project, campaign=campaign, initiator=person)
        made.append(factories.create_waiting(session, case=case, person=person, due_at=DUE))
    return made


@pytest.mark.parametrize("visits, seconds", [(60, 1.0), pytest.param(400, 6.0, marks=pytest.mark.long)])
def test_three_schedulers_that_die_at_random_fire_each_timer_once_and_none_early(session, engine, visits, seconds):
    timers = _schedulers_at_work(session, engine, visits=visits, seconds=seconds, deaths=0.3)

    assert len(timers) == visits
    assert [timer.id for timer in timers if timer.fired_at is None] == []
    assert [timer.id for timer in timers if timer.fired_at < timer.due_at] == []
    assert session.scalar(select(func.count()).select_from(Notice)) == visits
