"""What is a case right now, under its lock, and how is a change to it written?

A docket holds the case file, its visits, seats and drafters as read under the lock. A use case changes it in memory;
``write`` puts the event and every changed row into the database in a handful of statements.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, Text, bindparam, func, select
from sqlalchemy.orm import Session

from db.base import Base
from db.case import CaseFile, Seat, Visit
from db.form import DraftWriter
from db.statement import Statement
from db.writing import write as write_rows
from service import access, history, releases
from service.engine import UserStep
from service.errors import NotFound
from service.history import Entry
from service.people import Actor
from service.releases import Bundle

UNKNOWN = "没有这个事项，或您无权查看。"


@dataclass
class Docket:
    """One case under its lock. Rows are detached: nothing is written before ``write``."""

    case: CaseFile
    bundle: Bundle
    visits: dict[str, Visit] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)
    #: Everybody who ever wrote into the subject's form (SD1).
    writers: frozenset[str] = frozenset()
    #: What the event will say about visits, seats, findings and effects.
    changes: list[dict[str, Any]] = field(default_factory=list)
    #: Rows of other tables that name visits or seats of the event, written after these.
    beside: list[Base] = field(default_factory=list)
    _touched: dict[str, Visit | Seat] = field(default_factory=dict)

    @property
    def next_seq(self) -> int:
        """Sequence number of the event being prepared."""
        return self.case.seq + 1

    def put(self, *, condition: str | None, resubmission: dict[str, Any] | None) -> None:
        """Say why the case is where it is and how it comes forward, and name it in the event if that is news."""
        case = self.case
        if (case.condition, case.resubmission) == (condition, resubmission):
            return
        case.condition, case.resubmission = condition, resubmission
        self.changes.append({"type": "case_condition", "condition": condition, "resubmission": resubmission})

    def step(self, visit: Visit) -> UserStep:
        """What the case's release says about the step of a visit."""
        return self.bundle.step(visit.node_id)

    @property
    def drafting(self) -> str:
        """Id of the step at which the case is drawn up and submitted."""
        steps = self.bundle.release.steps
        return next(node for node, step in steps.items() if step.outcome("submit") is not None)

    def open_visits(self) -> list[Visit]:
        """The visits waiting for a decision, oldest first."""
        return [visit for visit in self.visits.values() if visit.state == "open"]

    def seats_of(self, visit: Visit) -> list[Seat]:
        """The seats of a visit."""
        return [seat for seat in self.seats.values() if seat.visit_id == visit.id]

    def at_task(self, engine_task: int) -> Visit | None:
        """The open visit of an engine task."""
        return next((visit for visit in self.open_visits() if visit.engine_task == engine_task), None)

    def touch(self, row: Visit | Seat) -> None:
        """Note that a row is new or changed; visits remember the event, so that stale pages are told."""
        if isinstance(row, Visit):
            row.changed_seq = self.next_seq
            self.visits[row.id] = row
        else:
            self.seats[row.id] = row
        self._touched[row.id] = row

    def changed(self, kind: type[Visit] | type[Seat]) -> list[Any]:
        """The rows of one kind to be written: those that were open before first, so that their places are free."""
        rows = [row for row in self._touched.values() if isinstance(row, kind)]
        return sorted(rows, key=lambda row: row.state == "open")


def of_visit(session: Session, visit_id: str, *, actor: Actor) -> Docket:
    """Lock the case of a visit and read it.

    Raises:
        NotFound: there is no such visit, or the actor may not see its case.
    """
    return _visible(session, _CASE_OF_VISIT.first(session, wanted=visit_id), actor)


def of_case(session: Session, case_id: str, *, actor: Actor) -> Docket:
    """Lock a case and read it.

    Raises:
        NotFound: there is no such case, or the actor may not see it.
    """
    return _visible(session, _CASE.first(session, wanted=case_id), actor)


def locked(session: Session, case_id: str) -> Docket:
    """Lock a case whoever may see it and read it: for acts upon people and posts rather than upon the case.

    Raises:
        NotFound: there is no such case.
    """
    return read(session, _found(_CASE.first(session, wanted=case_id)))


def _visible(session: Session, row: tuple[Any, ...] | None, actor: Actor) -> Docket:
    case = _found(row)
    if not access.sees(session, actor, case):
        raise NotFound(UNKNOWN)
    return read(session, case)


def _found(row: tuple[Any, ...] | None) -> CaseFile:
    if row is None:
        raise NotFound(UNKNOWN)
    case: CaseFile = row[0]
    return case


def _case_of_visit() -> Select[Any]:
    wanted = select(Visit.case_id).where(Visit.id == bindparam("wanted", type_=Text())).scalar_subquery()
    return select(CaseFile).where(CaseFile.id == wanted).with_for_update()


def _case() -> Select[Any]:
    return select(CaseFile).where(CaseFile.id == bindparam("wanted", type_=Text())).with_for_update()


def _parts() -> Select[Any]:
    """Visits, seats and drafters of a case."""
    case = bindparam("case", type_=Text())
    writers = select(func.array_agg(DraftWriter.person_id)).where(DraftWriter.case_id == case).scalar_subquery()
    return (
        select(Visit, Seat, writers.label("writers"))
        .outerjoin(Seat, Seat.visit_id == Visit.id)
        .where(Visit.case_id == case)
        .order_by(Visit.opened_seq, Visit.id, Seat.position, Seat.id)
    )


_CASE_OF_VISIT, _CASE, _PARTS = Statement(_case_of_visit), Statement(_case), Statement(_parts)


def read(session: Session, case: CaseFile) -> Docket:
    """A docket of a case whose row the caller has locked, or only wants to look at."""
    docket = Docket(case, releases.bundle(session, case.release_id))
    # Asked after the lock is held: rows read together with it could be older than what the lock waited for.
    for visit, seat, people in _PARTS.all(session, case=case.id):
        visit = docket.visits.setdefault(visit.id, visit)
        docket.writers = frozenset(people or ())
        if seat is not None:
            docket.seats[seat.id] = seat
    if case in session:
        session.expunge(case)
    return docket


def write(session: Session, docket: Docket, entry: Entry, *, at: datetime) -> int:
    """Write the event and every changed row; returns the event's sequence number.

    The caller commits. One statement for event, case, visits, seats and what names them, however many rows.
    """
    case = docket.case
    event = history.chained(
        entry,
        case_id=case.id,
        seq=docket.next_seq,
        at=at,
        round=case.round,
        release_hash=docket.bundle.release.hash,
        engine_digest=case.engine_digest,
        prev_hash=case.head_hash,
    )
    case.seq, case.head_hash, case.changed_at = event.seq, event.hash, at
    rows = (([case], True), ([event], False), (docket.changed(Visit), True), (docket.changed(Seat), True))
    write_rows(session, *rows, *_beside(docket))
    return event.seq


def _beside(docket: Docket) -> Iterator[tuple[list[Base], bool]]:
    for _, rows in groupby(sorted(docket.beside, key=_kind), key=_kind):
        yield list(rows), True


def _kind(row: Base) -> str:
    return type(row).__name__
