"""Pages on which the forms of a change are designed, tried, previewed and read."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from forms.problem import Problem
from service import access, drafts, form_drafts
from service import request as wiring
from service.drafts import Draft
from service.errors import Problems
from service.permission import permission
from service.web import current, draft_sent, language, layout

ENTRIES = ("title", "code", "official_code", "source")
pages = Blueprint("draft_forms", __name__, url_prefix="/processes/drafts/<draft_id>/forms")


@pages.get("")
@permission("process.read")
def index(draft_id: str) -> ResponseReturnValue:
    return _index(draft_id)


@pages.post("")
@permission("process.prepare")
def add(draft_id: str) -> ResponseReturnValue:
    """Begin a form of the district's own."""
    who, version = current.actor(), draft_sent.version()
    given = {name: request.form.get(name, "") for name in ENTRIES}

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return {"code": form_drafts.add(session, draft_id, actor=who, at=at, version=version, **given)["code"]}

    try:
        made = current.change(action, route="draft_forms.add").body
    except Problems as error:
        return _index(draft_id, error), error.status
    return redirect(url_for("draft_forms.edit", draft_id=draft_id, code=made["code"]), 303)


@pages.get("/<code>")
@permission("process.read")
def edit(draft_id: str, code: str) -> ResponseReturnValue:
    """The designer for whoever prepares; for everybody else the form as each step would see it."""
    draft = _draft(draft_id)
    raw = form_drafts.raw_of(wiring.session(), draft, code)
    shared: dict[str, Any] = {"draft": draft, "code": code, "title": raw.get("title", code)}
    steps = form_drafts.steps(draft, code)
    if _editable(draft):
        return render_template("studio/form_edit.html", steps=steps, **shared)
    mode, node = request.args.get("mode", "read"), request.args.get("node", "")
    shown, problems = None, tuple[Problem, ...]()
    try:
        shown = _view(raw, mode, node)
    except Problems as error:
        problems = error.problems
    return render_template(
        "studio/form_read.html", steps=steps, mode=mode, node=node, form_view=shown, problems=problems, **shared
    )


@pages.get("/<code>/definition")
@permission("process.read")
def definition(draft_id: str, code: str) -> ResponseReturnValue:
    """The definition with what the designer must know beside it: the steps, and what is built in."""
    draft = _draft(draft_id)
    raw = form_drafts.raw_of(wiring.session(), draft, code)
    steps = [vars(step) for step in form_drafts.steps(draft, code)]
    return jsonify(definition=raw, steps=steps, builtin=form_drafts.builtin(code))


@pages.get("/<code>/file")
@permission("process.read")
def file(draft_id: str, code: str) -> ResponseReturnValue:
    """The definition alone, to be kept or sent."""
    text = form_drafts.text_of(wiring.session(), _draft(draft_id), code)
    name = f"{code}.json"
    kind = "application/json"
    return Response(text, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@pages.post("/<code>/check")
@permission("process.prepare")
def check(draft_id: str, code: str) -> ResponseReturnValue:
    """What is wrong with a definition that is being designed; nothing is kept."""
    raw = form_drafts.read(draft_sent.file("definition")[1])
    return jsonify(problems=form_drafts.check(_draft(draft_id), code, raw))


@pages.post("/<code>/save")
@permission("process.prepare")
def save(draft_id: str, code: str) -> ResponseReturnValue:
    who, version, text = current.actor(), draft_sent.version(), draft_sent.file("definition")[1]
    raw = form_drafts.read(text)

    def action(session: Session, at: datetime) -> dict[str, Any]:
        made = form_drafts.save(session, draft_id, code, actor=who, at=at, version=version, raw=raw)
        return {"version": made["version"], "saved_time": layout.instant(made["saved_at"], "%H:%M")}

    body = {"draft_id": draft_id, "code": code, "version": version, "sha256": sha256(text).hexdigest()}
    return jsonify(current.change(action, route="draft_forms.save", body=body).body)


@pages.post("/<code>/preview")
@permission("process.prepare")
def preview(draft_id: str, code: str) -> ResponseReturnValue:
    """The form as a step would see it, rendered as on its pages; with what was filled in, if it is being tried."""
    _draft(draft_id)
    raw = form_drafts.read(draft_sent.file("definition")[1])
    mode, node = request.form.get("preview_mode", "edit"), request.form.get("preview_node", "")
    tried = list(request.form.items(multi=True)) if request.form.get("preview_try") else None
    try:
        shown = _view(raw, mode, node, tried)
    except Problems as error:
        return render_template("studio/_form_preview.html", form_view=None, problems=error.problems)
    return render_template("studio/_form_preview.html", form_view=shown, problems=(), tried=tried is not None)


@pages.post("/<code>/reset")
@permission("process.prepare")
def reset(draft_id: str, code: str) -> ResponseReturnValue:
    """Go back to the form as it is in force; a form made in this change is taken out of it."""
    who, version = current.actor(), draft_sent.version()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        form_drafts.reset(session, draft_id, code, actor=who, at=at, version=version)
        return {}

    current.change(action, route="draft_forms.reset")
    flash(_("已放弃对这个表单的修改。"), "success")
    return redirect(url_for("draft_forms.index", draft_id=draft_id), 303)


def _index(draft_id: str, error: Problems | None = None) -> str:
    session, draft = wiring.session(), _draft(draft_id)
    return render_template(
        "studio/forms.html",
        draft=draft,
        forms=form_drafts.listed(session, draft),
        editable=_editable(draft),
        values={name: request.form.get(name, "") for name in ENTRIES},
        problems=error.problems if error else (),
    )


def _draft(draft_id: str) -> Draft:
    return drafts.one(wiring.session(), draft_id, actor=current.actor())


def _editable(draft: Draft) -> bool:
    return draft.state == "draft" and access.allowed(current.actor(), "process.prepare")


def _view(raw: Any, mode: str, node: str, sent: Any = None) -> Any:
    return form_drafts.preview(raw, mode=mode, node=node, sent=sent, english=language.english())
