"""What waits for me, what did I do, what came back, what did I start? Lists and counts of one person's inbox."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Date, Subquery, and_, cast, func, literal, select, true, union_all
from sqlalchemy.orm import Session

from db.case import CaseFile, Seat
from db.desk import Notice
from db.participation import CaseCopy
from service import calendar, inbox_lines, search
from service.case_rows import CaseRows, Wanted
from service.inbox_criteria import TABS, Criteria
from service.inbox_sources import DRAFTING, SOURCES, mine, of_principals
from service.people import Actor

__all__ = ["TABS", "counts", "fingerprint", "listed", "matching", "page"]


def page(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    tab: str = "todo",
    page: int = 1,
    size: int = 50,
    due: str | None = None,
    arrived: str | None = None,
    role: str | None = None,
    sort: str = "due",
    known: Mapping[str, int] | None = None,
    **wanted: Any,
) -> CaseRows:
    """A page of one of the inbox's lists.

    Args:
        tab: todo (待办), entrusted (委派、代理), copies (抄送), done (已办, the latest of each case), returned (被退回),
            initiated (我发起的) or drafts (草稿).
        due: overdue, today, week (within seven days) or none.
        arrived: today, week or earlier.
        role: how it came to the reader: own, transferred, added or advice.
        sort: up to three of due, arrived, amount, unit, title, stage and round, separated by commas; a minus before
            one turns its order round.
        known: what `counts` just said, so that an unfiltered list is not counted twice.
        wanted: members of ``case_rows.Wanted``, such as q, stages, unit, amount_from.

    Returns:
        Rows in order; ``arrived_at`` is when a visit was opened, in done the decision, in initiated the last change.

    Raises:
        KeyError: there is no such tab or sort key.
    """
    asked = Criteria(wanted=Wanted(**wanted), due=due, arrived=arrived, role=role)
    return listed(session, asked, actor=actor, at=at, tab=tab, page=page, size=size, sort=sort, known=known)


def listed(
    session: Session,
    asked: Criteria,
    *,
    actor: Actor,
    at: datetime,
    tab: str,
    page: int = 1,
    size: int = 50,
    sort: str = "due",
    known: Mapping[str, int] | None = None,
) -> CaseRows:
    """A page of one of the inbox's lists by criteria, as ``page`` gives it."""
    source = SOURCES[tab](actor)
    parts = inbox_lines.found(source, asked, sort, at)
    statement = inbox_lines.described(source, parts, sort, page=page, size=size, actor=actor)
    total = known[tab] if known is not None and asked.everything else None
    return _read(session, asked.wanted, parts, statement, total, page, size, at)


def matching(
    session: Session,
    views: Mapping[str, tuple[str, Criteria]],
    case_ids: Collection[str],
    *,
    actor: Actor,
    at: datetime,
) -> dict[str, set[str]]:
    """Which of these cases each view holds, by view; one statement.

    Args:
        views: tab and criteria by the view's id.
    """
    found: dict[str, set[str]] = {view_id: set() for view_id in views}
    statements = []
    for view_id, (tab, asked) in views.items():
        source = SOURCES[tab](actor)
        for part in inbox_lines.found(source, asked, "arrived", at):
            lines = part.where(source.case_id.in_(case_ids)).subquery()
            statements.append(select(literal(view_id).label("view_id"), lines.c.case_id))
    if statements and case_ids:
        for view_id, case_id in session.execute(union_all(*statements)).tuples():
            found[view_id].add(case_id)
    return found


def counts(session: Session, *, actor: Actor, at: datetime) -> dict[str, int]:
    """How many entries each tab has; `overdue` counts within todo. One statement."""
    parts = (_waiting(actor, at), _drafting(actor), _done(actor), _initiated(actor), _entrusted(actor), _copied(actor))
    one_row: Any = parts[0]
    for part in parts[1:]:
        one_row = one_row.join(part, true())
    statement = select(*parts).select_from(one_row)
    return dict(session.execute(statement).one()._mapping)


def fingerprint(session: Session, *, actor: Actor) -> str:
    """A text that changes whenever the person's counts may have changed; one statement on indexes.

    It follows the open seats and who holds them, the person's own decisions, what happens to the cases the person
    started, the notices the person has not read, and the district's day, on which deadlines pass.
    """
    own = [select(Seat.visit_id, Seat.person_id).where(condition) for condition in mine(actor)]
    others = select(Seat.visit_id, Seat.person_id).join(CaseFile, CaseFile.id == Seat.case_id)
    held = union_all(*own, *(others.where(condition) for condition in of_principals(actor))).subquery()
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
    session: Session,
    wanted: Wanted,
    parts: list[Any],
    lines: Any,
    total: int | None,
    page: int,
    size: int,
    at: datetime,
) -> CaseRows:
    if wanted.q or wanted.risks or wanted.opinion:
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


def _entrusted(actor: Actor) -> Subquery:
    parts = (part.with_only_columns(Seat.id) for part in SOURCES["entrusted"](actor).parts)
    seat = union_all(*parts).subquery()
    return select(func.count().label("entrusted")).select_from(seat).subquery()


def _copied(actor: Actor) -> Subquery:
    copies = func.count(CaseCopy.case_id.distinct())
    of_actor = CaseCopy.person_id == actor.person_id
    unread = copies.filter(CaseCopy.read_at.is_(None))
    return select(copies.label("copies"), unread.label("unread_copies")).where(of_actor).subquery()


def _done(actor: Actor) -> Subquery:
    decided = and_(Seat.decided_by == actor.person_id, Seat.state == "done")
    return select(func.count(Seat.case_id.distinct()).label("done")).where(decided).subquery()


def _initiated(actor: Actor) -> Subquery:
    own = and_(CaseFile.initiator_id == actor.person_id, CaseFile.stage != "discarded")
    return select(func.count().label("initiated")).where(own).subquery()
