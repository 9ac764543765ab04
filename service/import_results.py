"""What do people see of the workbooks they uploaded?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.form import WorkbookImport
from service.errors import NotFound
from service.people import Actor

STATES: Mapping[str, str] = MappingProxyType({"checked": "待确认", "confirmed": "已导入", "discarded": "已放弃"})


@dataclass(frozen=True)
class ImportRow:
    """An upload in the list of one's own."""

    id: str
    campaign_title: str
    filename: str
    uploaded_at: datetime
    state: str
    state_label: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class ImportPage:
    """A checked workbook: how many rows are good, what is wrong with the others, and one page of either list."""

    id: str
    campaign_id: str
    campaign_title: str
    filename: str
    uploaded_at: datetime
    confirmed_at: datetime | None
    state: str
    state_label: str
    #: rows, good, faulty; errors, warnings, infos.
    counts: Mapping[str, int]
    #: Every project of the workbook: sheet, row, name, unit, amount, good.
    rows: Sequence[Mapping[str, Any]]
    #: Problems by sheet, row and cell.
    problems: Sequence[Mapping[str, Any]]
    #: The same file uploaded before: at, by, state; None if it is new.
    earlier: Mapping[str, Any] | None
    #: What confirming made: case_id, visit_id, number, name.
    started: Sequence[Mapping[str, Any]]


def rows(session: Session, *, actor: Actor, limit: int = 50) -> list[ImportRow]:
    """The actor's latest uploads, the newest first."""
    statement = (
        select(
            WorkbookImport.id,
            Campaign.title,
            WorkbookImport.filename,
            WorkbookImport.uploaded_at,
            WorkbookImport.state,
            WorkbookImport.result["counts"].label("counts"),
        )
        .join(Campaign, Campaign.id == WorkbookImport.campaign_id)
        .where(WorkbookImport.uploaded_by == actor.person_id)
        .order_by(WorkbookImport.uploaded_at.desc(), WorkbookImport.id)
        .limit(limit)
    )
    return [
        ImportRow(row.id, row.title, row.filename, row.uploaded_at, row.state, STATES[row.state], row.counts)
        for row in session.execute(statement)
    ]


def show(session: Session, import_id: str, *, actor: Actor) -> ImportPage:
    """A checked workbook of the actor's own.

    Raises:
        NotFound: there is none with this id, or somebody else uploaded it.
    """
    parts = (WorkbookImport.result[name].label(name) for name in ("counts", "rows", "problems", "earlier", "started"))
    statement = own(import_id, actor).join(Campaign, Campaign.id == WorkbookImport.campaign_id)
    found = session.execute(statement.with_only_columns(*_COLUMNS, Campaign.title, *parts)).first()
    if found is None:
        raise NotFound("没有这次导入，或不是您上传的。")
    return ImportPage(
        id=found.id,
        campaign_id=found.campaign_id,
        campaign_title=found.title,
        filename=found.filename,
        uploaded_at=found.uploaded_at,
        confirmed_at=found.confirmed_at,
        state=found.state,
        state_label=STATES[found.state],
        counts=found.counts,
        rows=found.rows,
        problems=found.problems,
        earlier=found.earlier,
        started=found.started or (),
    )


def own(import_id: str, actor: Actor) -> Select[Any]:
    """The upload of this id, if the actor made it."""
    return select(WorkbookImport).where(WorkbookImport.id == import_id, WorkbookImport.uploaded_by == actor.person_id)


_COLUMNS = (
    WorkbookImport.id,
    WorkbookImport.campaign_id,
    WorkbookImport.filename,
    WorkbookImport.uploaded_at,
    WorkbookImport.confirmed_at,
    WorkbookImport.state,
)
