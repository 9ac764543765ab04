"""The page on which a person lets another act for a time (代理), sees what runs and what is over, and ends it."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from forms.problem import Problem
from service import asking, inbox_criteria, substitutions
from service import request as wiring
from service.access import allowed
from service.errors import Problems
from service.people import day
from service.permission import permission
from service.substitutions import Wanted
from service.web import current

pages = Blueprint("substitutions", __name__, url_prefix="/account/substitutions")


@pages.get("")
@permission("account.own")
def index() -> ResponseReturnValue:
    return _page()


@pages.post("")
@permission("account.own")
def put() -> ResponseReturnValue:
    who, client = current.actor(), current.client()
    try:
        wanted = _wanted(who.person_id)

        def action(session: Session, at: datetime) -> dict[str, Any]:
            return {"id": substitutions.put(session, wanted, actor=who, at=at, client=client)["id"]}

        current.change(action, route="substitutions.put")
    except Problems as error:
        return _page(error), error.status
    flash(_("代理已设置。"), "success")
    return redirect(url_for("substitutions.index"), 303)


@pages.post("/<substitution_id>/end")
@permission("account.own")
def end(substitution_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return substitutions.end(session, substitution_id, actor=who, at=at, client=client)

    answer = current.change(action, route="substitutions.end").body
    flash(str(answer["message"]), "success")
    return redirect(url_for("substitutions.index"), 303)


def _page(error: Problems | None = None) -> str:
    who, session, at = current.actor(), wiring.session(), wiring.at()
    may_set = allowed(who, "task.decide")
    return render_template(
        "substitutions/index.html",
        rows=substitutions.of_person(session, who.person_id, at=at),
        people=asking.colleagues(session, actor=who, at=at) if may_set else [],
        may_set=may_set,
        today=day(at).isoformat(),
        longest=substitutions.LONGEST,
        problems=error.problems if error else (),
        values=request.form if error else {},
    )


def _wanted(principal_id: str) -> Wanted:
    """What the form asks for.

    Raises:
        Problems: a day or the amount cannot be read; all of them at once.
    """
    sent = request.form
    days = {name: _day(sent.get(name, "")) for name in ("begins_on", "ends_before")}
    text = sent.get("greatest_amount", "").strip()
    amount = inbox_criteria.decimal(text)
    found = [_problem(name, _("请填写日期，如 2027-01-01。")) for name, read in days.items() if read is None]
    if text and amount is None:
        found.append(_problem("greatest_amount", _("请填写数字（万元），不限金额请留空。")))
    begins_on, ends_before = days["begins_on"], days["ends_before"]
    if found or begins_on is None or ends_before is None:
        raise Problems(found)
    return Wanted(
        principal_id=principal_id,
        substitute_id=sent.get("substitute_id", ""),
        begins_on=begins_on,
        ends_before=ends_before,
        reason=sent.get("reason", ""),
        greatest_amount=amount,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_("代理规则"))
