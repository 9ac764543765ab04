"""What does a person or a program read when something goes wrong? One handler for pages and API."""

import secrets
from typing import Any

import psycopg.errors
import structlog
from flask import Flask, Response, make_response, render_template, request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from forms.problem import Problem
from service import errors
from service.errors import Refused

logger = structlog.get_logger(__name__)

KNOWN: dict[int, type[Refused]] = {
    kind.status: kind
    for kind in (
        errors.BadRequest, errors.NotLoggedIn, errors.NotAllowed, errors.NotFound, errors.Stale, errors.TooLarge,
        errors.WrongKind, errors.TooMany,
    )
}  # fmt: skip


class Unexpected(Refused):
    """系统出现意外错误，您的操作没有保存。请稍后重试；如仍出现，请把编号告诉系统管理员。"""

    status = 500
    code = "unexpected"
    title = "系统错误"


class MethodClosed(Refused):
    """此地址不接受这种请求方法。"""

    status = 405
    code = "method_not_allowed"
    title = "方法不被接受"


def install(app: Flask) -> None:
    """Answer every error as problem+json under /api, as a page elsewhere."""
    app.register_error_handler(Refused, respond)
    app.register_error_handler(HTTPException, _http)
    for kind in (DBAPIError, PoolTimeout):
        app.register_error_handler(kind, _database)
    app.register_error_handler(Exception, _unexpected)


def respond(error: Refused) -> Response:
    """The answer to a refused request: problem+json for programs, the page with the same sentence for people."""
    if wants_json():
        response = make_response(errors.answer(error), error.status)
        response.content_type = "application/problem+json"
    else:
        number = error.extra.get("number") or secrets.token_hex(4)
        # What the person reads out on the telephone leads to this line.
        logger.info("refused", number=number, status=error.status, code=error.code, path=request.path)
        response = make_response(render_template("error.html", error=error, reference=number), error.status)
    response.headers.extend(error.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def wants_json() -> bool:
    """Whether the caller is a program: any address under /api, or one that accepts JSON but no page."""
    accepts = request.accept_mimetypes
    return request.path.startswith("/api/") or (accepts.accept_json and not accepts.accept_html)


def _http(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return make_response(error.get_response())  # a redirect, or an answer the view made itself
    code = error.code or 500
    if code == 422:
        # One mapping for each place the request was read from: json, query, files …
        places = getattr(error, "data", {}).get("messages", {})
        return respond(errors.Problems([problem for place in places.values() for problem in _problems(place)]))
    if code == 405:
        refused: Refused = MethodClosed()
    elif code in KNOWN:
        refused = KNOWN[code]()
    elif code >= 500:
        return _unexpected(error)
    else:
        refused = errors.BadRequest(error.description)
    response = respond(refused)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after", "www-authenticate"}:
            response.headers[name] = value
    return response


def _problems(messages: Any, path: str = "") -> list[Problem]:
    """Marshmallow's nested messages as problems, rows as indicators[2].weight."""
    if isinstance(messages, dict):
        found: list[Problem] = []
        for key, inner in messages.items():
            step = "" if key == "_schema" else f"[{key}]" if isinstance(key, int) else f".{key}" if path else str(key)
            found += _problems(inner, path + step)
        return found
    texts = messages if isinstance(messages, list) else [messages]
    return [Problem(field=path, message=str(text), severity="error", source="接口约定") for text in texts]


def _database(error: Exception) -> Response:
    cause = getattr(error, "orig", None)
    if isinstance(cause, psycopg.errors.LockNotAvailable):
        return respond(errors.Locked("此事项正由他人办理，请几秒后重试。"))
    away = isinstance(error, PoolTimeout | InterfaceError | OperationalError)
    if away or getattr(error, "connection_invalidated", False):
        logger.warning("database_away", error=str(cause or error))
        return respond(errors.DatabaseAway())
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    number = secrets.token_hex(4)
    logger.error("unexpected", number=number, path=request.path, method=request.method, exc_info=error)
    return respond(Unexpected(f"{Unexpected.__doc__}编号：{number}", extra={"number": number}))
