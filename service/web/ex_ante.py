"""Pages of ex-ante assessments: the coverage board of a year, its export, and the beginning of an assessment."""

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from service import assessments, ex_ante_board, ex_ante_sheet, library
from service import request as wiring
from service.errors import Problems
from service.permission import permission
from service.web import current
from service.web.library import SPREADSHEET, years

pages = Blueprint("ex_ante", __name__, url_prefix="/ex-ante")

#: How far an assessment is, in words of the board.
STATUSES = (
    ("missing", lazy_gettext("未评估")),
    ("drafting", lazy_gettext("单位编制中")),
    ("reviewing", lazy_gettext("各级审核中")),
    ("support", lazy_gettext("予以支持")),
    ("support_after_adjustment", lazy_gettext("调整后支持")),
    ("not_support", lazy_gettext("不予支持")),
)
#: Names of the use cases that pages show by `word`.
WORDS = (
    lazy_gettext("事前绩效评估"),
    lazy_gettext("受理和资料核对"),
    lazy_gettext("专家或第三方评审"),
    lazy_gettext("作出评估结论"),
    lazy_gettext("填报评估报告和评分表"),
    lazy_gettext("审签评估报告"),
    lazy_gettext("审核评估报告"),
    lazy_gettext("受理并核对资料"),
    lazy_gettext("组织专家或第三方评审"),
    lazy_gettext("提出评估意见"),
    lazy_gettext("审定评估结论"),
    lazy_gettext("不予推荐"),
    lazy_gettext("受理"),
    lazy_gettext("退回补齐"),
    lazy_gettext("提交评审结果"),
    lazy_gettext("提出意见"),
    lazy_gettext("作出结论"),
    lazy_gettext("同意结论"),
    lazy_gettext("退回重议"),
)


def chosen_year() -> tuple[int, list[int]]:
    """The year asked for, and the years there are seasons of, newest first."""
    known = years(library.years(wiring.session()))
    text = request.args.get("year", "")
    return (int(text) if text.isdecimal() and int(text) in known else known[0]), known


@pages.get("")
@permission("coverage.read")
def index() -> ResponseReturnValue:
    year, known = chosen_year()
    board = ex_ante_board.board(wiring.session(), actor=current.actor(), fiscal_year=year)
    return render_template("ex_ante/index.html", board=board, years=known, year=year, statuses=STATUSES)


@pages.get("/export.xlsx")
@permission("export.use")
def export() -> ResponseReturnValue:
    year, _ = chosen_year()
    who, client = current.actor(), current.client()
    name, content = ex_ante_sheet.export(wiring.session(), fiscal_year=year, actor=who, at=wiring.at(), client=client)
    return send_file(BytesIO(content), mimetype=SPREADSHEET, as_attachment=True, download_name=name)


@pages.post("/projects/<project_id>")
@permission("declaration.write")
def begin(project_id: str) -> ResponseReturnValue:
    """Begin the assessment of a project and go to its form; back to where one came from if it cannot be begun."""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return assessments.start(session, project_id, actor=who, at=at, client=client)

    try:
        started = current.change(action, route="ex_ante.begin").body
    except Problems as refused:
        flash("；".join(problem.message for problem in refused.problems), "danger")
        return redirect(url_for("ex_ante.index"), 303)
    flash(gettext("已建立事前绩效评估草稿，填写的内容会自动保存。"), "success")
    return redirect(url_for("tasks.show", visit_id=started["visit_id"]), 303)
