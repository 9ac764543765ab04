"""How does the board of ex-ante assessments stand in a workbook? One sheet of departments, one of projects, amounts in 万元."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import ex_ante_board, security_log
from service.ex_ante_board import STATUSES, Board
from service.people import Actor
from service.workbooks.board_sheet import Columns, board_sheet
from service.workbooks.drawing import Book, CellValue


def _count(status: str) -> Callable[[Any], CellValue]:
    return lambda line: str(line.sums.counts[status])


_DEPARTMENTS: Columns = (
    ("主管部门", 30, "text", lambda line: line.name),
    ("新增重大项目", 14, "text", lambda line: str(line.sums.total)),
    ("已评估", 10, "text", lambda line: str(line.sums.assessed)),
    ("覆盖率（%）", 12, "money", lambda line: line.sums.share),
    *((title, 14, "text", _count(status)) for status, title in STATUSES.items()),
    ("申请资金（万元）", 16, "money", lambda line: line.sums.asked),
    ("核减资金（万元）", 16, "money", lambda line: line.sums.cut),
)
_PROJECTS: Columns = (
    ("项目代码", 22, "text", lambda row: row.project_code),
    ("项目名称", 36, "text", lambda row: row.title),
    ("单位", 24, "text", lambda row: row.unit),
    ("主管部门", 24, "text", lambda row: row.department),
    ("目标申报环节", 18, "text", lambda row: row.declaration_stage_label),
    ("评估业务件", 18, "text", lambda row: row.number),
    ("评估环节", 18, "text", lambda row: row.stage_label),
    ("评估情况", 14, "text", lambda row: STATUSES[row.status]),
    ("得分", 10, "money", lambda row: row.score),
    ("申请资金（万元）", 16, "money", lambda row: row.asked),
    ("建议预算数（万元）", 18, "money", lambda row: row.suggested),
    ("核减资金（万元）", 16, "money", lambda row: row.cut),
)


def export(
    session: Session, *, fiscal_year: int, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> tuple[str, bytes]:
    """The board as a workbook; the export is logged. Returns name and content of the file."""
    found = ex_ante_board.board(session, actor=actor, fiscal_year=fiscal_year)
    facts = {"what": "ex_ante", "fiscal_year": fiscal_year}
    security_log.write(session, "exported", at=at, actor=actor.person_id, detail=facts, client=client)
    return f"事前绩效评估-{fiscal_year}.xlsx", write(found)


def write(board: Board) -> bytes:
    """The workbook of a board."""
    book = Book()
    board_sheet(book, "分部门", f"{board.fiscal_year}年度事前绩效评估情况（分部门）", _DEPARTMENTS, board.departments)
    board_sheet(book, "项目", f"{board.fiscal_year}年度新增重大项目事前绩效评估情况", _PROJECTS, board.projects)
    return book.saved()
