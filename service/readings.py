"""Who has seen a case, and up to which event? (未读 ● / 有更新 ◆) What auditors read is kept in the security log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case as sql_case
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.case import CaseFile, VisitReading
from service import security_log
from service.people import Actor

#: Roles whose reading is itself recorded.
WATCHED_ROLES = ("AUDITOR", "SUPERVISION", "NPC_VIEWER")


def note(session: Session, case: CaseFile, person_id: str, seq: int, at: datetime) -> None:
    """Remember that a person has opened a case whose last event was ``seq``, and which version of its form they saw.

    The version they had seen before stays known until there is a still newer one: looking twice loses no change.
    """
    values = {"seq": seq, "read_at": at, "form_revision_id": case.form_revision_id}
    statement = insert(VisitReading).values(case_id=case.id, person_id=person_id, **values)
    seen, new = VisitReading.form_revision_id, statement.excluded.form_revision_id
    earlier = {
        "earlier_revision_id": sql_case((seen.is_distinct_from(new), seen), else_=VisitReading.earlier_revision_id)
    }
    session.execute(statement.on_conflict_do_update(index_elements=["case_id", "person_id"], set_=values | earlier))


def seen_before(session: Session, case: CaseFile, person_id: str) -> str | None:
    """Version of the form a person had seen before the one that is current; None if they had seen none or only that."""
    found = session.get(VisitReading, (case.id, person_id), populate_existing=True)
    if found is None:
        return None
    return found.earlier_revision_id if found.form_revision_id == case.form_revision_id else found.form_revision_id


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
