"""Where do the lines of an inbox come from, in which order, and what does each say?

A page is found in two steps inside one statement: first its few lines from narrow indexes, then what these lines say.
So a page costs the same whether fifty or fifty thousand cases are behind it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, null, select, true, union_all
from sqlalchemy.orm import aliased

from db.case import CaseFile, Seat, Visit, VisitReading
from db.event import Event
from db.person import Person
from service import case_rows, labels
from service.case_rows import FACTS, CaseRow, Unit, Wanted
from service.people import DISTRICT, Actor
from service.rules.working_days import WorkingDayTable

#: The stage in which the initiator fills in; its visits are drafts or returned, never todo.
DRAFTING = "draft"
_WEEK = timedelta(days=7)
#: Sort keys that ask for the case beside the visit.
_OF_CASE: Mapping[str, ColumnElement[Any]] = MappingProxyType(
    {
        "amount": CaseFile.amount.expression,
        "title": case_rows.chinese(CaseFile.title),
        "stage": case({code: place for place, code in enumerate(labels.STAGES)}, value=CaseFile.stage),
        "unit": case_rows.chinese(Unit.name),
    }
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A tab's lines before any filter: where they are found, and which columns say what.

    Each of ``parts`` reads one index; no line is in two of them. Their columns are still to be chosen.
    """

    parts: tuple[Select[Any], ...]
    case_id: ColumnElement[str]
    visit_id: ColumnElement[Any]
    arrived: ColumnElement[datetime]
    #: Deadline of a line; None where a line is a case, whose open visits count and whose newest stand first.
    due: ColumnElement[datetime | None] | None = None
    #: CaseFile is part of the statements already.
    joined: bool = False


@dataclass(frozen=True)
class _Sorting:
    """The key a list is sorted by, whether backwards, and whether some lines lack it (they stand last)."""

    key: ColumnElement[Any]
    turned: bool
    gaps: bool

    def by(self, key: Any, arrived: Any, case_id: Any) -> tuple[ColumnElement[Any], ...]:
        """The order on these columns; ties go by arrival and case, so pages never overlap."""
        if not self.turned:
            return key.asc(), arrived, case_id
        # Without a word about gaps an index is read from its end.
        return (key.desc().nulls_last() if self.gaps else key.desc()), arrived, case_id


