"""How do the adjustments of a year stand in a workbook? One row an adjustment, amounts in 万元."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import adjustment_board, security_log
from service.adjustment_board import Board
from service.people import Actor, day
from service.workbooks.board_sheet import Columns, board_sheet
from service.workbooks.drawing import Book

_COLUMNS: Columns = (
    ("业务件编号", 18, "text", lambda row: row.number),
    ("项目代码", 22, "text", lambda row: row.project_code),
    ("项目名称", 36, "text", lambda row: row.title),
    ("单位", 24, "text", lambda row: row.unit),
    ("主管部门", 24, "text", lambda row: row.department),
    ("调整类型", 12, "text", lambda row: row.kind_label),
    ("调整前金额（万元）", 18, "money", lambda row: row.before),
    ("调整后金额（万元）", 18, "money", lambda row: row.after),
    ("变动（万元）", 14, "money", lambda row: row.change),
    ("环节", 18, "text", lambda row: row.stage_label),
    ("现行目标编号", 18, "text", lambda row: row.library_no),
    ("版本", 8, "text", lambda row: str(row.version) if row.version else None),
    ("生效日期", 12, "day", lambda row: day(row.effective_at) if row.effective_at else None),
    ("待重新公开", 12, "text", lambda row: "是" if row.redisclose_since else ""),
)


def export(
    session: Session, *, fiscal_year: int, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> tuple[str, bytes]:
    """The adjustments as a workbook; the export is logged. Returns name and content of the file."""
    found = adjustment_board.board(session, actor=actor, fiscal_year=fiscal_year)
    facts = {"what": "adjustments", "fiscal_year": fiscal_year}
    security_log.write(session, "exported", at=at, actor=actor.person_id, detail=facts, client=client)
    return f"绩效目标调整-{fiscal_year}.xlsx", write(found)


def write(board: Board) -> bytes:
    """The workbook of a board."""
    book = Book()
    board_sheet(book, "目标调整", f"{board.fiscal_year}年度绩效目标调整情况", _COLUMNS, board.rows)
    return book.saved()
