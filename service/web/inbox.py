"""The inbox: what waits for me, what was entrusted or copied to me, what I did, what came back, what I started."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from forms.problem import Problem
from service import inbox, inbox_asides, inbox_columns, inbox_criteria, notices, saved_views
from service import request as wiring
from service.access import allowed
from service.case_rows import ANY_RISK
from service.permission import permission
from service.rules.quality import RULES
from service.saved_views import View
from service.web import current, inbox_address
from service.web.inbox_address import page_number
from service.web.language import word

__all__ = ["STAGES", "amounts", "page_number", "pages"]

pages = Blueprint("inbox", __name__)

SIZE = 50
TABS = (
    ("todo", lazy_gettext("待办")),
    ("entrusted", lazy_gettext("委派、代理")),
    ("copies", lazy_gettext("抄送")),
    ("done", lazy_gettext("已办")),
    ("returned", lazy_gettext("被退回")),
    ("initiated", lazy_gettext("我发起的")),
    ("drafts", lazy_gettext("草稿")),
)
STAGES = (
    ("draft", lazy_gettext("单位填报")),
    ("unit_signing", lazy_gettext("单位签报")),
    ("dept_review", lazy_gettext("主管部门审核")),
    ("fund_review", lazy_gettext("资金科室审核")),
    ("joint_signoff", lazy_gettext("预算、绩效科会签")),
    ("arbitration", lazy_gettext("局领导审定")),
    ("in_library", lazy_gettext("已入库")),
    ("rejected", lazy_gettext("不予通过")),
)
DUE = (
    ("overdue", lazy_gettext("已逾期")),
    ("today", lazy_gettext("今日到期")),
    ("week", lazy_gettext("七日内")),
    ("none", lazy_gettext("不限期")),
)
ARRIVED = (
    ("today", lazy_gettext("今日")),
    ("week", lazy_gettext("七日内")),
    ("earlier", lazy_gettext("七日以前")),
)
ROLES = (
    ("own", lazy_gettext("经办")),
    ("transferred", lazy_gettext("转办给我")),
    ("added", lazy_gettext("加签")),
    ("advice", lazy_gettext("受委派")),
)
COLUMNS = {
    "title": lazy_gettext("项目"),
    "unit": lazy_gettext("单位 · 资金科室"),
    "amount": lazy_gettext("金额（万元）"),
    "stage": lazy_gettext("环节"),
    "round": lazy_gettext("轮次"),
    "arrived": lazy_gettext("到达"),
    "due": lazy_gettext("期限"),
    "last": lazy_gettext("上一步"),
    "department": lazy_gettext("主管部门"),
    "category": lazy_gettext("项目类别"),
    "role": lazy_gettext("我的角色"),
    "year": lazy_gettext("年度"),
    "stay": lazy_gettext("停留（工作时间）"),
    "risk": lazy_gettext("风险"),
    "mark": lazy_gettext("我的标记"),
}
COLOURS = (
    ("blue", lazy_gettext("蓝")),
    ("green", lazy_gettext("绿")),
    ("orange", lazy_gettext("橙")),
    ("red", lazy_gettext("红")),
    ("purple", lazy_gettext("紫")),
    ("grey", lazy_gettext("灰")),
)


@pages.get("/")
@permission("home.read")
def index() -> ResponseReturnValue:
    who = current.actor()
    if not allowed(who, "inbox.use"):
        return render_template("home/index.html")
    asked = inbox_address.asked()
    session, at = wiring.session(), wiring.at()
    counted = inbox.counts(session, actor=who, at=at)
    found = inbox.page(
        session, actor=who, at=at, tab=asked.tab, page=page_number(), size=SIZE, known=counted, **asked.values
    )
    views = saved_views.visible(session, who)
    view = next((one for one in views if one.id == request.args.get("view")), None)
    shown = columns(view)
    return render_template(
        "inbox/index.html",
        tabs=TABS,
        tab=asked.tab,
        asked=asked.values,
        problems=asked.problems,
        counts=counted,
        found=found,
        choices=_choices(),
        headings=COLUMNS,
        columns=shown,
        asides=inbox_asides.of_rows(session, found.rows, {one.code for one in shown}, actor=who, at=at),
        views=[(one, view_address(one)) for one in views],
        view=view,
        marks=saved_views.marks(session, views, [row.case_id for row in found.rows], actor=who, at=at),
        may_share=who.holds(*saved_views.CHIEFS),
        address=inbox_address.address,
        page_address=lambda number: inbox_address.address(page=number),
        kept=[(name, value) for name in inbox_address.CONDITIONS for value in request.args.getlist(name) if value],
        filtered=not asked.criteria.everything,
    )


@pages.get("/inbox/counts")
@permission("inbox.use")
def counts() -> ResponseReturnValue:
    """The counts, or 304 if nothing in the person's inbox has changed: asked every few seconds by open pages."""
    who = current.actor()
    response = make_response()
    response.set_etag(inbox.fingerprint(wiring.session(), actor=who))
    response.headers["Cache-Control"] = "private, no-cache"
    if request.if_none_match.contains(response.get_etag()[0] or ""):
        response.status_code = 304
        return response
    unread = {"notices": notices.unread(wiring.session(), who.person_id)}
    response.set_data(jsonify({**inbox.counts(wiring.session(), actor=who, at=wiring.at()), **unread}).get_data())
    response.content_type = "application/json"
    return response


def columns(view: View | None) -> tuple[inbox_columns.Column, ...]:
    """The columns of the list: the view's if it has its own, else the person's."""
    if view is not None and view.columns:
        return view.columns
    return inbox_columns.of(wiring.session(), current.actor().person_id)


def _choices() -> dict[str, Any]:
    """What can be chosen in the conditions of the list."""
    plain = {"stages": STAGES, "due": DUE, "arrived": ARRIVED, "roles": ROLES, "colours": COLOURS}
    return {**plain, "risks": _risks()}


def _risks() -> list[tuple[str, str]]:
    """Any risk, then the quality rules that warn, by code and title."""
    warning = [rule for rule in RULES.values() if rule.severity == "warning"]
    return [(ANY_RISK, gettext("有风险提示")), *((rule.code, f"{rule.code} {word(rule.title)}") for rule in warning)]


def view_address(view: View) -> str:
    """The address that shows a view: its conditions stand in it, so that it can be sent to a colleague."""
    return inbox_address.fresh(tab=view.tab, sort=view.sort, view=view.id, **view.words)


def amounts() -> tuple[dict[str, Decimal | None], list[Problem]]:
    """The bounds of the amount in 万元 from the address; unreadable ones are left out and named."""
    found: dict[str, Decimal | None] = {}
    problems = []
    for name in ("amount_from", "amount_to"):
        text = request.args.get(name, "").strip()
        found[name] = inbox_criteria.decimal(text)
        if text and found[name] is None:
            problems.append(inbox_address.amount_problem(name))
    return found, problems
