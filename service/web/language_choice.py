"""The button that changes the reader's language, for this browser and, if logged in, for the person."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from service import personnel
from service import request as wiring
from service.permission import public
from service.web import current, language

ONE_YEAR = 365 * 24 * 3600

pages = Blueprint("language", __name__)


@pages.post("/language")
@public
def choose() -> ResponseReturnValue:
    wanted = request.form.get("language", "zh")
    back = urlsplit(request.form.get("back", "/"))
    # Only the path is kept: the page must not send people to foreign addresses.
    path = "/" + back.path.lstrip("/\\")
    response = redirect(f"{path}?{back.query}" if back.query else path, 303)
    if wanted in language.LOCALES:
        if current.optional_actor() is not None:
            _remember("en" if wanted == "en" else "zh_CN")
        response.set_cookie(
            language.COOKIE, wanted, max_age=ONE_YEAR, httponly=True, samesite="Lax", secure=wiring.config().https
        )
    return response


def _remember(locale: str) -> None:
    who = current.actor()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        personnel.choose_locale(session, who.person_id, locale)
        return {"locale": locale}

    current.change(action, route="language.choose")
