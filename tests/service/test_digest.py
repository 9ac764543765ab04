"""Does everybody get one digest on the morning of a working day, and only when something waits?"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from db.desk import Notice
from db.event import Outbox
from service import digest, notice_channels
from service.people import DISTRICT
from tests import factories

#: A Wednesday.
MORNING = datetime(2026, 11, 25, 8, 30, tzinfo=DISTRICT)


def seat(session, person, **values):
    unit = factories.create_unit(session)
    campaign = factories.create_campaign(session, fiscal_year=2027 + seat.years, units=[unit])
    seat.years += 1
    project = factories.create_project(session, campaign=campaign, unit=unit)
    case = factories.create_case(session, project=project, campaign=campaign)
    return factories.create_waiting(session, case=case, person=person, **values)


seat.years = 0


def digests(session) -> list[dict]:
    return list(session.scalars(select(Notice.facts).where(Notice.kind == "digest")))


def test_one_digest_counts_overdue_today_and_new(session):
    person = factories.create_person(session)
    old = MORNING - timedelta(days=9)
    seat(session, person, opened_at=old, due_at=MORNING - timedelta(days=1))
    seat(session, person, opened_at=old, due_at=MORNING + timedelta(hours=5))
    seat(session, person, opened_at=MORNING - timedelta(hours=2), due_at=MORNING + timedelta(days=9))
    notice_channels.choose(
        session, person.id, mail="a@example.cn", mail_kinds=[], robot_kinds=[], digest=True, at=MORNING
    )
    digest.write(session, MORNING - timedelta(minutes=1))
    assert digests(session) == []

    for minutes in (0, 1, 600):
        digest.write(session, (MORNING + timedelta(minutes=minutes)).astimezone(UTC))
        session.flush()
    assert digests(session) == [{"overdue": 1, "today": 1, "new": 1}]
    assert session.scalars(select(Outbox.kind)).all() == ["mail"]


def test_who_has_nothing_to_do_or_wants_none_gets_none(session):
    idle, unwilling = factories.create_person(session), factories.create_person(session)
    seat(session, unwilling, opened_at=MORNING - timedelta(hours=2))
    seat(session, idle, opened_at=MORNING - timedelta(days=20), due_at=MORNING + timedelta(days=9))
    notice_channels.choose(session, unwilling.id, mail="", mail_kinds=[], robot_kinds=[], digest=False, at=MORNING)
    digest.write(session, MORNING)

    assert digests(session) == []


def test_a_free_day_has_no_digest(session):
    seat(session, factories.create_person(session), due_at=MORNING)
    digest.write(session, datetime(2026, 11, 28, 9, tzinfo=DISTRICT))

    assert digests(session) == []
