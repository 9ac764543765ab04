"""Which lines does each tab of an inbox hold, before any filter? Each is found in one index, in order."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, null, select
from sqlalchemy.orm import aliased

from db.case import CaseFile, Seat
from db.participation import CaseCopy
from service.people import Actor, Principal

#: The stage in which the initiator fills in; its visits are drafts or returned, never todo.
DRAFTING = "draft"


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
    #: Where a line's seat comes from; None where lines are no seats.
    origin: ColumnElement[Any] | None = None
    #: CaseFile is part of the statements already.
    joined: bool = False


def mine(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Conditions on Seat, no two of which hold together: open seats of the actor, or of a post that nobody claimed."""
    posts = dict.fromkeys((post.role, post.organisation_id) for post in actor.posts)
    unclaimed = and_(Seat.state == "open", Seat.person_id.is_(None))
    groups = (and_(unclaimed, Seat.role == role, Seat.organisation_id == place) for role, place in posts)
    return and_(Seat.state == "open", Seat.person_id == actor.person_id), *groups


def of_principals(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Conditions on Seat and CaseFile, no two of which hold together: what the actor may do in somebody's place (代理)."""
    own = {(post.role, post.organisation_id) for post in actor.posts}
    found = []
    for one in actor.principals:
        posts = [(post.role, post.organisation_id) for post in one.posts]
        limits = tuple(_limits(one))
        found.append(and_(Seat.state == "open", Seat.person_id == one.person_id, *limits))
        groups = [post for post in dict.fromkeys(posts) if post not in own]
        own |= set(groups)
        unclaimed = and_(Seat.state == "open", Seat.person_id.is_(None))
        found.extend(and_(unclaimed, Seat.role == role, Seat.organisation_id == at, *limits) for role, at in groups)
    return tuple(found)


def _limits(one: Principal) -> Iterator[ColumnElement[bool]]:
    if one.processes:
        yield CaseFile.process_id.in_(one.processes)
    if one.greatest_amount is not None:
        yield CaseFile.amount <= one.greatest_amount


def _waiting(actor: Actor) -> Source:
    return _seats(*(select(Seat).where(condition, Seat.stage != DRAFTING) for condition in mine(actor)))


def _drafting(actor: Actor, *, returned: bool) -> Source:
    back = CaseFile.condition.is_not(None)
    wanted = and_(Seat.stage == DRAFTING, back if returned else ~back)
    both = select(Seat).join(CaseFile, CaseFile.id == Seat.case_id).where(wanted)
    return _seats(*(both.where(condition) for condition in mine(actor)), joined=True)


def _seats(*parts: Select[Any], joined: bool = False) -> Source:
    columns: dict[str, Any] = {"case_id": Seat.case_id, "visit_id": Seat.visit_id}
    columns |= {"arrived": Seat.opened_at.expression, "due": Seat.due_at.expression, "origin": Seat.origin}
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


def _entrusted(actor: Actor) -> Source:
    """Asked for advice by others, and whatever somebody left whom the actor stands in for."""
    joined = select(Seat).join(CaseFile, CaseFile.id == Seat.case_id)
    asked = and_(Seat.state == "open", Seat.person_id == actor.person_id, Seat.origin == "advice")
    return _seats(*(joined.where(condition) for condition in (asked, *of_principals(actor))), joined=True)


def _copied(actor: Actor) -> Source:
    """The newest copy of each case, read or not."""
    newer = aliased(CaseCopy)
    later = select(newer.id).where(
        newer.case_id == CaseCopy.case_id, newer.person_id == actor.person_id, newer.round > CaseCopy.round
    )
    statement = select(CaseCopy).where(CaseCopy.person_id == actor.person_id, ~later.exists())
    columns: dict[str, Any] = {"case_id": CaseCopy.case_id, "visit_id": CaseCopy.visit_id, "arrived": CaseCopy.sent_at}
    return Source(parts=(statement,), **columns)


#: Where the lines of each tab come from.
SOURCES: Mapping[str, Callable[[Actor], Source]] = MappingProxyType(
    {
        "todo": _waiting,
        "done": _decided,
        "returned": lambda actor: _drafting(actor, returned=True),
        "initiated": _initiated,
        "drafts": lambda actor: _drafting(actor, returned=False),
        "entrusted": _entrusted,
        "copies": _copied,
    }
)
