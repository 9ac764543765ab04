"""What does the page of a new season propose? Title, year and days as they usually are, all units."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from service.campaign_parameters import BUDGET_PARAMETERS
from service.campaign_terms import BUDGET, EVALUATION, MONITORING, OVERALL


def season(process_id: str | None, today: date, units: Sequence[str]) -> dict[str, Any]:
    """A season of a process as it usually is; one of declarations for any other name."""
    made = _PROPOSED.get(process_id or "", _targets)(today)
    return {**made, "scope": dict.fromkeys(units)}


def _targets(today: date) -> dict[str, Any]:
    """Declarations of next year."""
    year = today.year + 1
    return {
        "title": f"{year}年度项目绩效目标申报",
        "fiscal_year": year,
        **_days(today, (8, 1), (9, 30)),
        "indicator_template": "CLASSIC_2020",
        "rule_set": "LINEAR_2020",
        "parameters": {},
    }


def _monitoring(today: date) -> dict[str, Any]:
    """Monitoring of this year, January to July."""
    return {
        "process_id": MONITORING,
        "title": f"{today.year}年1至7月绩效运行监控",
        "fiscal_year": today.year,
        **_days(today, (8, 20), (8, 31)),
        "parameters": {"month": 7},
    }


def _evaluation(today: date) -> dict[str, Any]:
    """Self-evaluation of last year, in April."""
    year = today.year - 1
    return {
        "process_id": EVALUATION,
        "title": f"{year}年度项目支出绩效自评",
        "fiscal_year": year,
        **_days(today, (4, 1), (4, 30)),
        "rule_set": "LINEAR_2020",
        "parameters": {"sample_share": "10", "reverse_mode": "deviation"},
    }


def _budget(today: date) -> dict[str, Any]:
    """Next year's budget; first submissions until control numbers are given in November."""
    year = today.year + 1
    return {
        "process_id": BUDGET,
        "title": f"{year}年度项目预算编制",
        "fiscal_year": year,
        **_days(today, (9, 1), (11, 15)),
        "parameters": dict(BUDGET_PARAMETERS),
    }


def _overall(today: date) -> dict[str, Any]:
    """Next year's overall targets of departments, beside the budget."""
    year = today.year + 1
    return {
        "process_id": OVERALL,
        "title": f"{year}年度部门整体绩效目标申报",
        "fiscal_year": year,
        **_days(today, (9, 1), (11, 15)),
        "indicator_template": "CLASSIC_2020",
        "parameters": {},
    }


def _days(today: date, first: tuple[int, int], last: tuple[int, int]) -> dict[str, date]:
    """The usual days of this year; where they are over, from today to the end of the year."""
    opens, closes = date(today.year, *first), date(today.year, *last)
    return {"opens_on": max(opens, today), "closes_on": closes if closes > today else date(today.year, 12, 31)}


_PROPOSED: Mapping[str, Callable[[date], dict[str, Any]]] = MappingProxyType(
    {MONITORING: _monitoring, EVALUATION: _evaluation, BUDGET: _budget, OVERALL: _overall}
)
