"""What does the address of an inbox's list ask for? Tab, conditions, order, columns and page, and addresses beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from flask import request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from forms.problem import Problem
from service import inbox_criteria
from service.inbox_criteria import TABS, WORDS, Criteria
from service.web import addresses

CONDITIONS = ("tab", *WORDS, "sort", "view")
LONGEST_NUMBER = 6
#: Tabs whose lines are tasks of the reader.
ACTING = frozenset({"todo", "entrusted", "returned", "drafts"})
_LABELS = {
    "stage": lazy_gettext("环节"),
    "due": lazy_gettext("期限"),
    "round": lazy_gettext("轮次"),
    "year": lazy_gettext("年度"),
    "attachments": lazy_gettext("附件"),
    "arrived": lazy_gettext("到达"),
    "role": lazy_gettext("我的角色"),
    "risk": lazy_gettext("风险"),
    "opinion": lazy_gettext("意见内容"),
}


@dataclass(frozen=True)
class Asked:
    """What an address asks for; wrong conditions are left out and named in `problems`."""

    tab: str
    criteria: Criteria
    sort: str
    problems: tuple[Problem, ...] = ()

    @property
    def values(self) -> dict[str, Any]:
        """The conditions and the order as ``inbox.page`` takes them."""
        beside = {"due": self.criteria.due, "arrived": self.criteria.arrived, "role": self.criteria.role}
        return {**vars(self.criteria.wanted), **beside, "sort": self.sort}


def asked() -> Asked:
    """What this request's address asks for."""
    return _read({name: request.args.getlist(name) for name in CONDITIONS})


def of_query(text: str) -> Asked:
    """What the part of an address after the question mark asks for; nonsense asks for nothing."""
    try:
        return _read(parse_qs(text.lstrip("?")[:2000], max_num_fields=60))
    except ValueError:
        return _read({})


def words(sent: MultiDict[str, str]) -> dict[str, list[str]]:
    """The conditions of a form that carries them in hidden fields."""
    return {name: sent.getlist(name) for name in WORDS if sent.getlist(name)}


def address(endpoint: str = "inbox.index", **changes: Any) -> str:
    """This list's address, or another's, with some conditions changed; None drops one."""
    return addresses.with_changes(endpoint, CONDITIONS, **changes)


def fresh(**conditions: Any) -> str:
    """The list's address with just these conditions."""
    return url_for("inbox.index", **{name: value for name, value in conditions.items() if value})


def of_list(listed: Asked) -> str:
    """The address of a list that was left for a task: its tab, or the whole inbox."""
    return fresh(tab=listed.tab if listed.tab != "todo" else None)


def page_number() -> int:
    """The page of a list asked for in the address, from 1."""
    text = request.args.get("page", "1")
    return max(int(text), 1) if text.isdecimal() and len(text) < LONGEST_NUMBER else 1


def amount_problem(name: str) -> Problem:
    """The sentence about a bound of the amount that is no number."""
    label = gettext("金额下限") if name == "amount_from" else gettext("金额上限")
    message = gettext("%(label)s须为数字（万元），如 200 或 38.5，已忽略此条件。", label=label)
    return Problem(field=name, message=message, severity="warning", source=gettext("查询条件"))


def _read(given: Mapping[str, list[str]]) -> Asked:
    criteria, ignored = inbox_criteria.read(given)
    tab = (given.get("tab") or ["todo"])[0]
    sort = inbox_criteria.order((given.get("sort") or ["due"])[0])
    return Asked(tab if tab in TABS else "todo", criteria, sort, tuple(_problem(name) for name in ignored))


def _problem(name: str) -> Problem:
    if name.startswith("amount"):
        return amount_problem(name)
    message = gettext("条件“%(label)s”的值无法识别，已忽略。", label=_LABELS[name])
    return Problem(field=name, message=message, severity="warning", source=gettext("查询条件"))
