"""Pages of monitoring: the board of a season with its lights, who is late, the projects behind each number, the exports."""

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from service import launches, monitoring_board, monitoring_sheet
from service import request as wiring
from service.permission import permission
from service.web import current
from service.web.imports import SPREADSHEET

pages = Blueprint("monitoring", __name__, url_prefix="/monitoring")

#: Lights of the board with the names of their numbers.
LIGHTS = (
    ("red", lazy_gettext("红灯")),
    ("yellow", lazy_gettext("黄灯")),
    ("green", lazy_gettext("绿灯")),
    ("unreported", lazy_gettext("未报送")),
)
SORTS = (
    ("light", lazy_gettext("按灯色")),
    ("rate", lazy_gettext("执行率由低到高")),
    ("surplus", lazy_gettext("预计结余由高到低")),
)
DISPOSALS = (
    ("continue", lazy_gettext("继续实施并整改")),
    ("adjust_target", lazy_gettext("调整绩效目标")),
    ("cut_budget", lazy_gettext("调减预算")),
    ("suspend", lazy_gettext("暂停拨款")),
    ("cancel", lazy_gettext("取消项目")),
)
#: Names of the use cases that pages show by `word`.
WORDS = (
    lazy_gettext("监控办结"),
    lazy_gettext("红灯已转整改"),
    lazy_gettext("编制整改通知"),
    lazy_gettext("审核整改通知"),
    lazy_gettext("单位整改"),
    lazy_gettext("整改终审"),
    lazy_gettext("局领导处置"),
    lazy_gettext("整改销号"),
    lazy_gettext("已由局领导处置"),
    lazy_gettext("集中监控"),
    lazy_gettext("二次监控"),
    lazy_gettext("绩效目标申报"),
    lazy_gettext("绩效运行监控"),
    lazy_gettext("下达监控任务"),
    lazy_gettext("填报监控情况"),
    lazy_gettext("审签监控情况"),
    lazy_gettext("审核监控情况"),
    lazy_gettext("核查资金和绩效"),
    lazy_gettext("反馈整改情况"),
    lazy_gettext("审签整改情况"),
    lazy_gettext("审核整改情况"),
    lazy_gettext("核实整改并提出预算意见"),
    lazy_gettext("终审销号"),
    lazy_gettext("决定处置措施"),
    lazy_gettext("通过"),
    lazy_gettext("提交审核"),
    lazy_gettext("同意下达"),
    lazy_gettext("退回整改"),
    lazy_gettext("认可"),
    lazy_gettext("销号"),
    lazy_gettext("提请局领导处理"),
    lazy_gettext("决定处置"),
    lazy_gettext("下达"),
    lazy_gettext("转入"),
)


@pages.get("")
@permission("monitoring.read")
def index() -> ResponseReturnValue:
    """The newest season's board; a page that says what to do where there is none."""
    known = monitoring_board.seasons(wiring.session())
    if known:
        return redirect(url_for("monitoring.board", campaign_id=known[0].id))
    return render_template("monitoring/none.html")


@pages.get("/<campaign_id>")
@permission("monitoring.read")
def board(campaign_id: str) -> ResponseReturnValue:
    session, who = wiring.session(), current.actor()
    found = monitoring_board.board(session, campaign_id, actor=who, at=current.at())
    return render_template(
        "monitoring/board.html",
        board=found,
        seasons=monitoring_board.seasons(session),
        progress=launches.progress(session, campaign_id),
        late=launches.late_units(session, campaign_id, actor=who),
        slowest=monitoring_board.ranked(found.projects, sort="rate")[:10],
        greatest=[one for one in monitoring_board.ranked(found.projects, sort="surplus")[:10] if one.surplus],
        lights=LIGHTS,
    )


@pages.get("/<campaign_id>/progress")
@permission("monitoring.read")
def progress(campaign_id: str) -> ResponseReturnValue:
    """How many cases have been opened, for the page that watches it."""
    found = launches.progress(wiring.session(), campaign_id)
    return render_template("monitoring/_progress.html", progress=found, campaign_id=campaign_id)


@pages.get("/<campaign_id>/projects")
@permission("monitoring.read")
def projects(campaign_id: str) -> ResponseReturnValue:
    asked = {name: request.args.get(name, "")[:40] for name in ("department", "unit", "light", "sort")}
    found = monitoring_board.board(wiring.session(), campaign_id, actor=current.actor(), at=current.at())
    rows = monitoring_board.ranked(found.projects, **{**asked, "sort": asked["sort"] or "light"})
    return render_template(
        "monitoring/projects.html",
        board=found,
        rows=rows,
        asked=asked,
        lights=LIGHTS,
        sorts=SORTS,
        disposals=dict(DISPOSALS),
    )


@pages.post("/<campaign_id>/urge")
@permission("campaign.manage")
def urge(campaign_id: str) -> ResponseReturnValue:
    who, client, units = current.actor(), current.client(), request.form.getlist("unit")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return launches.urge_late(session, campaign_id, actor=who, at=at, unit_ids=units, client=client)

    answer = current.change(action, route="monitoring.urge").body
    flash(answer["message"], "success")
    return redirect(url_for("monitoring.board", campaign_id=campaign_id), 303)


@pages.get("/<campaign_id>/board.xlsx")
@permission("export.use")
def export(campaign_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()
    name, content = monitoring_sheet.export(wiring.session(), campaign_id, actor=who, at=current.at(), client=client)
    return send_file(BytesIO(content), mimetype=SPREADSHEET, as_attachment=True, download_name=name)
