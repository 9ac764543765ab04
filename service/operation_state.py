"""How does the running system stand? Schedulers, timers, what still has to leave the house, the last check of everything."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.event import Heartbeat, Outbox, Timer
from service import access, timers
from service.health import LATE, SCHEDULER
from service.people import Actor
from service.verification import runs


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Messages of one kind that wait to be sent: how many, how many of them failed at least once, since when the oldest."""

    kind: str
    waiting: int
    failing: int
    oldest: datetime | None


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What the last check of all histories found."""

    at: datetime
    cases: int
    events: int
    inconsistent: int
    unverifiable: int


@dataclass(frozen=True, kw_only=True)
class OperationState:
    """Numbers of this instant.

    ``scheduler`` is ok, late or missing; ``reminders_due`` and ``process_timers_due`` should be zero within a minute;
    ``next_*`` say when the next of each is due, None without one.
    """

    at: datetime
    scheduler: str
    scheduler_at: datetime | None
    reminders: int
    reminders_due: int
    next_reminder: datetime | None
    process_timers: int
    process_timers_due: int
    next_process_timer: datetime | None
    queues: tuple[Queue, ...]
    verification: Verification | None


def now(session: Session, *, actor: Actor, at: datetime) -> OperationState:
    """The state of the installation at an instant.

    Raises:
        NotAllowed: the actor neither runs the system nor the performance section.
    """
    access.require(actor, "incident.read")
    beat = session.get(Heartbeat, SCHEDULER)
    reminders = _counted(session, Timer.due_at, at, Timer.fired_at.is_(None))
    running = CaseFile.finished_at.is_(None)
    waking = _counted(session, CaseFile.wake_at, at, CaseFile.wake_at.is_not(None), running)
    due = session.scalar(select(func.count()).select_from(CaseFile).where(*timers.due(at)))
    return OperationState(
        at=at,
        scheduler="missing" if beat is None else "late" if at - beat.at > LATE else "ok",
        scheduler_at=beat.at if beat else None,
        reminders=reminders[0],
        reminders_due=reminders[1],
        next_reminder=reminders[2],
        process_timers=waking[0],
        process_timers_due=due or 0,
        next_process_timer=waking[2],
        queues=_queues(session),
        verification=_verification(session),
    )


def _counted(session: Session, column: object, at: datetime, *conditions: object) -> tuple[int, int, datetime | None]:
    """How many wait, how many of them are due, when the next one is."""
    statement = select(func.count(), func.count().filter(column <= at), func.min(column)).where(*conditions)  # type: ignore[arg-type, operator, call-overload]
    waiting, due, first = session.execute(statement).one()
    return waiting, due, first


def _queues(session: Session) -> tuple[Queue, ...]:
    failing = func.count().filter(Outbox.attempts > 0)
    statement = (
        select(Outbox.kind, func.count(), failing, func.min(Outbox.created_at))
        .where(Outbox.sent_at.is_(None))
        .group_by(Outbox.kind)
        .order_by(Outbox.kind)
    )
    return tuple(
        Queue(kind=kind, waiting=waiting, failing=failed, oldest=oldest)
        for kind, waiting, failed, oldest in session.execute(statement)
    )


def _verification(session: Session) -> Verification | None:
    run = runs.latest(session)
    if run is None:
        return None
    names = ("at", "cases", "events", "inconsistent", "unverifiable")
    return Verification(**{name: getattr(run, name) for name in names})
