"""What has a person noted on a case for themselves? A star, a colour, a note; never in the case's record."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.desk import CaseMark
from forms.problem import Problem
from service import access
from service.errors import NotFound, Problems
from service.people import Actor

COLOURS = ("", "grey", "blue", "green", "orange", "red", "purple")
LONGEST = 200
_SOURCE = "个人标记填写要求"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One person's own mark on a case."""

    star: bool = False
    colour: str = ""
    note: str = ""


def of_cases(session: Session, case_ids: Collection[str], *, actor: Actor) -> dict[str, Mark]:
    """A person's marks on these cases, by case; cases without one are left out."""
    wanted = select(CaseMark).where(CaseMark.person_id == actor.person_id, CaseMark.case_id.in_(case_ids))
    return {row.case_id: Mark(star=row.star, colour=row.colour, note=row.note) for row in session.scalars(wanted)}


def put(session: Session, case_id: str, mark: Mark, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Mark a case for oneself; an empty mark takes it off. Nobody else sees it, auditors included.

    Raises:
        NotFound: no such case, or it is not the actor's to see.
        Problems: an unknown colour, or too long a note.
    """
    seen = select(CaseFile.id).where(CaseFile.id == case_id, access.visible_cases(actor))
    if session.scalars(seen).first() is None:
        raise NotFound("没有这个事项，或您无权查看。")
    note = mark.note.strip()
    problems = [_problem("colour", "没有这种颜色，请从列表中选择")] if mark.colour not in COLOURS else []
    if len(note) > LONGEST:
        problems.append(_problem("note", f"备注不超过 {LONGEST} 个字，现有 {len(note)} 个字"))
    if problems:
        raise Problems(problems)
    key = {"person_id": actor.person_id, "case_id": case_id}
    if not (mark.star or mark.colour or note):
        session.execute(delete(CaseMark).filter_by(**key))
        return {"message": "标记已取消。"}
    values = {"star": mark.star, "colour": mark.colour, "note": note, "changed_at": at}
    statement = insert(CaseMark).values(**key, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
    return {"message": "标记已保存，只有您自己看得到。"}


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_SOURCE)
