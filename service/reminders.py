"""Who is reminded of a deadline, and when? Timers of visits, fired once each by whichever scheduler comes first.

Two working days before (T-2) and on the day (T0) whoever sits there; a working day after (T+1) their chief; three
working days after (T+3) the bureau's leaders. A reminder never decides anything. The database's clock decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.case import CaseFile, Seat, Visit
from db.event import Timer
from service import calendar, notices, people
from service.notices import News
from service.people import DISTRICT, day
from service.rules import working_days
from service.rules.working_days import WorkingDayTable

#: Reminders go out when the office opens.
HOUR = time(8, 30)
#: Working days from the deadline's day, by kind of notice.
KINDS: Mapping[str, int] = MappingProxyType({"before": -2, "due": 0, "overdue": 1, "long_overdue": 3})
#: Who answers for a post: told when it is late. A post that is not named answers for itself.
CHIEFS: Mapping[str, str] = MappingProxyType(
    {
        "UNIT_CLERK": "UNIT_LEADER",
        "DEPT_CLERK": "DEPT_LEADER",
        "DEPT_REVIEWER": "DEPT_LEADER",
        "FUND_REVIEWER": "FUND_CHIEF",
        "BUDGET_REVIEWER": "BUDGET_CHIEF",
        "PERF_OFFICER": "PERF_CHIEF",
    }
)
LEADERS = "BUREAU_LEADER"
BATCH = 200
#: A suspended case is looked at again after so long; its deadline stands still meanwhile.
_LATER = timedelta(hours=1)


@dataclass(frozen=True)
class _Waiting:
    """A timer that is due, with the visit and the case it is about."""

    timer: Timer
    visit: Visit
    case: CaseFile


def instant(kind: str, deadline: datetime, table: WorkingDayTable) -> datetime:
    """When a kind of reminder of a deadline goes out: 08:30 in the district, so many working days from it.

    Raises:
        KeyError: there is no such kind.
    """
    last = day(deadline)
    days = KINDS[kind]
    # T0 of a deadline on a free day is that day itself: nobody is reminded after it.
    wanted = last if days == 0 else working_days.add(last, days, table)
    return datetime.combine(wanted, HOUR, DISTRICT)


def plan(session: Session, at: datetime) -> None:
    """Make the timers of open visits that have none yet; reminders from before a visit opened are left out."""
    planned = exists().where(Timer.visit_id == Visit.id)
    chosen = select(Visit).where(Visit.state == "open", Visit.due_at.is_not(None), ~planned)
    visits = session.scalars(chosen.order_by(Visit.due_at).limit(BATCH)).all()
    if not visits:
        return
    table = calendar.table(session)
    rows = [row for visit in visits for row in _timers(visit, table)]
    session.execute(insert(Timer).values(rows).on_conflict_do_nothing(index_elements=["visit_id", "kind"]))


def fire(session: Session, at: datetime) -> None:
    """Tell whoever is to be reminded by now. Timers another scheduler is at work on are left to it."""
    due = select(Timer).where(Timer.fired_at.is_(None), Timer.due_at <= at).order_by(Timer.due_at, Timer.id)
    timers = session.scalars(due.limit(BATCH).with_for_update(skip_locked=True)).all()
    if not timers:
        return
    waiting = _kept(session, timers, at)
    seats = _seats(session, [one.visit.id for one in waiting])
    told = _told(session, waiting, seats, at)
    notices.tell(session, [_news(one, told[one.timer.id]) for one in waiting if not _outrun(one.timer, at)], at=at)
    for one in waiting:
        one.timer.fired_at = at


def _outrun(timer: Timer, at: datetime) -> bool:
    """That a deadline is near is no news on its day, when the scheduler was away until then."""
    return timer.kind == "before" and day(at) >= day(timer.deadline)


def forget(session: Session, at: datetime) -> None:
    """Drop the timers of visits that are closed: they remind nobody any more."""
    closed = select(Visit.id).where(Visit.id == Timer.visit_id, Visit.state != "open").exists()
    chosen = select(Timer.id).where(closed).limit(10 * BATCH).with_for_update(skip_locked=True)
    session.execute(delete(Timer).where(Timer.id.in_(chosen)))


def _timers(visit: Visit, table: WorkingDayTable) -> Iterator[dict[str, Any]]:
    deadline = visit.due_at
    if deadline is None:
        return
    for kind in KINDS:
        due_at = instant(kind, deadline, table)
        # The row stays even where it has nothing to say: it shows that the visit was planned.
        skipped = due_at <= visit.opened_at
        yield {
            "case_id": visit.case_id,
            "visit_id": visit.id,
            "kind": kind,
            "due_at": due_at,
            "deadline": deadline,
            "fired_at": visit.opened_at if skipped else None,
        }


def _kept(session: Session, timers: Sequence[Timer], at: datetime) -> list[_Waiting]:
    """The timers that still mean something now; those of closed visits go, those of shifted deadlines move."""
    chosen = select(Visit, CaseFile).join(CaseFile, CaseFile.id == Visit.case_id)
    chosen = chosen.where(Visit.id.in_({timer.visit_id for timer in timers}), Visit.state == "open")
    found = {visit.id: (visit, case) for visit, case in session.execute(chosen).tuples()}
    table = calendar.table(session)
    kept, gone = [], []
    for timer in timers:
        visit, case = found.get(timer.visit_id, (None, None))
        if visit is None or case is None or visit.due_at is None:
            gone.append(timer.id)
        elif case.suspended_at is not None:
            timer.due_at = at + _LATER
        elif visit.due_at != timer.deadline:
            timer.deadline, timer.due_at = visit.due_at, instant(timer.kind, visit.due_at, table)
        else:
            kept.append(_Waiting(timer, visit, case))
    if gone:
        session.execute(delete(Timer).where(Timer.id.in_(gone)))
    return kept


def _seats(session: Session, visits: Sequence[str]) -> dict[str, list[Seat]]:
    by_visit: dict[str, list[Seat]] = {visit: [] for visit in visits}
    for seat in session.scalars(select(Seat).where(Seat.visit_id.in_(visits), Seat.state == "open")):
        by_visit[seat.visit_id].append(seat)
    return by_visit


def _told(
    session: Session, waiting: Sequence[_Waiting], seats: Mapping[str, Sequence[Seat]], at: datetime
) -> dict[int, set[str]]:
    """Who is told, by timer."""
    every = [seat for group in seats.values() for seat in group]
    seated = notices.seated(session, every, at=at)
    chiefs = people.holders(session, {_chief(seat) for seat in every}, at=at)
    leaders = people.of_role(session, LEADERS, at=at)
    told: dict[int, set[str]] = {}
    for one in waiting:
        here = seats[one.visit.id]
        if one.timer.kind == "long_overdue":
            told[one.timer.id] = leaders
        elif one.timer.kind == "overdue":
            told[one.timer.id] = {person.id for seat in here for person in chiefs[_chief(seat)]}
        else:
            told[one.timer.id] = set().union(*(seated[seat.id] for seat in here))
    return told


def _chief(seat: Seat) -> tuple[str, str]:
    return CHIEFS.get(seat.role, seat.role), seat.organisation_id


def _news(one: _Waiting, told: set[str]) -> News:
    facts = {
        "title": one.case.title,
        "number": one.case.number,
        "node": one.visit.node_name,
        "due": day(one.timer.deadline).isoformat(),
    }
    return News(
        kind=one.timer.kind,
        key=f"{one.timer.kind}:{one.visit.id}",
        people=told,
        case_id=one.case.id,
        visit_id=one.visit.id,
        facts=facts,
    )
