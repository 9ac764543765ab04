"""Pages on which several clean cases are approved in one act: what goes along, one opinion, and what became of each."""

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from forms.problem import Problem
from service import batches
from service import request as wiring
from service.batches import Batch, Preview
from service.permission import permission
from service.revisions import REVIEW
from service.web import current

pages = Blueprint("batches", __name__, url_prefix="/batch")

#: The only grade that comes to an approval (财预〔2015〕88号 第二十五条).
GRADE = "优"
LONGEST_OPINION = 500


@pages.get("")
@permission("task.decide")
def show() -> ResponseReturnValue:
    """The chosen cases before anything is decided."""
    chosen = request.args.getlist("visit")
    return _dialog(_preview(chosen), chosen)


@pages.post("")
@permission("task.decide")
def approve() -> ResponseReturnValue:
    """Approve the rows still chosen and say what became of each."""
    chosen = request.form.getlist("visit")
    preview = _preview(chosen or request.form.getlist("listed"))
    problems = _problems(preview, chosen)
    if problems:
        return _dialog(_preview(request.form.getlist("listed") or chosen), chosen, problems), 422
    opinion, form = request.form.get("opinion", "").strip(), _form(preview)
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return batches.approve(session, chosen, Batch(who, at, opinion=opinion, form=form, client=client))

    answer = current.change(action, route="batches.approve").body
    known = {row.visit_id: row for row in preview.rows}
    return render_template("batch/result.html", answer=answer, known=known, opinion=opinion)


def _preview(visit_ids: list[str]) -> Preview:
    return batches.preview(wiring.session(), visit_ids, actor=current.actor(), at=wiring.at())


def _form(preview: Preview) -> dict[str, Any]:
    """The review every row gets, where the step asks for one: the best grade for each item and on the whole."""
    if preview.form != REVIEW or preview.review is None:
        return {}
    items = preview.review.field("items")
    codes = [row["code"] for row in items.fixed_rows] if items else []
    rated = [{"code": code, "rating": GRADE} for code in codes]
    opinion = request.form.get("opinion", "").strip()
    return {REVIEW: {"items": rated, "overall_grade": GRADE, "opinion": opinion}}


def _problems(preview: Preview, chosen: list[str]) -> list[Problem]:
    found = []
    if not chosen:
        found.append(_problem("visit", _("没有选中任何一件，请至少选中一件")))
    opinion = request.form.get("opinion", "").strip()
    if not opinion or len(opinion) > LONGEST_OPINION:
        found.append(_problem("opinion", _("“共同意见”须填写，不超过%(n)s字", n=LONGEST_OPINION)))
    if preview.form == REVIEW and request.form.get("grade") != GRADE:
        found.append(_problem("grade", _("本环节须填审核表：请确认各项均评为“优”，有一项不是的请逐件办理")))
    return found


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_("批量办理"))


def _dialog(preview: Preview, chosen: list[str], problems: list[Problem] | None = None) -> str:
    asked = request.form if problems else request.args
    return render_template(
        "batch/show.html",
        preview=preview,
        chosen=chosen,
        problems=problems or (),
        opinion=asked.get("opinion", ""),
        graded=asked.get("grade") == GRADE,
        reviewing=preview.form == REVIEW,
        grade=GRADE,
        longest=LONGEST_OPINION,
    )
