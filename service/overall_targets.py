"""Which departments' overall targets are approved? The effect that freezes one, and the board of all departments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

import forms
from db.base import opaque_id
from db.budget import OverallTarget
from db.campaign import Campaign
from db.case import CaseFile
from db.project import Project, TargetVersion
from service import access, department_seasons, labels, revisions, series, subjects
from service.acts import Cause
from service.campaign_terms import OVERALL
from service.case_rows import Department, Section
from service.dockets import Docket
from service.people import Actor
from service.rules.quantities import number_of

_ZERO = Decimal(0)


def admit(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Freeze a department's overall target as it stands, with a number of the library of overall targets.

    Returns:
        The change for the event: ``overall_target_admitted`` with number, version and content hash.

    Source:
        P07 入库并进入人大材料包.
    """
    case = docket.case
    campaign = session.get_one(Campaign, case.campaign_id)
    kept = revisions.one(session, case.form_revision_id)
    definition = docket.bundle.definitions[docket.bundle.subject_form]
    context = subjects.of_case(session, case).form_context()
    content = forms.compute(definition, kept.content if kept else {}, context)
    earlier = select(func.coalesce(func.max(OverallTarget.version), 0)).where(
        OverallTarget.department_id == case.department_id, OverallTarget.fiscal_year == campaign.fiscal_year
    )
    number = series.take(session, f"overall_library:{campaign.fiscal_year}")
    row = OverallTarget(
        id=opaque_id(),
        department_id=case.department_id,
        fiscal_year=campaign.fiscal_year,
        version=int(session.scalar(earlier) or 0) + 1,
        library_no=f"整库〔{campaign.fiscal_year}〕{number:04d}",
        case_id=case.id,
        form_revision_id=str(case.form_revision_id),
        content=content,
        content_hash=revisions.content_hash(content),
        budget_total=number_of(content.get("budget_total")) or _ZERO,
        tasks_total=number_of(content.get("tasks_total")) or _ZERO,
        admitted_at=cause.at,
    )
    session.add(row)
    session.flush()
    named = {"library_no": row.library_no, "version": row.version, "content_hash": row.content_hash}
    return {"type": "overall_target_admitted", **named}


@dataclass(frozen=True, kw_only=True)
class DepartmentTarget:
    """A department on the board of overall targets; amounts in 万元, None before the target is in the library."""

    department_id: str
    department: str
    fund_section: str
    case_id: str
    number: str
    stage: str
    #: Projects of the department in the target library, and what they ask for.
    projects: int
    library_amount: Decimal
    library_no: str | None
    budget_total: Decimal | None
    tasks_total: Decimal | None
    admitted_at: datetime | None

    @property
    def stage_label(self) -> str:
        """The stage's name."""
        return labels.stage(self.stage)

    def to_json(self) -> dict[str, Any]:
        """The department for the API; amounts are exact texts."""
        amounts = ("library_amount", "budget_total", "tasks_total")
        texts = {name: None if getattr(self, name) is None else str(getattr(self, name)) for name in amounts}
        return {**vars(self), **texts, "stage_label": self.stage_label}


@dataclass(frozen=True, kw_only=True)
class Board:
    """The overall targets of a season: its departments, those furthest behind first."""

    campaign_id: str
    title: str
    fiscal_year: int
    departments: list[DepartmentTarget]

    @property
    def done(self) -> int:
        """Departments whose target is in the library."""
        return sum(row.library_no is not None for row in self.departments)

    def stages(self) -> Mapping[str, int]:
        """How many departments stand at each stage, in the order of the process."""
        counted = {code: sum(row.stage == code for row in self.departments) for code in labels.STAGES}
        return {labels.stage(code): number for code, number in counted.items() if number}


def board(session: Session, campaign_id: str, *, actor: Actor) -> Board:
    """The board of a season, as far as the actor sees cases; one statement beside the season's.

    Raises:
        NotFound: there is no such season of overall targets.

    Source:
        P07: departments done / 46.
    """
    campaign = department_seasons.season(session, campaign_id, OVERALL)
    statement = _departments(campaign).where(access.visible_cases(actor))
    rows = [
        DepartmentTarget(
            department_id=case.department_id,
            department=department,
            fund_section=section,
            case_id=case.id,
            number=case.number,
            stage=case.stage,
            projects=projects or 0,
            library_amount=amount or _ZERO,
            library_no=target.library_no if target else None,
            budget_total=target.budget_total if target else None,
            tasks_total=target.tasks_total if target else None,
            admitted_at=target.admitted_at if target else None,
        )
        for case, department, section, projects, amount, target in session.execute(statement)
    ]
    return Board(campaign_id=campaign.id, title=campaign.title, fiscal_year=campaign.fiscal_year, departments=rows)


def _departments(campaign: Campaign) -> Select[Any]:
    """Case, names, library and target of every department of a season, those without a target first."""
    library = _library(campaign.fiscal_year)
    return (
        select(CaseFile, Department.name, Section.name, library.c.projects, library.c.amount, OverallTarget)
        .join(Department, Department.id == CaseFile.department_id)
        .join(Section, Section.id == CaseFile.fund_section_id)
        .outerjoin(library, library.c.department_id == CaseFile.department_id)
        .outerjoin(OverallTarget, OverallTarget.case_id == CaseFile.id)
        .where(CaseFile.campaign_id == campaign.id, CaseFile.process_id == OVERALL)
        .order_by(OverallTarget.library_no.is_not(None), Department.code)
    )


def _library(fiscal_year: int) -> Any:
    """How many projects of each department are in the target library of a year, and what they ask for."""
    newest = (
        select(TargetVersion.project_id, TargetVersion.content["amount_total"].astext.label("amount"))
        .where(TargetVersion.fiscal_year == fiscal_year, TargetVersion.voided_at.is_(None))
        .distinct(TargetVersion.project_id)
        .order_by(TargetVersion.project_id, TargetVersion.version.desc())
        .subquery()
    )
    amount = func.coalesce(func.sum(func.cast(newest.c.amount, Project.amount_total.type)), 0)
    return (
        select(Project.department_id, func.count().label("projects"), amount.label("amount"))
        .join(newest, newest.c.project_id == Project.id)
        .group_by(Project.department_id)
        .subquery()
    )
