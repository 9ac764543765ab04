"""What does a process ask of the form its cases are about? What every kind of subject answers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, bindparam, select
from sqlalchemy.orm import Session, aliased

from db.campaign import Campaign
from db.case import CaseFile
from db.organisation import Organisation
from db.project import Project
from db.statement import Statement
from forms.definition import FormDefinition
from forms.problem import Problem
from service.dockets import Docket
from service.people import Actor, day


@dataclass(frozen=True)
class Filling:
    """Who fills in, and when; neither where a form is only looked at."""

    session: Session
    actor: Actor | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Prepared:
    """A form before it is accepted: what was sent, what the system's cells of rows are taken from, what else is known."""

    raw: Any
    current: Mapping[str, Any]
    context: Mapping[str, Any] = field(default_factory=dict)
    #: What is wrong with what was sent, beyond what the definition says.
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Matter:
    """What a case is about, whatever that is, and what its form must know and obey beside itself.

    This is a form nobody has given rules of its own: whatever the definition says is all there is.
    """

    case: CaseFile

    def form_context(self, *, actor: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
        """What the form's automatic fields and conditions are told; facts that are not known are absent.

        Args:
            actor: who fills in at present; None where the form is only shown.
            at: the instant of filling in.
        """
        return known(drafter=actor.name if actor else None, drafted_at=day(at) if at else None)

    def prepared(
        self, definition: FormDefinition, raw: Any, current: Mapping[str, Any], *, node: str, filling: Filling
    ) -> Prepared:
        """What the system fills in from what was sent, before it is accepted."""
        return Prepared(raw, current)

    def refreshed(self, content: Mapping[str, Any], *, node: str) -> Mapping[str, Any]:
        """A form that is being filled in at a step, its given rows as they are today, with the cells people wrote."""
        return content

    def judged(self, session: Session, content: Mapping[str, Any], *, node: str) -> Iterable[Problem]:
        """What the rules of the business find in the form, computed cells included; errors block, warnings need reasons."""
        return ()

    def hindrances(self, session: Session, content: Mapping[str, Any], *, node: str, at: datetime) -> Iterable[Problem]:
        """What beside the content keeps the form from being submitted: the season, what others have done meanwhile."""
        return ()

    def settle(self, session: Session, docket: Docket, content: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """Bring what hangs on the form up to date with what was submitted."""

    def proposed(self) -> Mapping[str, Any]:
        """What the drafter finds filled in when the system opens the case: a proposal, theirs to change."""
        return {}

    def review_context(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """What review forms are told of the subject as it was last submitted."""
        return {}

    def review_rows(self, session: Session, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the rows the system gives in review forms are: one a thing to be checked."""
        return {}


@dataclass(frozen=True)
class Subject(Matter):
    """What a case about a project is about: its season, project and bodies."""

    campaign: Campaign
    project: Project
    unit: Organisation
    department: Organisation

    def form_context(self, *, actor: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
        """The same, with the year, the project and the bodies."""
        return super().form_context(actor=actor, at=at) | known(
            fiscal_year=self.campaign.fiscal_year,
            project_name=self.project.name,
            project_code=self.project.project_code,
            unit_code=self.unit.code,
            unit_name=self.unit.name,
            department_code=self.department.code,
            department_name=self.department.name,
        )


def season_closed(case: CaseFile, campaign: Campaign, at: datetime, *, what: str, source: str) -> Iterator[Problem]:
    """A season that is closed takes nothing that was never sent; what was returned may still come back.

    Args:
        what: what people call the seasons of the process: 申报, 监控 …
    """
    if case.form_revision_id is not None:
        return
    if campaign.state != "open" or not campaign.opens_on <= day(at) <= campaign.closes_on:
        period = f"{campaign.opens_on}至{campaign.closes_on}"
        text = f"{what}批次“{campaign.title}”未开放（{period}），不能提交，请联系绩效科"
        yield Problem(field="", message=text, severity="error", source=source)


@dataclass(frozen=True)
class DepartmentSubject(Matter):
    """What a case about a whole department is about: its season and the department."""

    campaign: Campaign
    department: Organisation

    def form_context(self, *, actor: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
        """The same, with the year and the department."""
        return super().form_context(actor=actor, at=at) | known(
            fiscal_year=self.campaign.fiscal_year,
            department_code=self.department.code,
            department_name=self.department.name,
        )


def known(**facts: Any) -> dict[str, Any]:
    """The facts that are known."""
    return {name: value for name, value in facts.items() if value is not None}


def parts(session: Session, case: CaseFile) -> tuple[Campaign, Project, Organisation, Organisation]:
    """Season, project, unit and department of a case about a project, in one statement; no session watches them."""
    campaign, project, unit, department = _PARTS.all(session, project=case.project_id, campaign=case.campaign_id)[0]
    return campaign, project, unit, department


def of_department(session: Session, case: CaseFile) -> tuple[Campaign, Organisation]:
    """Season and department of a case about a whole department."""
    campaign, department = _OF_DEPARTMENT.all(session, department=case.department_id, campaign=case.campaign_id)[0]
    return campaign, department


def _department() -> Select[Any]:
    return (
        select(Campaign, Organisation)
        .select_from(Campaign)
        .join(Organisation, Organisation.id == bindparam("department", type_=Text()))
        .where(Campaign.id == bindparam("campaign", type_=Text()))
    )


def _parts() -> Select[Any]:
    unit, department = aliased(Organisation), aliased(Organisation)
    return (
        select(Campaign, Project, unit, department)
        .select_from(Campaign)
        .join(Project, Project.id == bindparam("project", type_=Text()))
        .join(unit, unit.id == Project.unit_id)
        .join(department, department.id == Project.department_id)
        .where(Campaign.id == bindparam("campaign", type_=Text()))
    )


_PARTS, _OF_DEPARTMENT = Statement(_parts), Statement(_department)
