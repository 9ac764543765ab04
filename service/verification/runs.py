"""What did the last check of everything find? The nightly run and its stored result."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.connection import database_now
from db.seal import VerificationRun
from service.config import Config
from service.people import DISTRICT, day
from service.verification import checking
from service.verification.verdict import INCONSISTENT, UNVERIFIABLE

#: From this hour of the district's day on, once a day.
HOUR = 2
SECONDS = 600
#: Verdicts kept with a run; more of them are counted, not kept.
MOST_KEPT = 200
_LOCK = 0x6A68_5645_5249


def run_nightly(config: Config) -> Callable[[Session, datetime], None]:
    """The job that checks everything once a night, whichever scheduler comes first."""

    def run(session: Session, at: datetime) -> None:
        if not session.execute(select(func.pg_try_advisory_xact_lock(_LOCK))).scalar_one() or not _due(session, at):
            return
        with Session(session.get_bind()) as reading:
            found = list_of(reading, config)
        keep(session, found, at=at)

    return run


def list_of(session: Session, config: Config) -> dict[str, Any]:
    """Check everything; the counts, and the verdicts that are not 一致."""
    result: dict[str, Any] = {"cases": 0, "events": 0, "inconsistent": 0, "unverifiable": 0, "found": []}
    for verdict in checking.verify_all(session, data=config.data):
        result["cases"] += bool(verdict.case_id)
        result["events"] += verdict.events
        result["inconsistent"] += verdict.state == INCONSISTENT
        result["unverifiable"] += verdict.state == UNVERIFIABLE
        if verdict.faults and len(result["found"]) < MOST_KEPT:
            result["found"].append(verdict.to_json())
    return result


def keep(session: Session, found: dict[str, Any], *, at: datetime) -> VerificationRun:
    """Store the result of a check that began at ``at``."""
    made = VerificationRun(at=at, finished_at=database_now(session), **found)
    session.add(made)
    session.flush()
    return made


def latest(session: Session) -> VerificationRun | None:
    """The newest result; None before the first run."""
    return session.scalars(select(VerificationRun).order_by(VerificationRun.id.desc()).limit(1)).first()


def _due(session: Session, at: datetime) -> bool:
    last = latest(session)
    if last is None:
        return True
    return day(last.at) < day(at) and at.astimezone(DISTRICT).time() >= time(HOUR)
