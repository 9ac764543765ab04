"""Which workbooks do people take away? Empty forms to fill in, and declarations as they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from forms.definition import FormDefinition, load
from service.rules.quality.rule_set import WeightTemplate, default
from service.workbooks import form_writing, list_writing
from service.workbooks.columns import Columns
from service.workbooks.drawing import Book
from service.workbooks.dropdowns import Dropdowns
from service.workbooks.instructions import write_instructions

#: ``list``: sheets 项目信息 and 绩效指标 for many projects; ``form``: one sheet a project in the official table layout.
Layout = Literal["list", "form"]
#: Every sheet is a part of the file, and reading refuses files of more than 500 parts.
MOST_FORMS = 200
#: Groups of indicators preprinted in the empty form, twice where projects usually have several.
_GROUPS = (
    "qty",
    "qty",
    "qual",
    "qual",
    "time",
    "time",
    "cost",
    "cost",
    "econ",
    "soc",
    "soc",
    "eco",
    "sus",
    "sat",
    "sat",
)
_LEVEL1 = {"qty": "output", "qual": "output", "time": "output", "sat": "satisfaction"}
_SCHEDULE_ROWS = 4


def empty_form(
    *,
    template: str,
    layout: Layout = "form",
    year: int | None = None,
    measure_units: Sequence[str] = (),
    definition: FormDefinition | None = None,
) -> bytes:
    """Return a workbook to be filled in: instructions, headings, answers to choose from.

    Args:
        template: the season's indicator template (CLASSIC_2020, COST_2021); its groups stand in the form.
        layout: ``form`` for one project in the official table layout, ``list`` for many.
        year: the season's year, printed in the form.
        measure_units: proposed as units of indicators.
        definition: the form's version; the shipped F01 unless given.

    Raises:
        ValueError: there is no such template.
    """
    if layout == "list":
        return write_declarations([], template=template, measure_units=measure_units, definition=definition)
    groups = _preprinted(default().template(template))
    content: dict[str, Any] = {
        "fiscal_year": year,
        "indicators": groups,
        "schedule": [{} for _ in range(_SCHEDULE_ROWS)],
    }
    return write_declarations(
        [content], template=template, layout="form", measure_units=measure_units, definition=definition
    )


def write_declarations(
    contents: Sequence[Mapping[str, Any]],
    *,
    template: str,
    layout: Layout = "list",
    measure_units: Sequence[str] = (),
    definition: FormDefinition | None = None,
) -> bytes:
    """Return a workbook of filled-in declarations that ``read_declarations`` reads back to the same content.

    Amounts stand in 万元 as numbers, unrounded; every text is written as a text and never as a formula. Attachments
    and the system's own fields (signatures, last year's values) are shown at most and not read back; so are the
    ``row_id`` of rows. Contents need not be complete.

    Args:
        contents: content of F01, one a project.
        template: the season's indicator template, named in the instructions.
        layout: ``list`` for sheets of many projects, ``form`` for one sheet a project, at most 200.
        measure_units: proposed as units of indicators.
        definition: the form's version; the shipped F01 unless given.

    Raises:
        ValueError: there is no such template, or too many projects for one sheet each.
    """
    if layout == "form" and len(contents) > MOST_FORMS:
        raise ValueError(f"一张工作表一个项目时最多 {MOST_FORMS} 个项目，共 {len(contents)} 个，请用列表格式")
    weights = default().template(template)
    form = definition or load("project_target")
    columns, book = Columns(form), Book()
    dropdowns = Dropdowns(book, measure_units=measure_units, without_cost="cost" not in weights.weights)
    kind = list_writing.KIND if layout == "list" else form_writing.KIND
    write_instructions(book, form, columns, weights, kind)
    if layout == "list":
        list_writing.write_lists(book, form, columns, contents, dropdowns)
    for content in contents if layout == "form" else ():
        sheet = book.sheet(str(content.get("project_name") or form.title))
        form_writing.FormSheet(sheet, form, columns, dropdowns).write(content)
    book.workbook.active = 1
    return book.saved()


def _preprinted(weights: WeightTemplate) -> list[dict[str, str]]:
    rows = [{"level1_code": _LEVEL1.get(code, "benefit"), "level2_code": code} for code in _GROUPS if code != "cost"]
    cost = [{"level1_code": weights.cost_within, "level2_code": "cost"} for code in _GROUPS if code == "cost"]
    order = list(weights.weights)
    return sorted([*rows, *cost], key=lambda row: order.index(row["level1_code"]))
