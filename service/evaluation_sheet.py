"""How does a season's self-evaluation stand in a workbook? Departments, projects, and every item with what it lost."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import evaluation_board, security_log
from service.evaluation_board import Board, DepartmentLine
from service.people import Actor
from service.workbooks.board_sheet import Columns, board_sheet
from service.workbooks.drawing import Book

_DEPARTMENTS: Columns = (
    ("主管部门", 30, "text", lambda line: line.name),
    ("项目数", 10, "text", lambda line: str(line.sums.total)),
    ("未报送", 8, "text", lambda line: str(line.sums.unreported)),
    ("优", 8, "text", lambda line: str(line.sums.grades["优"])),
    ("良", 8, "text", lambda line: str(line.sums.grades["良"])),
    ("中", 8, "text", lambda line: str(line.sums.grades["中"])),
    ("差", 8, "text", lambda line: str(line.sums.grades["差"])),
    ("自评平均分", 12, "money", lambda line: line.sums.self_mean),
    ("核定平均分", 12, "money", lambda line: line.sums.checked_mean),
    ("按金额加权平均分（仅供参考）", 24, "money", lambda line: line.sums.weighted_mean),
    ("自评满分率（%）", 14, "money", lambda line: line.sums.full_rate),
    ("抽查项目", 10, "text", lambda line: str(line.sums.sampled)),
)
_PROJECTS: Columns = (
    ("业务件编号", 18, "text", lambda row: row.number),
    ("项目代码", 22, "text", lambda row: row.project_code),
    ("项目名称", 36, "text", lambda row: row.title),
    ("单位", 24, "text", lambda row: row.unit),
    ("主管部门", 24, "text", lambda row: row.department),
    ("环节", 16, "text", lambda row: row.stage_label),
    ("全年预算数（万元）", 16, "money", lambda row: row.annual_budget),
    ("自评得分", 10, "money", lambda row: row.self_total),
    ("自评等级", 10, "text", lambda row: row.self_grade),
    ("核定得分", 10, "money", lambda row: row.total),
    ("核定等级", 10, "text", lambda row: row.grade),
    ("差距", 10, "money", lambda row: row.gap),
    ("抽查", 8, "text", lambda row: {True: "是", False: "否"}.get(row.sampled, "")),
    ("抽查依据", 30, "text", lambda row: row.sample_reason),
    ("整改业务件", 18, "text", lambda row: row.rectification["number"] if row.rectification else None),
)
_LOSSES: Columns = (
    ("评分项", 36, "text", lambda loss: loss.name),
    ("失分项目数", 12, "text", lambda loss: str(loss.items)),
    ("失分合计", 12, "money", lambda loss: loss.points),
)


def export(
    session: Session, campaign_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> tuple[str, bytes]:
    """The board as a workbook, as far as the actor sees cases; the export is logged.

    Returns:
        Name and content of the file. Texts never become formulas; points have two places.

    Raises:
        NotFound: there is no such season of self-evaluation.
    """
    board = evaluation_board.board(session, campaign_id, actor=actor)
    detail = {"what": f"{board.title}：{board.sums.total}个项目", "campaign_id": campaign_id}
    security_log.write(session, "exported", at=at, actor=actor.person_id, detail=detail, client=client)
    return f"{board.title}.xlsx", write(board)


def write(board: Board) -> bytes:
    """The workbook of a board."""
    book = Book()
    whole = DepartmentLine(id="", name="合计", sums=board.sums)
    board_sheet(book, "部门汇总", f"{board.title}部门汇总表", _DEPARTMENTS, [*board.departments, whole])
    projects = evaluation_board.ranked(board.projects, sort="code")
    board_sheet(book, "项目明细", f"{board.title}项目明细表", _PROJECTS, projects)
    board_sheet(book, "失分情况", f"{board.title}失分情况表", _LOSSES, board.losses)
    return book.saved()
