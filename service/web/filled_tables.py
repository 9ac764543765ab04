"""Pages of self-evaluation tables filled in elsewhere: what is wrong in an attached one, and taking its results over."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from service import evaluation_tables
from service import request as wiring
from service.errors import BadRequest, Problems
from service.permission import permission
from service.web import current

pages = Blueprint("filled_tables", __name__, url_prefix="/evaluation/tables")


@pages.get("/<attachment_id>")
@permission("attachment.read")
def show(attachment_id: str) -> ResponseReturnValue:
    """The findings of every table in the file; with ``visit`` also what each would change in the draft there."""
    session, who, at = wiring.session(), current.actor(), current.at()
    visit_id = request.args.get("visit", "")
    try:
        name, tables = evaluation_tables.checked(session, attachment_id, actor=who, at=at, client=current.client())
    except Problems as refused:
        nothing: dict[str, Any] = {"filename": "", "tables": [], "offers": [], "visit_id": visit_id}
        shown = render_template("evaluation/filled.html", refused=refused, **nothing)
        return shown, refused.status
    offers = [
        evaluation_tables.offer(session, visit_id, attachment_id, one.table, actor=who, at=at) if visit_id else None
        for one in tables
    ]
    return render_template(
        "evaluation/filled.html",
        filename=name,
        tables=tables,
        offers=offers,
        attachment_id=attachment_id,
        visit_id=visit_id,
        refused=None,
    )


@pages.post("/<attachment_id>/take")
@permission("task.decide")
def take(attachment_id: str) -> ResponseReturnValue:
    """Write one table's results into the draft of the visit, as the person has seen them compared."""
    who, sent = current.actor(), request.form
    visit_id = sent.get("visit", "")
    numbers = [sent.get(name, "") for name in ("table", "draft_version")]
    if not visit_id or not all(number.isascii() and number.isdigit() and len(number) < 10 for number in numbers):
        raise BadRequest("请从检查结果页面确认填入。")
    number, version = map(int, numbers)

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return evaluation_tables.take(session, visit_id, attachment_id, number, actor=who, at=at, version=version)

    answer = current.change(action, route="filled_tables.take").body
    flash(gettext("已从填报表填入 %(n)s 处，请核对后提交。", n=answer["taken"]), "success")
    for problem in answer["problems"]:
        flash(problem["message"], "error")
    return redirect(url_for("tasks.show", visit_id=visit_id), 303)
