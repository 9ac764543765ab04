"""Pages of self-evaluation: the board of a season, the projects behind each number, the draw, exports and reports."""

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from service import evaluation_board, evaluation_report, evaluation_sheet, launches
from service import request as wiring
from service.permission import permission
from service.web import current
from service.web.imports import SPREADSHEET

pages = Blueprint("evaluation", __name__, url_prefix="/evaluation")
WORD_FILE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

#: Grades with the colour of their bar.
GRADES = (("优", "green"), ("良", "blue"), ("中", "yellow"), ("差", "red"))
CHOICES = (
    ("优", lazy_gettext("优")),
    ("良", lazy_gettext("良")),
    ("中", lazy_gettext("中")),
    ("差", lazy_gettext("差")),
    ("unreported", lazy_gettext("未报送")),
    ("sampled", lazy_gettext("抽查项目")),
)
SORTS = (
    ("score", lazy_gettext("得分由低到高")),
    ("gap", lazy_gettext("自评与核定差距由大到小")),
    ("code", lazy_gettext("按项目代码")),
)
#: Names of the use cases that pages show by `word`.
WORDS = (
    lazy_gettext("项目支出绩效自评"),
    lazy_gettext("年度自评"),
    lazy_gettext("补充自评"),
    lazy_gettext("抽查复核"),
    lazy_gettext("审定自评结果"),
    lazy_gettext("自评办结"),
    lazy_gettext("自评中、差已转整改"),
    lazy_gettext("布置自评任务"),
    lazy_gettext("填报自评"),
    lazy_gettext("审签自评"),
    lazy_gettext("审核自评"),
    lazy_gettext("审核得分和偏差"),
    lazy_gettext("登记自评结果"),
    lazy_gettext("确认得分"),
    lazy_gettext("审定"),
)


@pages.get("")
@permission("evaluation.read")
def index() -> ResponseReturnValue:
    """The newest season's board; a page that says what to do where there is none."""
    known = evaluation_board.seasons(wiring.session())
    if known:
        return redirect(url_for("evaluation.board", campaign_id=known[0].id))
    return render_template("evaluation/none.html")


@pages.get("/<campaign_id>")
@permission("evaluation.read")
def board(campaign_id: str) -> ResponseReturnValue:
    session, who = wiring.session(), current.actor()
    found = evaluation_board.board(session, campaign_id, actor=who)
    return render_template(
        "evaluation/board.html",
        board=found,
        seasons=evaluation_board.seasons(session),
        progress=launches.progress(session, campaign_id),
        late=launches.late_units(session, campaign_id, actor=who),
        lowest=[one for one in evaluation_board.ranked(found.projects)[:10] if one.total is not None],
        grades=GRADES,
    )


@pages.get("/<campaign_id>/progress")
@permission("evaluation.read")
def progress(campaign_id: str) -> ResponseReturnValue:
    """How many cases have been opened, for the page that watches it."""
    found = launches.progress(wiring.session(), campaign_id)
    return render_template("evaluation/_progress.html", progress=found, campaign_id=campaign_id)


@pages.get("/<campaign_id>/projects")
@permission("evaluation.read")
def projects(campaign_id: str) -> ResponseReturnValue:
    asked = {name: request.args.get(name, "")[:40] for name in ("department", "unit", "grade", "sort")}
    found = evaluation_board.board(wiring.session(), campaign_id, actor=current.actor())
    rows = evaluation_board.ranked(found.projects, **{**asked, "sort": asked["sort"] or "score"})
    return render_template(
        "evaluation/projects.html", board=found, rows=rows, asked=asked, choices=CHOICES, sorts=SORTS
    )


@pages.get("/<campaign_id>/draw")
@permission("evaluation.draw")
def drawn(campaign_id: str) -> ResponseReturnValue:
    """The draw of the spot check, made again from its seed."""
    found = evaluation_board.board(wiring.session(), campaign_id, actor=current.actor())
    return render_template("evaluation/draw.html", board=found, lines=evaluation_board.drawn(found))


@pages.post("/<campaign_id>/urge")
@permission("campaign.manage")
def urge(campaign_id: str) -> ResponseReturnValue:
    who, client, units = current.actor(), current.client(), request.form.getlist("unit")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return launches.urge_late(session, campaign_id, actor=who, at=at, unit_ids=units, client=client)

    answer = current.change(action, route="evaluation.urge").body
    flash(answer["message"], "success")
    return redirect(url_for("evaluation.board", campaign_id=campaign_id), 303)


@pages.get("/<campaign_id>/board.xlsx")
@permission("export.use")
def export(campaign_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()
    name, content = evaluation_sheet.export(wiring.session(), campaign_id, actor=who, at=current.at(), client=client)
    return send_file(BytesIO(content), mimetype=SPREADSHEET, as_attachment=True, download_name=name)


@pages.get("/cases/<case_id>/report.docx")
@permission("export.use")
def report(case_id: str) -> ResponseReturnValue:
    """The self-evaluation report of a project as a Word file."""
    who, client = current.actor(), current.client()
    name, content = evaluation_report.export(wiring.session(), case_id, actor=who, at=current.at(), client=client)
    return send_file(BytesIO(content), mimetype=WORD_FILE, as_attachment=True, download_name=name)
