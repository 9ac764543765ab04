"""How do many projects stand in a workbook? One row a project, one row an indicator, one row a step of the schedule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from forms.definition import FormDefinition
from service.workbooks.columns import CODES, Column, Columns
from service.workbooks.drawing import Book, cell_value, look_of, on_paper, put, put_merged, widen
from service.workbooks.dropdowns import Dropdowns

KIND = (
    "“项目信息”一行填一个项目；“绩效指标”一行填一个三级指标，“实施进度计划”一行填一项内容，"
    "都用项目代码或项目名称（同名时加实施单位）说明属于哪个项目。"
)
_PROJECTS = "项目信息"
#: How a row of a table names its project.
_REFERENCES = ("project_code", "project_name", "unit_code", "unit_name")
_HEADING = 2
#: Rows prepared for filling in.
_ROOM = 5000
_WIDE = {"wide": 36.0, "medium": 16.0, "narrow": 11.0}
_LONG_TEXTS = {"textarea": 44.0, "date": 12.0, "boolean": 9.0}


def write_lists(
    book: Book,
    definition: FormDefinition,
    columns: Columns,
    contents: Sequence[Mapping[str, Any]],
    dropdowns: Dropdowns,
) -> None:
    """Add the sheets of projects and of their rows; computed and automatic cells of rows are left out."""
    sheet = _opened(book, _PROJECTS, f"{definition.title}（多个项目）", columns.project, dropdowns)
    for line, content in enumerate(contents, _HEADING + 1):
        _put_row(sheet, line, columns.project, content)
    for name, table in columns.tables.items():
        own = tuple(column for column in table if not column.field.auto)
        shown = (*(columns.of(path) for path in _REFERENCES), *own)
        sheet = _opened(book, columns.titles[name], f"{definition.title}：{columns.titles[name]}", shown, dropdowns)
        for line, row in enumerate(_rows(contents, name), _HEADING + 1):
            _put_row(sheet, line, shown, row)


def _rows(contents: Iterable[Mapping[str, Any]], table: str) -> Iterable[Mapping[str, Any]]:
    for content in contents:
        reference = {name: content.get(name) for name in _REFERENCES}
        for row in content.get(table) or ():
            yield {**row, **reference}


def _opened(book: Book, name: str, title: str, shown: Sequence[Column], dropdowns: Dropdowns) -> Worksheet:
    sheet = book.sheet(name)
    put_merged(sheet, (0, 0, 0, min(len(shown), 10) - 1), title, "title")
    put(sheet, 1, 0, "金额单位：万元", "note")
    for place, column in enumerate(shown):
        put(sheet, _HEADING, place, column.label, "required" if column.field.required else "heading")
        letter = get_column_letter(place + 1)
        dropdowns.offer(sheet, column, f"{letter}{_HEADING + 2}:{letter}{_HEADING + 1 + _ROOM}")
    _keep_codes(sheet, shown)
    widen(sheet, {place: _width(column) for place, column in enumerate(shown)})
    sheet.row_dimensions[1].height = 28
    sheet.row_dimensions[_HEADING + 1].height = 32
    sheet.freeze_panes = f"C{_HEADING + 2}"
    on_paper(sheet)
    sheet.print_title_rows = f"{_HEADING + 1}:{_HEADING + 1}"
    return sheet


def _put_row(sheet: Worksheet, line: int, shown: Sequence[Column], row: Mapping[str, Any]) -> None:
    for place, column in enumerate(shown):
        value = cell_value(column.field, row.get(column.name), row)
        put(sheet, line, place, value, look_of(column.field, value))
    # Excel would make rows of long wrapped texts as high as the whole text.
    sheet.row_dimensions[line + 1].height = 30


def _keep_codes(sheet: Worksheet, shown: Sequence[Column]) -> None:
    """Codes typed in below stay texts; Excel would keep 15 digits of them."""
    for place, column in enumerate(shown):
        if column.name in CODES:
            sheet.column_dimensions[get_column_letter(place + 1)].number_format = "@"


def _width(column: Column) -> float:
    if column.name in ("project_code", "project_name", "annual_goal"):
        return 24.0 if column.name == "project_code" else 36.0
    return _LONG_TEXTS.get(column.field.type, _WIDE[column.field.width])
