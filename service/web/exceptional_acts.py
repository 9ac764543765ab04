"""Pages of what is out of the ordinary (跳转, 挂起, 恢复, 终止, 作废): one person asks, another agrees or does not."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from service import cases, exceptional_acts, labels
from service import request as wiring
from service.errors import Problems
from service.exceptional_acts import VERBS, Wish
from service.exceptional_effects import Effects
from service.permission import permission
from service.web import current

pages = Blueprint("exceptional_acts", __name__)


@pages.get("/exceptional-acts")
@permission("exception.confirm")
def index() -> ResponseReturnValue:
    """What waits for a leader, each with what it would do as its case stands now."""
    return _waiting()


@pages.post("/exceptional-acts/<act_id>")
@permission("exception.confirm")
def decide(act_id: str) -> ResponseReturnValue:
    who, client, reason = current.actor(), current.client(), request.form.get("reason", "")
    use_case = exceptional_acts.confirm if request.form.get("decision") == "confirm" else exceptional_acts.refuse

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return {"message": use_case(session, act_id, actor=who, at=at, reason=reason, client=client)["message"]}

    try:
        answer = current.change(action, route="exceptional_acts.decide").body
    except Problems as error:
        return _waiting(act_id, error), error.status
    flash(str(answer["message"]), "success")
    return redirect(url_for("exceptional_acts.index"), 303)


@pages.get("/cases/<case_id>/exceptional-acts")
@permission("exception.request")
def ask(case_id: str) -> ResponseReturnValue:
    """Choose an act, then see what it would do before asking for it."""
    return _asking(case_id, request.args.get("verb", ""), request.args.get("place"))


@pages.post("/cases/<case_id>/exceptional-acts")
@permission("exception.request")
def send(case_id: str) -> ResponseReturnValue:
    who, client, sent = current.actor(), current.client(), request.form
    verb, place = sent.get("verb", ""), sent.get("place") or None
    wish = Wish(verb=verb, place=place, reason=sent.get("reason", ""))

    def action(session: Session, at: datetime) -> dict[str, Any]:
        asked = exceptional_acts.request(session, case_id, wish, actor=who, at=at, client=client)
        return {"message": asked["message"]}

    try:
        answer = current.change(action, route="exceptional_acts.request").body
    except Problems as error:
        return _asking(case_id, verb, place, error), error.status
    flash(str(answer["message"]), "success")
    return redirect(url_for("exceptional_acts.ask", case_id=case_id), 303)


def _waiting(act_id: str = "", error: Problems | None = None) -> str:
    rows = exceptional_acts.waiting(wiring.session(), actor=current.actor())
    return render_template(
        "exceptional/index.html",
        rows=[(row, _effects(row["case_id"], row["verb"], row["place"])) for row in rows],
        sent_to=act_id,
        problems=error.problems if error else (),
        reason=request.form.get("reason", ""),
    )


def _asking(case_id: str, verb: str, place: str | None, error: Problems | None = None) -> str:
    session, who = wiring.session(), current.actor()
    case = cases.one(session, case_id, actor=who)
    acts = exceptional_acts.of_case(session, case_id)
    place = place if verb == "jump" else None
    return render_template(
        "exceptional/ask.html",
        case=case,
        acts=acts,
        busy=any(act["state"] == "waiting" for act in acts),
        verbs=[(code, labels.verb(code)) for code in VERBS],
        places=exceptional_acts.places(session, case_id, actor=who),
        verb=verb,
        place=place,
        effects=_effects(case_id, verb, place) if verb in VERBS else None,
        problems=error.problems if error else (),
        reason=request.form.get("reason", ""),
    )


def _effects(case_id: str, verb: str, place: str | None) -> Effects:
    return exceptional_acts.preview(
        wiring.session(), case_id, actor=current.actor(), at=wiring.at(), verb=verb, place=place
    )
