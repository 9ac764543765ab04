"""What is an adjustment (F12) about? An approved target as it would become, with every difference to what is in force."""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.campaign import Campaign
from db.case import CaseFile
from db.project import TargetVersion
from forms.definition import FormDefinition
from forms.problem import Problem
from service import releases, target_context
from service.dockets import Docket
from service.people import Actor, day
from service.rules import quality
from service.rules.quantities import number_of
from service.subjects.subject import Filling, Prepared, Subject, known, parts
from service.subjects.target import approved

#: What of a target an adjustment may change; everything else stays as it was approved.
CHANGEABLE = (
    "midterm_amount_total", "amount_total", "amount_fiscal", "amount_district", "amount_superior", "amount_other",
    "midterm_goal", "annual_goal", "indicators",
)  # fmt: skip
#: Cells of indicators the application does not show, which stay as they were.
_KEPT = ("prev_target", "prev_actual")
_SOURCE = "P08 · 财预〔2015〕88号 第二十八条"


@dataclass(frozen=True)
class AdjustmentSubject(Subject):
    """The adjustment of a project's approved target."""

    #: The version it changes: the one in force when the case began.
    base: TargetVersion
    #: Content of last year's approved target; None for a new project.
    previous: Mapping[str, Any] | None

    def form_context(self, *, actor: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
        """The approved version with its money, and the season's template and threshold."""
        content = self.base.content
        shown = known(
            library_no=self.base.library_no,
            version_before=self.base.version,
            amount_before=content.get("amount_total"),
            start_date=content.get("start_date"),
            end_date=content.get("end_date"),
            is_finance_own=content.get("is_finance_own"),
            indicator_template=self.campaign.indicator_template,
        )
        limit = str(target_context.threshold(self.campaign, "key_threshold"))
        return {**super().form_context(actor=actor, at=at), **shown, "key_threshold": limit}

    def start(self) -> dict[str, Any]:
        """What the application finds filled in: the approved target."""
        return {name: self.base.content[name] for name in CHANGEABLE if self.base.content.get(name) is not None}

    def adjusted(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """The whole target (content of F01) as the application would make it."""
        kept = {name: value for name, value in self.base.content.items() if name not in CHANGEABLE}
        changed = {name: content[name] for name in CHANGEABLE if content.get(name) is not None}
        earlier = {row.get("row_id"): row for row in self.base.content.get("indicators") or []}
        changed["indicators"] = [
            {**known(**{name: earlier.get(row.get("row_id"), {}).get(name) for name in _KEPT}), **row}
            for row in changed.get("indicators") or []
        ]
        return {**kept, **changed}

    def prepared(
        self, definition: FormDefinition, raw: Any, current: Mapping[str, Any], *, node: str, filling: Filling
    ) -> Prepared:
        """Every difference to the version in force stands in the application, for the page, the print and the record."""
        context = self.form_context(actor=filling.actor, at=filling.at)
        read, _ = forms.accept(definition, raw, node=node, context=context, current=current, complete=False)
        rows = [
            {"row_id": f"r{number}", "item": one.label, "before": one.old or "（无）", "after": one.new or "（无）"}
            for number, one in enumerate(self._changes(definition, read), 1)
        ]
        return Prepared(raw, {**current, "differences": rows})

    def _changes(self, definition: FormDefinition, content: Mapping[str, Any]) -> list[forms.Change]:
        before = self.start()
        after = {name: content[name] for name in CHANGEABLE if content.get(name) is not None}
        found = forms.changes(definition, before, after)
        return [one for one in found if one.path.split("[")[0] in CHANGEABLE]

    def judged(self, session: Session, content: Mapping[str, Any], *, node: str) -> Iterable[Problem]:
        """Something must change, and the target as it would become obeys the quality rules Q01 to Q30."""
        if not content.get("differences"):
            text = "调整后的资金、目标和指标与已批准的目标完全相同，没有调整内容，不能提交"
            yield Problem(field="", message=text, severity="error", source=_SOURCE)
        knowledge = target_context.quality_context(
            session,
            self.campaign,
            rule_sets=releases.bundle(session, self.case.release_id).rule_sets,
            exclude_project_id=self.project.id,
            previous=self.previous,
        )
        yield from quality.check(self.adjusted(content), knowledge)

    def hindrances(self, session: Session, content: Mapping[str, Any], *, node: str, at: datetime) -> Iterator[Problem]:
        """Not after the district's last day, nor once the year is being evaluated; only against what is in force."""
        last = last_day(self.campaign)
        if self.case.form_revision_id is None and day(at) > last:
            text = f"{self.campaign.fiscal_year}年度的绩效目标调整已于{last}截止，不能再提交"
            yield Problem(field="", message=text, severity="error", source=_SOURCE)
        if evaluation_begun(session, self.campaign.fiscal_year):
            text = f"{self.campaign.fiscal_year}年度绩效自评已经开始，不能再调整目标"
            yield Problem(field="", message=text, severity="error", source=_SOURCE)
        now = in_force(session, self.project.id)
        if now is None or now.id != self.base.id:
            text = "本项目的绩效目标已有更新的版本或已作废，请撤件后按现行版本重新申请"
            yield Problem(field="", message=text, severity="error", source=_SOURCE)

    def settle(self, session: Session, docket: Docket, content: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """The case bears the amount it asks for."""
        docket.case.amount, docket.case.is_key_project = (
            number_of(content.get("amount_total")),
            bool(facts["is_key_project"]),
        )


def last_day(campaign: Campaign) -> date:
    """The last day on which targets of a season's year may be adjusted (30 November unless the season says otherwise)."""
    month = int(target_context.threshold(campaign, "adjustment_last_month"))
    return date(campaign.fiscal_year, month, monthrange(campaign.fiscal_year, month)[1])


def evaluation_begun(session: Session, fiscal_year: int) -> bool:
    """Whether the self-evaluation (绩效自评) of a year has been opened."""
    begun = (Campaign.process_id == "self_evaluation") & Campaign.state.in_(("open", "closed"))
    return session.scalars(select(Campaign.id).where(begun, Campaign.fiscal_year == fiscal_year)).first() is not None


def in_force(session: Session, project_id: str, at: datetime | None = None) -> TargetVersion | None:
    """The target of a project that is in force: the newest that is not void.

    Args:
        at: the one that was in force then; the present one if not given.
    """
    statement = select(TargetVersion).where(TargetVersion.project_id == project_id)
    if at is None:
        statement = statement.where(TargetVersion.voided_at.is_(None))
    else:
        alive = TargetVersion.voided_at.is_(None) | (TargetVersion.voided_at > at)
        statement = statement.where(TargetVersion.admitted_at <= at, alive)
    newest = statement.order_by(TargetVersion.version.desc()).limit(1)
    return session.scalars(newest.execution_options(populate_existing=True)).first()


def of_case(session: Session, case: CaseFile) -> AdjustmentSubject:
    """The adjustment of a case."""
    campaign, project, unit, department = parts(session, case)
    base = in_force(session, project.id, case.started_at)
    if base is None:
        raise LookupError(f"case {case.id} adjusts a target that was not in force when it began")
    previous = approved(session, project.previous_project_id)
    return AdjustmentSubject(case, campaign, project, unit, department, base, previous)
