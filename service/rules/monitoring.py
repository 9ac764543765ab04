"""What do the figures of a monitored project (绩效运行监控) mean to the light tables? Texts of forms become their inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from service.rules.quantities import number_of

#: Lights as people say them, the worst first; blue (over-fast) counts as green in a project's light.
LIGHTS: Mapping[str, str] = MappingProxyType({"red": "红灯", "yellow": "黄灯", "green": "绿灯", "blue": "蓝灯"})
#: How far a qualitative indicator is met (达成程度).
LEVELS = ("达成", "部分达成", "未达成")
#: Where an indicator with a date stands (进展状态).
STATES = ("已完成", "进行中", "滞后", "未启动")
#: Whether the year's target can be reached (完成目标可能性).
POSSIBILITIES: Mapping[str, str] = MappingProxyType(
    {"certain": "确定能", "possible": "有可能", "impossible": "完全不可能"}
)
#: Up to whose end a season of monitoring looks where it says nothing else (1 至 7 月集中监控).
MONTH = 7
_UPWARD = frozenset({"ge", "gt", "eq"})
#: Units of rates, which stand near their target from the first month on: they say nothing of how much is done.
_RATES = frozenset({"%", "‰"})


@dataclass(frozen=True, kw_only=True)
class IndicatorReport:
    """One indicator (三级指标) as the target fixes it, and what the unit reports of it up to the month.

    ``value`` is a number with the target's own unit for quantitative indicators, one of LEVELS (or a text that begins
    with one) for qualitative ones, one of STATES for dates; empty while nothing has been reported.
    """

    nature: str
    operator: str
    target: str
    value: str
    measure_unit: str = ""
    planned_month: int | None = None
    possibility: str = ""
    weight: Decimal = Decimal(1)

    @property
    def reported(self) -> Decimal | None:
        """The reported number, None for other natures and for what is no number."""
        return number_of(self.value) if self.nature == "quantitative" else None

    @property
    def wanted(self) -> Decimal | None:
        """The number the target asks for; None for other natures."""
        return number_of(self.target) if self.nature == "quantitative" else None

    @property
    def state(self) -> str | None:
        """Level or state of an indicator without a number; None if the text is neither."""
        if self.nature == "quantitative":
            return None
        # 部分达成 begins with none of the others, 未达成 neither: the order does not matter.
        known = STATES if self.nature == "date" else LEVELS
        return next((word for word in known if self.value.strip().startswith(word)), None)

    @property
    def judged(self) -> bool:
        """Whether enough is reported for a light."""
        if self.nature == "quantitative":
            return self.reported is not None and self.wanted is not None
        return self.state is not None

    def inputs(self, month: int) -> dict[str, Any]:
        """The inputs of the table of indicator lights at the end of a month (1 to 12)."""
        return {
            "month": Decimal(month),
            "nature": self.nature,
            "operator": self.operator,
            "measure_unit": self.measure_unit or None,
            "target": self.wanted,
            "value": self.reported,
            "state": self.state,
            "planned_month": None if self.planned_month is None else Decimal(self.planned_month),
        }


def report_of(target: Mapping[str, Any], *, value: Any, possibility: Any = "") -> IndicatorReport:
    """An indicator row of a target (F01) with what is reported of it; absent cells count as empty."""
    month = number_of(target.get("planned_month"))
    return IndicatorReport(
        nature=str(target.get("nature") or ""),
        operator=str(target.get("operator") or ""),
        target=str(target.get("target_value") or ""),
        measure_unit=str(target.get("measure_unit") or "").strip(),
        planned_month=None if month is None else int(month),
        weight=number_of(target.get("weight")) or Decimal(1),
        value="" if value is None else str(value),
        possibility=str(possibility or ""),
    )


def month_of(parameters: Mapping[str, Any]) -> int:
    """The month a season of monitoring reports up to (1 to 12)."""
    return int(parameters.get("month") or MONTH)


def completion(reports: Iterable[IndicatorReport]) -> Decimal | None:
    """How much of the year's target is reached (目标完成率), for comparison with the execution rate (MR7).

    The mean of what each indicator with a positive amount to reach has reached, none more than whole, by weight;
    rates (%) are left out, for they do not grow with the work.

    Returns:
        A fraction (0.5 is half); None where no indicator can be measured so.
    """
    reached = weights = Decimal(0)
    for report in reports:
        wanted, value = report.wanted, report.reported
        if report.operator not in _UPWARD or report.measure_unit in _RATES:
            continue
        if wanted is not None and value is not None and wanted > 0:
            reached += report.weight * max(Decimal(0), min(value / wanted, Decimal(1)))
            weights += report.weight
    return reached / weights if weights else None
