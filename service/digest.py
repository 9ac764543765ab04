"""What awaits each person this morning? One notice at 08:30 of every working day, and a mail for who wants it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.case import Seat
from db.event import Heartbeat
from db.person import Person, Post
from service import calendar, notice_channels, notices, preferences
from service.inbox_sources import DRAFTING
from service.notices import News
from service.people import DISTRICT, day, valid_on
from service.reminders import HOUR
from service.rules import working_days

#: The row that says of which day the digest was written, and keeps two schedulers from writing it both.
MARK = "digest"


def write(session: Session, at: datetime) -> None:
    """Write the digest of the day, once; before 08:30 and on free days there is none."""
    today = day(at)
    opening = datetime.combine(today, HOUR, DISTRICT)
    if at < opening or not working_days.is_working(today, calendar.table(session)):
        return
    mark = session.get(Heartbeat, MARK, with_for_update=True)
    if mark is None:
        session.add(Heartbeat(name=MARK, at=opening))
        session.flush()  # a second scheduler fails on the key and tries again later
    elif mark.at >= opening:
        return
    else:
        mark.at = opening
    since = datetime.combine(
        working_days.subtract(today - timedelta(days=1), 0, calendar.table(session)), HOUR, DISTRICT
    )
    _tell(session, at, since, f"digest:{today.isoformat()}")


def _tell(session: Session, at: datetime, since: datetime, key: str) -> None:
    found = session.execute(_waiting(at, since)).all()
    chosen = preferences.of_all(session, [row.person_id for row in found], notice_channels.PREFERENCE)
    for row in found:
        kept: dict[str, Any] = chosen.get(row.person_id, {})
        if not kept.get("digest", True):
            continue
        facts = {"overdue": row.overdue, "today": row.today, "new": row.fresh}
        if not any(facts.values()):
            continue
        if notices.tell(session, [News(kind="digest", key=key, people=[row.person_id], facts=facts)], at=at):
            address = str(kept.get("mail", ""))
            if address:
                notice_channels.queue_digest(session, row.person_id, address, facts, f"{key}:{row.person_id}", at)


def _waiting(at: datetime, since: datetime) -> Select[Any]:
    """By person: seats of theirs, and of their posts that nobody has claimed, overdue, due today and new."""
    tomorrow = datetime.combine(day(at) + timedelta(days=1), datetime.min.time(), DISTRICT)
    own = select(Seat.person_id.label("person_id"), Seat.due_at, Seat.opened_at).where(
        Seat.state == "open", Seat.person_id.is_not(None), Seat.stage != DRAFTING
    )
    group = (
        select(Post.person_id, Seat.due_at, Seat.opened_at)
        .join(Post, (Post.role == Seat.role) & (Post.organisation_id == Seat.organisation_id))
        .join(Person, Person.id == Post.person_id)
        .where(Seat.state == "open", Seat.person_id.is_(None), Seat.stage != DRAFTING)
        .where(valid_on(day(at)), Person.active)
    )
    each = own.union_all(group).subquery()
    return (
        select(
            each.c.person_id,
            func.count().filter(each.c.due_at < at).label("overdue"),
            func.count().filter(each.c.due_at >= at, each.c.due_at < tomorrow).label("today"),
            func.count().filter(each.c.opened_at >= since).label("fresh"),
        )
        .group_by(each.c.person_id)
        .order_by(each.c.person_id)
    )
