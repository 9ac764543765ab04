"""Sheets for paper: the declaration, each review, the notice of admission; always Chinese, in the official layout."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

import forms
from service import request as wiring
from service.errors import NotFound
from service.permission import permission
from service.web import cases

pages = Blueprint("prints", __name__, url_prefix="/cases/<case_id>/print")


@pages.get("/declaration")
@permission("case.print")
def declaration(case_id: str) -> ResponseReturnValue:
    """申报表 (F01) as last submitted."""
    page = cases.read(case_id, what="print")
    return _sheet("print/form.html", page, form_view=cases.declaration_view(page, mode="print"))


@pages.get("/review/<visit_id>")
@permission("case.print")
def review(case_id: str, visit_id: str) -> ResponseReturnValue:
    """审核表 (F03) of one review, whatever round it belongs to."""
    page = cases.read(case_id, what="print")
    for opinion in page.opinions:
        found = opinion.get("review")
        if found and found.get("visit_id") == visit_id:
            return _sheet("print/form.html", page, form_view=_review_view(found), opinion=opinion)
    raise NotFound("没有这张审核表：该环节没有审核表，或还没有办理。")


@pages.get("/admission")
@permission("case.print")
def admission(case_id: str) -> ResponseReturnValue:
    """入库通知: number, version and the project's facts."""
    page = cases.read(case_id, what="print")
    if not page.admitted:
        raise NotFound("项目还没有入库，没有入库通知。请待审核通过后再打印。")
    return _sheet("print/admission.html", page, content=page.form["content"] or {})


def _review_view(found: Mapping[str, Any]) -> Any:
    return forms.view(found["definition"], found["content"], mode="print", context=found.get("context") or {})


def _sheet(template: str, page: Any, **values: Any) -> str:
    return render_template(template, page=page, header=page.header, printed_at=wiring.at(), **values)
