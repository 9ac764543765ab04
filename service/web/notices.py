"""The notice centre: what I was told, what of it I have not read, and how I want to be told."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service import notice_channels, notices, preferences, tickets
from service import request as wiring
from service.errors import NotFound, Problems
from service.permission import permission
from service.web import current
from service.web.inbox import page_number

pages = Blueprint("notices", __name__)

LABELS = {
    "task": lazy_gettext("新待办"),
    "returned": lazy_gettext("退回给我"),
    "urged": lazy_gettext("催办"),
    "copied": lazy_gettext("抄送给我"),
    "answered": lazy_gettext("委派已答复"),
    "before": lazy_gettext("期限将至"),
    "due": lazy_gettext("今日到期"),
    "overdue": lazy_gettext("逾期（负责人）"),
    "long_overdue": lazy_gettext("逾期未办（局领导）"),
    "finished": lazy_gettext("办结"),
    "recalled": lazy_gettext("待办已被撤回"),
    "paused": lazy_gettext("挂起、恢复"),
    "withdrawal": lazy_gettext("撤件申请"),
    "exception": lazy_gettext("特别处理"),
    "rule": lazy_gettext("我的规则"),
    "digest": lazy_gettext("每日摘要"),
}
WORK = "work"
KEYS_OFF = "jiheng_keys_off"
ONE_YEAR = 365 * 24 * 3600


@pages.get("/notices")
@permission("account.own")
def index() -> ResponseReturnValue:
    who, session = current.actor(), wiring.session()
    asked = request.args.get("kind", "")
    kind = asked if asked in LABELS else None
    unread = request.args.get("unread") == "1"
    found = notices.page(session, who.person_id, page=page_number(), unread=unread, kind=kind)
    return render_template(
        "notices/index.html",
        found=found,
        labels=LABELS,
        kind=kind,
        unread=unread,
        waiting=notices.unread(session, who.person_id),
        page_address=lambda number: url_for("notices.index", kind=kind, unread="1" if unread else None, page=number),
    )


@pages.get("/notices/<int:notice_id>")
@permission("account.own")
def show(notice_id: int) -> ResponseReturnValue:
    """Go to what a notice is about; it counts as read from then on."""
    who, session = current.actor(), wiring.session()
    found = notices.one(session, who.person_id, notice_id)
    if found is None:
        raise NotFound(gettext("没有这条通知。"))
    notices.mark_read(session, who.person_id, at=wiring.at(), notice_id=notice_id)
    return _to(found)


@pages.get("/go/<ticket>")
@permission("account.own")
def go(ticket: str) -> ResponseReturnValue:
    """Go to what a mail or a chat message is about: once, as the person it was written to, after logging in."""
    if request.method == "HEAD":  # asked by programs that look at links before people do
        return "", 204
    config, session = wiring.config(), wiring.session()
    return _to(tickets.use(session, config.secret_key, ticket, actor=current.actor(), at=wiring.at()))


def _to(found: notices.NoticeRow) -> ResponseReturnValue:
    if found.visit_id and found.kind not in ("overdue", "long_overdue"):
        return redirect(url_for("tasks.show", visit_id=found.visit_id), 303)
    if found.case_id:
        return redirect(url_for("cases.show", case_id=found.case_id), 303)
    return redirect(url_for("inbox.index"), 303)


@pages.post("/notices/read")
@permission("account.own")
def read() -> ResponseReturnValue:
    who, wanted = current.actor(), request.form.get("notice_id", "")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        one = int(wanted) if wanted.isdecimal() and len(wanted) < 19 else None
        return {"read": notices.mark_read(session, who.person_id, at=at, notice_id=one)}

    current.change(action, route="notices.read")
    return redirect(url_for("notices.index"), 303)


@pages.get("/account/desk")
@permission("account.own")
def settings() -> ResponseReturnValue:
    return _settings()


@pages.post("/account/desk")
@permission("account.own")
def choose() -> ResponseReturnValue:
    """Keep how I want to be told, and what follows a decision of mine."""
    who, sent = current.actor(), request.form

    def action(session: Session, at: datetime) -> dict[str, Any]:
        notice_channels.choose(
            session,
            who.person_id,
            mail=sent.get("mail", ""),
            mail_kinds=[kind for kind in sent.getlist("mail_kinds") if kind in LABELS],
            robot_kinds=[kind for kind in sent.getlist("robot_kinds") if kind in LABELS],
            digest="digest" in sent,
            at=at,
        )
        work = {"open_next": "open_next" in sent, "shortcuts": "shortcuts" in sent}
        preferences.keep(session, who.person_id, WORK, work, at=at)
        return {"kept": True}

    try:
        current.change(action, route="notices.choose")
    except Problems as refused:
        return _settings(refused), refused.status
    flash(gettext("设置已保存。"), "success")
    response = redirect(url_for("notices.settings"), 303)
    _tell_scripts(response, on="shortcuts" in sent)
    return response


def _tell_scripts(response: Response, *, on: bool) -> None:
    """The keyboard's script reads its choice from a cookie, so that pages need not look it up."""
    if on:
        response.delete_cookie(KEYS_OFF, path="/")
    else:
        secure = wiring.config().https
        response.set_cookie(KEYS_OFF, "1", max_age=ONE_YEAR, secure=secure, samesite="Lax", path="/")


def work_choice(session: Session, person_id: str) -> dict[str, bool]:
    """What a person wants after a decision and of the keyboard; keys work unless they were switched off."""
    kept = preferences.read(session, person_id, WORK)
    return {"open_next": bool(kept.get("open_next", False)), "shortcuts": bool(kept.get("shortcuts", True))}


def _settings(refused: Problems | None = None) -> str:
    who, session, config = current.actor(), wiring.session(), wiring.config()
    return render_template(
        "account/desk.html",
        labels=LABELS,
        choice=notice_channels.choice(session, who.person_id),
        work=work_choice(session, who.person_id),
        mail_works=bool(config.smtp_url),
        robot_works=bool(config.webhook_url),
        problems=refused.problems if refused else (),
    )
