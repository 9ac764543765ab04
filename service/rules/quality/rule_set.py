"""Which thresholds, words and weights do the quality rules apply?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, kw_only=True)
class WeightTemplate:
    """An indicator template: which points each level 1 group gets, and which document says so.

    Points of 100; the missing 10 belong to the budget execution rate. CLASSIC_2020 counts cost inside output.
    """

    code: str
    title: str
    document: str
    weights: Mapping[str, Decimal]
    #: Level 1 group that cost indicators count in.
    cost_within: str

    def without_satisfaction(self) -> Mapping[str, Decimal]:
        """Return the points where no satisfaction indicator is asked for: its points move to benefit (unconfirmed)."""
        moved = dict(self.weights)
        moved["benefit"] += moved.pop("satisfaction", Decimal(0))
        return moved


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """The parameters of the quality rules: data of a season, so that old years are never judged by new limits."""

    #: Sum of all indicator weights; the execution rate has the rest of 100.
    weight_total: Decimal
    output_weight_max: Decimal
    weight_min: Decimal
    percent_min: Decimal
    percent_max: Decimal
    #: Names of ratios that may leave 0 to 100 % (growth, multiples).
    percent_free_words: tuple[str, ...]
    same_value_share: Decimal
    #: Fewer quantitative rows than this are never called alike.
    same_value_rows: int
    satisfaction_min: Decimal
    satisfaction_below: Decimal
    goal_min_characters: int
    key_project_indicators: int
    name_similarity: Decimal
    copied_goal_characters: int
    #: Values that cannot get better, so staying there for years is no fault.
    unimprovable_values: tuple[Decimal, ...]
    support_conclusions: tuple[str, ...]
    vague_words: tuple[str, ...]
    input_words: tuple[str, ...]
    activity_words: tuple[str, ...]
    #: What should become less, and what should become more; the word standing last in a name decides.
    negative_words: tuple[str, ...]
    positive_words: tuple[str, ...]
    #: A name beginning with one of these counts work done, whatever it is about.
    handling_words: tuple[str, ...]
    unit_synonyms: Mapping[str, str]
    templates: Mapping[str, WeightTemplate]

    def template(self, code: str) -> WeightTemplate:
        """Return the indicator template of a season; ValueError for a code the rule set does not have."""
        if code not in self.templates:
            raise ValueError(f"没有指标模板“{code}”，可用：{'、'.join(self.templates)}")
        return self.templates[code]


@cache
def default() -> RuleSet:
    """Return the rule set shipped with the product."""
    return _build(shipped_parameters())


def with_parameters(parameters: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> RuleSet:
    """Return a rule set with a season's own parameters in place of its own; ``base`` is the shipped one if not given.

    Raises ValueError naming a parameter that does not exist or cannot be read, so that a mistyped threshold is never
    silently ignored.
    """
    return _build({**(base or shipped_parameters()), **parameters}) if parameters or base else default()


def shipped_parameters() -> dict[str, Any]:
    """Return the parameters of the shipped rule set as plain JSON, by name."""
    shipped: dict[str, Any] = json.loads((files(__package__) / "rule_set.json").read_text("utf-8"))
    return {name: value for name, value in shipped.items() if name != "note"}


def _build(values: Mapping[str, Any]) -> RuleSet:
    kinds = {field.name: str(field.type) for field in fields(RuleSet)}
    unknown = set(values) - set(kinds)
    if unknown:
        raise ValueError(f"规则参数“{'、'.join(sorted(unknown))}”不存在，请核对名称")
    return RuleSet(**{name: _read(name, kinds[name], values[name]) for name in kinds})


def _read(name: str, kind: str, value: Any) -> Any:
    try:
        if kind == "Decimal":
            return Decimal(str(value))
        if kind == "int":
            return int(value)
        if kind == "tuple[Decimal, ...]":
            return tuple(Decimal(str(item)) for item in value)
        if kind == "tuple[str, ...]":
            return tuple(str(item) for item in value)
        if name == "templates":
            return MappingProxyType({code: _template(code, given) for code, given in value.items()})
        return MappingProxyType({str(key): str(item) for key, item in value.items()})
    except (InvalidOperation, TypeError, ValueError, AttributeError, KeyError) as fault:
        raise ValueError(f"规则参数“{name}”的值“{value}”无法识别，请改正") from fault


def _template(code: str, given: Mapping[str, Any]) -> WeightTemplate:
    return WeightTemplate(
        code=code,
        title=str(given["title"]),
        document=str(given["document"]),
        weights=MappingProxyType({group: Decimal(str(points)) for group, points in given["weights"].items()}),
        cost_within=str(given["cost_within"]),
    )
