"""Which light does a monitored project get, and why? The district's light tables asked with the project's figures.

The tables (DMN) belong to the version of the monitoring process a case follows: an administrator changes a threshold in
the studio, and cases under way keep theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from service import releases
from service.engine.dmn import Answer, Model, decide, read_model
from service.rules.monitoring import IndicatorReport, completion

#: Name of the tables in a version's bundle.
TABLES = "performance_monitoring.dmn"


@dataclass(frozen=True, kw_only=True)
class Light:
    """A light with the rows of the tables that gave it: red, yellow, green or blue; None while figures are missing."""

    color: str | None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class ProjectLights:
    """The lights of one project at the end of a month.

    ``rate`` is executed ÷ budget as a fraction, None without a budget. ``warnings`` stand beside the lights and change
    none: the red line of MR2, the gap of MR7, targets only possibly met.
    """

    rate: Decimal | None
    execution: Light
    indicators: tuple[Light, ...]
    target: Light
    project: Light
    warnings: tuple[str, ...]


@cache
def shipped() -> Model:
    """The light tables that come with the product."""
    return read_model((files("workflows") / TABLES).read_bytes(), TABLES)


def of_release(session: Session, release_id: str) -> Model:
    """The light tables of the version a case follows; those of the product where the version has none."""
    return releases.bundle(session, release_id).tables.get(TABLES) or shipped()


def judge(
    tables: Model,
    *,
    month: int,
    executed: Decimal,
    annual_budget: Decimal,
    indicators: Sequence[IndicatorReport],
    red_line: bool = False,
) -> ProjectLights:
    """Judge one project (MR1 to MR8) by the light tables of its case's version.

    Args:
        month: up to whose end the figures reach, 1 to 12.
        executed: paid so far, 万元; ``annual_budget`` is the adjusted budget of the year.
        red_line: whether the district's second thresholds for execution (MR2) warn as well.

    Raises:
        Undecided: the tables contradict themselves or lack a decision; the Chinese text says where.

    Source:
        Lights MR1 to MR8; 财预〔2019〕136号 (对偏离绩效目标的原因进行分析).
    """
    money = {"month": Decimal(month), "executed": executed, "annual_budget": annual_budget}
    execution = decide(tables, "execution_light", money)
    rate = decide(tables, "execution_rate", money).value
    own = tuple(_indicator(tables, report, month) for report in indicators)
    together = {
        "indicator_lights": [light.color for light in own if light.color],
        "possibilities": [report.possibility for report in indicators if report.possibility],
    }
    target = decide(tables, "target_light", together)
    project = decide(tables, "project_light", {**money, **together})
    return ProjectLights(
        rate=rate,
        execution=_light(execution),
        indicators=own,
        target=_light(target),
        project=_light(project),
        warnings=_warnings(tables, money, indicators, red_line),
    )


def overdue(tables: Model, *, light: str, disposal: str | None, working_days: int) -> bool:
    """Whether a red project's disposal choice is overdue, so that its payments should be suspended (MR9)."""
    given = {"light": light, "disposal": disposal or None, "working_days": Decimal(working_days)}
    return bool(decide(tables, "overdue_disposal", given).value)


def _indicator(tables: Model, report: IndicatorReport, month: int) -> Light:
    return _light(decide(tables, "indicator_light", report.inputs(month))) if report.judged else Light(color=None)


def _light(answer: Answer) -> Light:
    return Light(color=None if answer.value == "none" else answer.value, why=_why(answer))


def _why(answer: Answer) -> str:
    return "；".join(note for firing in answer.firings[-1:] for note in firing.annotations if note)


def _warnings(
    tables: Model, money: dict[str, Any], indicators: Sequence[IndicatorReport], red_line: bool
) -> tuple[str, ...]:
    asked = [
        decide(tables, "red_line_warning", {**money, "red_line": red_line}),
        decide(tables, "match_warning", {**money, "completion": completion(indicators)}),
    ]
    found = [_why(answer) for answer in asked if answer.value is True]
    possible = sum(report.possibility == "possible" for report in indicators)
    return (*found, *([f"MR8 有{possible}项指标只是“有可能”完成"] if possible else ()))
