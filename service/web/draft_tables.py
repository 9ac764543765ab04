"""Pages on which the decision tables of a change are made, edited, tried and read."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from service import access, drafts, readable_tables, table_drafts
from service import request as wiring
from service.errors import Problems
from service.permission import permission
from service.web import current, draft_sent, layout, release_parts, studio

#: What hit policies and types are called, which pages show by `word`.
WORDS = (
    lazy_gettext("唯一：任何输入只有一行相符"),
    lazy_gettext("首行：取第一个相符的行"),
    lazy_gettext("任意：相符的行结果须一致"),
    lazy_gettext("优先：取输出值次序在前的"),
    lazy_gettext("按行次序列出所有相符行的结果"),
    lazy_gettext("按输出值次序列出所有相符行的结果"),
    lazy_gettext("汇集所有相符行的结果"),
    lazy_gettext("相符行的结果求和"),
    lazy_gettext("取相符行的最小结果"),
    lazy_gettext("取相符行的最大结果"),
    lazy_gettext("相符行的个数"),
    lazy_gettext("文字"),
    lazy_gettext("数字"),
    lazy_gettext("是否"),
    lazy_gettext("日期"),
    lazy_gettext("时间"),
    lazy_gettext("日期时间"),
)
pages = Blueprint("draft_tables", __name__, url_prefix="/processes/drafts/<draft_id>/tables")


@pages.get("")
@permission("process.read")
def index(draft_id: str) -> ResponseReturnValue:
    return _index(draft_id)


@pages.post("")
@permission("process.prepare")
def add(draft_id: str) -> ResponseReturnValue:
    """Begin a table, or bring one along from a file of any tool."""
    who, version = current.actor(), draft_sent.version()
    given = {name: request.form.get(name, "") for name in ("name", "title")}

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return _told(table_drafts.add(session, draft_id, actor=who, at=at, version=version, **given))

    try:
        made = current.change(action, route="draft_tables.add").body
    except Problems as error:
        return _index(draft_id, error), error.status
    return redirect(url_for("draft_tables.edit", draft_id=draft_id, name=made["name"]), 303)


@pages.post("/import")
@permission("process.prepare")
def take(draft_id: str) -> ResponseReturnValue:
    who, version = current.actor(), draft_sent.version()
    filename, text = draft_sent.file("table")
    asked: dict[str, Any] = {"version": version, "filename": filename, "text": text}

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return _told(table_drafts.add_imported(session, draft_id, actor=who, at=at, **asked))

    body = {"draft_id": draft_id, "version": version, "sha256": sha256(text).hexdigest()}
    made = current.change(action, route="draft_tables.take", body=body).body
    foreign = [found["message"] for found in made["problems"] if found["code"] == "xml.foreign"]
    if foreign:
        flash(
            _("已导入，有 %(n)s 处其他软件的扩展没有保留：%(text)s", n=len(foreign), text="".join(foreign[:5])),
            "success",
        )
    else:
        flash(_("已导入，没有需要去掉的内容。"), "success")
    return redirect(url_for("draft_tables.edit", draft_id=draft_id, name=made["name"]), 303)


@pages.get("/<name>")
@permission("process.read")
def edit(draft_id: str, name: str) -> ResponseReturnValue:
    """The editor for whoever prepares; for everybody else the table as it reads."""
    session, who = wiring.session(), current.actor()
    draft = drafts.one(session, draft_id, actor=who)
    text = table_drafts.one(session, draft_id, name, actor=who)
    if _editable(draft):
        return render_template("studio/table_edit.html", draft=draft, name=name)
    tables, questions = readable_tables.tables(text.encode(), name), readable_tables.questions(text.encode(), name)
    shown = {"tables": tables, "questions": questions, **release_parts.WORDS}
    return render_template("studio/table_read.html", draft=draft, name=name, **shown)


@pages.get("/<name>/text")
@permission("process.read")
def text(draft_id: str, name: str) -> ResponseReturnValue:
    found = table_drafts.one(wiring.session(), draft_id, name, actor=current.actor())
    return Response(found, mimetype=studio.BPMN, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@pages.post("/<name>/check")
@permission("process.prepare")
def check(draft_id: str, name: str) -> ResponseReturnValue:
    """What is wrong with a table that is being edited; nothing is kept."""
    table_drafts.one(wiring.session(), draft_id, name, actor=current.actor())
    return jsonify(table_drafts.check(draft_sent.file("table")[1], name))


@pages.post("/<name>/save")
@permission("process.prepare")
def save(draft_id: str, name: str) -> ResponseReturnValue:
    who, version, sent = current.actor(), draft_sent.version(), draft_sent.file("table")[1]

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return _told(table_drafts.save(session, draft_id, name, actor=who, at=at, version=version, text=sent))

    body = {"draft_id": draft_id, "name": name, "version": version, "sha256": sha256(sent).hexdigest()}
    return jsonify(current.change(action, route="draft_tables.save", body=body).body)


@pages.post("/<name>/read")
@permission("process.prepare")
def read(draft_id: str, name: str) -> ResponseReturnValue:
    """A file of another tool as the editor may open it, with what was kept out; the draft changes when it is saved."""
    table_drafts.one(wiring.session(), draft_id, name, actor=current.actor())
    filename, sent = draft_sent.file("table")
    kept, problems = table_drafts.take(sent, filename)
    return jsonify(xml=kept, problems=problems)


@pages.post("/<name>/try")
@permission("process.read")
def ask(draft_id: str, name: str) -> ResponseReturnValue:
    """Which rows match these values, and what comes of it; of the table as edited, else as saved."""
    kept = table_drafts.one(wiring.session(), draft_id, name, actor=current.actor()).encode()
    sent = draft_sent.file("table")[1] if "table" in request.files else kept
    inputs, decision = request.form.get("inputs", "{}"), request.form.get("decision")
    return jsonify(table_drafts.ask(sent, name, decision, inputs))


@pages.post("/<name>/remove")
@permission("process.prepare")
def remove(draft_id: str, name: str) -> ResponseReturnValue:
    who, version = current.actor(), draft_sent.version()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return _told(table_drafts.remove(session, draft_id, name, actor=who, at=at, version=version))

    current.change(action, route="draft_tables.remove")
    flash(_("已从这次修改中删去决策表 %(name)s。", name=name), "success")
    return redirect(url_for("draft_tables.index", draft_id=draft_id), 303)


def _index(draft_id: str, error: Problems | None = None) -> str:
    draft = drafts.one(wiring.session(), draft_id, actor=current.actor())
    return render_template(
        "studio/tables.html",
        draft=draft,
        tables=table_drafts.listed(draft.decisions),
        editable=_editable(draft),
        values=request.form,
        problems=error.problems if error else (),
    )


def _editable(draft: drafts.Draft) -> bool:
    return draft.state == "draft" and access.allowed(current.actor(), "process.prepare")


def _told(saved: dict[str, Any]) -> dict[str, Any]:
    """What was saved as plain JSON, with the time as the page shows it."""
    at = saved.pop("saved_at")
    return {**saved, "saved_time": layout.instant(at, "%H:%M")}
