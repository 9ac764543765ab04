"""How do texts, numbers and days get into the cells of a workbook we make, and how do they look there?"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from forms.comparison import shown
from forms.definition import Field
from service.rules.quantities import day_of, number_of, plain
from service.workbooks.escaping import escaped, literal
from service.workbooks.terms import term_of

Look = Literal["title", "note", "heading", "required", "text", "number", "money", "day", "error", "warning"]
CellValue = str | Decimal | date | None
#: Excel keeps 15 digits; a longer number is written as a text and keeps all of them.
_SAFE_DIGITS = 15
#: Spreadsheets know no day before, and count a day too many in February 1900.
_FIRST_DAY = date(1900, 3, 1)
_LINE_HEIGHT = 15
_HIGHEST = 400
_EDGE = Side(style="thin", color="FF9AA5B1")
_BORDER = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_FONT = "宋体"
_FILLS: Mapping[Look, str] = {
    "heading": "FFE8EEF5", "required": "FFFFF1D6", "error": "FFFDE2E0", "warning": "FFFFF4CC",
}  # fmt: skip
_FORMATS: Mapping[Look, str] = {"money": "#,##0.00", "day": "yyyy-mm-dd"}
_CENTRED = ("title", "heading", "required", "number", "day")


class Book:
    """A workbook being made; cells are counted from 0, as everywhere in reading."""

    def __init__(self) -> None:
        self.workbook = Workbook()
        self.workbook.remove(self.workbook.worksheets[0])
        self.workbook.properties.creator = "绩衡 Jiheng"
        for look in ("title", "note", "heading", "required", "text", "number", "money", "day", "error", "warning"):
            self.workbook.add_named_style(_style(look))

    def sheet(self, name: str) -> Worksheet:
        """Add a sheet; Excel's limits on names (31 characters, none of its special signs) are kept."""
        clean = "".join("_" if letter in "[]:*?/\\'" else letter for letter in escaped(name))
        made: Worksheet = self.workbook.create_sheet(clean[:28] or "Sheet")
        return made

    def saved(self) -> bytes:
        """Return the file's bytes."""
        buffer = io.BytesIO()
        self.workbook.save(buffer)
        return buffer.getvalue()


def put(sheet: Worksheet, line: int, place: int, value: CellValue, look: Look = "text") -> None:
    """Write one cell. A text stays a text whatever it begins with, a number keeps its digits."""
    cell = sheet.cell(line + 1, place + 1)
    if isinstance(value, str):
        cell.value = literal(escaped(value))
        cell.data_type = "s"  # else "=1" would be a formula and "#N/A" an error
    elif value is not None:
        cell.value = value
    cell.style = look


def put_merged(sheet: Worksheet, area: tuple[int, int, int, int], value: CellValue, look: Look = "text") -> None:
    """Write one cell over an area (top, left, bottom, right; all included)."""
    top, left, bottom, right = area
    for line in range(top, bottom + 1):
        for place in range(left, right + 1):
            sheet.cell(line + 1, place + 1).style = look
    put(sheet, top, left, value, look)
    if (top, left) != (bottom, right):
        sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)


def cell_value(field: Field, value: Any, beside: Mapping[str, Any] | None = None) -> CellValue:
    """Return what a cell holds for a field's value: the option's words, 是 or 否, a number, a day, else the text.

    ``beside`` is the row the value stands in, whose nature says whether a target value is a number. Numbers are not
    rounded; what spreadsheets would cut off or change stays a text. None for nothing filled in.
    """
    if value is None or value in ("", []):
        return None
    if field.id == "target_value":
        return _target(value, beside or {})
    if field.type in ("decimal", "integer", "month"):
        return _number(value)
    if field.type == "date":
        return _day(value)
    text = shown(field, value)
    return term_of(field.id, text) if field.id == "ex_ante_conclusion" else text


def look_of(field: Field, value: CellValue) -> Look:
    """Return how a cell of a field is shown."""
    if isinstance(value, Decimal):
        return "money" if field.unit == "万元" else "number"
    return "day" if isinstance(value, date) else "text"


def widen(sheet: Worksheet, widths: Mapping[int, float]) -> None:
    """Set the widths of columns, in characters."""
    for place, width in widths.items():
        sheet.column_dimensions[get_column_letter(place + 1)].width = width


def on_paper(sheet: Worksheet) -> None:
    """Print a sheet on A4 across, as wide as the paper."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def heighten(sheet: Worksheet, line: int, text: CellValue, width: float) -> None:
    """Make a row high enough for a text in a column of ``width`` half-width characters; never lower than it is."""
    lines = sum(1 + int(_half_widths(part) // max(width - 1, 1)) for part in str(text or "").split("\n"))
    dimension = sheet.row_dimensions[line + 1]
    dimension.height = max(dimension.height or 0, min(_LINE_HEIGHT * lines + 4, _HIGHEST))


def _half_widths(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _target(value: Any, beside: Mapping[str, Any]) -> CellValue:
    nature = beside.get("nature")
    if nature == "date":
        return _day(value)
    return _percentage(_number(value), beside) if nature == "quantitative" else str(value)


def _percentage(number: CellValue, beside: Mapping[str, Any]) -> CellValue:
    """A share of up to one percent says its sign, as 0.5 might be half of everything in a cell shown in percent."""
    small = isinstance(number, Decimal) and 0 < number <= 1 and number != number.to_integral_value()
    return (
        f"{plain(number)}%" if small and isinstance(number, Decimal) and beside.get("measure_unit") == "%" else number
    )


def _number(value: Any) -> CellValue:
    number = number_of(value)
    if number is None or len(number.as_tuple().digits) > _SAFE_DIGITS:
        return str(value)
    return number


def _day(value: Any) -> CellValue:
    day = day_of(value)
    return day if day is not None and day >= _FIRST_DAY and day.isoformat() == str(value) else str(value)


def _style(look: Look) -> NamedStyle:
    style = NamedStyle(name=look, number_format=_FORMATS.get(look, "General"))
    bold = look in ("title", "heading", "required")
    style.font = Font(name="黑体" if look == "title" else _FONT, size=16 if look == "title" else 10, bold=bold)
    horizontal = "center" if look in _CENTRED else "right" if look == "money" else "left"
    style.alignment = Alignment(horizontal=horizontal, vertical="center", wrap_text=True)
    if look not in ("title", "note"):
        style.border = _BORDER
    if look in _FILLS:
        style.fill = PatternFill("solid", fgColor=_FILLS[look])
    return style
