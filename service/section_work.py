"""What waits in a section, and with whom? For its chief, who spreads the work, and for whoever hands over a leaver's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from db.case import CaseFile, Seat, Visit
from db.organisation import Organisation
from db.person import Person
from service import access, calendar, labels, people
from service.candidates import CHIEFS
from service.people import Actor
from service.rules.roles import ROLES
from service.rules.votes import LIVE

#: A list longer than this is worked off from its top.
MOST = 200


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Somebody with open tasks, or a post whose tasks nobody has claimed (``person_id`` None)."""

    person_id: str | None
    role: str
    organisation_id: str
    name: str
    post: str
    open: int
    overdue: int


@dataclass(frozen=True, kw_only=True)
class Task:
    """An open task of a holder; ``seat_id`` is what would be handed on."""

    visit_id: str
    seat_id: str
    case_id: str
    number: str
    title: str
    node_name: str
    round: int
    due_at: datetime | None
    due_state: str | None
    state: str
    #: Whether the actor may see the case, and not only whose it is.
    visible: bool


def holders(session: Session, *, actor: Actor, at: datetime) -> list[Holder]:
    """Whose open tasks the actor may hand on: those of the sections they head; for the system administrator everybody's.

    By organisation, role and name; unclaimed tasks of a post stand before those of its people, for chiefs only.

    Raises:
        NotAllowed: the actor neither heads a section nor keeps people.
    """
    access.require(actor, "task.hand_over")
    late = func.count().filter(Seat.due_at < at).label("overdue")
    named = (Seat.person_id, Seat.role, Seat.organisation_id, Person.name, Organisation.name.label("body"))
    statement = (
        select(*named, func.count().label("open"), late)
        .outerjoin(Person, Person.id == Seat.person_id)
        .join(Organisation, Organisation.id == Seat.organisation_id)
        .where(Seat.state.in_(LIVE), _led(actor))
        .group_by(*named, Organisation.code)
        .order_by(Organisation.code, Seat.role, Person.name.nulls_first())
    )
    return [_holder(row) for row in session.execute(statement)]


def tasks_of(
    session: Session, *, actor: Actor, at: datetime, person_id: str | None, role: str = "", organisation_id: str = ""
) -> list[Task]:
    """The open tasks of a person, or the unclaimed ones of a post, by deadline; at most 200.

    Raises:
        NotAllowed: the actor neither heads a section nor keeps people.
    """
    access.require(actor, "task.hand_over")
    of_post = and_(Seat.person_id.is_(None), Seat.role == role, Seat.organisation_id == organisation_id)
    whose = Seat.person_id == person_id if person_id else of_post
    statement = (
        select(Seat, Visit, CaseFile.number, CaseFile.title, access.visible_cases(actor))
        .join(Visit, Visit.id == Seat.visit_id)
        .join(CaseFile, CaseFile.id == Seat.case_id)
        .where(Seat.state.in_(LIVE), whose, _led(actor))
        .order_by(Seat.due_at.nulls_last(), Seat.opened_at, Seat.id)
        .limit(MOST)
    )
    table = calendar.table(session)
    return [
        _task(
            seat, visit, {"number": number, "title": title, "visible": seen}, labels.due_state(seat.due_at, at, table)
        )
        for seat, visit, number, title, seen in session.execute(statement)
    ]


def takers(session: Session, wanted: Sequence[Holder], *, at: datetime) -> list[dict[str, Any]]:
    """Who could take over from these holders: everybody in their posts today, once, with the post in words."""
    pairs = {(one.role, one.organisation_id): one.post for one in wanted}
    found = people.holders(session, list(pairs), at=at)
    named = {person.id: (person.name, post) for pair, post in pairs.items() for person in found[pair]}
    return [{"person_id": who, "name": name, "post": post} for who, (name, post) in named.items()]


def _led(actor: Actor) -> ColumnElement[bool]:
    """Condition on Seat: the actor may hand it on."""
    if access.allowed(actor, "person.manage"):
        return Seat.person_id.is_not(None)
    pairs = [
        and_(Seat.role == role, Seat.organisation_id == post.organisation_id)
        for post in actor.posts
        for role, chief in CHIEFS.items()
        if chief == post.role
    ]
    return or_(*pairs) if pairs else Seat.id.is_(None)


def _holder(row: Any) -> Holder:
    role = ROLES[row.role].name if row.role in ROLES else row.role
    values: dict[str, Any] = {
        name: getattr(row, name) for name in ("person_id", "role", "organisation_id", "open", "overdue")
    }
    return Holder(**values, name=row.name or "", post=f"{row.body} {role}")


def _task(seat: Seat, visit: Visit, case: Mapping[str, Any], due_state: str | None) -> Task:
    of_seat: dict[str, Any] = {name: getattr(seat, name) for name in ("visit_id", "case_id", "due_at", "state")}
    of_seat |= {name: getattr(visit, name) for name in ("node_name", "round")}
    return Task(seat_id=seat.id, due_state=due_state, **of_seat, **case)
