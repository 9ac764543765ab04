"""The page of phrases: one's own, those of the section, and how often each was needed this year."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from service import phrases
from service import request as wiring
from service.errors import Problems
from service.permission import permission
from service.saved_views import CHIEFS
from service.web import current

pages = Blueprint("phrases", __name__, url_prefix="/phrases")
#: How far back uses are counted.
COUNTED = timedelta(days=365)


@pages.get("")
@permission("task.decide")
def index() -> ResponseReturnValue:
    return _page()


@pages.post("")
@permission("task.decide")
def add() -> ResponseReturnValue:
    who, text, shared = current.actor(), request.form.get("text", ""), request.form.get("shared") == "1"

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return phrases.add(session, text, shared=shared, actor=who, at=at)

    try:
        flash(current.change(action, route="phrases.add").body["message"], "success")
    except Problems as error:
        return _page(error), error.status
    return redirect(url_for("phrases.index"), 303)


@pages.post("/<phrase_id>/remove")
@permission("task.decide")
def remove(phrase_id: str) -> ResponseReturnValue:
    who = current.actor()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return phrases.remove(session, phrase_id, actor=who, at=at)

    flash(current.change(action, route="phrases.remove").body["message"], "success")
    return redirect(url_for("phrases.index"), 303)


def _page(error: Problems | None = None) -> str:
    session, who = wiring.session(), current.actor()
    rows = phrases.of_person(session, who)
    uses = phrases.uses(session, rows, since=wiring.at() - COUNTED)
    return render_template(
        "phrases/index.html",
        rows=sorted(rows, key=lambda row: -uses[row.id].uses),
        uses=uses,
        may_share=who.holds(*CHIEFS),
        problems=error.problems if error else (),
        text=request.form.get("text", ""),
        longest=phrases.LONGEST,
    )
