"""How does the project library stand in a workbook? One row a project, the sums below."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from service import library, security_log
from service.library import ProjectRow
from service.people import Actor, day
from service.workbooks.drawing import Book, CellValue, Look, on_paper, put, put_merged, widen

_HEADING = 1
#: Heading, width in characters, look, and what stands in the column.
_COLUMNS: tuple[tuple[str, float, Look, Callable[[ProjectRow], CellValue]], ...] = (
    ("项目代码", 22, "text", lambda row: row.project_code),
    ("项目名称", 36, "text", lambda row: row.name),
    ("单位编码", 10, "text", lambda row: row.unit_code),
    ("实施单位", 22, "text", lambda row: row.unit),
    ("主管部门", 22, "text", lambda row: row.department),
    ("资金科室", 14, "text", lambda row: row.fund_section),
    ("项目类别", 14, "text", lambda row: row.category),
    ("年度金额（万元）", 16, "money", lambda row: row.amount),
    ("重点项目", 9, "text", lambda row: "是" if row.is_key_project else ""),
    ("环节", 18, "text", lambda row: row.stage_label),
    ("状态", 12, "text", lambda row: row.condition_label),
    ("事前绩效评估", 14, "text", lambda row: row.ex_ante_label),
    ("业务件编号", 20, "text", lambda row: row.number),
    ("入库编号", 16, "text", lambda row: row.library_no),
    ("入库日期", 12, "day", lambda row: day(row.admitted_at) if row.admitted_at else None),
)
_AMOUNT = next(place for place, column in enumerate(_COLUMNS) if column[2] == "money")


def export(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    fiscal_year: int,
    client: Mapping[str, Any] | None = None,
    **asked: Any,
) -> tuple[str, bytes]:
    """The library as a workbook; the export is logged.

    Args:
        asked: the filters of ``library.page``.

    Returns:
        Name and content of the file. Texts never become formulas; amounts are 万元, unrounded, shown with two places.
    """
    content = write(fiscal_year, library.every(session, actor=actor, fiscal_year=fiscal_year, **asked))
    facts = {"what": "library", "fiscal_year": fiscal_year, **{name: value for name, value in asked.items() if value}}
    security_log.write(session, "exported", at=at, actor=actor.person_id, detail=facts, client=client)
    return f"项目库-{fiscal_year}.xlsx", content


def write(fiscal_year: int, rows: Iterable[ProjectRow]) -> bytes:
    """The workbook of these rows."""
    book = Book()
    sheet = book.sheet(f"{fiscal_year}年度项目库")
    put_merged(sheet, (0, 0, 0, len(_COLUMNS) - 1), f"{fiscal_year}年度项目绩效目标库", "title")
    for place, (heading, _, _, _) in enumerate(_COLUMNS):
        put(sheet, _HEADING, place, heading, "heading")
    line, amount = _HEADING, Decimal(0)
    for line, row in enumerate(rows, _HEADING + 1):
        for place, (_, _, look, read) in enumerate(_COLUMNS):
            put(sheet, line, place, read(row), look)
        amount += row.amount or 0
    put_merged(sheet, (line + 1, 0, line + 1, _AMOUNT - 1), f"合计（{line - _HEADING} 个项目）", "heading")
    put(sheet, line + 1, _AMOUNT, amount, "money")
    widen(sheet, {place: width for place, (_, width, _, _) in enumerate(_COLUMNS)})
    sheet.freeze_panes = "C3"
    on_paper(sheet)
    return book.saved()
