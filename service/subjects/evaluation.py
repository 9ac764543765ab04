"""What is a self-evaluation (F07) about? An approved target, the year's money, and points no person types."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.case import CaseFile
from db.form import FormRevision
from db.monitoring import ExecutionFigure
from db.project import Project, TargetVersion
from forms.definition import FormDefinition
from forms.problem import Problem
from service.campaign_terms import MONITORING
from service.people import Actor, day
from service.rules import evaluation as rules
from service.rules.quantities import day_of, number_of
from service.rules.scoring import ProjectScore, Result, Score, ScoreRules, project_score
from service.subjects import evaluation_check
from service.subjects.subject import Filling, Prepared, Subject, known, parts

_ROW = (
    "level1_code", "level2_code", "level3_name", "nature", "operator", "target_value", "measure_unit", "weight",
)  # fmt: skip


@dataclass(frozen=True)
class EvaluationSubject(Subject):
    """A project's self-evaluation of one year: the approved target, the treasury's figures and the season's rules."""

    target: Mapping[str, Any]
    library_no: str
    figure: ExecutionFigure | None
    scoring: ScoreRules

    def form_context(self, *, actor: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
        """The target's goal and budget, and what the treasury says of the year's money."""
        money = {}
        if self.figure is not None:
            figure = self.figure
            money = {"annual_budget": figure.annual_budget, "carry_over": figure.carry_over}
            money |= {"executed": figure.executed}
        shown = known(
            library_no=self.library_no,
            annual_goal=self.target.get("annual_goal"),
            initial_budget=self.target.get("amount_total"),
            execution_weight=_text(self.scoring.execution_weight),
        )
        amounts = {name: _text(value) for name, value in money.items()}
        return {**super().form_context(actor=actor, at=at), **shown, **amounts, "figures": self.figure is not None}

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the form: every indicator of the target, in its order, without what came of it."""
        indicators = self.target.get("indicators") or []
        return [
            {"row_id": f"r{number}", **{name: row[name] for name in _ROW if row.get(name) is not None}}
            for number, row in enumerate(indicators, 1)
        ]

    def proposed(self) -> Mapping[str, Any]:
        """The project in words, from its approved target; whether it is disclosed, as the target was."""
        target = self.target
        amount = f"{target['amount_total']}万元" if target.get("amount_total") is not None else "未填"
        overview = (
            f"“{self.project.name}”由{self.unit.name}实施，{self.campaign.fiscal_year}年度批复预算{amount}。"
            f"立项依据：{target.get('basis') or '见申报材料'}。年度总体目标：{target.get('annual_goal') or '见目标表'}"
        )
        organised = (
            f"{self.unit.name}对照批复的绩效目标（编号{self.library_no}），核对预算执行数据和各项指标的完成情况及佐证材料，"
            f"按{self.scoring.document}规定的方法逐项计分，形成自评结果。"
        )
        public = known(is_public=target.get("is_public"), non_public_reason=target.get("non_public_reason"))
        return {"report_overview": overview[:2000], "report_organisation": organised[:2000], **public}

    def prepared(
        self, definition: FormDefinition, raw: Any, current: Mapping[str, Any], *, node: str, filling: Filling
    ) -> Prepared:
        """The rows of the target, each with the points its result earns and how they came about."""
        rows = self.rows()
        base = {**current, "indicators": rows}
        context = self.form_context(actor=filling.actor, at=filling.at)
        read_now, _ = forms.accept(definition, raw, node=node, context=context, current=base, complete=False)
        scored = self.scored(read_now)
        if scored is None:
            return Prepared(raw, base)
        shown = [
            {**row, "score": str(score.points), "worked": score.worked}
            for row, score in zip(rows, scored.indicators, strict=True)
        ]
        return Prepared(raw, {**base, "indicators": shown}, _totals(scored))

    def scored(self, content: Mapping[str, Any]) -> ProjectScore | None:
        """The scores of what is filled in; None while the treasury's figures are missing."""
        if self.figure is None:
            return None
        return project_score(
            self.figure.annual_budget,
            self.figure.executed,
            [_result(row) for row in content.get("indicators") or self.rows()],
            self.scoring,
            finished=content.get("finished") is True,
        )

    def judged(self, session: Session, content: Mapping[str, Any], *, node: str) -> Iterator[Problem]:
        """Rules S01 to S08, and qualitative scores outside their band."""
        scored = self.scored(content)
        if scored is None:
            return
        rows = content.get("indicators") or []
        yield _standing(scored)
        for index, (row, score) in enumerate(zip(rows, scored.indicators, strict=True)):
            if score.problem and row.get("level"):
                yield _band_problem(index, row, score)
        yield from rules.judged(
            rules.Evaluated(
                rows=[_explained(row, score) for row, score in zip(rows, scored.indicators, strict=True)],
                rate=_rate(scored),
                today=day_of(content.get("drafted_at")),
                files=len(content.get("evidence") or ()),
                impossible=_impossible(session, self.project),
            )
        )

    def hindrances(self, session: Session, content: Mapping[str, Any], *, node: str, at: datetime) -> Iterable[Problem]:
        """A season that is closed takes no evaluation that was never sent; what was returned may still come back."""
        campaign = self.campaign
        if self.case.form_revision_id is not None:
            return
        if campaign.state != "open" or not campaign.opens_on <= day(at) <= campaign.closes_on:
            text = (
                f"自评批次“{campaign.title}”未开放（{campaign.opens_on}至{campaign.closes_on}），不能提交，请联系绩效科"
            )
            yield Problem(field="", message=text, severity="error", source="P12 · 自评批次")

    def review_context(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """The self score, and the limits grades are read by."""
        grades = self.scoring.grades
        limits = {"excellent": grades.excellent, "good": grades.good, "fair": grades.fair}
        return {
            **known(self_total=content.get("total_score"), self_grade=content.get("grade")),
            **{name: _text(value) for name, value in limits.items()},
        }

    def review_rows(self, session: Session, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """A row for the execution rate and for each indicator, with the score as it stands after earlier checks.

        Also whether the project is checked again and why, for that depends on all cases of the season.
        """
        earlier = evaluation_check.checked_scores(session, self.case)
        rows = [
            {"row_id": f"r{number}", **item, **earlier.get(str(item["item"]), {})}
            for number, item in enumerate(evaluation_check.items(content), 1)
        ]
        why = evaluation_check.reasons(session, self.case, self.campaign, self.project, content)
        return {"scores": rows, "sampled": "yes" if why else "no", "sample_reason": "；".join(why) or "未抽中"}


def of_case(session: Session, case: CaseFile) -> EvaluationSubject:
    """The self-evaluation a case makes."""
    campaign, project, unit, department = parts(session, case)
    statement = (
        select(TargetVersion, ExecutionFigure)
        .outerjoin(
            ExecutionFigure,
            (ExecutionFigure.project_id == TargetVersion.project_id) & (ExecutionFigure.campaign_id == campaign.id),
        )
        .where(TargetVersion.project_id == project.id, TargetVersion.admitted_at <= case.started_at)
        .where(TargetVersion.voided_at.is_(None) | (TargetVersion.voided_at > case.started_at))
        .order_by(TargetVersion.version.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    target, figure = session.execute(statement).one()
    return EvaluationSubject(
        case,
        campaign,
        project,
        unit,
        department,
        target.content,
        target.library_no,
        figure,
        evaluation_check.scoring(session, campaign, case.release_id),
    )


def _result(row: Mapping[str, Any]) -> Result:
    return Result(
        name=str(row.get("level3_name") or ""),
        operator=str(row.get("operator") or ""),
        target=row.get("target_value"),
        actual=row.get("actual_value"),
        weight=number_of(row.get("weight")) or Decimal(0),
        level2=str(row.get("level2_code") or ""),
        over_cause=row.get("over_cause"),
        level=str(row.get("level") or ""),
        given=number_of(row.get("given_score")),
    )


def _explained(row: Mapping[str, Any], score: Score) -> dict[str, Any]:
    """A row with why its result must be explained, and whether it goes far beyond its target."""
    beyond = bool(score.explain) and not score.explain.startswith("扣")
    lost = row.get("over_cause") == "target_too_low"
    return {**row, "score": score.points, "explain": score.explain, "over_achieved": beyond and not lost}


def _totals(scored: ProjectScore) -> dict[str, Any]:
    rate = _rate(scored)
    shown = None if rate is None else _text((rate * 100).quantize(Decimal("0.01")))
    return known(
        execution_rate=shown or "0",
        execution_score=str(scored.execution.points),
        execution_worked=scored.execution.worked,
        total_score=str(scored.total),
        grade=scored.grade,
    )


def _rate(scored: ProjectScore) -> Decimal | None:
    rate = scored.execution.completion
    return None if rate is None else Decimal(rate.numerator) / Decimal(rate.denominator)


def _standing(scored: ProjectScore) -> Problem:
    """What the form comes to as it stands, for whoever is filling it in."""
    text = f"按目前填报：总分{scored.total}分，等级“{scored.grade}”；预算执行得{scored.execution.points}分（{scored.execution.worked}）"
    return Problem(field="total_score", message=text, severity="info", source=scored.execution.source, rule="计分")


def _band_problem(index: int, row: Mapping[str, Any], score: Score) -> Problem:
    return Problem(
        field=f"indicators[{index}].given_score",
        message=f"第{index + 1}行“{row.get('level3_name')}”{score.problem}",
        severity="error",
        source=score.source,
        rule="S04",
    )


def _impossible(session: Session, project: Project) -> frozenset[str]:
    """Indicators the newest monitoring of the project's year called impossible to reach."""
    statement = (
        select(FormRevision.content)
        .join(CaseFile, CaseFile.form_revision_id == FormRevision.id)
        .where(CaseFile.project_id == project.id, CaseFile.process_id == MONITORING)
        .order_by(FormRevision.created_at.desc())
        .limit(1)
    )
    content = session.scalar(statement) or {}
    return frozenset(
        str(row.get("level3_name")) for row in content.get("indicators") or () if row.get("possibility") == "impossible"
    )


def _text(value: Decimal) -> str:
    return format(value.normalize(), "f")
