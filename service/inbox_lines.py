"""What does each line of an inbox say, and which lines does somebody look for?

A page is found in two steps inside one statement: first its few lines from narrow indexes, then what these lines say.
So a page costs the same whether fifty or fifty thousand cases are behind it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, select, true, union_all

from db.case import CaseFile, Seat, Visit, VisitReading
from db.event import Event
from db.person import Person
from service import case_rows, inbox_sorting, labels
from service.case_rows import FACTS, CaseRow, Unit
from service.inbox_criteria import ROLES, Criteria
from service.inbox_sources import Source
from service.people import DISTRICT, Actor
from service.rules.working_days import WorkingDayTable

_WEEK = timedelta(days=7)


def found(source: Source, asked: Criteria, sort: str, at: datetime) -> list[Select[Any]]:
    """The lines somebody looks for, in no order yet, in parts; all of the tab if nothing is asked."""
    conditions = case_rows.conditions(asked.wanted)
    columns = (source.case_id.label("case_id"), source.visit_id.label("visit_id"), source.arrived.label("arrived_at"))
    parts = []
    for part in source.parts:
        statement = part.with_only_columns(*columns)
        if (conditions or inbox_sorting.needs_case(sort)) and not source.joined:
            statement = statement.join(CaseFile, CaseFile.id == source.case_id)
        if inbox_sorting.needs_unit(sort):
            statement = statement.join(Unit, Unit.id == CaseFile.unit_id)
        parts.append(statement.where(*conditions, *_of_lines(source, asked, at)))
    return parts


def described(
    source: Source, parts: list[Select[Any]], sort: str, *, page: int, size: int, actor: Actor
) -> Select[Any]:
    """The lines of one page in order, with everything they say.

    Raises:
        KeyError: there is no such sort key.
    """
    line = _page(source, parts, sort, page=page, size=size)
    last, now = _last_decision(line.c.case_id), open_visit(line.c.case_id, line.c.visit_id)
    reading = and_(VisitReading.case_id == line.c.case_id, VisitReading.person_id == actor.person_id)
    statement = select(*FACTS, line.c.visit_id, line.c.arrived_at, now.c.node_name, now.c.due_at)
    statement = statement.add_columns(last.c.person, last.c.vote, last.c.decided_at)
    statement = statement.add_columns(_holder(line.c.visit_id, actor), _seen(line.c.case_id, actor))
    statement = statement.add_columns(_origin(line.c.visit_id, actor))
    statement = case_rows.with_names(statement.select_from(line).join(CaseFile, CaseFile.id == line.c.case_id))
    statement = statement.outerjoin(VisitReading, reading).outerjoin(last, true()).outerjoin(now, true())
    return statement.order_by(*inbox_sorting.of(source, sort).on(line))


def row(read: Any, at: datetime, table: WorkingDayTable) -> CaseRow:
    """A line in words, from what ``described`` selected."""
    step = {"person": read.person, "verb": read.vote, "verb_label": labels.verb(read.vote), "at": read.decided_at}
    return CaseRow(
        **case_rows.head(read),
        visit_id=read.visit_id,
        node_name=read.node_name or "",
        arrived_at=read.arrived_at,
        due_at=read.due_at,
        due_state=labels.due_state(read.due_at, at, table),
        last_step=step if read.vote else None,
        holder=read.holder,
        origin=read.origin,
        read="unread" if not read.seen else "changed" if read.seen < read.seq else "read",
    )


def _page(source: Source, parts: list[Select[Any]], sort: str, *, page: int, size: int) -> Subquery:
    """The lines of one page: each part gives as many as could be on it, already in order."""
    sorting = inbox_sorting.of(source, sort)
    order = sorting.on_source(source)
    candidates = [part.add_columns(*sorting.columns).order_by(*order).limit(page * size) for part in parts]
    merged = union_all(*candidates).subquery("candidate")
    return select(merged).order_by(*sorting.on(merged)).limit(size).offset((page - 1) * size).subquery("line")


def open_visit(case_id: Any, visit_id: Any) -> Any:
    """Name and deadline of where a case is: the line's own visit while it is open, else the first open one."""
    return (
        select(Visit.node_name, Visit.due_at)
        .where(Visit.case_id == case_id, Visit.state == "open")
        .order_by((Visit.id == visit_id).desc().nulls_last(), Visit.opened_seq)
        .limit(1)
        .lateral("now")
    )


def _of_lines(source: Source, asked: Criteria, at: datetime) -> Iterator[ColumnElement[bool]]:
    """Conditions on the lines themselves: deadline, arrival, how they came."""
    today = at.astimezone(DISTRICT).replace(hour=0, minute=0, second=0, microsecond=0)
    if asked.due:
        yield _due(source, asked.due, today, at)
    if asked.arrived == "today":
        yield source.arrived >= today
    elif asked.arrived == "week":
        yield source.arrived >= today - _WEEK
    elif asked.arrived == "earlier":
        yield source.arrived < today - _WEEK
    if asked.role and source.origin is not None:
        yield source.origin.in_(ROLES[asked.role])


def _due(source: Source, wanted: str, today: datetime, at: datetime) -> ColumnElement[bool]:
    column = Visit.due_at.expression if source.due is None else source.due
    near = _within(column, wanted, today, at)
    if source.due is not None:
        return near
    return source.case_id.in_(select(Visit.case_id).where(Visit.state == "open", near))


def _within(column: ColumnElement[Any], wanted: str, today: datetime, at: datetime) -> ColumnElement[bool]:
    if wanted == "none":
        return column.is_(None)
    if wanted == "overdue":
        return column < at
    midnight = today + timedelta(days=1)
    return and_(column < (midnight if wanted == "today" else midnight + _WEEK), column >= at)


def _last_decision(case_id: ColumnElement[str]) -> Any:
    return (
        select(Person.name.label("person"), Seat.vote, Seat.decided_at)
        .join(Person, Person.id == Seat.decided_by)
        .where(Seat.case_id == case_id, Seat.state == "done")
        .order_by(Seat.decided_at.desc())
        .limit(1)
        .lateral("last")
    )


def _holder(visit_id: ColumnElement[Any], actor: Actor) -> ColumnElement[str | None]:
    own = func.bool_or(Seat.person_id == actor.person_id)
    seats = select(case((own, "me"), else_="group")).where(Seat.visit_id == visit_id, Seat.state == "open")
    return seats.having(func.count() > 0).scalar_subquery().label("holder")


def _seen(case_id: ColumnElement[str], actor: Actor) -> ColumnElement[int | None]:
    """The last event the reader knows: read on a page, or brought about by themselves."""
    own = select(func.max(Event.seq)).where(Event.case_id == case_id, Event.actor == actor.person_id).scalar_subquery()
    return func.greatest(VisitReading.seq, own).label("seen")


def _origin(visit_id: ColumnElement[Any], actor: Actor) -> ColumnElement[str | None]:
    own = select(Seat.origin).where(Seat.visit_id == visit_id, Seat.state == "open", Seat.person_id == actor.person_id)
    return own.order_by(Seat.origin).limit(1).scalar_subquery().label("origin")
