"""Pages to log in, to log out, and to make the first administrators of a new installation."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as form_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from service import accounts, administrators
from service import request as wiring
from service.administrators import NewAdministrator
from service.errors import Problems, Refused
from service.permission import permission, public
from service.rules.roles import ADMINISTRATORS, ROLES
from service.web import current

pages = Blueprint("session", __name__)


@pages.get("/login")
@public
def login() -> ResponseReturnValue:
    if current.optional_actor():
        return redirect(_next_page(), 303)
    return _login_page()


@pages.post("/login")
@public
def log_in() -> ResponseReturnValue:
    username = request.form.get("username", "")
    try:
        opened = accounts.log_in(
            current.sessions(), username=username, password=request.form.get("password", ""), client=current.client()
        )
    except Refused as error:
        return _login_page(error=error, username=username), error.status, error.headers
    form_session.clear()
    response = redirect(_next_page(), 303)
    current.set_cookie(response, opened)
    return response


@pages.post("/logout")
@permission("session.end")
def logout() -> ResponseReturnValue:
    who = current.recognised()
    if who and who.session_id:
        with wiring.separate_session() as session:
            accounts.log_out(session, who, client=current.client())
    form_session.clear()
    flash(_("您已退出登录。"))
    response = redirect(url_for("session.login"), 303)
    current.drop_cookie(response)
    return response


@pages.get("/setup")
@public
def setup() -> ResponseReturnValue:
    token = request.args.get("token", "")
    if token:
        administrators.check_token(wiring.session(), token, at=current.at())
    return _setup_page(token)


@pages.post("/setup")
@public
def set_up() -> ResponseReturnValue:
    token = request.form.get("token", "").strip()
    entered = {
        role: NewAdministrator(*(request.form.get(f"{role}.{field}", "") for field in _FIELDS))
        for role in ADMINISTRATORS
    }
    try:
        with wiring.separate_session() as session:
            administrators.set_up(
                session,
                token,
                entered,
                profile=wiring.config().password_profile,
                at=current.at(),
                client=current.client(),
            )
    except Problems as error:
        return _setup_page(token, error=error), error.status
    flash(_("三员账户已经设立，请分别登录。"))
    return redirect(url_for("session.login"), 303)


_FIELDS = ("username", "name", "password", "again")


def _login_page(error: Refused | None = None, username: str = "") -> str:
    needs_setup = error is None and administrators.needed(wiring.session())
    return render_template(
        "login/login.html", error=error, username=username, next=request.values.get("next", ""), setup=needs_setup
    )


def _setup_page(token: str, error: Problems | None = None) -> str:
    problems = error.problems if error else ()
    roles = [ROLES[code] for code in ADMINISTRATORS]
    return render_template("login/setup.html", token=token, problems=problems, values=request.form, roles=roles)


def _next_page() -> str:
    """Where to go after log-in: only ever a page of this system."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme:
        return wanted
    return "/"
