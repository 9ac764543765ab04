"""The security log as the audit administrator reads it."""

from datetime import datetime, time, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from service import request as wiring
from service import security_log
from service.people import DISTRICT
from service.permission import permission
from service.web import current

pages = Blueprint("security_log", __name__, url_prefix="/security-log")


@pages.get("")
@permission("security_log.read")
def index() -> ResponseReturnValue:
    kind, q = request.args.get("kind", ""), request.args.get("q", "").strip()
    number = request.args.get("page", 1, type=int)
    since, until = _day("since"), _day("until")
    found = security_log.page(
        wiring.session(),
        kind=kind if kind in security_log.KINDS else None,
        q=q,
        since=since,
        until=until + timedelta(days=1) if until else None,
        page=min(max(number, 1), 1_000_000),
    )
    if number == 1:
        asked = {name: value for name, value in request.args.items() if value}
        security_log.record(
            current.sessions(), "log_read", actor=current.actor().person_id, detail=asked, client=current.client()
        )
    return render_template(
        "security_log/index.html", found=found, kinds=security_log.KINDS, names=security_log.DETAILS, kind=kind, q=q
    )


def _day(name: str) -> datetime | None:
    text = request.args.get(name, "")
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), time.min, DISTRICT) if text else None
    except ValueError:
        return None
