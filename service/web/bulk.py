"""Pages on which several cases of a list are claimed, handed on, urged, copied or marked as read in one act."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from forms.problem import Problem
from service import asking, bulk, labels, reasons
from service import request as wiring
from service.bulk import Errand
from service.errors import BadRequest
from service.permission import permission
from service.web import current

pages = Blueprint("bulk", __name__, url_prefix="/bulk")

#: Acts that ask for nothing more are done at once; the others ask for somebody or for a word first.
ASKING = ("transfer", "cc", "urge")


@pages.get("")
@permission("task.decide")
def show() -> ResponseReturnValue:
    """What an act upon the chosen cases still needs to know."""
    return _dialog(request.args.get("verb", ""), request.args.getlist("visit"))


@pages.post("")
@permission("task.decide")
def act() -> ResponseReturnValue:
    """Do it to each of the chosen cases and say what became of them."""
    verb, chosen = request.form.get("verb", ""), request.form.getlist("visit")
    problems = _problems(verb, chosen)
    if problems:
        return _dialog(verb, chosen, problems), 422
    people = [one for one in request.form.getlist("person") if one]
    params = {"people": people} if verb == "cc" else {"person": people[0]} if people else {}
    who, client, reason = current.actor(), current.client(), request.form.get("reason", "").strip() or None

    def action(session: Session, at: datetime) -> dict[str, Any]:
        errand = Errand(verb=verb, actor=who, at=at, reason=reason, params=params, client=client)
        return bulk.carry_out(session, chosen, errand)

    answer = current.change(action, route="bulk.carry_out").body
    if verb == "read" and not answer["failed"]:
        flash(_("已把 %(n)s 件标为已读。", n=answer["done"]), "success")
        return redirect(url_for("inbox.index"), 303)
    return render_template("bulk/result.html", answer=answer, label=_label(verb))


def _problems(verb: str, chosen: list[str]) -> list[Problem]:
    found = []
    if not chosen:
        found.append(_problem("visit", _("没有选中任何一件，请先在列表中勾选")))
    if verb in ("transfer", "cc") and not any(request.form.getlist("person")):
        found.append(_problem("person", _("请选择人员")))
    if verb == "transfer" and len(request.form.get("reason", "").strip()) < reasons.LEAST:
        found.append(_problem("reason", _("转办须写明理由，至少 %(n)s 个字", n=reasons.LEAST)))
    return found


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_("批量办理"))


def _label(verb: str) -> str:
    return _("标为已读") if verb == "read" else labels.verb(verb)


def _dialog(verb: str, chosen: list[str], problems: list[Problem] | None = None) -> str:
    if verb not in bulk.VERBS:
        raise BadRequest(_("没有这种批量操作。"))
    asks = verb in ("transfer", "cc")
    return render_template(
        "bulk/show.html",
        verb=verb,
        label=_label(verb),
        chosen=chosen,
        asking=verb in ASKING,
        people=asking.colleagues(wiring.session(), actor=current.actor(), at=wiring.at()) if asks else [],
        problems=problems or [],
        sent=request.form,
    )
