"""Which cases have a timer of their process that is due? The engine is told that time has passed, once each.

A drawn timer (等待时间, or one on a step) waits in the engine's state; the case row says when the next one is due. Any
number of schedulers may look: each takes rows with SKIP LOCKED, in one event a case.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from db.case import CaseFile
from service import dockets, effects
from service.acts import Cause
from service.advance import Advance
from service.engine import EngineError, Tick
from service.history import Entry
from service.routing import NoSuchBody

BATCH = 50
#: A case that cannot go on is tried again after so long; the operations page lists it meanwhile.
AGAIN = timedelta(minutes=10)

logger = structlog.get_logger(__name__)


def due(at: datetime) -> list[ColumnElement[bool]]:
    """Condition on CaseFile: running cases, not suspended, whose next timer is due."""
    running = [CaseFile.finished_at.is_(None), CaseFile.suspended_at.is_(None)]
    return [CaseFile.wake_at.is_not(None), CaseFile.wake_at <= at, *running]


def fire(session: Session, at: datetime) -> None:
    """Let every case go on whose timer is due; one that cannot keeps its state and is tried again later."""
    chosen = select(CaseFile.id).where(*due(at)).order_by(CaseFile.wake_at, CaseFile.id).limit(BATCH)
    for case_id in session.scalars(chosen.with_for_update(skip_locked=True)).all():
        try:
            with session.begin_nested():
                _go_on(session, case_id, at)
        except (EngineError, NoSuchBody) as fault:
            logger.warning("timer_cannot_fire", case=case_id, why=str(fault))
            session.get_one(CaseFile, case_id, populate_existing=True).wake_at = at + AGAIN
            session.flush()


def _go_on(session: Session, case_id: str, at: datetime) -> None:
    docket = dockets.locked(session, case_id)
    advance = Advance(docket, at)
    advance.apply(Tick())
    advance.settle(session, reason_code="timed_out")
    for effect in advance.effects:
        docket.changes.append(effects.EFFECTS[effect.name](session, docket, Cause(at=at)))
    entry = Entry(
        kind="timer_fired",
        verb="tick",
        actor=None,
        form_hash=docket.case.form_hash,
        command=advance.command(),
        changes=docket.changes,
    )
    dockets.write(session, docket, entry, at=at)
