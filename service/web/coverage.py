"""The coverage board: who has declared, who is missing, how far everything is."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from service import library
from service import request as wiring
from service.permission import permission
from service.web import current
from service.web.library import years

pages = Blueprint("coverage", __name__, url_prefix="/coverage")

#: How far a project is, with the stage its projects are found by in the library.
STATUSES = (
    ("missing", lazy_gettext("未填"), None),
    ("drafting", lazy_gettext("填报中"), "draft"),
    ("reviewing", lazy_gettext("各级审核中"), None),
    ("admitted", lazy_gettext("已入库"), "in_library"),
    ("rejected", lazy_gettext("不予通过"), "rejected"),
)


@pages.get("")
@permission("coverage.read")
def index() -> ResponseReturnValue:
    session = wiring.session()
    known = years(library.years(session))
    text = request.args.get("year", "")
    year = int(text) if text.isdecimal() and int(text) in known else known[0]
    board = library.coverage(session, actor=current.actor(), fiscal_year=year)
    opened = request.args.get("department", "")
    return render_template("coverage/index.html", board=board, years=known, year=year, statuses=STATUSES, opened=opened)
