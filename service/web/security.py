"""What protects every answer and every change? Headers, form tokens, and the person behind the request."""

from secrets import token_urlsafe

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from markupsafe import Markup

from service import request as wiring
from service.errors import BadRequest
from service.web import current

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; form-action 'self'; base-uri 'none'; object-src 'none'"
)
ONE_YEAR = 365 * 24 * 3600
_CHANGES = ("POST", "PUT", "PATCH", "DELETE")
_csrf = CSRFProtect()


class FormExpired(BadRequest):
    """页面已过期或请求不是从本系统页面发出的，请刷新页面后重新提交。"""

    code = "form_expired"
    title = "页面已过期"


def install(app: Flask) -> None:
    """Guard the whole application."""
    https = app.config["SESSION_COOKIE_SECURE"]
    app.config.update(
        SESSION_COOKIE_NAME="__Host-jiheng_form" if https else "jiheng_form",
        # A form stays good as long as the log-in it belongs to.
        WTF_CSRF_TIME_LIMIT=None,
        # Checked below, because requests with a bearer token carry nothing a foreign page could abuse.
        WTF_CSRF_CHECK_DEFAULT=False,
    )
    _csrf.init_app(app)
    app.before_request(_check_form)
    app.after_request(_add_headers)
    app.jinja_env.globals["form_fields"] = form_fields
    current.install(app)


def form_fields() -> Markup:
    """The hidden fields of a form that changes something: form token and idempotency key."""
    return Markup(
        '<input type="hidden" name="csrf_token" value="{}"><input type="hidden" name="idempotency_key" value="{}">'
    ).format(generate_csrf(), token_urlsafe(16))


def _check_form() -> None:
    if request.method not in _CHANGES or request.endpoint is None:
        return
    if "Authorization" in request.headers:
        return
    if request.path.startswith("/api/") and current.cookie_name() not in request.cookies:
        return  # a log-in of a program: there is nothing yet a foreign page could act with
    try:
        _csrf.protect()
    except CSRFError as error:
        raise FormExpired from error


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if wiring.config().https:
        headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"
    return response
