"""Pages of the boards: a season by unit, step, return and rule, and the coverage of its year; charts over tables, exports."""

from io import BytesIO

from flask import Blueprint, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from service import board_sheet, boards, year_coverage
from service import request as wiring
from service.permission import permission
from service.web import current
from service.web.imports import SPREADSHEET

pages = Blueprint("boards", __name__, url_prefix="/boards")
#: How far cases are, as the table's columns.
STATUSES = (
    ("drafting", lazy_gettext("填报中")),
    ("returned", lazy_gettext("退回修改")),
    ("reviewing", lazy_gettext("审核中")),
    ("finished", lazy_gettext("已办结")),
    ("rejected", lazy_gettext("不予通过")),
)
#: Names of the use cases that pages show by `word`.
WORDS = (
    lazy_gettext("绩效目标入库"),
    lazy_gettext("新增重大项目事前评估"),
    lazy_gettext("部门整体绩效目标入库"),
    lazy_gettext("预算和目标批复"),
    lazy_gettext("绩效运行监控报送"),
    lazy_gettext("整改办结"),
    lazy_gettext("（整表）"),
)


@pages.get("")
@permission("board.read")
def index() -> ResponseReturnValue:
    """The newest season's board; a page that says what to do where there is none."""
    known = boards.seasons(wiring.session())
    if known:
        return redirect(url_for("boards.board", campaign_id=known[0].id))
    return render_template("boards/none.html")


@pages.get("/<campaign_id>")
@permission("board.read")
def board(campaign_id: str) -> ResponseReturnValue:
    session, who = wiring.session(), current.actor()
    found = boards.board(session, campaign_id, actor=who)
    return render_template(
        "boards/board.html",
        board=found,
        seasons=boards.seasons(session),
        coverage=year_coverage.ratios(session, found.fiscal_year, actor=who),
        statuses=STATUSES,
    )


@pages.get("/<campaign_id>/board.xlsx")
@permission("export.use")
def export(campaign_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()
    name, content = board_sheet.export(wiring.session(), campaign_id, actor=who, at=current.at(), client=client)
    return send_file(BytesIO(content), mimetype=SPREADSHEET, as_attachment=True, download_name=name)
