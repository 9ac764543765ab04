"""What is known about the subject of a case beside its form: season, project, bodies, last year's target?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db.campaign import Campaign
from db.case import CaseFile
from db.organisation import Organisation
from db.project import Project, TargetVersion
from service import target_context
from service.people import Actor, day
from service.rules.quality import QualityContext


@dataclass(frozen=True)
class Subject:
    """The season, project, unit and department of a case, and last year's approved target."""

    campaign: Campaign
    project: Project
    unit: Organisation
    department: Organisation
    #: Content of last year's approved target; None for a new project.
    previous: Mapping[str, Any] | None

    def form_context(self, *, actor: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
        """What the form's automatic fields and conditions are told."""
        return target_context.form_context(
            campaign=self.campaign,
            project=self.project,
            unit=self.unit,
            department=self.department,
            previous=self.previous,
            actor_name=actor.name if actor else None,
            day=day(at) if at else None,
        )

    def quality_context(self, session: Session) -> QualityContext:
        """What the quality rules are told."""
        return target_context.quality_context(
            session, self.campaign, exclude_project_id=self.project.id, previous=self.previous
        )


def of_case(session: Session, case: CaseFile) -> Subject:
    """The subject of a case."""
    unit, department = aliased(Organisation), aliased(Organisation)
    statement = (
        select(Campaign, Project, unit, department)
        .select_from(Campaign)
        .join(Project, Project.id == case.project_id)
        .join(unit, unit.id == Project.unit_id)
        .join(department, department.id == Project.department_id)
        .where(Campaign.id == case.campaign_id)
    )
    campaign, project, its_unit, its_department = session.execute(statement).one()
    return Subject(campaign, project, its_unit, its_department, approved(session, project.previous_project_id))


def approved(session: Session, project_id: str | None) -> Mapping[str, Any] | None:
    """Content of the newest approved target of a project; None if it never had one."""
    if project_id is None:
        return None
    statement = select(TargetVersion.content).where(
        TargetVersion.project_id == project_id, TargetVersion.voided_at.is_(None)
    )
    return session.scalars(statement.order_by(TargetVersion.version.desc()).limit(1)).first()
