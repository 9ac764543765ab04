"""Which projects of a year are there, how far is each, and what do they ask for? The project library (项目库)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.case import CaseFile
from db.project import Project, TargetVersion
from service import access, labels, search
from service.case_rows import Department, Section, Unit, units_named
from service.coverage import Board, coverage
from service.people import Actor
from service.rules.ex_ante import CONCLUSIONS
from service.target_context import TARGET_PROCESS

__all__ = ["Board", "LibraryPage", "ProjectRow", "coverage", "every", "page", "years"]

#: A workbook of more rows is no list any more.
MOST_ROWS = 20_000


@dataclass(frozen=True, kw_only=True)
class ProjectRow:
    """A project with its newest case and its approved target, if it has one. Amounts in 万元."""

    project_id: str
    project_code: str
    name: str
    fiscal_year: int
    unit_code: str
    unit: str
    department: str
    fund_section: str
    category: str | None
    amount: Decimal | None
    is_key_project: bool
    needs_ex_ante: bool
    ex_ante_conclusion: str | None
    ex_ante_label: str
    ex_ante_score: Decimal | None
    case_id: str | None
    number: str | None
    stage: str | None
    stage_label: str
    condition_label: str
    library_no: str | None
    version: int | None
    admitted_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class LibraryPage:
    """A page of the library with the sums of everything that is wanted, not of the page alone. Amounts in 万元."""

    rows: list[ProjectRow]
    total: int
    page: int
    size: int
    amount: Decimal
    admitted: int
    admitted_amount: Decimal
    #: Departments of the year to choose from: id and name.
    departments: list[tuple[str, str]]


def page(
    session: Session,
    *,
    actor: Actor,
    fiscal_year: int,
    department: str | None = None,
    unit: str | None = None,
    q: str = "",
    stage: str | None = None,
    page: int = 1,
    size: int = 50,
) -> LibraryPage:
    """The projects of a year the actor may see, by unit and code.

    Args:
        department: id of a department; only its projects.
        unit: part of a unit's or department's name or code.
        q: words of the project's name or code.
        stage: only projects whose case is at this stage; in_library for the approved targets.
        page: from 1.

    Returns:
        Rows, the number of all wanted projects and the sums of their amounts; 0 where there is nothing to add.
    """
    wanted = _wanted(session, actor, fiscal_year, department, unit, q, stage)
    shown = _select().where(*wanted).limit(size).offset((page - 1) * size)
    return LibraryPage(
        rows=[_row(found) for found in session.execute(shown)],
        page=page,
        size=size,
        departments=_departments(session, actor, fiscal_year),
        **session.execute(_sums().where(*wanted)).one()._mapping,
    )


def every(session: Session, *, actor: Actor, fiscal_year: int, **asked: Any) -> Iterator[ProjectRow]:
    """All rows of ``page``'s list, for a workbook; at most 20,000. ``asked`` are its filters."""
    filters = {"department": None, "unit": None, "q": "", "stage": None, **asked}
    wanted = _wanted(session, actor, fiscal_year, **filters)
    return (_row(found) for found in session.execute(_select().where(*wanted).limit(MOST_ROWS)))


def years(session: Session) -> list[int]:
    """The fiscal years of all seasons, newest first; [] before the first season."""
    return list(session.scalars(select(Campaign.fiscal_year).distinct().order_by(Campaign.fiscal_year.desc())))


#: The newest case of a project, and its newest approved target.
_case = (
    select(CaseFile.id, CaseFile.number, CaseFile.stage, CaseFile.condition, CaseFile.amount)
    .where(CaseFile.project_id == Project.id, CaseFile.process_id == TARGET_PROCESS)
    .order_by(CaseFile.started_at.desc(), CaseFile.id.desc())
    .limit(1)
    .lateral("newest_case")
)
_target = (
    select(TargetVersion.library_no, TargetVersion.version, TargetVersion.admitted_at)
    .where(TargetVersion.project_id == Project.id)
    .order_by(TargetVersion.version.desc())
    .limit(1)
    .lateral("target")
)
#: What was last submitted; before that what the draft says.
_amount = func.coalesce(Project.amount_total, _case.c.amount)


def _joined(statement: Select[Any]) -> Select[Any]:
    return statement.select_from(Project).outerjoin(_case, true())


def _sums() -> Select[Any]:
    admitted = _case.c.stage == "in_library"
    return _joined(
        select(
            func.count().label("total"),
            func.coalesce(func.sum(_amount), 0).label("amount"),
            func.count().filter(admitted).label("admitted"),
            func.coalesce(func.sum(_amount).filter(admitted), 0).label("admitted_amount"),
        )
    )


def _select() -> Select[Any]:
    columns = (
        Project.id.label("project_id"),
        Project.project_code,
        Project.name,
        Project.fiscal_year,
        Unit.code.label("unit_code"),
        Unit.name.label("unit"),
        Department.name.label("department"),
        Section.name.label("fund_section"),
        Project.category,
        _amount.label("amount"),
        Project.is_key_project,
        Project.needs_ex_ante,
        Project.ex_ante_conclusion,
        Project.ex_ante_score,
        _case.c.id.label("case_id"),
        _case.c.number,
        _case.c.stage,
        _case.c.condition,
        _target.c.library_no,
        _target.c.version,
        _target.c.admitted_at,
    )
    return (
        _joined(select(*columns))
        .outerjoin(_target, true())
        .join(Unit, Unit.id == Project.unit_id)
        .join(Department, Department.id == Project.department_id)
        .join(Section, Section.id == Project.fund_section_id)
        .order_by(Unit.code, Project.project_code)
    )


def _wanted(
    session: Session,
    actor: Actor,
    fiscal_year: int,
    department: str | None,
    unit: str | None,
    q: str,
    stage: str | None,
) -> list[ColumnElement[bool]]:
    found = [access.visible_projects(actor), Project.fiscal_year == fiscal_year, Project.discarded_at.is_(None)]
    if department:
        found.append(Project.department_id == department)
    if unit:
        found.append(Project.unit_id.in_(units_named(unit)))
    if q.strip():
        search.plan_for_words(session)
        found.append(search.projects(q))
    if stage:
        found.append(_case.c.stage == stage)
    return found


def _departments(session: Session, actor: Actor, fiscal_year: int) -> list[tuple[str, str]]:
    visible = (access.visible_projects(actor), Project.fiscal_year == fiscal_year, Project.discarded_at.is_(None))
    statement = (
        select(Department.id, Department.name)
        .where(Department.id.in_(select(Project.department_id).where(*visible)))
        .order_by(Department.code)
    )
    return [(row.id, row.name) for row in session.execute(statement)]


def _row(found: Any) -> ProjectRow:
    read = dict(found._mapping)
    condition = read.pop("condition")
    return ProjectRow(
        **read,
        stage_label=labels.stage(found.stage) if found.stage else "",
        condition_label=labels.condition(condition),
        ex_ante_label=CONCLUSIONS.get(found.ex_ante_conclusion or "", ""),
    )
