"""What is a monitoring report (F05) about? An approved target and its money, judged by the light tables as it is filled in."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

import forms
from db.case import CaseFile
from db.monitoring import ExecutionFigure
from db.project import TargetVersion
from forms.definition import FormDefinition
from forms.problem import Problem
from service import lights
from service.engine.dmn import Model
from service.lights import ProjectLights
from service.people import Actor
from service.rules.monitoring import month_of, report_of
from service.rules.quantities import number_of
from service.subjects.subject import Filling, Prepared, Subject, known, parts, season_closed

_ROW = (
    "level1_code", "level2_code", "level3_name", "nature", "operator", "target_value", "measure_unit", "weight",
    "planned_month",
)  # fmt: skip
_CELLS = ("value_to_date", "full_year_forecast_value")
_NUMBER = re.compile(r"\s*([-+]?[\d,]+(?:\.\d+)?)\s*([^\d\s.,].*?)\s*", re.ASCII)
_SOURCE = "F05 填表要求 · 财预〔2019〕136号"


@dataclass(frozen=True)
class MonitoringSubject(Subject):
    """A project's monitoring in one season: the approved target it is held against and the treasury's figures."""

    #: Content of the target as it was approved when the case began.
    target: Mapping[str, Any]
    library_no: str
    figure: ExecutionFigure | None
    tables: Model
    #: Amount of the year as it was first approved (年初预算数), 万元.
    initial_budget: str | None

    @property
    def month(self) -> int:
        """Up to whose end is reported."""
        return month_of(self.campaign.parameters)

    def form_context(self, *, actor: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
        """The target's goal and budget, and what the treasury says of the money."""
        money: dict[str, Any] = {}
        if self.figure is not None:
            figure = self.figure
            money = {"annual_budget": figure.annual_budget, "carry_over": figure.carry_over}
            money |= {"executed_to_date": figure.executed}
        shown = known(
            phase_end_month=self.month,
            library_no=self.library_no,
            annual_goal=self.target.get("annual_goal"),
            initial_budget=self.initial_budget,
        )
        amounts = {name: format(value.normalize(), "f") for name, value in money.items()}
        return {**super().form_context(actor=actor, at=at), **shown, **amounts, "figures": self.figure is not None}

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the report: every indicator of the target, in its order, without what is reported of it."""
        indicators = self.target.get("indicators") or []
        return [
            {"row_id": f"r{number}", **{name: row[name] for name in _ROW if row.get(name) is not None}}
            for number, row in enumerate(indicators, 1)
        ]

    def prepared(
        self, definition: FormDefinition, raw: Any, current: Mapping[str, Any], *, node: str, filling: Filling
    ) -> Prepared:
        """The rows of the target, each with the light its figures give; values may name the target's own unit."""
        rows = self.rows()
        sent, problems = _without_units(raw, rows)
        base = {**current, "indicators": rows}
        context = self.form_context(actor=filling.actor, at=filling.at)
        read, _ = forms.accept(definition, sent, node=node, context=context, current=base, complete=False)
        found = self._lights(read.get("indicators") or [])
        if found is None:
            return Prepared(sent, base, problems=tuple(problems))
        lit = [
            {**row, **({"light": light.color} if light.color else {})}
            for row, light in zip(rows, found.indicators, strict=True)
        ]
        return Prepared(sent, {**base, "indicators": lit}, shown_lights(found), tuple(problems))

    def _lights(self, rows: Sequence[Mapping[str, Any]]) -> ProjectLights | None:
        if self.figure is None:
            return None
        return lights.judge(
            self.tables,
            month=self.month,
            executed=self.figure.executed,
            annual_budget=self.figure.annual_budget,
            indicators=[_report(row) for row in rows],
            red_line=bool(self.campaign.parameters.get("red_line")),
        )

    def judged(self, session: Session, content: Mapping[str, Any], *, node: str) -> Iterator[Problem]:
        """Forecasts that fall behind what is reached already, and what the tables warn of beside the lights."""
        for index, row in enumerate(content.get("indicators") or []):
            reached, expected = number_of(row.get("value_to_date")), number_of(row.get("full_year_forecast_value"))
            upward = row.get("operator") in ("ge", "gt", "eq")
            if upward and reached is not None and expected is not None and expected < reached:
                text = f"第{index + 1}行“{row.get('level3_name')}”全年预计完成值{expected}小于本期已完成的{reached}"
                path = f"indicators[{index}].full_year_forecast_value"
                yield Problem(field=path, message=text, severity="warning", source=_SOURCE, rule="F05")
        found = self._lights(content.get("indicators") or [])
        for text in found.warnings if found else ():
            yield Problem(field="", message=text, severity="info", source="预警灯规则", rule=text[:3])

    def hindrances(self, session: Session, content: Mapping[str, Any], *, node: str, at: datetime) -> Iterable[Problem]:
        """A season that is closed takes no report that was never sent; what was returned may still come back."""
        return season_closed(self.case, self.campaign, at, what="监控", source="P10 · 监控批次")

    def review_context(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """The project's light: a red one asks for a disposal."""
        return known(light=content.get("project_light"))


def shown_lights(found: ProjectLights) -> dict[str, Any]:
    """The lights as the form shows them."""
    shown = {"execution_light": found.execution, "target_light": found.target, "project_light": found.project}
    return {**{name: light.color for name, light in shown.items()}, "light_reason": found.project.why}


def of_case(session: Session, case: CaseFile) -> MonitoringSubject:
    """The monitoring a case reports."""
    campaign, project, unit, department = parts(session, case)
    first = aliased(TargetVersion)
    initial = select(first.content["amount_total"].astext).where(first.project_id == project.id)
    statement = (
        select(TargetVersion, ExecutionFigure, initial.order_by(first.version).limit(1).scalar_subquery())
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
    target, figure, initial_budget = session.execute(statement).one()
    held = (target.content, target.library_no, figure, lights.of_release(session, case.release_id), initial_budget)
    return MonitoringSubject(case, campaign, project, unit, department, *held)


def _report(row: Mapping[str, Any]) -> Any:
    value = row.get("value_to_date") if row.get("nature") == "quantitative" else row.get("state")
    return report_of(row, value=value, possibility=row.get("possibility"))


def _without_units(raw: Any, rows: Sequence[Mapping[str, Any]]) -> tuple[Any, list[Problem]]:
    """What was sent with the target's own unit taken off the values, and every value written in another one."""
    sent = raw.get("indicators") if isinstance(raw, Mapping) else None
    if not isinstance(sent, list):
        return raw, []
    by_key = {row["row_id"]: row for row in rows}
    cleaned, problems = [], []
    for index, cells in enumerate(sent):
        if not isinstance(cells, Mapping):
            cleaned.append(cells)
            continue
        own = by_key.get(str(cells.get("row_id"))) or (rows[index] if index < len(rows) else {})
        # A page leaves blank rows out: the place is that of the target's row.
        place = rows.index(own) if own else index
        plain, wrong = _plain(cells, str(own.get("measure_unit") or ""))
        cleaned.append(plain)
        problems += [
            Problem(
                field=f"indicators[{place}].{name}",
                message=f"第{place + 1}行“{own.get('level3_name', '')}”的计量单位应为“{own.get('measure_unit') or '（无）'}”，"
                f"现写作“{unit}”，请换算后只填数字",
                severity="error",
                source=_SOURCE,
            )
            for name, unit in wrong
        ]
    return {**raw, "indicators": cleaned}, problems


def _plain(cells: Mapping[str, Any], unit: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    plain, wrong = dict(cells), []
    for name in _CELLS:
        match = _NUMBER.fullmatch(cells[name]) if isinstance(cells.get(name), str) else None
        if match is None:
            continue
        plain[name] = match[1]
        if match[2] != unit:
            wrong.append((name, match[2][:10]))
    return plain, wrong
