"""How does a season's board stand in a workbook? A sheet for each of its tables, with the page's own figures."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import boards, security_log, year_coverage
from service.people import Actor
from service.workbooks.board_sheet import Columns, board_sheet
from service.workbooks.drawing import Book

_UNITS: Columns = (
    ("单位代码", 14, "text", lambda row: row.code),
    ("单位", 30, "text", lambda row: row.unit),
    ("主管部门", 30, "text", lambda row: row.department),
    ("填报中", 10, "text", lambda row: str(row.drafting)),
    ("退回修改", 10, "text", lambda row: str(row.returned)),
    ("审核中", 10, "text", lambda row: str(row.reviewing)),
    ("已办结", 10, "text", lambda row: str(row.finished)),
    ("不予通过", 10, "text", lambda row: str(row.rejected)),
    ("合计", 10, "text", lambda row: str(row.total)),
)
_STEPS: Columns = (
    ("环节", 28, "text", lambda row: row.step),
    ("办理次数", 12, "text", lambda row: str(row.decided)),
    ("退回次数", 12, "text", lambda row: str(row.returned)),
    ("平均工作日", 12, "money", lambda row: row.average_days),
    ("中位工作日", 12, "money", lambda row: row.median_days),
    ("最长工作日", 12, "money", lambda row: row.longest_days),
    ("超期次数", 12, "text", lambda row: str(row.overdue)),
)
_COUNTS: Columns = (
    ("名称", 40, "text", lambda row: row.name),
    ("次数", 12, "text", lambda row: str(row.number)),
)
_RATIOS: Columns = (
    ("内容", 30, "text", lambda row: row.name),
    ("已完成", 12, "text", lambda row: str(row.done)),
    ("应完成", 12, "text", lambda row: str(row.expected)),
    ("覆盖率（%）", 14, "money", lambda row: row.percent),
)


def export(
    session: Session, campaign_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> tuple[str, bytes]:
    """The board of a season as a workbook, as far as the actor sees cases; the export is logged.

    Returns:
        Name and content of the file. Texts never become formulas.

    Raises:
        NotFound: there is no such season.
    """
    board = boards.board(session, campaign_id, actor=actor)
    covered = year_coverage.ratios(session, board.fiscal_year, actor=actor)
    tables: tuple[tuple[str, Columns, Any], ...] = (
        ("单位进度", _UNITS, board.units),
        ("未报单位", _UNITS, board.missing),
        ("环节用时", _STEPS, board.steps),
        ("退回（按部门）", _COUNTS, board.returns),
        ("规则触发", _COUNTS, board.rules),
        ("审核意见（按栏目）", _COUNTS, board.remarks),
        ("覆盖率", _RATIOS, covered),
    )
    book = Book()
    for name, columns, rows in tables:
        board_sheet(book, name, f"{board.title}{name}", columns, rows)
    detail = {"what": f"{board.title}看板", "campaign_id": campaign_id}
    security_log.write(session, "exported", at=at, actor=actor.person_id, detail=detail, client=client)
    return f"{board.title}看板.xlsx", book.saved()
