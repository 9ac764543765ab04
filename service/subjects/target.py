"""What is a declaration (F01) about? The project's target: last year's beside it, the quality rules, the season."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, bindparam, select
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.project import Project, TargetVersion
from db.statement import Statement
from db.writing import upsert
from forms.problem import Problem
from service import releases, search, target_context
from service.dockets import Docket
from service.people import Actor, day
from service.rules import quality
from service.rules.ex_ante import excess
from service.rules.quantities import number_of
from service.subjects.subject import Subject, parts, season_closed

#: The quality rule that asks for an ex-ante assessment.
EX_ANTE = "Q21"


@dataclass(frozen=True)
class TargetSubject(Subject):
    """The target of a project, with last year's approved one."""

    #: Content of last year's approved target; None for a new project.
    previous: Mapping[str, Any] | None = None

    def form_context(self, *, actor: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
        """Template, thresholds and bodies of the season, and last year's target."""
        return target_context.form_context(
            campaign=self.campaign,
            project=self.project,
            unit=self.unit,
            department=self.department,
            previous=self.previous,
            actor_name=actor.name if actor else None,
            day=day(at) if at else None,
        )

    def judged(self, session: Session, content: Mapping[str, Any], *, node: str) -> Iterable[Problem]:
        """What the quality rules Q01 to Q30 find."""
        known = target_context.quality_context(
            session,
            self.campaign,
            rule_sets=releases.bundle(session, self.case.release_id).rule_sets,
            exclude_project_id=self.project.id,
            previous=self.previous,
        )
        found = quality.check(content, known)
        # Reviewed side by side (同步审核): the conclusion is asked for when the target enters the library.
        if any(one.rule == EX_ANTE for one in found) and _under_assessment(session, self.project.id):
            return [one for one in found if one.rule != EX_ANTE]
        return found

    def hindrances(self, session: Session, content: Mapping[str, Any], *, node: str, at: datetime) -> Iterator[Problem]:
        """A season that is closed takes no new declaration; a name is used once a unit and year."""
        yield from season_closed(self.case, self.campaign, at, what="申报", source="P06 · 申报批次")
        yield from self._beyond_assessment(content)
        name, project = str(content.get("project_name") or ""), self.project
        if name and name != project.name and name_taken(session, project.fiscal_year, project.unit_id, name):
            yield taken(name)

    def _beyond_assessment(self, content: Mapping[str, Any]) -> Iterator[Problem]:
        text = excess(number_of(content.get("amount_total")), self.project.ex_ante_amount)
        if text:
            source = "P05 · 区预算事前绩效评估管理暂行办法"
            yield Problem(field="amount_total", message=text, severity="error", source=source)

    def settle(self, session: Session, docket: Docket, content: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """Project and case bear the name and the amount that were submitted."""
        project, case = self.project, docket.case
        project.name = content["project_name"]
        project.attribute, project.category = content.get("project_attribute"), content.get("project_category")
        project.amount_total = content.get("amount_total")
        project.is_key_project, project.needs_ex_ante = bool(facts["is_key_project"]), bool(facts["needs_ex_ante"])
        case.title, case.amount, case.is_key_project = project.name, project.amount_total, project.is_key_project
        upsert(session, [project])
        search.index(session, project.id, [project.name, project.project_code, case.number])


def _under_assessment(session: Session, project_id: str) -> bool:
    """Whether an assessment of the project has been sent and has not come to its end."""
    own = (CaseFile.project_id == project_id) & (CaseFile.process_id == "ex_ante_assessment")
    sent = own & CaseFile.finished_at.is_(None) & CaseFile.form_revision_id.is_not(None)
    return session.scalars(select(CaseFile.id).where(sent)).first() is not None


def of_case(session: Session, case: CaseFile) -> TargetSubject:
    """The target a case declares."""
    campaign, project, unit, department = parts(session, case)
    return TargetSubject(case, campaign, project, unit, department, approved(session, project.previous_project_id))


def approved(session: Session, project_id: str | None) -> Mapping[str, Any] | None:
    """Content of the newest approved target of a project; None if it never had one."""
    if project_id is None:
        return None
    found = _NEWEST.first(session, project=project_id)
    return found[0] if found else None


def _newest() -> Select[Any]:
    of_project = TargetVersion.project_id == bindparam("project", type_=Text())
    statement = select(TargetVersion.content).where(of_project, TargetVersion.voided_at.is_(None))
    return statement.order_by(TargetVersion.version.desc()).limit(1)


_NEWEST = Statement(_newest)


def name_taken(session: Session, fiscal_year: int, unit_id: str, name: str) -> bool:
    """Whether the unit already has a project of this name in the year."""
    statement = session.query(Project.id).filter_by(fiscal_year=fiscal_year, unit_id=unit_id, name=name)
    return statement.filter(Project.discarded_at.is_(None)).first() is not None


def taken(name: str) -> Problem:
    """The problem of a name the unit has used in the same year."""
    return Problem(
        field="project_name",
        message=f"本单位本年度已有名为“{name}”的项目，一个项目一年只申报一次，请改名或继续填写原来的草稿",
        severity="error",
        source="P06 · 同一项目同一年度只有一个申报",
    )
