"""Case pages: the whole file of one case for everybody who may see it, and the list of all cases."""

from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

import forms
from forms.view import Mode
from service import cases
from service import request as wiring
from service.access import allowed
from service.permission import permission
from service.web import addresses, case_marks, current, language
from service.web.inbox import STAGES, amounts, page_number

pages = Blueprint("cases", __name__, url_prefix="/cases")

SIZE = 50
CONDITIONS = ("q", "stage", "unit", "amount_from", "amount_to")


@pages.get("")
@permission("case.read")
def index() -> ResponseReturnValue:
    wanted, problems = amounts()
    known = {code for code, _ in STAGES}
    asked: dict[str, Any] = {
        "q": request.args.get("q", "").strip()[:100],
        "stages": tuple(code for code in request.args.getlist("stage") if code in known),
        "unit": request.args.get("unit", "").strip()[:100] or None,
        **wanted,
    }
    found = cases.search(
        wiring.session(), actor=current.actor(), at=wiring.at(), page=page_number(), size=SIZE, **asked
    )
    return render_template(
        "case/index.html",
        found=found,
        asked=asked,
        problems=problems,
        stages=STAGES,
        page_address=_page_address,
        filtered=any(value for value in asked.values()),
    )


@pages.get("/<case_id>")
@permission("case.read")
def show(case_id: str) -> ResponseReturnValue:
    page = read(case_id)
    form_view = declaration_view(page, mode="read")
    return render_template(
        "case/show.html", page=page, form_view=form_view, my_visit=page.my_visit, **_marking(case_id)
    )


def _marking(case_id: str) -> dict[str, Any]:
    """One's own mark, for people who keep lists of work; who only reads histories has none to mark."""
    return {"mark": case_marks.of_case(case_id)} if allowed(current.actor(), "task.decide") else {}


@pages.get("/<case_id>/diagram")
@permission("case.read")
def diagram(case_id: str) -> ResponseReturnValue:
    """The diagram with its current, done and returned steps, for the viewer."""
    return jsonify(cases.diagram(wiring.session(), case_id, actor=current.actor(), at=wiring.at()))


def read(case_id: str, *, what: str = "case") -> Any:
    """The case as the current person may see it; what auditors read is logged as `what`."""
    return cases.page(
        wiring.session(), case_id, actor=current.actor(), at=wiring.at(), what=what, client=current.client()
    )


def declaration_view(page: Any, *, mode: Mode) -> Any:
    """The declaration (F01) of a case in the version it was filled in, laid out for reading or printing."""
    return forms.view(
        page.form["definition"],
        page.form["content"] or {},
        mode=mode,
        context=page.form.get("context") or {},
        previous=None,
        english=language.english() and mode != "print",
        spare_empty=mode == "read",
    )


def _page_address(number: int) -> str:
    return addresses.with_changes("cases.index", CONDITIONS, page=number)
