"""Pages on which a change to a process is drawn, compared, tried, submitted and approved by a second person."""

from datetime import date, datetime
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from service import access, change_review, draft_check, drafts, editor_words, publishing
from service import request as wiring
from service.errors import BadRequest, Problems, Refused
from service.people import day
from service.permission import permission
from service.process_changes import Basis
from service.web import current, draft_sent, layout, studio

pages = Blueprint("process_drafts", __name__, url_prefix="/processes/drafts")
#: Where the page asks for the parts of a basis.
BASIS = {"number": "document_number", "title": "document_title", "article": "article"}


@pages.post("")
@permission("process.prepare")
def start() -> ResponseReturnValue:
    """Begin a change to a process, or bring an earlier version back as the next one."""
    who, client = current.actor(), current.client()
    process_id, release_id = request.form.get("process_id", ""), request.form.get("release_id") or None

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return drafts.start(session, actor=who, at=at, process_id=process_id, release_id=release_id, client=client)

    draft_id = current.change(action, route="process_drafts.start").body["draft_id"]
    place = "process_drafts.submission" if release_id else "process_drafts.edit"
    return redirect(url_for(place, draft_id=draft_id), 303)


@pages.get("/of-case/<case_id>")
@permission("process.work")
def of_case(case_id: str) -> ResponseReturnValue:
    """From the case of a change to its drawing, or to its comparison once it is submitted."""
    who = current.actor()
    draft_id = publishing.draft_of_case(wiring.session(), case_id, actor=who)
    drawn = drafts.one(wiring.session(), draft_id, actor=who).state == "draft"
    place = "edit" if drawn and access.allowed(who, "process.prepare") else "judge"
    return redirect(url_for(f"process_drafts.{place}", draft_id=draft_id), 303)


@pages.get("/<draft_id>")
@permission("process.prepare")
def edit(draft_id: str) -> ResponseReturnValue:
    draft = drafts.one(wiring.session(), draft_id, actor=current.actor())
    if draft.state != "draft":
        return redirect(url_for("process_drafts.judge", draft_id=draft_id), 303)
    return render_template("studio/edit.html", draft=draft)


@pages.get("/<draft_id>/diagram")
@permission("process.prepare")
def diagram(draft_id: str) -> ResponseReturnValue:
    return Response(drafts.one(wiring.session(), draft_id, actor=current.actor()).bpmn, mimetype=studio.BPMN)


@pages.get("/<draft_id>/words")
@permission("process.prepare")
def words(draft_id: str) -> ResponseReturnValue:
    """What the editor has to know: our attributes in Chinese, the draft's forms and decision tables."""
    session = wiring.session()
    return jsonify(editor_words.of_draft(session, drafts.one(session, draft_id, actor=current.actor())))


@pages.post("/<draft_id>/check")
@permission("process.prepare")
def check(draft_id: str) -> ResponseReturnValue:
    """What is wrong with a diagram that is being drawn; nothing is kept."""
    problems = drafts.check(wiring.session(), draft_id, actor=current.actor(), bpmn=_sent())
    return jsonify(problems=[dict(problem) for problem in problems])


@pages.post("/<draft_id>/save")
@permission("process.prepare")
def save(draft_id: str) -> ResponseReturnValue:
    who, text, version = current.actor(), _sent(), draft_sent.version()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        saved = drafts.save(session, draft_id, actor=who, at=at, version=version, bpmn=text)
        return {"version": saved["version"], "saved_time": layout.instant(saved["saved_at"], "%H:%M")}

    body = {"draft_id": draft_id, "version": version, "sha256": sha256(text).hexdigest()}
    return jsonify(current.change(action, route="process_drafts.save", body=body).body)


@pages.post("/<draft_id>/import")
@permission("process.prepare")
def take(draft_id: str) -> ResponseReturnValue:
    """A file of another tool as the editor may open it, with what was kept out; the draft changes when it is saved."""
    drafts.one(wiring.session(), draft_id, actor=current.actor())
    text, problems = draft_check.import_diagram(request.files["diagram"].filename or "", _sent())
    return jsonify(xml=text.decode(), problems=[dict(problem) for problem in problems])


