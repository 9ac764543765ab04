"""Pages of one's own account: password, log-ins, API tokens, language."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from service import accounts, passwords, personnel, tokens
from service import request as wiring
from service.errors import Problems
from service.permission import permission
from service.rules.passwords import PROFILES
from service.web import current, language

pages = Blueprint("account", __name__, url_prefix="/account")


@pages.get("")
@permission("account.own")
def index() -> ResponseReturnValue:
    return _page()


@pages.get("/password")
@permission("account.password")
def password() -> ResponseReturnValue:
    return _password_page()


@pages.post("/password")
@permission("account.password")
def change_password() -> ResponseReturnValue:
    who, client = current.actor(), current.client()
    opened: list[accounts.LoggedIn] = []

    def action(session: Session, at: datetime) -> dict[str, Any]:
        old, new, again = (request.form.get(name, "") for name in ("old_password", "new_password", "again"))
        profile = wiring.config().password_profile
        passwords.change(session, who.person_id, old=old, new=new, again=again, profile=profile, at=at, client=client)
        opened.append(accounts.open_session(session, who.person_id, client, at=at))
        return {"changed": True}

    try:
        current.change(action, route="account.password")
    except Problems as error:
        return _password_page(error), error.status
    flash(_("口令已修改，其他登录已全部结束。"))
    response = redirect(url_for("account.index"), 303)
    if opened:
        current.set_cookie(response, opened[0])
    return response


@pages.post("/sessions/<session_id>/end")
@permission("account.own")
def end_session(session_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        accounts.end_session(session, session_id, person_id=who.person_id, at=at, client=client)
        return {"ended": session_id}

    current.change(action, route="account.end_session")
    flash(_("该登录已结束。"))
    return redirect(url_for("account.index"), 303)


@pages.post("/tokens")
@permission("account.own")
def create_token() -> ResponseReturnValue:
    who, client = current.actor(), current.client()
    secret = tokens.new_secret()
    name, days = request.form.get("name", ""), _number(request.form.get("days", ""))

    def action(session: Session, at: datetime) -> dict[str, Any]:
        row = tokens.create(session, person_id=who.person_id, name=name, days=days, secret=secret, at=at, client=client)
        return {"token_id": row.id}

    try:
        answer = current.change(action, route="account.create_token")
    except Problems as error:
        return _page(error), error.status
    return _page(secret=None if answer.replayed else secret)


@pages.post("/tokens/<token_id>/revoke")
@permission("account.own")
def revoke_token(token_id: str) -> ResponseReturnValue:
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        tokens.revoke(session, token_id, person_id=who.person_id, at=at, client=client)
        return {"revoked": token_id}

    current.change(action, route="account.revoke_token")
    flash(_("令牌已撤销。"))
    return redirect(url_for("account.index"), 303)


@pages.post("/language")
@permission("account.own")
def choose_language() -> ResponseReturnValue:
    who, locale = current.actor(), request.form.get("locale", "")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        personnel.choose_locale(session, who.person_id, locale)
        return {"locale": locale}

    current.change(action, route="account.language")
    response = redirect(url_for("account.index"), 303)
    response.delete_cookie(language.COOKIE)  # this browser's choice would hide the person's
    return response


def _page(error: Problems | None = None, secret: str | None = None) -> str:
    who, session = current.actor(), wiring.session()
    recognised = current.recognised()
    return render_template(
        "account/index.html",
        sessions=accounts.own_sessions(session, who.person_id, at=current.at()),
        current_id=recognised.session_id if recognised else None,
        tokens=tokens.own(session, who.person_id, at=current.at()),
        secret=secret,
        problems=error.problems if error else (),
        values={} if secret else request.form,
        greatest_days=tokens.GREATEST_DAYS,
    )


def _password_page(error: Problems | None = None) -> str:
    recognised = current.recognised()
    return render_template(
        "account/password.html",
        problems=error.problems if error else (),
        due=bool(recognised and recognised.must_change_password),
        profile=PROFILES[wiring.config().password_profile],
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
