"""Official tables as .xlsx, both ways: empty or filled forms out, declarations of many projects in.

A foundation: no database, no pages. Refusals are ``WorkbookRefused`` with a Chinese sentence.
"""

from __future__ import annotations

from forms.definition import FormDefinition, load
from service.rules.quality.rule_set import default
from service.workbooks.cells import settle_indicators
from service.workbooks.columns import Columns
from service.workbooks.container import MAX_BYTES, WorkbookRefused
from service.workbooks.error_sheet import error_sheet
from service.workbooks.form_sheet import is_form, read_form
from service.workbooks.grid import extract
from service.workbooks.list_sheets import ListReader, headings_of
from service.workbooks.reading import DeclarationRow, PlacedProblem, WorkbookReading
from service.workbooks.writing import empty_form, write_declarations

__all__ = [
    "MAX_BYTES",
    "DeclarationRow",
    "PlacedProblem",
    "WorkbookReading",
    "WorkbookRefused",
    "empty_form",
    "error_sheet",
    "read_declarations",
    "write_declarations",
]

#: Sheets our own workbooks hold beside the data.
_PASSED_OVER = ("填表说明", "填写说明", "说明", "问题清单")


def read_declarations(data: bytes, *, template: str, definition: FormDefinition | None = None) -> WorkbookReading:
    """Read every project of a workbook: list sheets (项目信息, 绩效指标), one list of both, or one form sheet each.

    Headings may be worded, spaced and ordered otherwise; amounts come in the unit their heading names (万元 unless
    said) and leave in 万元; ``≥300人次`` fills operator, value and unit. ``template`` places cost indicators
    (CLASSIC_2020 inside output). What cannot be read is a problem of its row and stays as text; problems of the form
    and the rules are the caller's to add (``DeclarationRow.place``). Hidden sheets are passed over. Raises
    ``WorkbookRefused`` within five seconds for files that are no plain workbook, too large, or without any project;
    ValueError for an unknown template.
    """
    cost_within = default().template(template).cost_within
    columns = Columns(definition or load("project_target"))
    reading = WorkbookReading(sheets=extract(data))
    _read_sheets(reading, columns)
    if not reading.rows:
        raise WorkbookRefused("工作簿中没有找到填写的项目，请使用系统下载的模板，不要改动表头")
    for row in reading.rows:
        settle_indicators(row, cost_within)
    return reading


def _read_sheets(reading: WorkbookReading, columns: Columns) -> None:
    """Projects first, wherever their sheets stand, then the sheets whose rows belong to them."""
    lists = ListReader(columns, reading)
    later = []
    for sheet in reading.sheets:
        if not sheet.visible or not sheet.rows or sheet.name.strip() in _PASSED_OVER:
            continue
        headings = headings_of(sheet, columns)
        if headings is not None and headings.lists_projects:
            lists.read_projects(sheet, headings)
        elif headings is not None and headings.tables:
            later.append((sheet, headings))
        elif is_form(sheet, columns):
            if (row := read_form(sheet, columns)) is not None:
                lists.add_form(row)
        else:
            reading.note(sheet.name, 0, "", f"工作表“{sheet.name}”没有认出项目或指标的表头，已跳过", error=False)
    for sheet, headings in later:
        lists.read_lines(sheet, headings)
