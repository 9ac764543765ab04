"""How does a season's board stand in a workbook? One sheet of departments, one of projects, amounts in 万元."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from service import launches, monitoring_board, security_log
from service.monitoring_board import Board, DepartmentLine
from service.people import Actor
from service.workbooks.board_sheet import Columns, board_sheet
from service.workbooks.drawing import Book, put, widen

_DEPARTMENTS: Columns = (
    ("主管部门", 30, "text", lambda line: line.name),
    ("项目数", 10, "text", lambda line: str(line.sums.total)),
    ("红灯", 8, "text", lambda line: str(line.sums.red)),
    ("黄灯", 8, "text", lambda line: str(line.sums.yellow)),
    ("绿灯", 8, "text", lambda line: str(line.sums.green)),
    ("未报送", 8, "text", lambda line: str(line.sums.unreported)),
    ("调整后预算数（万元）", 18, "money", lambda line: line.sums.annual_budget),
    ("执行数（万元）", 16, "money", lambda line: line.sums.executed),
    ("执行率（%）", 12, "money", lambda line: _rounded(line.sums.rate)),
    ("全年预计执行数（万元）", 20, "money", lambda line: line.sums.forecast),
    ("预计结余（万元）", 16, "money", lambda line: line.sums.surplus),
)
_PROJECTS: Columns = (
    ("业务件编号", 18, "text", lambda row: row.number),
    ("项目代码", 22, "text", lambda row: row.project_code),
    ("项目名称", 36, "text", lambda row: row.title),
    ("单位", 24, "text", lambda row: row.unit),
    ("主管部门", 24, "text", lambda row: row.department),
    ("环节", 16, "text", lambda row: row.stage_label),
    ("项目总灯", 10, "text", lambda row: monitoring_board.light_name(row.light)),
    ("执行灯", 10, "text", lambda row: monitoring_board.light_name(row.execution_light)),
    ("目标灯", 10, "text", lambda row: monitoring_board.light_name(row.target_light)),
    ("判灯依据", 30, "text", lambda row: row.why),
    ("调整后预算数（万元）", 18, "money", lambda row: row.annual_budget),
    ("执行数（万元）", 16, "money", lambda row: row.executed),
    ("执行率（%）", 12, "money", lambda row: _rounded(row.rate)),
    ("全年预计执行数（万元）", 20, "money", lambda row: row.forecast),
    ("预计结余（万元）", 16, "money", lambda row: row.surplus),
    ("整改业务件", 18, "text", lambda row: row.rectification["number"] if row.rectification else None),
    ("整改环节", 16, "text", lambda row: row.rectification["stage"] if row.rectification else None),
)
_HEADS = ("项目代码", "项目名称", "调整后预算数", "上年结转", "执行数")


def export(
    session: Session, campaign_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> tuple[str, bytes]:
    """The board as a workbook, as far as the actor sees cases; the export is logged.

    Returns:
        Name and content of the file. Texts never become formulas; shares are percent with two places.

    Raises:
        NotFound: there is no such season of monitoring.
    """
    board = monitoring_board.board(session, campaign_id, actor=actor, at=at)
    detail = {"what": f"{board.title}：{board.sums.total}个项目", "campaign_id": campaign_id}
    security_log.write(session, "exported", at=at, actor=actor.person_id, detail=detail, client=client)
    return f"{board.title}.xlsx", write(board)


def write(board: Board) -> bytes:
    """The workbook of a board."""
    book = Book()
    whole = DepartmentLine(id="", name="合计", sums=board.sums)
    board_sheet(book, "部门汇总", f"{board.title}部门汇总表", _DEPARTMENTS, [*board.departments, whole])
    board_sheet(book, "项目明细", f"{board.title}项目明细表", _PROJECTS, monitoring_board.ranked(board.projects))
    return book.saved()


def template(session: Session, campaign_id: str) -> tuple[str, bytes]:
    """An empty file of execution figures with the season's projects, for the treasury section to fill in.

    Raises:
        NotFound: there is no such season of monitoring.
    """
    campaign = launches.season(session, campaign_id)
    book = Book()
    sheet = book.sheet("执行数")
    for place, heading in enumerate(_HEADS):
        put(sheet, 0, place, f"{heading}（万元）" if place > 1 else heading, "heading")
    for line, (code, name, budget) in enumerate(launches.projects(session, campaign), 1):
        put(sheet, line, 0, code, "text")
        put(sheet, line, 1, name, "text")
        put(sheet, line, 2, budget, "money")
    widen(sheet, {0: 24, 1: 40, 2: 20, 3: 16, 4: 16})
    sheet.freeze_panes = "A2"
    return f"{campaign.title}执行数.xlsx", book.saved()


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(Decimal("0.01"))
