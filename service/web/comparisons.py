"""Comparing: two cases side by side; a case beside today's rules and today's posts."""

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from service import case_comparison, case_today, labels
from service import request as wiring
from service.errors import NotFound
from service.permission import permission
from service.web import current

pages = Blueprint("comparisons", __name__)

LONGEST = 60


@pages.get("/audit/compare")
@permission("audit.read")
def compare() -> ResponseReturnValue:
    """Two cases by number (``?left=…&right=…``); without both, the page asks for them."""
    asked = {name: request.args.get(name, "").strip()[:LONGEST] for name in ("left", "right")}
    found, refused = None, ""
    if all(asked.values()):
        try:
            found = _compared(**asked)
        except NotFound as fault:
            refused = fault.detail
    return render_template("audit/compare.html", found=found, asked=asked, refused=refused), 404 if refused else 200


def _compared(left: str, right: str) -> case_comparison.Comparison:
    session, who = wiring.session(), current.actor()
    ids = [case_comparison.named(session, name, actor=who) for name in (left, right)]
    return case_comparison.compare(session, *ids, actor=who, at=wiring.at(), client=current.client())


@pages.get("/cases/<case_id>/today")
@permission("audit.read")
def today(case_id: str) -> ResponseReturnValue:
    """A case under the version in force today; ``?on=2026-09-01`` shows who held the posts that day."""
    found = case_today.of_case(
        wiring.session(), case_id, actor=current.actor(), at=wiring.at(), on=_day(), client=current.client()
    )
    return render_template("audit/today.html", found=found, stage_name=labels.stage, verb_name=labels.verb)


def _day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return None
