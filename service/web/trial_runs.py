"""Pages on which a drafted process is played by hand on its drawing, and its scenarios are kept."""

from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.utils import redirect

from service import change_review, drafts, labels, trial_runs
from service import request as wiring
from service.change_review import NotSoundYet
from service.errors import BadRequest
from service.permission import permission
from service.web import current

pages = Blueprint("trial_runs", __name__, url_prefix="/processes/drafts")


@pages.get("/<draft_id>/simulate")
@permission("process.read")
def index(draft_id: str) -> ResponseReturnValue:
    session, who = wiring.session(), current.actor()
    draft, found, refused = drafts.one(session, draft_id, actor=who), None, None
    try:
        found = change_review.walks(session, draft_id, actor=who)
    except NotSoundYet as error:
        refused = error
    missed = found["coverage"]["missed"] if found else []
    stories = [dict(one) | kept for one, kept in zip(draft.scenarios, found["scenarios"], strict=True)] if found else []
    return render_template(
        "studio/simulate.html",
        draft=draft,
        found=found,
        stories=stories,
        refused=refused,
        missed=trial_runs.missed_flows(session, draft_id, missed, actor=who),
        names=change_review.step_names(session, draft_id, actor=who),
        stage_name=labels.stage,
        verb_name=labels.verb,
    )


@pages.get("/<draft_id>/simulate/diagram")
@permission("process.read")
def diagram(draft_id: str) -> ResponseReturnValue:
    """The drawing with its scenarios and the arrows none of them takes."""
    session, who = wiring.session(), current.actor()
    draft = drafts.one(session, draft_id, actor=who)
    try:
        missed = change_review.walks(session, draft_id, actor=who)["coverage"]["missed"] if draft.scenarios else []
    except NotSoundYet:
        missed = []
    return jsonify(xml=draft.bpmn.decode(), scenarios=list(draft.scenarios), missed=missed)


@pages.post("/<draft_id>/simulate/play")
@permission("process.work")
def play(draft_id: str) -> ResponseReturnValue:
    """Where a case would stand after some decisions; nothing is kept."""
    sent = _sent()
    story = {name: sent.get(name, empty) for name, empty in (("facts", {}), ("decisions", []))}
    return jsonify(trial_runs.played(wiring.session(), draft_id, actor=current.actor(), **story))


@pages.post("/<draft_id>/simulate/keep")
@permission("process.prepare")
def keep(draft_id: str) -> ResponseReturnValue:
    """Keep what was played as a scenario."""
    who, sent = current.actor(), _sent()
    story = {name: sent.get(name, empty) for name, empty in (("facts", {}), ("decisions", []))}
    version, name = sent.get("version"), str(sent.get("name", ""))
    if not isinstance(version, int):
        raise BadRequest(_("没有收到草稿的版本号，请刷新页面后重试。"))

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return trial_runs.keep(session, draft_id, actor=who, at=at, version=version, name=name, **story)

    return jsonify(current.change(action, route="trial_runs.keep", body=sent).body)


@pages.post("/<draft_id>/simulate/change")
@permission("process.prepare")
def change(draft_id: str) -> ResponseReturnValue:
    """Let a scenario expect what happens now, take it out, or add what none of them covers."""
    who, name, text = current.actor(), request.form.get("name", ""), request.form.get("version", "")
    wanted = request.form.get("act", "")
    if not text.isdecimal() or len(text) > 9:
        raise BadRequest(_("没有收到草稿的版本号，请刷新页面后重试。"))

    def action(session: Session, at: datetime) -> dict[str, Any]:
        asked: dict[str, Any] = {"actor": who, "at": at, "version": int(text)}
        if wanted == "supplement":
            return trial_runs.supplement(session, draft_id, **asked)
        act = trial_runs.accept if wanted == "accept" else trial_runs.drop
        return act(session, draft_id, name=name, **asked)

    current.change(action, route="trial_runs.change")
    return redirect(url_for("trial_runs.index", draft_id=draft_id), 303)


def _sent() -> dict[str, Any]:
    content = request.get_json(silent=True)
    if not isinstance(content, dict):
        raise BadRequest(_("没有收到要模拟的内容，请刷新页面后重试。"))
    return content