@pages.post("/<draft_id>/discard")
@permission("process.prepare")
def discard(draft_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        drafts.discard(session, draft_id, actor=who, at=at, client=client)
        return {}

    current.change(action, route="process_drafts.discard")
    flash(_("已放弃这次修改，流程没有变化。"), "success")
    return redirect(url_for("studio.index"), 303)


@pages.get("/<draft_id>/compare")
@permission("process.read")
def compare(draft_id: str) -> ResponseReturnValue:
    session, who = wiring.session(), current.actor()
    draft = drafts.one(session, draft_id, actor=who)
    return render_template(
        "studio/draft_compare.html",
        draft=draft,
        compared=change_review.of_draft(session, draft_id, actor=who),
        source=url_for("process_drafts.compared", draft_id=draft_id),
    )


@pages.get("/<draft_id>/compare.json")
@permission("process.read")
def compared(draft_id: str) -> ResponseReturnValue:
    return jsonify(studio.drawings(change_review.of_draft(wiring.session(), draft_id, actor=current.actor())))


@pages.get("/<draft_id>/submit")
@permission("process.prepare")
def submission(draft_id: str) -> ResponseReturnValue:
    tomorrow = date.fromordinal(day(current.at()).toordinal() + 1)
    return _submission(draft_id, {"effective_from": tomorrow.isoformat()})


@pages.post("/<draft_id>/submit")
@permission("process.prepare")
def submit(draft_id: str) -> ResponseReturnValue:
    who, client, version = current.actor(), current.client(), draft_sent.version()
    basis = Basis(**{name: request.form.get(field, "") for name, field in BASIS.items()})

    def action(session: Session, at: datetime) -> dict[str, Any]:
        asked: dict[str, Any] = {"version": version, "basis": basis, "effective_from": _day()}
        publishing.submit(session, draft_id, actor=who, at=at, client=client, **asked)
        return {}

    try:
        current.change(action, route="process_drafts.submit")
    except Problems as error:
        return _submission(draft_id, request.form, error), error.status
    flash(_("已完成校验与试运行，请核对测试记录后送业务批准。"), "success")
    return redirect(url_for("process_drafts.judge", draft_id=draft_id), 303)


@pages.post("/<draft_id>/test")
@permission("process.prepare")
def test(draft_id: str) -> ResponseReturnValue:
    """Say that the record of checks and trials is right: the change goes to whoever approves it."""
    who, client, words = current.actor(), current.client(), request.form.get("test_note", "")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        publishing.confirm_test(session, draft_id, actor=who, at=at, words=words, client=client)
        return {}

    try:
        current.change(action, route="process_drafts.test")
    except Problems as error:
        return _judge(draft_id, error), error.status
    flash(_("已送审，等待绩效科长批准。"), "success")
    return redirect(url_for("studio.index"), 303)


@pages.get("/<draft_id>/judge")
@permission("process.read")
def judge(draft_id: str) -> ResponseReturnValue:
    return _judge(draft_id)


@pages.post("/<draft_id>/judge")
@permission("process.approve")
def decide(draft_id: str) -> ResponseReturnValue:
    """Approve a change or send it back, as somebody who had no hand in it."""
    who, client, words = current.actor(), current.client(), request.form.get("opinion", "")
    approved = request.form.get("decision") == "approve"

    def action(session: Session, at: datetime) -> dict[str, Any]:
        if not approved:
            publishing.send_back(session, draft_id, actor=who, at=at, reason=words, client=client)
            return {}
        made = publishing.approve(session, draft_id, actor=who, at=at, opinion=words, client=client)
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in made.items()}

    try:
        made = current.change(action, route="process_drafts.decide").body
    except Problems as error:
        return _judge(draft_id, error), error.status
    if not approved:
        flash(_("已退回，由系统管理员修改后重新送审。"), "success")
        return redirect(url_for("studio.index"), 303)
    if "version" not in made:
        flash(made["message"], "success")
        return redirect(url_for("studio.index"), 303)
    flash(_("已批准为第%(n)s版，%(day)s起新办事项按此办理。", n=made["version"], day=made["effective_from"]), "success")
    return redirect(url_for("studio.show", process_id=made["process_id"]), 303)


def _submission(draft_id: str, values: Any, error: Problems | None = None) -> str:
    session, who = wiring.session(), current.actor()
    found = drafts.check(session, draft_id, actor=who)
    return render_template(
        "studio/submit.html",
        draft=drafts.one(session, draft_id, actor=who),
        compared=_compared(draft_id),
        found=found,
        errors=[problem for problem in found if problem["severity"] == "error"],
        values=values,
        problems=error.problems if error else (),
    )


def _judge(draft_id: str, error: Problems | None = None) -> str:
    session, who = wiring.session(), current.actor()
    return render_template(
        "studio/judge.html",
        draft=drafts.one(session, draft_id, actor=who),
        compared=_compared(draft_id),
        source=url_for("process_drafts.compared", draft_id=draft_id),
        task=publishing.task(session, draft_id, actor=who),
        record=publishing.record(session, draft_id, actor=who),
        problems=error.problems if error else (),
        opinion=request.form.get("opinion", ""),
    )


def _compared(draft_id: str) -> change_review.Comparison | None:
    """The comparison; None while the drawing cannot be read."""
    try:
        return change_review.of_draft(wiring.session(), draft_id, actor=current.actor())
    except Refused:
        return None


def _sent() -> bytes:
    file = request.files.get("diagram")
    if file is None:
        raise BadRequest(_("没有收到流程图，请刷新页面后重试。"))
    content: bytes = file.read()
    return content


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("effective_from", "").strip())
    except ValueError:
        raise Problems([drafts.problem("effective_from", _("请填写日期，如 2027-01-01。"))]) from None
