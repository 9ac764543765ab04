"""Pages on which the treasury section brings execution figures: a file is checked, shown, and its good rows imported."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from service import execution_figures, launches, monitoring_sheet
from service import request as wiring
from service.errors import Problems, Refused
from service.permission import permission
from service.web import current
from service.web.imports import SPREADSHEET
from service.workbooks import WorkbookRefused

pages = Blueprint("execution_figures", __name__, url_prefix="/execution-figures")


@pages.get("")
@permission("execution.import")
def index() -> ResponseReturnValue:
    return _index()


@pages.post("")
@permission("execution.import")
def upload() -> ResponseReturnValue:
    who, campaign_id, file = current.actor(), request.form.get("campaign_id", ""), request.files.get("figures")
    if file is None or not file.filename:
        return _index(WorkbookRefused(_("请先选择要上传的文件（.xlsx 或 .csv）。"))), WorkbookRefused.status
    filename, content = file.filename, file.read()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return execution_figures.upload(
            session, actor=who, at=at, campaign_id=campaign_id, filename=filename, content=content
        )

    body = {"campaign_id": campaign_id, "filename": filename, "sha256": sha256(content).hexdigest()}
    try:
        answer = current.change(action, route="execution_figures.upload", body=body).body
    except (WorkbookRefused, Problems) as refused:
        return _index(refused), refused.status
    if answer["earlier"]:
        flash(answer["earlier"], "warning")
    return redirect(url_for("execution_figures.show", import_id=answer["import_id"]), 303)


@pages.get("/<import_id>")
@permission("execution.import")
def show(import_id: str) -> ResponseReturnValue:
    return _page(import_id)


@pages.post("/<import_id>/confirm")
@permission("execution.import")
def confirm(import_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return execution_figures.confirm(session, import_id, actor=who, at=at, client=client)

    return _act(import_id, action, lambda done: _("已导入 %(n)s 个项目的执行数。", n=done["imported"]))


@pages.get("/<campaign_id>/template.xlsx")
@permission("execution.import")
def template(campaign_id: str) -> ResponseReturnValue:
    name, content = monitoring_sheet.template(wiring.session(), campaign_id)
    return send_file(BytesIO(content), mimetype=SPREADSHEET, as_attachment=True, download_name=name)


def _act(
    import_id: str,
    action: Callable[[Session, datetime], dict[str, Any]],
    done: Callable[[dict[str, Any]], str],
) -> ResponseReturnValue:
    try:
        answer = current.change(action, route="execution_figures.confirm").body
    except Problems as refused:
        return _page(import_id, refused), refused.status
    flash(done(answer), "success")
    return redirect(url_for("execution_figures.show", import_id=import_id), 303)


def _index(refused: Refused | None = None) -> str:
    session = wiring.session()
    seasons = launches.seasons(session)
    rows = [(season, row) for season in seasons for row in execution_figures.imports(session, season.id)]
    return render_template(
        "execution_figures/index.html", seasons=seasons, rows=rows, refused=refused, sent=request.form
    )


def _page(import_id: str, refused: Problems | None = None) -> str:
    row = execution_figures.one(wiring.session(), import_id, actor=current.actor())
    return render_template("execution_figures/show.html", row=row, result=row.result, refused=refused)
