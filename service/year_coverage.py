"""How much of the year is covered? Targets, assessments, overall targets, monitoring, rectification, replies: done ÷ expected."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from db.budget import BudgetLine, OverallTarget
from db.campaign import Campaign
from db.case import CaseFile
from db.organisation import Organisation
from db.project import Project, TargetVersion
from service import access
from service.people import Actor


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """One kind of coverage (覆盖率) of a year."""

    code: str
    name: str
    done: int
    expected: int

    @property
    def percent(self) -> Decimal | None:
        """Percent with two places; None where nothing is expected."""
        if not self.expected:
            return None
        return (Decimal(100) * self.done / self.expected).quantize(Decimal("0.01"))

    def to_json(self) -> dict[str, Any]:
        """The ratio for the API."""
        return {**vars(self), "percent": None if self.percent is None else str(self.percent)}


def ratios(session: Session, fiscal_year: int, *, actor: Actor) -> list[Ratio]:
    """Every kind of coverage of a year, as far as the actor sees projects; one statement each.

    Source:
        Coverage: targets ÷ projects, assessments ÷ new major projects, monitoring ÷ projects.
    """
    project = (Project.fiscal_year == fiscal_year, Project.discarded_at.is_(None), access.visible_projects(actor))
    approved = Project.id.in_(select(TargetVersion.project_id).where(TargetVersion.voided_at.is_(None)))
    monitored = Project.id.in_(_cases("performance_monitoring", CaseFile.stage != "filling"))
    assessed = Project.ex_ante_conclusion.is_not(None)
    replied = Project.id.in_(select(BudgetLine.project_id).where(BudgetLine.approved_amount.is_not(None)))
    return [
        _ratio(session, "targets", "绩效目标入库", project, approved),
        _ratio(session, "ex_ante", "新增重大项目事前评估", (*project, Project.needs_ex_ante), assessed),
        _departments(session, fiscal_year, actor),
        _ratio(session, "replies", "预算和目标批复", (*project, approved), replied),
        _ratio(session, "monitoring", "绩效运行监控报送", (*project, approved), monitored),
        _rectified(session, fiscal_year, actor),
    ]


def _cases(process_id: str, *conditions: ColumnElement[bool]) -> Any:
    return select(CaseFile.project_id).where(CaseFile.process_id == process_id, *conditions)


def _ratio(session: Session, code: str, name: str, expected: Any, done: ColumnElement[bool]) -> Ratio:
    counted = select(func.count(), func.count().filter(done)).where(*expected)
    whole, covered = session.execute(counted).one()
    return Ratio(code=code, name=name, done=covered, expected=whole)


def _departments(session: Session, fiscal_year: int, actor: Actor) -> Ratio:
    """Departments with projects in the year, and those of them whose overall target is in the library."""
    with_projects = select(Project.department_id).where(
        Project.fiscal_year == fiscal_year, Project.discarded_at.is_(None), access.visible_projects(actor)
    )
    done = Organisation.id.in_(select(OverallTarget.department_id).where(OverallTarget.fiscal_year == fiscal_year))
    expected = (Organisation.kind == "department", Organisation.id.in_(with_projects))
    return _ratio(session, "overall_targets", "部门整体绩效目标入库", expected, done)


def _rectified(session: Session, fiscal_year: int, actor: Actor) -> Ratio:
    """Rectifications that came out of the year's seasons, and those that are closed."""
    of_year = CaseFile.campaign_id.in_(select(Campaign.id).where(Campaign.fiscal_year == fiscal_year))
    expected = (CaseFile.process_id == "rectification", of_year, access.visible_cases(actor))
    return _ratio(session, "rectifications", "整改办结", expected, CaseFile.finished_at.is_not(None))
