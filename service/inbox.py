"""What waits for me, what did I do, what came back, what did I start? Lists and counts of one person's inbox."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Subquery, and_, cast, func, select, true, union_all
from sqlalchemy.orm import Session

from db.case import CaseFile, Seat
from db.desk import Notice
from service import calendar, inbox_lines, search
from service.case_rows import CaseRows, Wanted
from service.inbox_lines import DRAFTING, mine
from service.people import Actor

TABS = ("todo", "done", "returned", "initiated", "drafts")


def page(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    tab: str = "todo",
    page: int = 1,
    size: int = 50,
    q: str = "",
    stages: Collection[str] = (),
    unit: str | None = None,
    amount_from: Decimal | None = None,
    amount_to: Decimal | None = None,
    due: str | None = None,
    sort: str = "due",
    known: Mapping[str, int] | None = None,
) -> CaseRows:
    """A page of one of the inbox's lists.

    Args:
        tab: todo (待办), done (已办, the latest of each case), returned (被退回), initiated (我发起的) or drafts (草稿).
        q: words of the project's name, code or the case's number.
        unit: part of a unit's or department's name or code.
        amount_from: 万元, the bounds themselves included.
        due: overdue, today or week (within seven days).
        sort: due, arrived, amount, unit, title or stage; a minus before it turns the order round.
        known: what `counts` just said, so that an unfiltered list is not counted twice.

    Returns:
        Rows in order; ``arrived_at`` is when a visit was opened, in done the decision, in initiated the last change.

    Raises:
        KeyError: there is no such tab or sort key.
    """
    wanted = Wanted(q=q, stages=stages, unit=unit, amount_from=amount_from, amount_to=amount_to)
    source = inbox_lines.SOURCES[tab](actor)
    parts = inbox_lines.found(source, wanted, due, sort, at)
    statement = inbox_lines.described(source, parts, sort, page=page, size=size, actor=actor)
    total = known[tab] if known is not None and wanted.everything and due is None else None
    return _read(session, q, parts, statement, total, page, size, at)


def counts(session: Session, *, actor: Actor, at: datetime) -> dict[str, int]:
    """How many entries each tab has; `overdue` counts within todo. One statement."""
    waiting, drafting, done, initiated = _waiting(actor, at), _drafting(actor), _done(actor), _initiated(actor)
    one_row = waiting.join(drafting, true()).join(done, true()).join(initiated, true())
    statement = select(waiting, drafting, done, initiated).select_from(one_row)
    return dict(session.execute(statement).one()._mapping)


def fingerprint(session: Session, *, actor: Actor) -> str:
    """A text that changes whenever the person's counts may have changed; one statement on indexes.

    It follows the open seats and who holds them, the person's own decisions, what happens to the cases the person
    started, the notices the person has not read, and the district's day, on which deadlines pass.
    """
    held = union_all(*(select(Seat.visit_id, Seat.person_id).where(condition) for condition in mine(actor))).subquery()
    seats = select(
        func.count().label("seats"),
        func.coalesce(func.sum(func.hashtext(held.c.visit_id)), 0).label("which"),
        func.count(held.c.person_id).label("claimed"),
    ).subquery()
    decided = select(func.max(Seat.decided_at)).where(Seat.decided_by == actor.person_id, Seat.state == "done")
    moved = select(func.max(CaseFile.changed_at)).where(CaseFile.initiator_id == actor.person_id)
    today = cast(func.timezone("Asia/Shanghai", func.clock_timestamp()), Date)
    unread = select(func.count()).where(Notice.person_id == actor.person_id, Notice.read_at.is_(None))
    told = (decided.scalar_subquery(), moved.scalar_subquery(), unread.scalar_subquery(), today)
    row = session.execute(select(seats, *told)).one()
    return "-".join(_short(value) for value in row)


def _read(
    session: Session, q: str, parts: list[Any], lines: Any, total: int | None, page: int, size: int, at: datetime
) -> CaseRows:
    if q:
        search.plan_for_words(session)
    if total is None:
        total = session.execute(select(func.count()).select_from(union_all(*parts).subquery())).scalar_one()
    table = calendar.table(session)
    rows = [inbox_lines.row(found, at, table) for found in session.execute(lines)]
    return CaseRows(rows, total, page, size)


def _short(value: object) -> str:
    return f"{value.timestamp():.6f}" if isinstance(value, datetime) else str(value or 0)


def _waiting(actor: Actor, at: datetime) -> Subquery:
    parts = (select(Seat.due_at).where(condition, Seat.stage != DRAFTING) for condition in mine(actor))
    seat = union_all(*parts).subquery()
    return select(func.count().label("todo"), func.count().filter(seat.c.due_at < at).label("overdue")).subquery()


def _drafting(actor: Actor) -> Subquery:
    parts = (select(Seat.case_id).where(condition, Seat.stage == DRAFTING) for condition in mine(actor))
    seat = union_all(*parts).subquery()
    back = CaseFile.condition.is_not(None)
    return (
        select(func.count().filter(back).label("returned"), func.count().filter(~back).label("drafts"))
        .select_from(seat)
        .join(CaseFile, CaseFile.id == seat.c.case_id)
        .subquery()
    )


def _done(actor: Actor) -> Subquery:
    decided = and_(Seat.decided_by == actor.person_id, Seat.state == "done")
    return select(func.count(Seat.case_id.distinct()).label("done")).where(decided).subquery()


def _initiated(actor: Actor) -> Subquery:
    own = and_(CaseFile.initiator_id == actor.person_id, CaseFile.stage != "discarded")
    return select(func.count().label("initiated")).where(own).subquery()
