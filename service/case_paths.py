"""Which way did a case really go? Its decisions in order, with who, in whose name, in which post and how long."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db.case import Seat, Visit
from db.organisation import Organisation
from db.person import Person
from service import calendar, labels, routing
from service.people import day
from service.rules.working_hours import WorkingTime

Entry = TypeVar("Entry")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision; ``hours`` are working hours from the step's arrival to it."""

    step: str
    name: str
    verb: str
    verb_label: str
    person: str
    on_behalf_of: str
    role_name: str
    organisation: str
    at: datetime
    round: int
    hours: float


@dataclass(frozen=True)
class Pair(Generic[Entry]):
    """What stands beside each other in two ways; None where one of them has nothing there."""

    left: Entry | None
    right: Entry | None

    @property
    def same(self) -> bool:
        """Whether both ways have something here; they are paired only if it is the same."""
        return self.left is not None and self.right is not None


def walked(session: Session, case_id: str) -> list[Decision]:
    """The decisions of a case, of all rounds, oldest first; [] before the first."""
    person, principal = aliased(Person), aliased(Person)
    statement = (
        select(Visit.node_id, Visit.node_name, Visit.opened_at, Visit.round, Seat.vote, Seat.decided_at, Seat.role)
        .add_columns(person.name.label("person"), principal.name.label("principal"))
        .add_columns(Organisation.name.label("organisation"))
        .join(Visit, Visit.id == Seat.visit_id)
        .join(person, person.id == Seat.decided_by)
        .join(Organisation, Organisation.id == Seat.organisation_id)
        .outerjoin(principal, principal.id == Seat.on_behalf_of)
        .where(Seat.case_id == case_id, Seat.state == "done")
        .order_by(Seat.decided_at, Visit.opened_seq, Seat.position)
    )
    rows = session.execute(statement).all()
    if not rows:
        return []
    first = day(min(row.opened_at for row in rows)) - timedelta(days=1)
    axis = WorkingTime(first, day(rows[-1].decided_at) + timedelta(days=1), calendar.table(session))
    return [_decision(row, axis) for row in rows]


def _decision(row: Any, axis: WorkingTime) -> Decision:
    return Decision(
        step=row.node_id,
        name=row.node_name,
        verb=row.vote,
        verb_label=labels.verb(row.vote),
        person=row.person,
        on_behalf_of=row.principal or "",
        role_name=routing.role_name(row.role),
        organisation=row.organisation,
        at=row.decided_at,
        round=row.round,
        hours=axis.hours(row.opened_at, row.decided_at),
    )


def paired(left: Sequence[tuple[Hashable, Entry]], right: Sequence[tuple[Hashable, Entry]]) -> Iterator[Pair[Entry]]:
    """Two ways side by side: entries of equal keys in the same order beside each other, the others alone.

    Args:
        left: entries with what makes them the same: step and verb.
    """
    matcher = SequenceMatcher(None, [key for key, _ in left], [key for key, _ in right], autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            for one, other in zip(left[a:b], right[c:d], strict=True):
                yield Pair(one[1], other[1])
        else:
            yield from (Pair(entry, None) for _, entry in left[a:b])
            yield from (Pair(None, entry) for _, entry in right[c:d])
