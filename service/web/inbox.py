"""The inbox: what waits for me, what I did, what came back, what I started, what I have not sent yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from forms.problem import Problem
from service import inbox, notices
from service import request as wiring
from service.access import allowed
from service.permission import permission
from service.web import addresses, current

pages = Blueprint("inbox", __name__)

SIZE = 50
LONGEST_NUMBER = 6
TABS = (
    ("todo", lazy_gettext("待办")),
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
DUE = (("overdue", lazy_gettext("已逾期")), ("today", lazy_gettext("今日到期")), ("week", lazy_gettext("七日内")))
CONDITIONS = ("tab", "q", "stage", "unit", "amount_from", "amount_to", "due", "sort")
SORTS = ("due", "arrived", "amount", "unit", "title", "stage")


@dataclass(frozen=True)
class Criteria:
    """What the address asks for; wrong values are left out and named in `problems`."""

    tab: str
    values: Mapping[str, Any]
    page: int
    problems: tuple[Problem, ...]


@pages.get("/")
@permission("home.read")
def index() -> ResponseReturnValue:
    who = current.actor()
    if not allowed(who, "inbox.use"):
        return render_template("home/index.html")
    asked = _criteria()
    session, at = wiring.session(), wiring.at()
    counted = inbox.counts(session, actor=who, at=at)
    found = inbox.page(
        session, actor=who, at=at, tab=asked.tab, page=asked.page, size=SIZE, known=counted, **asked.values
    )
    return render_template(
        "inbox/index.html",
        tabs=TABS,
        tab=asked.tab,
        asked=asked.values,
        problems=asked.problems,
        counts=counted,
        found=found,
        stages=STAGES,
        due_choices=DUE,
        address=_address,
        page_address=lambda number: _address(page=number),
        filtered=any(asked.values[name] for name in ("q", "stages", "unit", "amount_from", "amount_to", "due")),
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


def amounts() -> tuple[dict[str, Decimal | None], list[Problem]]:
    """The bounds of the amount in 万元 from the address; unreadable ones are left out and named."""
    found: dict[str, Decimal | None] = {}
    problems = []
    for name, label in (("amount_from", gettext("金额下限")), ("amount_to", gettext("金额上限"))):
        text = request.args.get(name, "").replace(",", "").strip()
        found[name] = _decimal(text)
        if text and found[name] is None:
            message = gettext("%(label)s须为数字（万元），如 200 或 38.5，已忽略此条件。", label=label)
            problems.append(Problem(field=name, message=message, severity="warning", source=gettext("查询条件")))
    return found, problems


def page_number() -> int:
    """The page of a list asked for in the address, from 1."""
    text = request.args.get("page", "1")
    return max(int(text), 1) if text.isdecimal() and len(text) < LONGEST_NUMBER else 1


def _decimal(text: str) -> Decimal | None:
    try:
        read = Decimal(text)
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def _criteria() -> Criteria:
    sent = request.args
    bounds, problems = amounts()
    tab, due, sort = sent.get("tab", "todo"), sent.get("due", ""), sent.get("sort", "due")
    known = {code for code, _ in STAGES}
    values = {
        "q": sent.get("q", "").strip()[:100],
        "stages": tuple(code for code in sent.getlist("stage") if code in known),
        "unit": sent.get("unit", "").strip()[:100] or None,
        "due": due if due in dict(DUE) else None,
        "sort": sort if sort.lstrip("-") in SORTS else "due",
        **bounds,
    }
    return Criteria(tab if tab in dict(TABS) else "todo", values, page_number(), tuple(problems))


def _address(**changes: Any) -> str:
    """This list's address with some conditions changed; None drops one."""
    return addresses.with_changes("inbox.index", CONDITIONS, **changes)
