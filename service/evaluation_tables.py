"""Which faults has a self-evaluation table filled in elsewhere, and what of it goes into the case's own form?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from forms.definition import Field
from forms.problem import Problem
from service import attachments, declarations, tasks
from service.errors import NotAllowed, NotFound, Problems
from service.people import Actor
from service.rules.filled_tables import FilledTable, Finding, Obstacle, Transfer, check, find_tables, transfers
from service.workbooks import WorkbookRefused
from service.workbooks.grid import address, extract

FORM = "self_evaluation"
SOURCE = "财预〔2020〕10号附1"


@dataclass(frozen=True)
class CheckedTable:
    """One table of a workbook and everything found in it, errors and warnings in the order of the table."""

    table: FilledTable
    findings: list[Finding]

    def count(self, severity: str) -> int:
        """How many findings are of a severity (error, warning)."""
        return sum(own.severity == severity for own in self.findings)


@dataclass(frozen=True)
class Offer:
    """What a table would change in the draft of a step; ``names`` are the form's indicators by row, ``columns`` by id.

    ``content`` is the draft as it stands, without the table.
    """

    transfers: list[Transfer]
    obstacles: list[Obstacle]
    names: list[str]
    columns: Mapping[str, Field]
    draft_version: int
    content: Mapping[str, Any]


def checked(
    session: Session, attachment_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> tuple[str, list[CheckedTable]]:
    """The name of an attached workbook and its filled tables with what is provably wrong in each.

    Raises:
        NotFound: there is no such file, or its case is not the actor's to see.
        Problems: it is no workbook, cannot be read, or holds no filled self-evaluation table.
    """
    file = attachments.load(session, attachment_id, actor=actor, at=at, client=client)
    try:
        sheets = [sheet for sheet in extract(file.content) if sheet.visible]
    except WorkbookRefused as refused:
        raise _unreadable(file.filename, refused.detail) from refused
    tables = [table for sheet in sheets for table in find_tables(sheet, sheet.name, address)]
    if not tables:
        raise _unreadable(
            file.filename,
            "没有找到自评表：应有“三级指标、年度指标值、实际完成值”等表头，请使用官方自评表格式另存为 .xlsx 后重新上传",
        )
    return file.filename, [CheckedTable(table, check(table)) for table in tables]


def offer(
    session: Session, visit_id: str, attachment_id: str, table: FilledTable, *, actor: Actor, at: datetime
) -> Offer:
    """What a table of an attached workbook would change in the self-evaluation the actor is filling in.

    Raises:
        NotFound: no such visit, it is not the actor's to see, or the file belongs to another case.
        NotAllowed: the actor does not fill in a self-evaluation there now.
    """
    form = _editable(session, visit_id, attachment_id, actor, at)
    rows = form["content"].get("indicators") or []
    columns = {column.id: column for field in form["definition"].questions for column in field.columns}
    levels = [choice.value for choice in columns["level"].choices]
    found, obstacles = transfers(rows, table, levels)
    return Offer(
        transfers=found,
        obstacles=obstacles,
        names=[str(row.get("level3_name") or "") for row in rows],
        columns=columns,
        draft_version=form["draft_version"],
        content=form["content"],
    )


def take(
    session: Session, visit_id: str, attachment_id: str, number: int, *, actor: Actor, at: datetime, version: int
) -> dict[str, Any]:
    """Write a table's results into the draft of a self-evaluation; nothing is submitted, scores are computed anew.

    Args:
        number: of the table in the file, counted from 0.
        version: of the draft the person had compared the table with.

    Returns:
        ``taken`` (how many cells changed), and what ``declarations.save_draft`` says of the draft.

    Raises:
        Stale: the draft was saved from another window meanwhile.
        NotFound: the file holds no such table, or as for ``offer``.
        NotAllowed, Problems: as for ``offer`` and ``checked``.
    """
    _, tables = checked(session, attachment_id, actor=actor, at=at)
    if number >= len(tables):
        raise NotFound("文件中没有这张表，请从检查结果页面确认填入。")
    given = offer(session, visit_id, attachment_id, tables[number].table, actor=actor, at=at)
    content = dict(given.content)
    rows = [dict(row) for row in content.get("indicators") or []]
    for one in given.transfers:
        rows[one.index][one.field] = one.after
    saved = declarations.save_draft(
        session,
        visit_id,
        actor=actor,
        at=at,
        form_code=FORM,
        content={**content, "indicators": rows},
        version=version,
    )
    return {**saved, "taken": len(given.transfers)}


def _editable(session: Session, visit_id: str, attachment_id: str, actor: Actor, at: datetime) -> dict[str, Any]:
    page = tasks.page(session, visit_id, actor=actor, at=at)
    form = page.form
    if attachment_id not in [file["id"] for file in page.attachments]:
        raise NotFound("这个附件不属于正在填报的自评，请在本业务件中上传后再检查。")
    if form["definition"].code != FORM:
        raise NotFound("这个待办事项不是项目绩效自评。")
    if form["mode"] != "edit":
        raise NotAllowed("您现在不能填写这份自评表，只能查看检查结果。")
    return form


def _unreadable(filename: str, reason: str) -> Problems:
    problem = Problem(field="attachments", message=reason.rstrip("。"), severity="error", source=SOURCE)
    return Problems([problem], f"无法检查“{filename}”：{reason.rstrip('。')}。")
