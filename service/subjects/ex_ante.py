"""What is an ex-ante assessment (F04) about? A new major project as it is declared beside it, and what experts said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import forms
from db.case import CaseFile, Visit
from db.form import FormDraft, FormRevision
from forms.problem import Problem
from service import releases
from service.dockets import Docket
from service.people import Actor
from service.rules.quantities import number_of
from service.subjects.subject import Subject, known, parts, season_closed
from service.target_context import TARGET_FORM, TARGET_PROCESS, threshold

EXPERTS = "ex_ante_experts"
_SOURCE = "P05 · 同步编制、同步报送、同步审核"


@dataclass(frozen=True)
class AssessmentSubject(Subject):
    """The assessment of a project, with the declaration it goes with."""

    #: The project's declaration: its case, and what is submitted of it, before that what is drafted.
    declaration: CaseFile | None
    declared: Mapping[str, Any]
    #: Average of the experts' scores in the round that counts, points of 100.
    expert_score: Decimal | None

    @property
    def asked(self) -> Decimal | None:
        """Amount of the year the declaration asks for, 万元."""
        return number_of(self.declared.get("amount_total"))

    def form_context(self, *, actor: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
        """Amount and number of the declaration, and the district's thresholds and bands."""
        asked = self.asked
        shown = known(
            amount_total=self.declared.get("amount_total"),
            declaration_no=self.declaration.number if self.declaration else None,
            valid_until=date(self.campaign.fiscal_year, 12, 31).isoformat(),
        )
        limits = {
            "expert_threshold": "ex_ante_expert_threshold",
            "leader_threshold": "ex_ante_leader_threshold",
        }
        return {
            **super().form_context(actor=actor, at=at),
            **shown,
            **{name: str(threshold(self.campaign, code)) for name, code in limits.items()},
            **self._bands(),
            "declared": asked is not None and asked > 0,
        }

    def hindrances(self, session: Session, content: Mapping[str, Any], *, node: str, at: datetime) -> Iterator[Problem]:
        """The declaration beside it must still be under way, and the season open for what was never sent."""
        yield from season_closed(self.case, self.campaign, at, what="评估", source=_SOURCE)
        if self.declaration is None or self.declaration.finished_at is not None:
            text = "本项目的绩效目标申报已经办结，不能再提交事前评估，请联系绩效科"
            yield Problem(field="", message=text, severity="error", source=_SOURCE)

    def settle(self, session: Session, docket: Docket, content: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """The case bears the amount that was assessed."""
        docket.case.amount = number_of(content.get("amount_total"))

    def review_context(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """What the unit concluded, what the experts gave, and whose experts would be partial."""
        scores = [number_of(row.get("score")) for row in content.get("scores") or []]
        own = sum((score for score in scores if score is not None), Decimal(0))
        told = known(
            amount_asked=content.get("amount_total"),
            own_score=format(own, "f") if scores else None,
            own_conclusion=content.get("conclusion"),
            expert_score=format(self.expert_score, "f") if self.expert_score is not None else None,
        )
        return {**told, **self._bands(), "unit_name": self.unit.name, "department_name": self.department.name}

    def _bands(self) -> dict[str, str]:
        names = {"support_from": "ex_ante_support_from", "adjust_from": "ex_ante_adjust_from"}
        return {name: str(threshold(self.campaign, code)) for name, code in names.items()}


def of_case(session: Session, case: CaseFile) -> AssessmentSubject:
    """The assessment of a case."""
    campaign, project, unit, department = parts(session, case)
    declaration, declared = declaration_of(session, project.id)
    return AssessmentSubject(
        case, campaign, project, unit, department, declaration, declared, _expert_score(session, case)
    )


def declaration_of(session: Session, project_id: str) -> tuple[CaseFile | None, Mapping[str, Any]]:
    """The newest declaration of a project with its content: as submitted, before that as drafted; {} if there is none."""
    content = func.coalesce(FormRevision.content, FormDraft.content)
    statement = (
        select(CaseFile, content)
        .outerjoin(FormRevision, FormRevision.id == CaseFile.form_revision_id)
        .outerjoin(FormDraft, (FormDraft.case_id == CaseFile.id) & (FormDraft.form_code == TARGET_FORM))
        .where(CaseFile.project_id == project_id, CaseFile.process_id == TARGET_PROCESS)
        .order_by(CaseFile.started_at.desc(), FormDraft.saved_at.desc().nulls_last())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    row = session.execute(statement).first()
    return (row[0], row[1] or {}) if row else (None, {})


def _expert_score(session: Session, case: CaseFile) -> Decimal | None:
    statement = (
        select(FormRevision.content)
        .join(Visit, Visit.id == FormRevision.visit_id)
        .where(FormRevision.case_id == case.id, FormRevision.form_code == EXPERTS, Visit.state == "decided")
        .where(Visit.outcome == "approve")
        .order_by(FormRevision.created_at.desc())
        .limit(1)
    )
    content = session.scalars(statement).first()
    if content is None:
        return None
    definition = releases.bundle(session, case.release_id).definitions[EXPERTS]
    return number_of(forms.compute(definition, content).get("average_score"))
