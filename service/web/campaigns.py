"""Pages on which the performance section prepares, opens, extends and closes seasons of declaration."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from service import calendar, campaign_scope, campaigns, organisations
from service import request as wiring
from service.campaign_parameters import BUDGET_PARAMETERS
from service.campaign_rows import CampaignRow
from service.campaign_terms import (
    BUDGET,
    EVALUATION,
    MONITORING,
    PARAMETERS,
    RULE_SETS,
    SEASONS,
    TARGETS,
    default_value,
    phases,
)
from service.errors import Problems
from service.people import day
from service.permission import permission
from service.rules.quality import default
from service.web import campaign_proposals, current

pages = Blueprint("campaigns", __name__, url_prefix="/campaigns")
PLAIN = ("process_id", "title", "fiscal_year", "phase", "indicator_template", "rule_set", "opens_on", "closes_on")
#: Fields of the form that show their problems themselves.
OWN_FIELDS = (
    *PLAIN,
    *(f"parameters.{one.name}" for one in PARAMETERS),
    *(f"parameters.{name}" for name in ("month", "sample_share", "reverse_mode", *BUDGET_PARAMETERS)),
    "units",
)
#: Parameters that the form of a season asks for beside those of declarations, by process.
ASKED = {
    MONITORING: ("month",),
    EVALUATION: ("sample_share", "reverse_mode"),
    BUDGET: tuple(BUDGET_PARAMETERS),
}
#: Where a season of these processes is followed: page and words.
BOARDS = {
    "performance_monitoring": ("monitoring.board", lazy_gettext("监控看板")),
    "self_evaluation": ("evaluation.board", lazy_gettext("自评看板")),
    "library_to_budget": ("budgets.board", lazy_gettext("预算编制看板")),
    "overall_target": ("overall_targets.board", lazy_gettext("整体目标看板")),
}
RULE_FIELDS = tuple(f"parameters.{one.name}" for one in PARAMETERS[2:])
#: Names of the use case that pages show by `word`.
WORDS = (
    lazy_gettext("筹备中"),
    lazy_gettext("开放中"),
    lazy_gettext("已关闭"),
    lazy_gettext("年度申报"),
    lazy_gettext("年中追加"),
    lazy_gettext("按完成比例计分（财预〔2020〕10号）"),
    lazy_gettext("按完成区间计分（财预〔2021〕101号）"),
    lazy_gettext("产出50、效益30、满意度10（成本在产出内）"),
    lazy_gettext("成本20、产出40、效益20、满意度10"),
    lazy_gettext("重点项目金额起点"),
    lazy_gettext("事前评估须专家或第三方评审起点"),
    lazy_gettext("事前评估须局领导审定起点"),
    lazy_gettext("事前评估予以支持的最低得分"),
    lazy_gettext("事前评估调整后支持的最低得分"),
    lazy_gettext("目标调整截止月份（当月末）"),
    lazy_gettext("月"),
    lazy_gettext("新增项目事前评估起点"),
    lazy_gettext("指标权重合计"),
    lazy_gettext("单项指标权重下限"),
    lazy_gettext("单项产出指标权重上限"),
    lazy_gettext("百分比指标值下限"),
    lazy_gettext("百分比指标值上限"),
    lazy_gettext("指标值雷同占比（0 至 1）"),
    lazy_gettext("检查雷同的最少指标数"),
    lazy_gettext("满意度目标下限"),
    lazy_gettext("满意度目标应低于"),
    lazy_gettext("年度总体目标最少字数"),
    lazy_gettext("大额项目指标数下限"),
    lazy_gettext("项目名称相似度（0 至 1）"),
    lazy_gettext("检查总体目标雷同的最少字数"),
    lazy_gettext("模糊词"),
    lazy_gettext("投入类用语"),
    lazy_gettext("工作量用语"),
    lazy_gettext("分"),
    lazy_gettext("条"),
    lazy_gettext("字"),
)


@pages.get("")
@permission("campaign.read")
def index() -> ResponseReturnValue:
    session = wiring.session()
    return render_template(
        "campaigns/index.html", rows=campaigns.rows(session), templates=_templates(), processes=SEASONS
    )


@pages.get("/new")
@permission("campaign.manage")
def new() -> ResponseReturnValue:
    units = [unit.id for unit in organisations.rows(wiring.session(), kind="budget_unit", active=True)]
    return _form(None, campaign_proposals.season(request.args.get("process"), day(current.at()), units), None)


@pages.post("/new")
@permission("campaign.manage")
def create() -> ResponseReturnValue:
    who, client, values = current.actor(), current.client(), _values()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return campaigns.create(session, values, actor=who, at=at, client=client)

    try:
        made = current.change(action, route="campaigns.create").body
    except Problems as refused:
        return _form(None, _sent(values), refused), refused.status
    flash(_("批次已建立，开放后各单位即可申报。"), "success")
    return redirect(url_for("campaigns.show", campaign_id=made["id"]), 303)


@pages.get("/<campaign_id>")
@permission("campaign.read")
def show(campaign_id: str) -> ResponseReturnValue:
    return _page(campaign_id)


@pages.get("/<campaign_id>/edit")
@permission("campaign.manage")
def edit(campaign_id: str) -> ResponseReturnValue:
    row = campaigns.one(wiring.session(), campaign_id)
    return _form(row, _stored(row), None)


@pages.post("/<campaign_id>/edit")
@permission("campaign.manage")
def change(campaign_id: str) -> ResponseReturnValue:
    who, client, values = current.actor(), current.client(), _values()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        campaigns.change(session, campaign_id, values, actor=who, at=at, client=client)
        return {"id": campaign_id}

    try:
        current.change(action, route="campaigns.change")
    except Problems as refused:
        return _form(campaigns.one(wiring.session(), campaign_id), _sent(values), refused), refused.status
    flash(_("已保存。"), "success")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


@pages.post("/<campaign_id>/units")
@permission("campaign.manage")
def rescope(campaign_id: str) -> ResponseReturnValue:
    who, client, units = current.actor(), current.client(), _units()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        campaigns.rescope(session, campaign_id, units, actor=who, at=at, client=client)
        return {"id": campaign_id}

    return _act(campaign_id, action, "campaigns.rescope", _("单位范围已保存。"))


@pages.post("/<campaign_id>/open")
@permission("campaign.manage")
def open_now(campaign_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        campaigns.open(session, campaign_id, actor=who, at=at, client=client)
        return {"id": campaign_id}

    return _act(campaign_id, action, "campaigns.open", _("批次已开放。"))


@pages.post("/<campaign_id>/close")
@permission("campaign.manage")
def close(campaign_id: str) -> ResponseReturnValue:
    who, client, reason = current.actor(), current.client(), request.form.get("reason", "")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        campaigns.close(session, campaign_id, reason=reason, actor=who, at=at, client=client)
        return {"id": campaign_id}

    return _act(campaign_id, action, "campaigns.close", _("批次已提前关闭。"))


@pages.post("/<campaign_id>/extend")
@permission("campaign.manage")
def extend(campaign_id: str) -> ResponseReturnValue:
    who, client, sent = current.actor(), current.client(), request.form
    asked = {"closes_on": sent.get("closes_on", ""), "reason": sent.get("reason", "")}

    def action(session: Session, at: datetime) -> dict[str, Any]:
        campaigns.extend(session, campaign_id, **asked, actor=who, at=at, client=client)
        return {"id": campaign_id}

    return _act(campaign_id, action, "campaigns.extend", _("截止日期已延后。"))


def _act(
    campaign_id: str, action: Callable[[Session, datetime], dict[str, Any]], route: str, done: str
) -> ResponseReturnValue:
    try:
        current.change(action, route=route)
    except Problems as refused:
        return _page(campaign_id, refused), refused.status
    flash(done, "success")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


def _page(campaign_id: str, refused: Problems | None = None) -> str:
    session = wiring.session()
    row = campaigns.one(session, campaign_id)
    waiting = campaigns.campaign_of(session, campaign_id) if row.state == "prepared" else None
    unknown = () if row.state == "closed" else calendar.unknown_years(session, row.opens_on, row.closes_on)
    scope = campaign_scope.units(session, campaign_id)
    return render_template(
        "campaigns/show.html",
        row=row,
        scope=scope,
        chosen=_scope(_units()) if "unit" in request.form else {one.unit_id: one.expected_projects for one in scope},
        units=organisations.rows(session, kind="budget_unit", active=True),
        parameters=PARAMETERS,
        rule_sets=RULE_SETS,
        boards=BOARDS,
        templates=_templates(),
        obstacles=campaigns.obstacles(session, waiting, at=current.at()) if waiting else (),
        warning=calendar.warning(unknown),
        problems=refused.problems if refused else (),
        sent=request.form if refused else {},
    )


def _form(row: CampaignRow | None, values: Mapping[str, Any], refused: Problems | None) -> str:
    return render_template(
        "campaigns/form.html",
        row=row,
        values=values,
        units=organisations.rows(wiring.session(), kind="budget_unit", active=True),
        parameters=PARAMETERS,
        default_value=default_value,
        phases=list(phases(str(values.get("process_id") or TARGETS)).items()),
        processes=SEASONS,
        process=values.get("process_id") or TARGETS,
        rule_sets=list(RULE_SETS.items()),
        templates=list(_templates().items()),
        problems=refused.problems if refused else (),
        own_fields=OWN_FIELDS,
        rule_fields=RULE_FIELDS,
    )


def _values() -> dict[str, Any]:
    """The season's terms as the form sends them, for the use case."""
    sent = request.form
    parameters = {one.name: sent.get(f"parameters.{one.name}", "").strip() for one in PARAMETERS}
    waived = {"satisfaction_waived": True} if sent.get("satisfaction_waived") == "1" else {}
    kind = sent.get("process_id") or TARGETS
    if kind != TARGETS:
        parameters = {name: sent.get(f"parameters.{name}", "") for name in ASKED.get(kind, ())}
    if kind == MONITORING:
        parameters["red_line"] = sent.get("red_line", "")
    return {**{name: sent.get(name, "") for name in PLAIN}, "parameters": {**parameters, **waived}, "units": _units()}


def _units() -> list[dict[str, str]]:
    return [
        {"unit_id": unit_id, "expected_projects": request.form.get(f"expected-{unit_id}", "")}
        for unit_id in request.form.getlist("unit")
    ]


def _sent(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, "scope": _scope(values["units"])}


def _scope(units: list[dict[str, str]]) -> dict[str, str]:
    return {one["unit_id"]: one["expected_projects"] for one in units}


def _stored(row: CampaignRow) -> dict[str, Any]:
    scope = campaign_scope.units(wiring.session(), row.id)
    shown = {one.name: one.shown(row.parameters[one.name]) for one in PARAMETERS if one.name in row.parameters}
    waived = {"satisfaction_waived": row.parameters.get("satisfaction_waived", False)}
    expected = {unit.unit_id: unit.expected_projects for unit in scope}
    parameters = {**shown, **waived} if row.process_id == TARGETS else row.parameters
    return {**{name: getattr(row, name) for name in PLAIN}, "parameters": parameters, "scope": expected}


def _templates() -> dict[str, str]:
    return {code: template.title for code, template in default().templates.items()}
