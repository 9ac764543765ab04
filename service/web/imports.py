"""Pages on which a workbook of many declarations is uploaded, checked, confirmed; and workbooks to take away."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from service import campaigns, import_downloads, imports
from service import request as wiring
from service.access import allowed
from service.errors import Problems, Refused
from service.permission import permission
from service.web import current
from service.web.inbox import page_number
from service.workbooks import WorkbookRefused
from service.workbooks.writing import Layout

pages = Blueprint("imports", __name__, url_prefix="/imports")
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SIZE = 100
#: Names of the use case that pages show by `word`.
WORDS = (lazy_gettext("待确认"), lazy_gettext("已导入"), lazy_gettext("已放弃"))
SEVERITIES = (("error", lazy_gettext("错误")), ("warning", lazy_gettext("提醒")), ("info", lazy_gettext("提示")))
_ORDER = {code: place for place, (code, _text) in enumerate(SEVERITIES)}


@pages.get("")
@permission("import.use")
def index() -> ResponseReturnValue:
    return _index()


@pages.post("")
@permission("import.use")
def upload() -> ResponseReturnValue:
    who, campaign_id, file = current.actor(), request.form.get("campaign_id", ""), request.files.get("workbook")
    if file is None or not file.filename:
        return _index(WorkbookRefused(_("请先选择要上传的 .xlsx 工作簿。"))), WorkbookRefused.status
    filename, content = file.filename, file.read()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return imports.upload(session, actor=who, at=at, campaign_id=campaign_id, filename=filename, content=content)

    body = {"campaign_id": campaign_id, "filename": filename, "sha256": sha256(content).hexdigest()}
    try:
        answer = current.change(action, route="imports.upload", body=body).body
    except (WorkbookRefused, Problems) as refused:
        return _index(refused), refused.status
    return redirect(url_for("imports.show", import_id=answer["import_id"]), 303)


@pages.get("/<import_id>")
@permission("import.use")
def show(import_id: str) -> ResponseReturnValue:
    return _page(import_id)


@pages.post("/<import_id>/confirm")
@permission("import.use")
def confirm(import_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return imports.confirm(session, import_id, actor=who, at=at, client=client)

    return _act(import_id, action, "imports.confirm", lambda done: _("已导入 %(n)s 个项目。", n=done["imported"]))


@pages.post("/<import_id>/discard")
@permission("import.use")
def discard(import_id: str) -> ResponseReturnValue:
    who = current.actor()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return imports.discard(session, import_id, actor=who)

    return _act(import_id, action, "imports.discard", lambda _done: _("已放弃，没有导入任何项目。"))


@pages.get("/<import_id>/problems.xlsx")
@permission("import.use")
def problems(import_id: str) -> ResponseReturnValue:
    return _workbook(import_downloads.problem_workbook(wiring.session(), import_id, actor=current.actor()))


@pages.get("/template.xlsx")
@permission("import.use")
def template() -> ResponseReturnValue:
    layout: Layout = "form" if request.args.get("layout") == "form" else "list"
    campaign_id = request.args.get("campaign_id", "")
    return _workbook(import_downloads.template(wiring.session(), campaign_id, at=current.at(), layout=layout))


@pages.get("/filled.xlsx")
@permission("export.use")
def filled() -> ResponseReturnValue:
    who, campaign_id = current.actor(), request.args.get("campaign_id", "")
    made = import_downloads.filled(wiring.session(), campaign_id, actor=who, at=current.at(), client=current.client())
    return _workbook(made)


def _act(
    import_id: str,
    action: Callable[[Session, datetime], dict[str, Any]],
    route: str,
    done: Callable[[dict[str, Any]], str],
) -> ResponseReturnValue:
    try:
        answer = current.change(action, route=route).body
    except Problems as refused:
        return _page(import_id, refused), refused.status
    flash(done(answer), "success")
    return redirect(url_for("imports.show", import_id=import_id), 303)


def _index(refused: Refused | None = None) -> str:
    session, who = wiring.session(), current.actor()
    return render_template(
        "imports/index.html",
        seasons=campaigns.open_for(session, actor=who, at=current.at()),
        rows=imports.rows(session, actor=who),
        refused=refused,
        sent=request.form,
    )


def _page(import_id: str, refused: Problems | None = None) -> str:
    page = imports.show(wiring.session(), import_id, actor=current.actor())
    asked = request.args.get("list", "problems" if page.problems else "rows")
    level = request.args.get("severity", "")
    wanted = [found for found in page.problems if not level or found["severity"] == level]
    problems = sorted(wanted, key=lambda found: _ORDER[found["severity"]])  # the gravest first, then by place
    chosen = page.rows if asked == "rows" else page.started if asked == "started" else problems
    number = min(page_number(), max(1, (len(chosen) - 1) // SIZE + 1))
    return render_template(
        "imports/show.html",
        page=page,
        asked=asked,
        severity=level,
        severities=SEVERITIES,
        lines=chosen[(number - 1) * SIZE : number * SIZE],
        total=len(chosen),
        number=number,
        size=SIZE,
        address=lambda wanted: url_for(
            "imports.show", import_id=import_id, list=asked, severity=level or None, page=wanted
        ),
        refused=refused,
        own_drafts=allowed(current.actor(), "declaration.write"),
    )


def _workbook(made: tuple[str, bytes]) -> ResponseReturnValue:
    name, content = made
    return send_file(BytesIO(content), mimetype=SPREADSHEET, as_attachment=True, download_name=name)
