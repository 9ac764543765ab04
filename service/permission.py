"""May this request reach its view at all? Every route names a permission or says that it is public."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from service.errors import NotAllowed

View = TypeVar("View", bound=Callable[..., Any])
MARK = "__permission__"
PUBLIC = "public"
DECISION = "jiheng.permission"


def permission(name: str) -> Callable[[View], View]:
    """Mark a view (or a method of a view class): only for people whom the decision lets use `name`."""

    def marked(view: View) -> View:
        setattr(view, MARK, name)
        return view

    return marked


def public(view: View) -> View:
    """Mark a view that anybody may reach without logging in."""
    setattr(view, MARK, PUBLIC)
    return view


def mark(app: Flask, endpoint: str, name: str | None) -> None:
    """Mark a view that an extension brought; None makes it public."""
    view = app.view_functions[endpoint]
    target = getattr(view, "view_class", view)
    setattr(target, MARK, PUBLIC if name is None else name)


def of_view(app: Flask, endpoint: str, method: str) -> str | None:
    """The permission an endpoint names for an HTTP method; None if it was forgotten."""
    view = app.view_functions[endpoint]
    view_class = getattr(view, "view_class", None)
    if view_class is None:
        return getattr(view, MARK, None)
    verb = "get" if method == "HEAD" else method.lower()
    return getattr(getattr(view_class, verb, None), MARK, None) or getattr(view_class, MARK, None)


def decide_with(app: Flask, decision: Callable[[str], None]) -> None:
    """Set the function that raises NotLoggedIn or NotAllowed for a permission the request lacks."""
    app.extensions[DECISION] = decision


def install(app: Flask) -> None:
    """Check every request before its view; what is not marked stays closed."""
    if app.has_static_folder:
        mark(app, "static", None)
    app.before_request(_check)


def _check() -> None:
    if request.endpoint is None or request.method == "OPTIONS":
        return  # no such address: the 404 or 405 follows
    name = of_view(current_app, request.endpoint, request.method)
    if name == PUBLIC:
        return
    decision = current_app.extensions.get(DECISION)
    if name is None or decision is None:
        raise NotAllowed
    decision(name)
