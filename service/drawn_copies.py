"""Who is shown a case because the process is drawn so? 抄送 at the opening, the passing, the return of a step and at ends."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import Visit
from db.participation import CaseCopy
from service import routing
from service.dockets import Docket


def at_openings(session: Session, docket: Docket, opened: Iterable[Visit], at: datetime) -> None:
    """Show the case to whoever the steps that have just opened name."""
    for visit in opened:
        send(session, docket, visit, docket.step(visit).copy_at_open, at)


def at_ends(session: Session, docket: Docket, reached: Iterable[str], at: datetime) -> None:
    """Show a case that has come to its end to whoever that end names."""
    ends = docket.bundle.release.ends
    roles = [role for node in reached if node in ends for role in ends[node].copy_to]
    if roles:
        last = max(docket.visits.values(), key=lambda visit: (visit.closed_at or visit.opened_at, visit.opened_seq))
        send(session, docket, last, roles, at)


def at_decision(session: Session, docket: Docket, visit: Visit, *, back: bool, at: datetime) -> None:
    """Show the case to whoever a decided step names: on the way forward, or where it sent the case ``back``."""
    step = docket.step(visit)
    send(session, docket, visit, step.copy_at_return if back else step.copy_at_pass, at)


def send(session: Session, docket: Docket, visit: Visit, roles: Collection[str], at: datetime) -> None:
    """Show a case to everybody in post for some roles, each once a round; never blocks, for nobody need do anything.

    A role nobody holds, or whose body the district lacks, gets no copy. The copies are named in the event being written.
    """
    if not roles:
        return
    known = _known(session, docket)
    for person in routing.people_in(session, docket.case, roles, at=at):
        if person.id in known:
            continue
        known.add(person.id)
        copy = CaseCopy(id=opaque_id(), case_id=docket.case.id, visit_id=visit.id, person_id=person.id)
        copy.round, copy.sent_at = docket.case.round, at
        docket.beside.append(copy)
        docket.changes.append({"type": "copy_sent", "copy": copy.id, "person": person.id, "drawn": True})


def _known(session: Session, docket: Docket) -> set[str]:
    """Who has a copy of this round already, or gets one with the same event."""
    round_ = docket.case.round
    sent = select(CaseCopy.person_id).where(CaseCopy.case_id == docket.case.id, CaseCopy.round == round_)
    waiting = [row for row in docket.beside if isinstance(row, CaseCopy) and row.round == round_]
    return {*session.scalars(sent), *(row.person_id for row in waiting)}
