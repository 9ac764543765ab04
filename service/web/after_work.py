"""What follows a decision? The next task of the same list for who wants it, and for a moment the way back (撤回)."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, request, session, url_for
from sqlalchemy.exc import SQLAlchemyError

from service import inbox, preferences, tasks
from service import request as wiring
from service.errors import Refused
from service.web import current, inbox_address

UNDO = "undo"
#: Verbs that may be taken back while nobody has gone on.
UNDOABLE = frozenset({"submit", "approve", "return", "consult", "reject"})


def install(app: Flask) -> None:
    """Let the page after a decision offer to take it back."""
    app.jinja_env.globals["undo_offer"] = undo_offer


def remember(visit_id: str, verb: str, answer: Mapping[str, Any]) -> None:
    """Keep in the browser's session what was just decided, for the next page alone."""
    if verb in UNDOABLE and "seq" in answer:
        session[UNDO] = {"visit_id": visit_id, "seq": answer["seq"]}


def undo_offer() -> dict[str, Any] | None:
    """The decision the reader may take back on this page; None where there is none or it is too late."""
    kept: dict[str, Any] | None = session.pop(UNDO, None)
    if kept is None or current.optional_actor() is None:
        return None
    try:
        verbs = tasks.verbs(wiring.session(), kept["visit_id"], actor=current.actor(), at=wiring.at())
    except (Refused, SQLAlchemyError):
        return None  # it moved out of the reader's sight, or this is the page that says the database is away
    return kept if any(verb["verb"] == "recall" and verb["allowed"] for verb in verbs) else None


def next_address(visit_id: str) -> str:
    """Where the reader goes on: the next task of the list they came from, if they want that and there is one."""
    listed = inbox_address.of_query(request.form.get("list", ""))
    inbox_page = inbox_address.of_list(listed)
    who = current.actor()
    if listed.tab not in inbox_address.ACTING or not preferences.read(wiring.session(), who.person_id, "work").get(
        "open_next"
    ):
        return inbox_page
    at = wiring.at()
    found = inbox.listed(wiring.session(), listed.criteria, actor=who, at=at, tab=listed.tab, size=2, sort=listed.sort)
    onward = next((row.visit_id for row in found.rows if row.visit_id and row.visit_id != visit_id), None)
    return url_for("tasks.show", visit_id=onward) if onward else inbox_page
