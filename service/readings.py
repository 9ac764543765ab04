"""Who has seen a case, and up to which event? (未读 ● / 有更新 ◆) What auditors read is kept in the security log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.case import CaseFile, VisitReading
from service import security_log
from service.people import Actor

#: Roles whose reading is itself recorded.
WATCHED_ROLES = ("AUDITOR", "SUPERVISION", "NPC_VIEWER")


def note(session: Session, case_id: str, person_id: str, seq: int, at: datetime) -> None:
    """Remember that a person has opened a case whose last event was ``seq``."""
    values = {"seq": seq, "read_at": at}
    statement = insert(VisitReading).values(case_id=case_id, person_id=person_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["case_id", "person_id"], set_=values))


def log(
    session: Session,
    case: CaseFile,
    *,
    actor: Actor,
    at: datetime,
    what: str,
    client: Mapping[str, Any] | None = None,
) -> None:
    """Log that somebody whose reading is recorded has read a case; nothing for everybody else.

    Args:
        what: which view was read: case, print, events, attachment …

    Source:
        SD12: read-only access of auditors is itself logged.
    """
    if actor.holds(*WATCHED_ROLES):
        facts = {"what": what, "number": case.number}
        security_log.write(
            session, "case_read", at=at, actor=actor.person_id, case_id=case.id, detail=facts, client=client
        )
