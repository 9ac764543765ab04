"""Which running cases does nobody carry forward, and why? Looked for in what is stored, not waited for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from db.case import CaseFile, Seat, Visit
from db.form import DraftWriter
from db.person import Person, Post
from service import access, calendar, dockets, duties, people
from service.people import DISTRICT, Actor, day, valid_on
from service.rules import working_days
from service.rules.votes import LIVE
from service.timers import AGAIN

#: A step is long overdue after so many working days (confirmed nowhere: the district may want another number).
LONG_OVERDUE = 10
MOST = 200
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "nothing_open": "没有任何在办环节",
        "timer_late": "规定的时间已过，流程没有继续",
        "nobody": "办理岗位无人任职",
        "holder_gone": "办理人已停用",
        "no_seat": "没有可以办理的席位",
        "all_involved": "办理岗位人员均须回避",
        "overdue": f"逾期超过 {LONG_OVERDUE} 个工作日",
    }
)


@dataclass(frozen=True, kw_only=True)
class StuckCase:
    """A case that stands still: at which step, since when, of which kind, and what may be done."""

    case_id: str
    number: str
    title: str
    node_name: str
    since: datetime
    kind: str
    label: str


def found(session: Session, *, actor: Actor, at: datetime) -> list[StuckCase]:
    """Every running case, not suspended, that stands still at an instant, worst kind first; 200 at most of each kind.

    Raises:
        NotAllowed: the actor neither runs the system nor the performance section.
    """
    access.require(actor, "incident.read")
    searches = (_without_visit, _without_holder, _without_uninvolved, _overdue)
    lines = [line for search in searches for line in search(session, at)]
    once = {(line.case_id, line.node_name): line for line in reversed(lines)}
    order = list(KINDS)
    return sorted(once.values(), key=lambda line: (order.index(line.kind), line.since))


def _without_visit(session: Session, at: datetime) -> Iterator[StuckCase]:
    """Cases at no step: waiting for a timer is no standstill until it is late."""
    no_visit = ~exists().where(Visit.case_id == CaseFile.id, Visit.state == "open")
    statement = select(CaseFile).where(*_running(), no_visit).order_by(CaseFile.changed_at).limit(MOST)
    for case in session.scalars(statement):
        if case.wake_at is None:
            yield _line(case, "", case.changed_at, "nothing_open")
        elif case.wake_at < at - AGAIN:
            yield _line(case, "", case.wake_at, "timer_late")


def _without_holder(session: Session, at: datetime) -> Iterator[StuckCase]:
    """Steps at which no seat that may be heard belongs to anybody who could log in today."""
    statement = (
        select(Visit, CaseFile, func.count(Seat.id), func.count(Seat.person_id))
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .outerjoin(Seat, and_(Seat.visit_id == Visit.id, Seat.state.in_(LIVE)))
        .where(Visit.state == "open", *_running(), ~_able(at))
        .group_by(Visit.id, CaseFile.id)
        .order_by(Visit.opened_at, Visit.id)
        .limit(MOST)
    )
    for visit, case, seats, held_seats in session.execute(statement):
        kind = "no_seat" if not seats else "holder_gone" if held_seats else "nobody"
        yield _line(case, visit.node_name, visit.opened_at, kind)


def _without_uninvolved(session: Session, at: datetime) -> Iterator[StuckCase]:
    """Steps whose every holder has to stand back (SD1, SD2); only steps without a newcomer are looked at closely."""
    concerned = (
        select(Visit, CaseFile)
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .where(Visit.state == "open", *_running(), _able(at), ~_able(at, newcomers=True))
        .order_by(Visit.opened_at, Visit.id)
        .limit(MOST)
    )
    for visit, case in session.execute(concerned).all():
        docket = dockets.read(session, case)
        live = [seat for seat in docket.seats_of(docket.visits[visit.id]) if seat.state in LIVE]
        named = {seat.person_id for seat in live if seat.person_id}
        posts = {(seat.role, seat.organisation_id) for seat in live if not seat.person_id}
        posted = {one.id for people_of in people.holders(session, posts, at=at).values() for one in people_of}
        step = docket.step(visit)
        if all(any(duties.conflicts(docket, step, person)) for person in named | posted):
            yield _line(case, visit.node_name, visit.opened_at, "all_involved")


def _able(at: datetime, *, newcomers: bool = False) -> ColumnElement[bool]:
    """Condition on Visit: somebody who could log in today may be heard, and has had no hand in the case if so wished."""
    seat, holder, in_post = aliased(Seat), aliased(Person), aliased(Person)
    held = exists().where(holder.id == seat.person_id, holder.active, *_new(holder, newcomers))
    posted = exists().where(
        Post.role == seat.role,
        Post.organisation_id == seat.organisation_id,
        valid_on(day(at)),
        in_post.id == Post.person_id,
        in_post.active,
        *_new(in_post, newcomers),
    )
    free = and_(seat.person_id.is_(None), posted.correlate(seat, Visit))
    who = or_(held.correlate(seat, Visit), free)
    return exists().where(seat.visit_id == Visit.id, seat.state.in_(LIVE), who).correlate(Visit)


def _new(person: Any, wanted: bool) -> list[ColumnElement[bool]]:
    if not wanted:
        return []
    done = aliased(Seat)
    acted = (done.case_id == Visit.case_id, done.state == "done")
    decided = exists().where(*acted, or_(done.decided_by == person.id, done.on_behalf_of == person.id))
    wrote = exists().where(DraftWriter.case_id == Visit.case_id, DraftWriter.person_id == person.id)
    return [~decided.correlate(Visit, person), ~wrote.correlate(Visit, person)]


def _overdue(session: Session, at: datetime) -> Iterator[StuckCase]:
    last = working_days.add(day(at), -LONG_OVERDUE, calendar.table(session))
    before = datetime.combine(last, time(0), DISTRICT)
    late = aliased(Visit)
    statement = (
        select(late, CaseFile)
        .join(CaseFile, CaseFile.id == late.case_id)
        .where(late.state == "open", late.due_at < before, *_running())
        .order_by(late.due_at, late.id)
        .limit(MOST)
    )
    for visit, case in session.execute(statement):
        yield _line(case, visit.node_name, visit.due_at or visit.opened_at, "overdue")


def _running() -> list[ColumnElement[bool]]:
    return [CaseFile.finished_at.is_(None), CaseFile.suspended_at.is_(None)]


def _line(case: CaseFile, node_name: str, since: datetime, kind: str) -> StuckCase:
    return StuckCase(
        case_id=case.id,
        number=case.number,
        title=case.title,
        node_name=node_name,
        since=since,
        kind=kind,
        label=KINDS[kind],
    )
