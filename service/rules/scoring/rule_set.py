"""Which rules turn results into points? Versioned data, saved with a campaign, so that a score stays what it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from service.rules.review import GradeBands

REVERSE_MODES = ("deviation", "ratio")
_EXECUTIONS = ("proportional", "steps")


@dataclass(frozen=True)
class Step:
    """From this value on (the value included) this share of the points is given."""

    start: Decimal
    share: Decimal


@dataclass(frozen=True)
class Band:
    """Within which shares of its points a qualitative indicator of a level is scored; ``low`` is always included."""

    level: str
    low: Decimal
    high: Decimal
    high_included: bool


@dataclass(frozen=True, kw_only=True)
class ScoreRules:
    """One rule set: LINEAR_2020, THRESHOLD_2021 or a district's own edition of one.

    Shares and rates are fractions (0.6 is 60 %); points are of 100. ``completion_floor``: up to this rate of completion
    there are no points, above it they grow evenly to all of them. ``execution`` is proportional, or steps for projects
    that are not finished. ``sources`` names the article behind each case.
    """

    code: str
    title: str
    version: int
    document: str
    decimals: int
    total: Decimal
    execution_weight: Decimal
    execution: str
    execution_steps: tuple[Step, ...]
    completion_floor: Decimal
    #: What the rule set allows; the first is used unless a campaign chooses another.
    reverse_modes: tuple[str, ...]
    satisfaction_steps: tuple[Step, ...]
    bands: tuple[Band, ...]
    explain_from: Decimal
    saved_from: Decimal
    deducting_causes: tuple[str, ...]
    grades: GradeBands
    satisfaction_moves_to: str
    sources: Mapping[str, str]

    @property
    def reverse_mode(self) -> str:
        """How points fall where a result is above an upper limit: deviation or ratio."""
        return self.reverse_modes[0]

    @property
    def indicator_weight(self) -> Decimal:
        """The points all indicators share; the execution rate has the rest."""
        return self.total - self.execution_weight

    def with_reverse_mode(self, mode: str | None) -> ScoreRules:
        """Return the rule set with a campaign's choice of reverse mode; a mode the rule set does not offer changes nothing."""
        if mode is not None and mode not in REVERSE_MODES:
            raise ValueError(f"没有反向指标计算方式“{mode}”，可用：{'、'.join(REVERSE_MODES)}")
        return replace(self, reverse_modes=(mode,)) if mode in self.reverse_modes else self

    def to_json(self) -> dict[str, Any]:
        """Return the rule set as data to save with a campaign; ``read`` gives the same rule set back."""
        values = {field.name: _written(getattr(self, field.name)) for field in fields(self)}
        values["grades"] = {name: str(limit) for name, limit in vars(self.grades).items()}
        return values


def rule_set(code: str) -> ScoreRules:
    """Return a rule set shipped with the product; ValueError for a code there is not."""
    if code not in shipped():
        raise ValueError(f"没有评分规则“{code}”，可用：{'、'.join(shipped())}")
    return shipped()[code]


@cache
def shipped() -> Mapping[str, ScoreRules]:
    """Return the rule sets shipped with the product by code, the default first."""
    given: dict[str, Any] = json.loads((files(__package__) / "rule_sets.json").read_text("utf-8"))
    return MappingProxyType({code: read({"code": code, **values}) for code, values in given.items()})


def read(values: Mapping[str, Any]) -> ScoreRules:
    """Return the rule set saved as data (``to_json``) or edited by an administrator.

    Raises ValueError naming the parameter that is unknown, missing or cannot be, so that no score ever rests on a
    mistyped rule.
    """
    known = {field.name for field in fields(ScoreRules)}
    if wrong := sorted(known ^ set(values)):
        raise ValueError(f"评分规则的参数“{'、'.join(wrong)}”不存在或缺失，请核对名称")
    found = {}
    for name, value in values.items():
        try:
            found[name] = _READERS.get(name, str)(value)
        except (InvalidOperation, TypeError, ValueError, KeyError, AttributeError) as fault:
            raise ValueError(f"评分规则的参数“{name}”的值“{value}”无法识别，请改正") from fault
    return _checked(ScoreRules(**found))


def _checked(rules: ScoreRules) -> ScoreRules:
    wrong = {
        "execution": rules.execution not in _EXECUTIONS,
        "reverse_modes": not rules.reverse_modes or not set(rules.reverse_modes) <= set(REVERSE_MODES),
        "completion_floor": not 0 <= rules.completion_floor < 1,
        "execution_weight": not 0 <= rules.execution_weight <= rules.total,
        "decimals": not 0 <= rules.decimals <= 4,
        "bands": not all(0 <= band.low <= band.high <= 1 for band in rules.bands),
        "execution_steps": not _falling(rules.execution_steps),
        "satisfaction_steps": not _falling(rules.satisfaction_steps),
        "grades": not rules.grades.excellent > rules.grades.good > rules.grades.fair > 0,
    }
    if names := [name for name, bad in wrong.items() if bad]:
        raise ValueError(f"评分规则的参数“{'、'.join(names)}”超出允许范围，请改正")
    return rules


def _falling(steps: tuple[Step, ...]) -> bool:
    """From the highest step down, with ever smaller shares: more work never scores less."""
    return all(0 <= step.share <= 1 for step in steps) and all(
        above.start > below.start and above.share >= below.share for above, below in pairwise(steps)
    )


def _decimal(value: Any) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError(value)
    return number


def _steps(value: Any) -> tuple[Step, ...]:
    return tuple(Step(_decimal(step["from"]), _decimal(step["share"])) for step in value)


def _bands(value: Any) -> tuple[Band, ...]:
    return tuple(
        Band(str(band["level"]), _decimal(band["low"]), _decimal(band["high"]), bool(band["high_included"]))
        for band in value
    )


_READERS: Mapping[str, Any] = {
    **dict.fromkeys(
        ("total", "execution_weight", "completion_floor", "explain_from", "saved_from"),
        _decimal,
    ),
    **dict.fromkeys(("version", "decimals"), int),
    **dict.fromkeys(("execution_steps", "satisfaction_steps"), _steps),
    **dict.fromkeys(("reverse_modes", "deducting_causes"), lambda value: tuple(str(item) for item in value)),
    "bands": _bands,
    "grades": lambda value: GradeBands(**{name: _decimal(limit) for name, limit in value.items()}),
    "sources": lambda value: MappingProxyType({str(name): str(text) for name, text in value.items()}),
}


def _written(value: Any) -> Any:
    if isinstance(value, Step):
        return {"from": str(value.start), "share": str(value.share)}
    if isinstance(value, Band):
        return {name: _written(part) for name, part in vars(value).items()}
    if isinstance(value, tuple):
        return [_written(part) for part in value]
    if isinstance(value, Mapping):
        return dict(value)
    return str(value) if isinstance(value, Decimal) else value
