"""How did each project of a season evaluate itself, and what is left of it after the checks? Read in one statement."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from db.campaign import Campaign
from db.case import CaseFile
from db.form import FormRevision
from db.monitoring import Rectification
from db.project import Project
from service import access, evaluations, labels
from service.campaign_terms import EVALUATION
from service.case_rows import Department, Unit
from service.people import Actor
from service.rules.evaluation import FAR_APART
from service.rules.quantities import number_of
from service.rules.scoring import ScoreRules, grade_of
from service.subjects import evaluation_check


@dataclass(frozen=True, kw_only=True)
class EvaluatedProject:
    """One project of a season; everything but the names is None before the first report. Points, amounts in 万元."""

    case_id: str
    number: str
    title: str
    project_code: str
    unit_id: str
    unit: str
    department_id: str
    department: str
    stage: str
    annual_budget: Decimal | None
    #: The unit's own score and grade.
    self_total: Decimal | None
    self_grade: str | None
    #: As it stands after the reviews so far.
    total: Decimal | None
    grade: str | None
    #: Whether it is checked again and why; None before the fund section's review.
    sampled: bool | None
    sample_reason: str | None
    #: Number and stage of the rectification that followed.
    rectification: dict[str, str] | None
    findings: tuple[evaluations.Finding, ...] = ()

    @property
    def stage_label(self) -> str:
        """The stage's name."""
        return labels.stage(self.stage)

    @property
    def gap(self) -> Decimal | None:
        """Self score less checked score; positive where the checks took points."""
        return None if self.self_total is None or self.total is None else self.self_total - self.total

    @property
    def far_apart(self) -> bool:
        """Whether self score and checked score lie more than ten points apart (S07)."""
        return self.gap is not None and abs(self.gap) > FAR_APART

    @property
    def finished(self) -> bool:
        """Whether the result is approved."""
        return self.stage in ("evaluated", "evaluated_poor")

    def to_json(self) -> dict[str, Any]:
        """The project for the API; amounts and points are exact texts."""
        kept = {name: value for name, value in vars(self).items() if name != "findings"}
        shown = {name: value for name, value in kept.items() if not isinstance(value, Decimal)}
        points = ("annual_budget", "self_total", "total", "gap")
        return {
            **shown,
            "stage_label": self.stage_label,
            "finished": self.finished,
            "far_apart": self.far_apart,
            **{name: None if getattr(self, name) is None else str(getattr(self, name)) for name in points},
        }


def of_season(session: Session, campaign: Campaign, *, actor: Actor) -> list[EvaluatedProject]:
    """Every project of a season the actor may see, by code."""
    rules: dict[str, ScoreRules] = {}
    found = []
    for row in session.execute(_statement(campaign.id).where(access.visible_cases(actor))):
        release_id = row.release_id
        if release_id not in rules:
            rules[release_id] = evaluation_check.scoring(session, campaign, release_id)
        found.append(_project(row, rules[release_id]))
    return found


def _project(row: Any, rules: ScoreRules) -> EvaluatedProject:
    content, review = row.content or {}, row.review or {}
    checked = {str(one.get("item")): one for one in review.get("scores") or ()}
    found = tuple(evaluations.findings(content, checked)) if content else ()
    total = sum((finding.score for finding in found), Decimal(0)) if found else None
    names = (
        "case_id", "number", "title", "project_code", "unit_id", "unit", "department_id", "department", "stage",
    )  # fmt: skip
    follow = {"case_id": row.follow_id, "number": row.follow_number, "stage": labels.stage(row.follow_stage)}
    return EvaluatedProject(
        **{name: getattr(row, name) for name in names},
        annual_budget=number_of(content.get("annual_budget")),
        self_total=number_of(content.get("total_score")),
        self_grade=content.get("grade"),
        total=total,
        grade=None if total is None else grade_of(total, rules),
        sampled=review["sampled"] == "yes" if review.get("sampled") else None,
        sample_reason=review.get("sample_reason"),
        rectification=follow if row.follow_id else None,
        findings=found,
    )


def _statement(campaign_id: str) -> Select[Any]:
    follow = aliased(CaseFile)
    return (
        select(
            CaseFile.id.label("case_id"),
            CaseFile.number,
            CaseFile.title,
            CaseFile.release_id,
            Project.project_code,
            Unit.id.label("unit_id"),
            Unit.name.label("unit"),
            Department.id.label("department_id"),
            Department.name.label("department"),
            CaseFile.stage,
            FormRevision.content,
            _review().label("review"),
            follow.id.label("follow_id"),
            follow.number.label("follow_number"),
            follow.stage.label("follow_stage"),
        )
        .select_from(CaseFile)
        .join(Project, Project.id == CaseFile.project_id)
        .join(Unit, Unit.id == CaseFile.unit_id)
        .join(Department, Department.id == CaseFile.department_id)
        .outerjoin(FormRevision, FormRevision.id == CaseFile.form_revision_id)
        .outerjoin(Rectification, Rectification.source_case_id == CaseFile.id)
        .outerjoin(follow, follow.id == Rectification.case_id)
        .where(CaseFile.campaign_id == campaign_id, CaseFile.process_id == EVALUATION)
        .order_by(Project.project_code)
    )


def _review() -> Any:
    """The newest review since the last submission."""
    review = aliased(FormRevision)
    return (
        select(review.content)
        .where(review.case_id == CaseFile.id, review.form_code == evaluation_check.CHECK)
        .where(review.created_at >= FormRevision.created_at)
        .order_by(review.created_at.desc(), review.revision.desc())
        .limit(1)
        .correlate(CaseFile, FormRevision)
        .scalar_subquery()
    )