def mine(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Conditions on Seat, no two of which hold together: open seats of the actor, or of a post that nobody claimed."""
    posts = dict.fromkeys((post.role, post.organisation_id) for post in actor.posts)
    unclaimed = and_(Seat.state == "open", Seat.person_id.is_(None))
    groups = (and_(unclaimed, Seat.role == role, Seat.organisation_id == place) for role, place in posts)
    return and_(Seat.state == "open", Seat.person_id == actor.person_id), *groups


def found(source: Source, wanted: Wanted, due: str | None, sort: str, at: datetime) -> list[Select[Any]]:
    """The lines somebody looks for, in no order yet, in parts; all of the tab if nothing is asked."""
    conditions = case_rows.conditions(wanted)
    name = sort.lstrip("-")
    columns = (source.case_id.label("case_id"), source.visit_id.label("visit_id"), source.arrived.label("arrived_at"))
    parts = []
    for part in source.parts:
        statement = part.with_only_columns(*columns)
        if (conditions or name in _OF_CASE) and not source.joined:
            statement = statement.join(CaseFile, CaseFile.id == source.case_id)
        if name == "unit":
            statement = statement.join(Unit, Unit.id == CaseFile.unit_id)
        parts.append(statement.where(*conditions, *([_due(source, due, at)] if due else [])))
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
    statement = case_rows.with_names(statement.select_from(line).join(CaseFile, CaseFile.id == line.c.case_id))
    statement = statement.outerjoin(VisitReading, reading).outerjoin(last, true()).outerjoin(now, true())
    return statement.order_by(*_sorting(source, sort).by(line.c.key, line.c.arrived_at, line.c.case_id))


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
        read="unread" if not read.seen else "changed" if read.seen < read.seq else "read",
    )


def _page(source: Source, parts: list[Select[Any]], sort: str, *, page: int, size: int) -> Subquery:
    """The lines of one page: each part gives as many as could be on it, already in order."""
    sorting = _sorting(source, sort)
    order = sorting.by(sorting.key, source.arrived, source.case_id)
    candidates = [part.add_columns(sorting.key.label("key")).order_by(*order).limit(page * size) for part in parts]
    merged = union_all(*candidates).subquery("candidate")
    ordered = select(merged).order_by(*sorting.by(merged.c.key, merged.c.arrived_at, merged.c.case_id))
    return ordered.limit(size).offset((page - 1) * size).subquery("line")


def open_visit(case_id: Any, visit_id: Any) -> Any:
    """Name and deadline of where a case is: the line's own visit while it is open, else the first open one."""
    return (
        select(Visit.node_name, Visit.due_at)
        .where(Visit.case_id == case_id, Visit.state == "open")
        .order_by((Visit.id == visit_id).desc().nulls_last(), Visit.opened_seq)
        .limit(1)
        .lateral("now")
    )


def _sorting(source: Source, sort: str) -> _Sorting:
    name, turned = sort.lstrip("-"), sort.startswith("-")
    if name == "due" and source.due is not None:
        return _Sorting(source.due, turned, gaps=True)
    if name in ("due", "arrived"):
        return _Sorting(source.arrived, turned != (name == "due"), gaps=False)
    return _Sorting(_OF_CASE[name], turned, gaps=name == "amount")


def _due(source: Source, wanted: str, at: datetime) -> ColumnElement[bool]:
    column = Visit.due_at.expression if source.due is None else source.due
    midnight = at.astimezone(DISTRICT).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    until = {"overdue": at, "today": midnight, "week": midnight + _WEEK}[wanted]
    near = and_(column < until, column >= at) if wanted != "overdue" else column < until
    if source.due is not None:
        return near
    return source.case_id.in_(select(Visit.case_id).where(Visit.state == "open", near))


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


def _waiting(actor: Actor) -> Source:
    return _seats(*(select(Seat).where(condition, Seat.stage != DRAFTING) for condition in mine(actor)))


def _drafting(actor: Actor, *, returned: bool) -> Source:
    back = CaseFile.condition.is_not(None)
    wanted = and_(Seat.stage == DRAFTING, back if returned else ~back)
    both = select(Seat).join(CaseFile, CaseFile.id == Seat.case_id).where(wanted)
    return _seats(*(both.where(condition) for condition in mine(actor)), joined=True)


def _seats(*parts: Select[Any], joined: bool = False) -> Source:
    columns: dict[str, Any] = {"case_id": Seat.case_id, "visit_id": Seat.visit_id}
    columns |= {"arrived": Seat.opened_at.expression, "due": Seat.due_at.expression}
    return Source(parts=parts, joined=joined, **columns)


def _decided(actor: Actor) -> Source:
    later = aliased(Seat)
    # Asked for each line in order of time: only those of the page are ever looked at.
    latest = (
        select(later.id)
        .where(later.case_id == Seat.case_id, later.decided_by == actor.person_id, later.state == "done")
        .order_by(later.decided_at.desc(), later.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = select(Seat).where(Seat.decided_by == actor.person_id, Seat.state == "done", Seat.id == latest)
    columns: dict[str, Any] = {"case_id": Seat.case_id, "visit_id": Seat.visit_id, "arrived": Seat.decided_at}
    return Source(parts=(statement,), **columns)


def _initiated(actor: Actor) -> Source:
    statement = select(CaseFile).where(CaseFile.initiator_id == actor.person_id, CaseFile.stage != "discarded")
    columns: dict[str, Any] = {"case_id": CaseFile.id, "arrived": CaseFile.changed_at}
    return Source(parts=(statement,), visit_id=null(), joined=True, **columns)


#: Where the lines of each tab come from.
SOURCES: Mapping[str, Callable[[Actor], Source]] = MappingProxyType(
    {
        "todo": _waiting,
        "done": _decided,
        "returned": lambda actor: _drafting(actor, returned=True),
        "initiated": _initiated,
        "drafts": lambda actor: _drafting(actor, returned=False),
    }
)
