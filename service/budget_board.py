"""How far is the budget of a year, and does it keep to the control numbers? Departments, money of both rounds, cuts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased

from db.budget import BudgetLine, DepartmentBudget
from db.case import CaseFile
from db.project import Project, TargetVersion
from service import access, department_seasons, labels
from service.campaign_terms import BUDGET
from service.case_rows import Department, Section, Unit
from service.people import Actor, day

_ZERO = Decimal(0)
#: Sums of a department's lines.
MONEY = ("target_amount", "first_amount", "control_amount", "second_amount", "approved_amount")


@dataclass(frozen=True, kw_only=True)
class DepartmentLine:
    """A department's budget: projects in the library and selected, money through both rounds (万元), the reply.

    Sums are None before the round; ``late`` says that the reply came, or is still out, after its day.
    """

    case_id: str
    number: str
    department_id: str
    department: str
    fund_section: str
    stage: str
    library_projects: int
    selected: int
    #: Targets that have to follow their money, and those of them still on their way.
    syncs: int
    open_syncs: int
    control_number: Decimal | None
    target_amount: Decimal | None
    first_amount: Decimal | None
    control_amount: Decimal | None
    second_amount: Decimal | None
    approved_amount: Decimal | None
    approved_on: date | None
    reply_due: date | None
    reply_no: str | None
    replied_at: datetime | None
    late: bool

    @property
    def stage_label(self) -> str:
        """The stage's name."""
        return labels.stage(self.stage)

    @property
    def asked(self) -> Decimal | None:
        """What the department's projects come to in the round it is in."""
        return next(
            (one for one in (self.second_amount, self.control_amount, self.first_amount) if one is not None), None
        )

    @property
    def left(self) -> Decimal | None:
        """What is left of the control number; negative where it is exceeded, None before it is set."""
        if self.control_number is None:
            return None
        return self.control_number - (
            self.second_amount if self.second_amount is not None else self.control_amount or _ZERO
        )

    def to_json(self) -> dict[str, Any]:
        """The line for the API; amounts are exact texts."""
        return {**as_json(self), "stage_label": self.stage_label, "left": None if self.left is None else str(self.left)}


@dataclass(frozen=True, kw_only=True)
class ProjectLine:
    """A selected project: its money through both rounds (万元) and the case in which its target follows."""

    project_id: str
    project_code: str
    name: str
    unit: str
    department_id: str
    department: str
    rank: int
    target_amount: Decimal
    first_amount: Decimal
    control_amount: Decimal | None
    second_amount: Decimal | None
    approved_amount: Decimal | None
    sync_case_id: str | None
    sync_number: str | None
    sync_stage: str | None

    @property
    def cut(self) -> Decimal | None:
        """How much less than its target the project gets in the newest round; negative for more, None before the first."""
        for amount in (self.approved_amount, self.second_amount, self.control_amount):
            if amount is not None:
                return self.target_amount - amount
        return None

    def to_json(self) -> dict[str, Any]:
        """The line for the API; amounts are exact texts."""
        return {**as_json(self), "cut": None if self.cut is None else str(self.cut)}


@dataclass(frozen=True, kw_only=True)
class Board:
    """A season of budgets: its departments by code."""

    campaign_id: str
    title: str
    fiscal_year: int
    departments: list[DepartmentLine]

    def total(self, name: str) -> Decimal:
        """The sum of an amount over all departments that have it, 万元."""
        return sum((getattr(line, name) or _ZERO for line in self.departments), _ZERO)

    def number(self, name: str) -> int:
        """The sum of a count over all departments."""
        return sum(int(getattr(line, name)) for line in self.departments)

    @property
    def replied(self) -> int:
        """Departments that have their reply."""
        return sum(line.reply_no is not None for line in self.departments)

    @property
    def exceeded(self) -> list[DepartmentLine]:
        """Departments whose projects cost more than their control number."""
        return [line for line in self.departments if line.left is not None and line.left < 0]

    @property
    def late(self) -> list[DepartmentLine]:
        """Departments whose reply came, or is still out, after its day."""
        return [line for line in self.departments if line.late]

    def stages(self) -> Mapping[str, int]:
        """How many departments stand at each stage, in the order of the process."""
        counted = {code: sum(line.stage == code for line in self.departments) for code in labels.STAGES}
        return {code: number for code, number in counted.items() if number}


def board(session: Session, campaign_id: str, *, actor: Actor, at: datetime) -> Board:
    """The board of a season, as far as the actor sees cases.

    Raises:
        NotFound: there is no such season of budgets.

    Source:
        P09: library against budget; reply within 20 days of the approval.
    """
    campaign = department_seasons.season(session, campaign_id, BUDGET)
    today = day(at)
    lines = []
    for row in session.execute(_departments(campaign_id, campaign.fiscal_year).where(access.visible_cases(actor))):
        known = dict(row._mapping)
        answered = day(known["replied_at"]) if known["replied_at"] else today
        late = known["reply_due"] is not None and answered > known["reply_due"]
        counts: dict[str, Any] = {
            name: known.pop(name) or 0 for name in ("library_projects", "selected", "syncs", "open_syncs")
        }
        lines.append(DepartmentLine(**known, **counts, late=late))
    return Board(campaign_id=campaign.id, title=campaign.title, fiscal_year=campaign.fiscal_year, departments=lines)


