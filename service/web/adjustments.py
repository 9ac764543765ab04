"""Pages of target adjustments: the board of a year, its export, and the beginning of an adjustment."""

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from service import adjustment_board, adjustment_sheet, adjustments
from service import request as wiring
from service.errors import Problems
from service.permission import permission
from service.web import current
from service.web.ex_ante import chosen_year
from service.web.library import SPREADSHEET

pages = Blueprint("adjustments", __name__, url_prefix="/adjustments")

#: Names of the use cases that pages show by `word`.
WORDS = (
    lazy_gettext("绩效目标调整"),
    lazy_gettext("调整已生效"),
    lazy_gettext("填报调整申请"),
    lazy_gettext("审签调整申请"),
    lazy_gettext("初审目标调整"),
    lazy_gettext("审核目标调整"),
    lazy_gettext("会签预算调整"),
    lazy_gettext("会签指标调整"),
    lazy_gettext("裁定是否调整"),
    lazy_gettext("同意调整"),
    lazy_gettext("预算调整"),
    lazy_gettext("政策变化"),
    lazy_gettext("不可抗力"),
    lazy_gettext("监控结果"),
)


@pages.get("")
@permission("coverage.read")
def index() -> ResponseReturnValue:
    year, known = chosen_year()
    board = adjustment_board.board(wiring.session(), actor=current.actor(), fiscal_year=year)
    return render_template("adjustments/index.html", board=board, years=known, year=year)


@pages.get("/export.xlsx")
@permission("export.use")
def export() -> ResponseReturnValue:
    year, _ = chosen_year()
    who, client = current.actor(), current.client()
    name, content = adjustment_sheet.export(
        wiring.session(), fiscal_year=year, actor=who, at=wiring.at(), client=client
    )
    return send_file(BytesIO(content), mimetype=SPREADSHEET, as_attachment=True, download_name=name)


@pages.post("/projects/<project_id>")
@permission("declaration.write")
def begin(project_id: str) -> ResponseReturnValue:
    """Begin the adjustment of a project's target and go to its form."""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return adjustments.start(session, project_id, actor=who, at=at, client=client)

    try:
        started = current.change(action, route="adjustments.begin").body
    except Problems as refused:
        flash("；".join(problem.message for problem in refused.problems), "danger")
        return redirect(url_for("adjustments.index"), 303)
    flash(gettext("已建立目标调整草稿，填写的内容会自动保存。"), "success")
    return redirect(url_for("tasks.show", visit_id=started["visit_id"]), 303)
