"""What is stored of a case? Its file, events and every row they imply, read for many cases in one statement a table."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, select
from sqlalchemy.orm import Session

from db.case import CaseFile, Finding, Seat, Visit
from db.event import Event
from db.form import Attachment, FormRevision
from db.project import Indicator, Project, TargetVersion

#: Cases read together.
BATCH = 100


@dataclass
class Folder:
    """All stored rows of one case; ``case`` is None for events whose case file is gone."""

    case_id: str
    case: Any = None
    project: Any = None
    events: list[Any] = field(default_factory=list)
    visits: list[Any] = field(default_factory=list)
    seats: list[Any] = field(default_factory=list)
    findings: list[Any] = field(default_factory=list)
    targets: list[Any] = field(default_factory=list)
    indicators: list[Any] = field(default_factory=list)
    revisions: list[Any] = field(default_factory=list)
    attachments: list[Any] = field(default_factory=list)


def read_all(session: Session, *, events_only: bool = False) -> Iterator[Folder]:
    """Every case and every history without a case, in the order of their ids.

    Args:
        events_only: leave out the rows events imply.
    """
    known = set(session.scalars(select(CaseFile.id))) | set(session.scalars(select(Event.case_id).distinct()))
    ids = sorted(known)
    for start in range(0, len(ids), BATCH):
        yield from read(session, ids[start : start + BATCH], events_only=events_only)


def read(session: Session, case_ids: Sequence[str], *, events_only: bool = False) -> list[Folder]:
    """The folders of these cases in the given order; an empty folder for a case there is not."""
    folders = {case_id: Folder(case_id) for case_id in case_ids}
    for row in session.execute(select(CaseFile.__table__).where(CaseFile.id.in_(case_ids))):
        folders[row.id].case = row
    _read_tables(session, folders, _TABLES[:1] if events_only else _TABLES)
    if not events_only:
        _read_projects(session, folders)
        _read_indicators(session, folders)
    return list(folders.values())


def _read_projects(session: Session, folders: dict[str, Folder]) -> None:
    # A project may have had earlier cases: each compares with it.
    of_project: dict[str, list[Folder]] = defaultdict(list)
    for folder in folders.values():
        if folder.case is not None and folder.case.project_id is not None:
            of_project[folder.case.project_id].append(folder)
    for row in session.execute(select(Project.__table__).where(Project.id.in_(of_project))):
        for folder in of_project[row.id]:
            folder.project = row


_Table = tuple[str, FromClause, tuple[str, ...]]


def _read_tables(session: Session, folders: dict[str, Folder], tables: Sequence[_Table]) -> None:
    for name, table, order in tables:
        found = _grouped(session, _select(table, order).where(table.c.case_id.in_(folders)))
        for case_id, rows in found.items():
            setattr(folders[case_id], name, rows)


_TABLES: tuple[_Table, ...] = (
    ("events", Event.__table__, ("seq",)),
    ("visits", Visit.__table__, ("opened_seq", "id")),
    ("seats", Seat.__table__, ("id",)),
    ("findings", Finding.__table__, ("id",)),
    ("targets", TargetVersion.__table__, ("version",)),
    ("revisions", FormRevision.__table__, ("created_at", "id")),
    ("attachments", Attachment.__table__, ("uploaded_at", "id")),
)


def _select(table: FromClause, order: tuple[str, ...]) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [table.c[name] for name in order]
    return select(table).order_by(*columns)


def _grouped(session: Session, statement: Select[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in session.execute(statement):
        found[row.case_id].append(row)
    return found


def _read_indicators(session: Session, folders: dict[str, Folder]) -> None:
    owners = {target.id: folder for folder in folders.values() for target in folder.targets}
    if not owners:
        return
    statement = select(Indicator.__table__).where(Indicator.target_version_id.in_(owners))
    for row in session.execute(statement.order_by(Indicator.target_version_id, Indicator.seq)):
        owners[row.target_version_id].indicators.append(row)
