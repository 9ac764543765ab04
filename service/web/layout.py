"""What does every page carry? Navigation by role, the district's name, counts and formats of money and time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import gettext, lazy_gettext

from service import request as wiring
from service.people import DISTRICT
from service.web import assets, language, task_form

DEMO_MARK = "demo_password"


@dataclass(frozen=True)
class Link:
    """A place in the navigation; it shows for people with the permission, once its page exists."""

    endpoint: str
    text: Any
    icon: str
    permission: str
    count: str = ""
    #: Name of the menu it stands in where the bar would get too long.
    group: Any = ""


#: The seasons of the year and their boards.
YEAR = lazy_gettext("年度业务")
ADMINISTER = lazy_gettext("系统管理")
#: So many places fit into the bar of a small screen.
ROOM = 9

NAVIGATION = (
    Link("inbox.index", lazy_gettext("待办"), "inbox", "inbox.use", count="todo"),
    Link("declarations.new", lazy_gettext("申报"), "edit", "declaration.write"),
    Link("library.index", lazy_gettext("项目库"), "clipboard-text", "library.read"),
    Link("coverage.index", lazy_gettext("覆盖率"), "chart-bar", "coverage.read", group=YEAR),
    Link("boards.index", lazy_gettext("看板"), "chart-bar", "board.read", group=YEAR),
    Link("year.index", lazy_gettext("工作日历"), "clock", "year.read", group=YEAR),
    Link("ex_ante.index", lazy_gettext("事前评估"), "search", "coverage.read", group=YEAR),
    Link("overall_targets.index", lazy_gettext("整体目标"), "building", "overall_target.read", group=YEAR),
    Link("budgets.index", lazy_gettext("预算编制"), "clipboard-text", "budget.read", group=YEAR),
    Link("adjustments.index", lazy_gettext("目标调整"), "edit", "coverage.read", group=YEAR),
    Link("monitoring.index", lazy_gettext("运行监控"), "alert-triangle", "monitoring.read", group=YEAR),
    Link("evaluation.index", lazy_gettext("绩效自评"), "clipboard-check", "evaluation.read", group=YEAR),
    Link("execution_figures.index", lazy_gettext("执行数"), "upload", "execution.import", group=YEAR),
    Link("campaigns.index", lazy_gettext("批次"), "clock", "campaign.manage", group=YEAR),
    Link("imports.index", lazy_gettext("导入"), "upload", "import.use"),
    Link("cases.index", lazy_gettext("案卷"), "list", "case.read"),
    Link("section_work.index", lazy_gettext("在办与移交"), "users", "task.hand_over"),
    Link("studio.index", lazy_gettext("流程"), "sitemap", "process.read"),
    Link("exceptional_acts.index", lazy_gettext("特别处理"), "alert-triangle", "exception.confirm"),
    Link("audit.index", lazy_gettext("审计"), "eye", "audit.read"),
)

ADMINISTRATION = (
    Link("operations.index", lazy_gettext("系统运行"), "activity", "incident.read", group=ADMINISTER),
    Link("calendar.index", lazy_gettext("工作日表"), "clock", "calendar.manage", group=ADMINISTER),
    Link("organisations.index", lazy_gettext("机构"), "building", "organisation.read", group=ADMINISTER),
    Link("people.index", lazy_gettext("人员"), "user", "person.read", group=ADMINISTER),
    Link("posts.index", lazy_gettext("岗位"), "users", "post.read", group=ADMINISTER),
    Link("security_log.index", lazy_gettext("安全日志"), "history", "security_log.read", group=ADMINISTER),
)


def install(app: Flask) -> None:
    """Give templates what the frame of a page needs."""
    app.context_processor(_context)
    app.jinja_env.globals.update(vite=assets.load, icon=assets.icon)
    app.jinja_env.filters.update(money=money, instant=instant, day=day, anchor=task_form.anchor, filesize=filesize)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def money(value: object) -> str:
    """An amount in 万元 with two places and thousands; "—" where there is none."""
    if value in (None, ""):
        return "—"
    try:
        return f"{Decimal(str(value)):,.2f}"
    except InvalidOperation:
        return str(value)


def instant(value: datetime | str | None, form: str = "%Y-%m-%d %H:%M") -> str:
    """An instant in the district's time; "—" where there is none."""
    if value is None or value == "":
        return "—"
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read.astimezone(DISTRICT).strftime(form)


def day(value: datetime | date | str | None) -> str:
    """The district's calendar day of an instant, or a date as it is."""
    if isinstance(value, str) and len(value) == len("2027-01-01"):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return instant(value, "%Y-%m-%d")


def filesize(value: int | str) -> str:
    """A file's size in KB or MB."""
    size = int(value)
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"


def _context() -> dict[str, Any]:
    places = list(_links())
    return {
        "places": places,
        "navigation": lambda may: _navigation([link for link in places if may(link["permission"])]),
        "english": language.english(),
        "locale_code": language.code(),
        "product": gettext("绩衡"),
        "is_demo": is_demo(),
        "here": request.full_path.rstrip("?"),
        "has_page": lambda endpoint: endpoint in current_app.view_functions,
    }


def is_demo() -> bool:
    """Whether this installation shows a demo district: its loader keeps the demo log-ins' password in the data folder."""
    return (wiring.config().data / DEMO_MARK).exists()


def _links() -> Iterator[dict[str, Any]]:
    for link in (*NAVIGATION, *ADMINISTRATION):
        if link.endpoint in current_app.view_functions:
            active = request.endpoint is not None and request.blueprint == link.endpoint.split(".")[0]
            yield {**vars(link), "href": url_for(link.endpoint), "active": active}


def _navigation(links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The places a person may go to, in order; what belongs together stands in a menu where there are too many."""
    if len(links) <= ROOM:
        return links
    found: list[dict[str, Any]] = []
    for group, several in groupby(links, key=lambda link: link["group"]):
        together = list(several)
        if not group or len(together) == 1:
            found += together
        else:
            found.append({"text": group, "links": together, "active": any(link["active"] for link in together)})
    return found
