"""Pages of the budget of a year: departments against their control numbers, the projects behind them, the export."""

from io import BytesIO

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from service import budget_board, department_seasons, department_sheets
from service import request as wiring
from service.permission import permission
from service.web import current
from service.web.imports import SPREADSHEET

pages = Blueprint("budgets", __name__, url_prefix="/budgets")
#: Names of the use cases that pages show by `word`.
WORDS = (
    lazy_gettext("预算编制"),
    lazy_gettext("年度"),
    lazy_gettext("项目排序择优"),
    lazy_gettext("资金科室审核一上"),
    lazy_gettext("下达控制数"),
    lazy_gettext("编报二上"),
    lazy_gettext("列入预算草案"),
    lazy_gettext("待人代会批准"),
    lazy_gettext("批复中"),
    lazy_gettext("预算和目标已批复"),
    lazy_gettext("单位同步调整目标"),
    lazy_gettext("目标已同步"),
    lazy_gettext("审核一上预算"),
    lazy_gettext("编报二上预算"),
    lazy_gettext("汇总列入预算草案"),
    lazy_gettext("登记人代会批准"),
    lazy_gettext("批复预算"),
    lazy_gettext("批复绩效目标"),
    lazy_gettext("同步调整目标"),
    lazy_gettext("审签调整后的目标"),
    lazy_gettext("审核调整后的目标"),
    lazy_gettext("报送一上"),
    lazy_gettext("报送二上"),
    lazy_gettext("列入草案"),
    lazy_gettext("登记批准"),
    lazy_gettext("同意批复"),
)


@pages.get("")
@permission("budget.read")
def index() -> ResponseReturnValue:
    """The newest season's board; a page that says what to do where there is none."""
    known = budget_board.seasons(wiring.session())
    if known:
        return redirect(url_for("budgets.board", campaign_id=known[0].id))
    return render_template("budgets/none.html")


@pages.get("/<campaign_id>")
@permission("budget.read")
def board(campaign_id: str) -> ResponseReturnValue:
    session = wiring.session()
    found = budget_board.board(session, campaign_id, actor=current.actor(), at=current.at())
    return render_template(
        "budgets/board.html",
        board=found,
        seasons=budget_board.seasons(session),
        progress=department_seasons.progress(session, campaign_id),
        stamp=department_seasons.stamp(session, campaign_id),
    )


@pages.get("/<campaign_id>/live")
@permission("budget.read")
def live(campaign_id: str) -> ResponseReturnValue:
    """The sums again once anything of the season has changed; nothing before that."""
    session = wiring.session()
    stamp = department_seasons.stamp(session, campaign_id)
    if request.args.get("since") == stamp:
        return "", 204
    found = budget_board.board(session, campaign_id, actor=current.actor(), at=current.at())
    progress = department_seasons.progress(session, campaign_id)
    return render_template("budgets/_board.html", board=found, progress=progress, stamp=stamp)


@pages.get("/<campaign_id>/projects")
@permission("budget.read")
def projects(campaign_id: str) -> ResponseReturnValue:
    session, who = wiring.session(), current.actor()
    department, only_cut = request.args.get("department", "")[:40], request.args.get("cut") == "1"
    found = budget_board.board(session, campaign_id, actor=who, at=current.at())
    rows = budget_board.projects(session, campaign_id, actor=who, department=department, only_cut=only_cut)
    return render_template("budgets/projects.html", board=found, rows=rows, department=department, only_cut=only_cut)


@pages.get("/<campaign_id>/board.xlsx")
@permission("export.use")
def export(campaign_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()
    name, content = department_sheets.budgets(wiring.session(), campaign_id, actor=who, at=current.at(), client=client)
    return send_file(BytesIO(content), mimetype=SPREADSHEET, as_attachment=True, download_name=name)
