"""What must be corrected in an uploaded workbook? A workbook for download, one line a problem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from forms.problem import Severity
from service.workbooks.drawing import Book, CellValue, Look, heighten, put, put_merged, widen
from service.workbooks.grid import Sheet, place_of
from service.workbooks.reading import PlacedProblem

SHEET = "问题清单"
#: A file with more problems was filled in by other rules than ours; the first ones tell which.
MOST = 10_000
_COLUMNS = {
    "序号": 7.0, "级别": 8.0, "工作表": 16.0, "行": 7.0, "单元格": 9.0, "项目": 28.0, "填写的内容": 28.0,
    "问题": 56.0, "处理": 26.0, "规则": 8.0, "依据": 32.0,
}  # fmt: skip
_LEVELS: Mapping[Severity, tuple[str, Look, str]] = {
    "error": ("错误", "error", "必须改正，改正前该项目不能导入"),
    "warning": ("警告", "warning", "请核对；提交时需改正或说明理由"),
    "info": ("提示", "text", "仅供参考"),
}
_LONGEST = 200


def error_sheet(problems: Iterable[PlacedProblem], sheets: Sequence[Sheet] = (), *, filename: str = "") -> bytes:
    """Return a workbook listing problems by sheet, row and cell, in the order given.

    Args:
        problems: of reading, form and rules, as ``DeclarationRow.place`` and ``WorkbookReading.placed`` give them.
        sheets: the uploaded cells (``WorkbookReading.sheets``), from which the faulty cell's text is taken.
        filename: name of the uploaded file, shown in the heading.

    The sheet is called 问题清单, which reading passes over: it may be copied into the corrected workbook. At most
    10,000 problems are listed; a last line says how many more there are.
    """
    found = list(problems)
    counts = Counter(item.problem.severity for item in found)
    book = Book()
    sheet = book.sheet(SHEET)
    widen(sheet, dict(enumerate(_COLUMNS.values())))
    last = len(_COLUMNS) - 1
    put_merged(sheet, (0, 0, 0, last), f"{SHEET}{f'：{filename}' if filename else ''}", "title")
    put_merged(sheet, (1, 0, 1, last), _summary(counts), "note")
    for place, heading in enumerate(_COLUMNS):
        put(sheet, 2, place, heading, "heading")
    cells = {own.name: own for own in sheets}
    for number, item in enumerate(found[:MOST], 1):
        line = number + 2
        for place, value in enumerate(_line(number, item, cells)):
            look = _LEVELS[item.problem.severity][1] if place == 1 else "text"
            put(sheet, line, place, value, look)
        heighten(sheet, line, item.problem.message, _COLUMNS["问题"])
    if len(found) > MOST:
        put_merged(sheet, (MOST + 3, 0, MOST + 3, last), f"还有 {len(found) - MOST} 处未列出，请先改正以上问题", "note")
    sheet.row_dimensions[1].height = 30
    sheet.freeze_panes = "A4"
    sheet.auto_filter.ref = f"A3:K{min(len(found), MOST) + 3}"
    return book.saved()


def _summary(counts: Mapping[Severity, int]) -> str:
    if not counts:
        return "没有发现问题。"
    parts = "、".join(f"{_LEVELS[level][0]} {counts[level]} 处" for level in _LEVELS if counts.get(level))
    return f"共 {sum(counts.values())} 处问题：{parts}。请在原工作簿中按“工作表、单元格”找到位置，改正后重新上传。"


def _line(number: int, item: PlacedProblem, cells: Mapping[str, Sheet]) -> Sequence[CellValue]:
    level, _, handling = _LEVELS[item.problem.severity]
    text = ""
    if item.cell and item.sheet in cells:
        text = cells[item.sheet].text(*place_of(item.cell))
    row = Decimal(item.row) if item.row else None
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    problem = item.problem
    return (
        Decimal(number), level, item.sheet, row, item.cell, item.project, shown, problem.message, handling,
        problem.rule, problem.source,
    )  # fmt: skip
