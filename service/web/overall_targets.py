"""Pages of departments' overall targets: how many of all departments are done, whose money rolls up, the export."""

from io import BytesIO

from flask import Blueprint, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from service import department_seasons, department_sheets, overall_targets
from service import request as wiring
from service.campaign_terms import OVERALL
from service.permission import permission
from service.web import current
from service.web.imports import SPREADSHEET

pages = Blueprint("overall_targets", __name__, url_prefix="/overall-targets")
#: Names of the use cases that pages show by `word`.
WORDS = (
    lazy_gettext("部门整体绩效目标"),
    lazy_gettext("部门填报"),
    lazy_gettext("部门负责人签报"),
    lazy_gettext("填报部门整体绩效目标"),
    lazy_gettext("审签整体绩效目标"),
    lazy_gettext("审核整体绩效目标"),
    lazy_gettext("会签资金安排"),
    lazy_gettext("会签整体指标"),
)


@pages.get("")
@permission("overall_target.read")
def index() -> ResponseReturnValue:
    """The newest season's board; a page that says what to do where there is none."""
    known = department_seasons.seasons(wiring.session(), OVERALL)
    if known:
        return redirect(url_for("overall_targets.board", campaign_id=known[0].id))
    return render_template("overall_targets/none.html")


@pages.get("/<campaign_id>")
@permission("overall_target.read")
def board(campaign_id: str) -> ResponseReturnValue:
    session = wiring.session()
    return render_template(
        "overall_targets/board.html",
        board=overall_targets.board(session, campaign_id, actor=current.actor()),
        seasons=department_seasons.seasons(session, OVERALL),
        progress=department_seasons.progress(session, campaign_id),
    )


@pages.get("/<campaign_id>/board.xlsx")
@permission("export.use")
def export(campaign_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()
    name, content = department_sheets.overall(wiring.session(), campaign_id, actor=who, at=current.at(), client=client)
    return send_file(BytesIO(content), mimetype=SPREADSHEET, as_attachment=True, download_name=name)
