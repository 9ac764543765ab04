"""How do the boards of departments stand in a workbook? Budgets with their projects and cuts, and overall targets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import budget_board, overall_targets, security_log
from service.people import Actor, day
from service.workbooks.board_sheet import Columns, board_sheet
from service.workbooks.drawing import Book

_BUDGETS: Columns = (
    ("主管部门", 30, "text", lambda row: row.department),
    ("资金科室", 16, "text", lambda row: row.fund_section),
    ("环节", 18, "text", lambda row: row.stage_label),
    ("目标库项目数", 12, "text", lambda row: str(row.library_projects)),
    ("列入项目数", 12, "text", lambda row: str(row.selected)),
    ("目标库金额（万元）", 18, "money", lambda row: row.target_amount),
    ("一上金额（万元）", 18, "money", lambda row: row.first_amount),
    ("部门控制数（万元）", 18, "money", lambda row: row.control_number),
    ("项目控制数合计（万元）", 20, "money", lambda row: row.control_amount),
    ("二上金额（万元）", 18, "money", lambda row: row.second_amount),
    ("控制数余额（万元）", 18, "money", lambda row: row.left),
    ("批复金额（万元）", 18, "money", lambda row: row.approved_amount),
    ("待同步目标", 12, "text", lambda row: str(row.open_syncs)),
    ("人代会批准日期", 16, "day", lambda row: row.approved_on),
    ("批复期限", 14, "day", lambda row: row.reply_due),
    ("批复文号", 20, "text", lambda row: row.reply_no),
    ("批复日期", 14, "day", lambda row: day(row.replied_at) if row.replied_at else None),
)
_PROJECTS: Columns = (
    ("主管部门", 28, "text", lambda row: row.department),
    ("排序", 8, "text", lambda row: str(row.rank)),
    ("项目代码", 22, "text", lambda row: row.project_code),
    ("项目名称", 36, "text", lambda row: row.name),
    ("单位", 24, "text", lambda row: row.unit),
    ("目标库金额（万元）", 18, "money", lambda row: row.target_amount),
    ("一上金额（万元）", 18, "money", lambda row: row.first_amount),
    ("控制数（万元）", 18, "money", lambda row: row.control_amount),
    ("二上金额（万元）", 18, "money", lambda row: row.second_amount),
    ("批复金额（万元）", 18, "money", lambda row: row.approved_amount),
    ("较目标库压减（万元）", 18, "money", lambda row: row.cut),
    ("目标同步业务件", 20, "text", lambda row: row.sync_number),
)
_OVERALL: Columns = (
    ("主管部门", 30, "text", lambda row: row.department),
    ("资金科室", 16, "text", lambda row: row.fund_section),
    ("业务件编号", 18, "text", lambda row: row.number),
    ("环节", 18, "text", lambda row: row.stage_label),
    ("整体目标编号", 20, "text", lambda row: row.library_no),
    ("部门预算（万元）", 18, "money", lambda row: row.budget_total),
    ("任务金额合计（万元）", 20, "money", lambda row: row.tasks_total),
    ("目标库项目数", 12, "text", lambda row: str(row.projects)),
    ("目标库项目金额（万元）", 22, "money", lambda row: row.library_amount),
)


def budgets(
    session: Session, campaign_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> tuple[str, bytes]:
    """The board of budgets as a workbook: departments, projects, and the list of cuts; the export is logged.

    Returns:
        Name and content of the file. Texts never become formulas.

    Raises:
        NotFound: there is no such season of budgets.
    """
    board = budget_board.board(session, campaign_id, actor=actor, at=at)
    rows = budget_board.projects(session, campaign_id, actor=actor)
    cut = budget_board.projects(session, campaign_id, actor=actor, only_cut=True)
    sheets = (("部门汇总", _BUDGETS, board.departments), ("项目明细", _PROJECTS, rows), ("压减清单", _PROJECTS, cut))
    _log(session, board.title, len(board.departments), campaign_id, actor, at, client)
    return f"{board.title}.xlsx", _write(board.title, sheets)


def overall(
    session: Session, campaign_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> tuple[str, bytes]:
    """The board of overall targets as a workbook; the export is logged.

    Returns:
        Name and content of the file.

    Raises:
        NotFound: there is no such season of overall targets.
    """
    board = overall_targets.board(session, campaign_id, actor=actor)
    _log(session, board.title, len(board.departments), campaign_id, actor, at, client)
    return f"{board.title}.xlsx", _write(board.title, (("部门整体目标", _OVERALL, board.departments),))


def _write(title: str, sheets: Sequence[tuple[str, Columns, Sequence[Any]]]) -> bytes:
    book = Book()
    for name, columns, rows in sheets:
        board_sheet(book, name, f"{title}{name}", columns, rows)
    return book.saved()


def _log(
    session: Session,
    title: str,
    count: int,
    campaign_id: str,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None,
) -> None:
    detail = {"what": f"{title}：{count}个部门", "campaign_id": campaign_id}
    security_log.write(session, "exported", at=at, actor=actor.person_id, detail=detail, client=client)
