"""Who has seen a case, and up to which event? (未读 ● / 有更新 ◆)"""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.case import VisitReading


def note(session: Session, case_id: str, person_id: str, seq: int, at: datetime) -> None:
    """Remember that a person has opened a case whose last event was ``seq``."""
    values = {"seq": seq, "read_at": at}
    statement = insert(VisitReading).values(case_id=case_id, person_id=person_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["case_id", "person_id"], set_=values))
