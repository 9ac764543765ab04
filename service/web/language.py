"""Which language does the reader read? Chinese unless the person or this browser chose English."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from sqlalchemy.orm import Session

from service import personnel
from service import request as wiring
from service.permission import public
from service.web import current

COOKIE = "jiheng_language"
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
ONE_YEAR = 365 * 24 * 3600

pages = Blueprint("language", __name__)


def install(app: Flask) -> None:
    """Let templates speak with `_()`; Chinese sentences are the message ids."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "web/translations"
    Babel(app, locale_selector=_locale)


def code() -> str:
    """`zh` or `en`: the person's own setting, else this browser's choice, else Chinese."""
    # An error page must not ask the database for the person: it may be the database that is away.
    who = g.get("recognised")
    if who is not None:
        return "en" if who.actor.locale.startswith("en") else "zh"
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in LOCALES else "zh"


def english() -> bool:
    """Whether the reader reads English."""
    return code() == "en"


@pages.post("/language")
@public
def choose() -> ResponseReturnValue:
    wanted = request.form.get("language", "zh")
    back = urlsplit(request.form.get("back", "/"))
    # Only the path is kept: the page must not send people to foreign addresses.
    path = "/" + back.path.lstrip("/\\")
    response = redirect(f"{path}?{back.query}" if back.query else path, 303)
    if wanted in LOCALES:
        if current.optional_actor() is not None:
            _remember("en" if wanted == "en" else "zh_CN")
        response.set_cookie(
            COOKIE, wanted, max_age=ONE_YEAR, httponly=True, samesite="Lax", secure=wiring.config().https
        )
    return response


def _remember(locale: str) -> None:
    who = current.actor()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        personnel.choose_locale(session, who.person_id, locale)
        return {"locale": locale}

    current.change(action, route="language.choose")


def _locale() -> str:
    return LOCALES[code()]