def projects(
    session: Session, campaign_id: str, *, actor: Actor, department: str = "", only_cut: bool = False
) -> list[ProjectLine]:
    """The selected projects of a season, by department and rank, as far as the actor sees cases.

    Args:
        department: only those of one department (by id).
        only_cut: only those that get less than their target asks for (压减清单), the deepest cut first.

    Raises:
        NotFound: there is no such season of budgets.
    """
    department_seasons.season(session, campaign_id, BUDGET)
    statement = _projects(campaign_id).where(access.visible_cases(actor))
    if department:
        statement = statement.where(CaseFile.department_id == department)
    found = [ProjectLine(**row._mapping) for row in session.execute(statement)]
    if not only_cut:
        return found
    return sorted((one for one in found if (one.cut or _ZERO) > 0), key=lambda one: -(one.cut or _ZERO))


def as_json(row: Any) -> dict[str, Any]:
    """The members of a row for the API: amounts as exact texts, days and instants as ISO texts."""
    return {field.name: _json(getattr(row, field.name)) for field in fields(row)}


def seasons(session: Session) -> Sequence[Any]:
    """The seasons of budgets, the newest year first."""
    return department_seasons.seasons(session, BUDGET)


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _departments(campaign_id: str, fiscal_year: int) -> Select[Any]:
    lines, library = _lines(), _library(fiscal_year)
    return (
        select(
            CaseFile.id.label("case_id"),
            CaseFile.number,
            CaseFile.department_id,
            Department.name.label("department"),
            Section.name.label("fund_section"),
            CaseFile.stage,
            library.c.projects.label("library_projects"),
            lines.c.selected,
            lines.c.syncs,
            lines.c.open_syncs,
            *(lines.c[name] for name in MONEY),
            DepartmentBudget.control_number,
            DepartmentBudget.approved_on,
            DepartmentBudget.reply_due,
            DepartmentBudget.reply_no,
            DepartmentBudget.replied_at,
        )
        .join(Department, Department.id == CaseFile.department_id)
        .join(Section, Section.id == CaseFile.fund_section_id)
        .outerjoin(lines, lines.c.case_id == CaseFile.id)
        .outerjoin(library, library.c.department_id == CaseFile.department_id)
        .outerjoin(DepartmentBudget, DepartmentBudget.case_id == CaseFile.id)
        .where(CaseFile.campaign_id == campaign_id, CaseFile.process_id == BUDGET)
        .order_by(Department.code)
    )


def _projects(campaign_id: str) -> Select[Any]:
    sync = aliased(CaseFile)
    return (
        select(
            BudgetLine.project_id,
            Project.project_code,
            Project.name,
            Unit.name.label("unit"),
            CaseFile.department_id,
            Department.name.label("department"),
            BudgetLine.rank,
            *(getattr(BudgetLine, name) for name in MONEY),
            BudgetLine.sync_case_id,
            sync.number.label("sync_number"),
            sync.stage.label("sync_stage"),
        )
        .join(CaseFile, CaseFile.id == BudgetLine.case_id)
        .join(Project, Project.id == BudgetLine.project_id)
        .join(Unit, Unit.id == Project.unit_id)
        .join(Department, Department.id == CaseFile.department_id)
        .outerjoin(sync, sync.id == BudgetLine.sync_case_id)
        .where(CaseFile.campaign_id == campaign_id)
        .order_by(Department.code, BudgetLine.rank, Project.project_code)
    )


def _lines() -> Any:
    """Numbers and sums of the selected projects of every case."""
    sync = aliased(CaseFile)
    return (
        select(
            BudgetLine.case_id,
            func.count().label("selected"),
            func.count(BudgetLine.sync_case_id).label("syncs"),
            func.count(case((sync.finished_at.is_(None), sync.id))).label("open_syncs"),
            *(func.sum(getattr(BudgetLine, name)).label(name) for name in MONEY),
        )
        .outerjoin(sync, sync.id == BudgetLine.sync_case_id)
        .group_by(BudgetLine.case_id)
        .subquery()
    )


def _library(fiscal_year: int) -> Any:
    """How many projects of each department are in the target library of a year."""
    return (
        select(Project.department_id, func.count(Project.id.distinct()).label("projects"))
        .join(TargetVersion, TargetVersion.project_id == Project.id)
        .where(Project.fiscal_year == fiscal_year, Project.discarded_at.is_(None), TargetVersion.voided_at.is_(None))
        .group_by(Project.department_id)
        .subquery()
    )
