"""Where a person marks a case for themselves: star, colour, note."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from service import case_marks
from service import request as wiring
from service.case_marks import Mark
from service.errors import Problems
from service.permission import permission
from service.web import current

pages = Blueprint("case_marks", __name__, url_prefix="/cases/<case_id>/mark")


@pages.post("")
@permission("task.decide")
def put(case_id: str) -> ResponseReturnValue:
    who, sent = current.actor(), request.form
    mark = Mark(star=sent.get("star") == "1", colour=sent.get("colour", ""), note=sent.get("note", ""))

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return case_marks.put(session, case_id, mark, actor=who, at=at)

    try:
        flash(current.change(action, route="case_marks.put").body["message"], "success")
    except Problems as refused:
        flash("；".join(problem.message for problem in refused.problems), "danger")
    visit = sent.get("visit_id")
    back = url_for("tasks.show", visit_id=visit) if visit else url_for("cases.show", case_id=case_id)
    return redirect(back, 303)


def of_case(case_id: str) -> Mark:
    """The current person's mark on a case; an empty one where there is none."""
    return case_marks.of_cases(wiring.session(), [case_id], actor=current.actor()).get(case_id) or Mark()
