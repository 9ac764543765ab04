"""Who sent this request, and how does it change something? Answered once per request, for pages and API."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from flask import Flask, abort, g, make_response, redirect, request, url_for
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.wrappers import Response

from service import access, accounts, commands, failures, permission, security_log, tokens
from service import request as wiring
from service.accounts import Recognised
from service.errors import NotAllowed, NotLoggedIn
from service.people import Actor
from service.rules.roles import ROLES
from service.web import language

#: Never part of what is remembered of a request's content, not even as a hash.
SECRET_FIELDS = frozenset({"password", "old_password", "new_password", "again", "csrf_token", "idempotency_key"})


class PasswordChangeDue(NotAllowed):
    """您的口令须先修改：首次登录、口令被重置或已超过有效期。请先修改口令。"""

    code = "password_change_due"
    title = "请先修改口令"


def install(app: Flask) -> None:
    """Let routes' permissions be decided here and give every template the actor."""
    permission.decide_with(app, decide)
    app.context_processor(_context)
    app.jinja_env.globals["role_name"] = role_name
    app.after_request(_log_refused_reading)


def role_name(code: str) -> str:
    """A role's name in the reader's language."""
    role = ROLES[code]
    return role.name_en if language.english() else role.name


def cookie_name() -> str:
    """Name of the log-in cookie; browsers guard the `__Host-` prefix, which needs HTTPS."""
    return "__Host-jiheng" if wiring.config().https else "jiheng"


def recognised() -> Recognised | None:
    """Whoever the request's token belongs to, with the posts of today; read once per request."""
    if "recognised" not in g:
        g.recognised = _recognise()
    return cast(Recognised | None, g.recognised)


def optional_actor() -> Actor | None:
    """The acting person, or None on public pages."""
    who = recognised()
    return who.actor if who else None


def actor() -> Actor:
    """The acting person.

    Raises:
        NotLoggedIn: the request carries no valid token.
    """
    who = recognised()
    if who is None:
        raise NotLoggedIn("您尚未登录，或登录已过期，请重新登录。")
    return who.actor


def sessions() -> sessionmaker[Session]:
    """Opens database sessions."""
    return wiring.wiring().sessions


def at() -> datetime:
    """The request's instant by the database's clock."""
    return wiring.at()


def client() -> dict[str, str]:
    """Address and program of the caller, for logs."""
    return {"ip": request.remote_addr or "", "agent": (request.user_agent.string or "")[:200]}


def change(
    action: Callable[[Session, datetime], dict[str, Any]],
    *,
    route: str,
    key: str | None = None,
    body: Mapping[str, Any] | None = None,
) -> commands.Answer:
    """Change something as this request's person, once, however often the request is repeated.

    Args:
        action: the use case; what it returns is kept, so it holds no secrets.
        route: name of the operation.
        key: the idempotency key; else the header `Idempotency-Key` or the form's hidden field.
        body: what the request asks for; else the form or the JSON content.
    """
    who = actor()
    given = key or request.headers.get("Idempotency-Key") or request.form.get("idempotency_key")
    content = _content() if body is None else dict(body)
    opened = wiring.session()
    if len(opened.identity_map) or opened.new:
        opened.rollback()  # the command reads anew what the page has looked at
    return commands.run(
        sessions(), action, actor=who, route=route, key=given, body=content, client=client(), opened=opened
    )


def decide(name: str) -> None:
    """Let the request through to a route of this permission, or refuse it.

    Raises:
        NotLoggedIn: nobody is logged in; pages are sent to the log-in page instead.
        NotAllowed: the person lacks the permission or must change the password first; the former is logged.
    """
    who = recognised()
    if who is None:
        _to_login()
        raise NotLoggedIn("您尚未登录，或登录已过期，请重新登录。")
    if who.must_change_password and who.session_id and name not in access.OPEN_BEFORE_CHANGE:
        if _is_page():
            abort(redirect(url_for("account.password"), 303))
        raise PasswordChangeDue
    try:
        access.require(who.actor, name)
    except NotAllowed:
        _log_refusal(who.actor, 403, permission=name)
        raise


def set_cookie(response: Response, opened: accounts.LoggedIn) -> None:
    """Give the browser the token of a fresh log-in."""
    response.set_cookie(
        cookie_name(),
        opened.token,
        max_age=int(accounts.ABSOLUTE.total_seconds()),
        secure=wiring.config().https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def drop_cookie(response: Response) -> None:
    """Take the token from the browser."""
    response.delete_cookie(cookie_name(), path="/", secure=wiring.config().https, httponly=True, samesite="Lax")


def bearer_token() -> str | None:
    """The token a program sends; when there is one, cookies are not looked at."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _recognise() -> Recognised | None:
    token = bearer_token()
    if token is None and "Authorization" not in request.headers:
        token = request.cookies.get(cookie_name())
    if not token:
        return None
    read = accounts.recognise_token if token.startswith(tokens.PREFIX) else accounts.recognise
    who = read(wiring.session(), token, profile=wiring.config().password_profile)
    if who is None:
        return None
    g.at = who.at
    if who.stale:
        with wiring.separate_session() as session:
            accounts.note_use(session, who)
    return who


def _is_page() -> bool:
    return request.method == "GET" and not failures.wants_json()


def _to_login() -> None:
    if request.headers.get("HX-Request") == "true":
        abort(make_response("", 401, {"HX-Redirect": url_for("session.login")}))
    if _is_page():
        path = request.full_path.rstrip("?")
        abort(redirect(url_for("session.login", next=path if path != "/" else None), 303))


def _content() -> dict[str, Any]:
    if request.is_json:
        sent = request.get_json(silent=True)
        content = dict(sent) if isinstance(sent, dict) else {"content": sent}
    else:
        content = {name: request.form.getlist(name) for name in sorted(request.form)}
    content["path"] = request.path
    return {name: value for name, value in content.items() if name.split(".")[-1] not in SECRET_FIELDS}


def _context() -> dict[str, Any]:
    # Not looked up here: the page that says the database is away must not need it.
    found = cast(Recognised | None, g.get("recognised"))
    who = found.actor if found else None
    return {"actor": who, "may": lambda name: who is not None and access.allowed(who, name)}


def _log_refused_reading(response: Any) -> Any:
    """Changes log their own refusals; a reading of something foreign or absent is logged here."""
    refused = response.status_code in (403, 404) and request.method in ("GET", "HEAD")
    if refused and request.endpoint not in (None, "static") and g.get("recognised") and not g.get("refusal_logged"):
        _log_refusal(g.recognised.actor, response.status_code)
    return response


def _log_refusal(who: Actor, status: int, **detail: str) -> None:
    g.refusal_logged = True
    facts = {"method": request.method, "path": request.path, "status": status, **detail}
    security_log.record(sessions(), "access_refused", actor=who.person_id, detail=facts, client=client())
