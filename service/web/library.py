"""The project library: every project of a year with its stage, its sums, a workbook to take away."""

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from service import ex_ante, library, library_sheet
from service import request as wiring
from service.errors import Problems
from service.people import day
from service.permission import permission
from service.web import addresses, current
from service.web.inbox import STAGES, page_number

pages = Blueprint("library", __name__, url_prefix="/library")

SIZE = 50
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CONDITIONS = ("year", "q", "department", "unit", "stage")
CONCLUSIONS = (
    ("support", lazy_gettext("支持")),
    ("support_after_adjustment", lazy_gettext("调整后支持")),
    ("not_support", lazy_gettext("不予支持")),
)


@pages.get("")
@permission("library.read")
def index() -> ResponseReturnValue:
    return _page()


@pages.get("/export.xlsx")
@permission("export.use")
def export() -> ResponseReturnValue:
    name, content = library_sheet.export(
        wiring.session(),
        actor=current.actor(),
        at=wiring.at(),
        fiscal_year=_year(library.years(wiring.session())),
        client=current.client(),
        **_filters(),
    )
    return send_file(BytesIO(content), mimetype=SPREADSHEET, as_attachment=True, download_name=name)


@pages.post("/<case_id>/ex-ante")
@permission("ex_ante.record")
def record(case_id: str) -> ResponseReturnValue:
    """Keep what the ex-ante assessment of a project concluded."""
    sent, who, client = request.form, current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return ex_ante.record(
            session,
            case_id,
            actor=who,
            at=at,
            conclusion=sent.get("conclusion", ""),
            score=sent.get("score", "").strip() or None,
            reason=sent.get("reason", ""),
            client=client,
        )

    try:
        answer = current.change(action, route="ex_ante.record").body
    except Problems as refused:
        return _page(refused, case_id), refused.status
    flash(answer["message"], "success")
    return redirect(addresses.with_changes("library.index", (*CONDITIONS, "page")), 303)


def years(known: list[int]) -> list[int]:
    """The years to choose from, newest first; next year while there is no season yet."""
    return known or [day(wiring.at()).year + 1]


def _year(known: list[int]) -> int:
    text = request.args.get("year", "")
    return int(text) if text.isdecimal() and int(text) in known else years(known)[0]


def _page(refused: Problems | None = None, refused_case: str = "") -> str:
    session, known = wiring.session(), library.years(wiring.session())
    year, asked = _year(known), _filters()
    found = library.page(session, actor=current.actor(), fiscal_year=year, page=page_number(), size=SIZE, **asked)
    return render_template(
        "library/index.html",
        found=found,
        years=years(known),
        year=year,
        asked=asked,
        stages=STAGES,
        conclusions=CONCLUSIONS,
        refused=refused,
        refused_case=refused_case,
        sent=request.form,
        filtered=any(asked.values()),
        page_address=lambda number: addresses.with_changes("library.index", CONDITIONS, page=number),
        export_address=addresses.with_changes("library.export", CONDITIONS),
        kept=addresses.kept((*CONDITIONS, "page")),
    )


def _filters() -> dict[str, Any]:
    sent, known = request.args, {code for code, _text in STAGES}
    stage = sent.get("stage", "")
    return {
        "q": sent.get("q", "").strip()[:100],
        "department": sent.get("department", "")[:40] or None,
        "unit": sent.get("unit", "").strip()[:100] or None,
        "stage": stage if stage in known else None,
    }
