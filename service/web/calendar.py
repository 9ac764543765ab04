"""Page on which the district's working days are entered, a day at a time or a year's table at once."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from service import calendar
from service import request as wiring
from service.errors import Problems
from service.people import day
from service.permission import permission
from service.web import current

pages = Blueprint("calendar", __name__, url_prefix="/calendar")
WEEKDAYS = (
    lazy_gettext("一"),
    lazy_gettext("二"),
    lazy_gettext("三"),
    lazy_gettext("四"),
    lazy_gettext("五"),
    lazy_gettext("六"),
    lazy_gettext("日"),
)


@pages.get("")
@permission("calendar.manage")
def index() -> ResponseReturnValue:
    return _page(_year())


@pages.post("/days")
@permission("calendar.manage")
def set_day() -> ResponseReturnValue:
    who, client, sent = current.actor(), current.client(), request.form
    wanted = _day()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        if wanted is None:
            raise Problems([calendar.problem("day", "请填写日期，如 2027-02-06。")])
        working = sent.get("working") == "1"
        calendar.set_day(session, wanted, working=working, note=sent.get("note", ""), actor=who, at=at, client=client)
        return {"day": wanted.isoformat(), "working": working}

    return _act(action, "calendar.set_day", wanted.year if wanted else _year(), _("已保存。"))


@pages.post("/days/remove")
@permission("calendar.manage")
def remove_day() -> ResponseReturnValue:
    who, client, wanted = current.actor(), current.client(), _day()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        if wanted is None:
            raise Problems([calendar.problem("day", "请填写日期，如 2027-02-06。")])
        calendar.remove_day(session, wanted, actor=who, at=at, client=client)
        return {"day": wanted.isoformat()}

    return _act(action, "calendar.remove_day", wanted.year if wanted else _year(), _("已删除。"))


@pages.post("/years/<int:year>")
@permission("calendar.manage")
def replace_year(year: int) -> ResponseReturnValue:
    who, client, text = current.actor(), current.client(), request.form.get("text", "")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return {"days": calendar.replace_year(session, year, text, actor=who, at=at, client=client)}

    return _act(action, "calendar.replace_year", year, _("本年工作日表已替换。"))


def _act(
    action: Callable[[Session, datetime], dict[str, Any]], route: str, year: int, done: str
) -> ResponseReturnValue:
    try:
        current.change(action, route=route)
    except Problems as refused:
        return _page(year, refused), refused.status
    flash(done, "success")
    return redirect(url_for("calendar.index", year=year), 303)


def _page(year: int, refused: Problems | None = None) -> str:
    session = wiring.session()
    shown = min(max(year, calendar.FIRST_YEAR), calendar.LAST_YEAR)
    found = calendar.year(session, shown)
    return render_template(
        "calendar/index.html",
        found=found,
        warning=calendar.warning((shown,)) if found.unknown else "",
        years=sorted({*calendar.years(session), *range(day(current.at()).year - 1, day(current.at()).year + 3), shown}),
        weekdays=WEEKDAYS,
        problems=refused.problems if refused else (),
        sent=request.form if refused else {},
    )


def _year() -> int:
    given = request.values.get("year", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) == 4 else day(current.at()).year


def _day() -> date | None:
    try:
        return date.fromisoformat(request.form.get("day", "").strip())
    except ValueError:
        return None
