"""The page of policy documents: what the steps of processes may cite, and until when it holds."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from forms.problem import Problem
from service import policies
from service import request as wiring
from service.errors import Problems
from service.people import day
from service.permission import permission
from service.web import current

pages = Blueprint("policies", __name__, url_prefix="/policies")
FIELDS = ("number", "title", "valid_from", "valid_to")


@pages.get("")
@permission("process.read")
def index() -> ResponseReturnValue:
    return _index(request.args)


@pages.post("")
@permission("process.approve")
def register() -> ResponseReturnValue:
    """Register a document, or state its days anew."""
    who, client, sent = current.actor(), current.client(), request.form
    try:
        days = {name: _day(name) for name in ("valid_from", "valid_to")}
        if days["valid_from"] is None:
            raise Problems([_problem("valid_from", _("请填写施行日期，如 2027-01-01。"))])
        asked: dict[str, Any] = {"number": sent.get("number", ""), "title": sent.get("title", ""), **days}

        def action(session: Session, at: datetime) -> dict[str, Any]:
            return {"id": policies.register(session, actor=who, at=at, client=client, **asked)}

        current.change(action, route="policies.register")
    except Problems as error:
        return _index(sent, error), error.status
    flash(_("已登记《%(title)s》。", title=str(sent.get("title", "")).strip("《》 ")), "success")
    return redirect(url_for("policies.index"), 303)


def _index(values: Any, error: Problems | None = None) -> str:
    session, at = wiring.session(), current.at()
    return render_template(
        "policies/index.html",
        documents=policies.listed(session),
        ending=policies.ending(session, at=at),
        values={name: values.get(name, "") for name in FIELDS},
        problems=error.problems if error else (),
        today=day(at),
        notice_days=policies.NOTICE.days,
    )


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problems([_problem(name, _("请填写日期，如 2027-01-01。"))]) from None


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=policies.SOURCE)
