"""How many points does a measured result earn against its target (定量指标)?"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from service.rules.scoring.explanation import beyond, reason_to_explain
from service.rules.scoring.rounding import percent, written
from service.rules.scoring.rule_set import ScoreRules
from service.rules.scoring.score import Score, scored

#: Operators of indicators where less is better.
REVERSE = frozenset({"le", "lt"})
OPERATORS = frozenset({"ge", "gt", "eq", "le", "lt"})


def quantity_score(
    operator: str,
    target: Decimal,
    actual: Decimal | None,
    weight: Decimal,
    rules: ScoreRules,
    *,
    over_cause: str | None = None,
    satisfaction: bool = False,
) -> Score:
    """Return the points of a quantitative indicator; target and result in one unit.

    Positive (ge, gt) and equal indicators: all points from the target on, below it in proportion (THRESHOLD_2021: only
    above 60 %). Reverse ones (le, lt): all points up to the target, above it by deviation or ratio. A target of 0 is
    met or not. A result not given earns 0, a negative one counts as 0 unless the target itself is negative, where
    nothing is in proportion. Satisfaction (in per cent) goes by steps where the rule set has some. Over-achievement of
    130 % (saving of 30 %) must be explained and loses points if its confirmed cause is a target set too low.
    ValueError for an unknown operator. Source: 财预〔2020〕10号, 财预〔2021〕101号 (unconfirmed), domain rule.
    """
    if operator not in OPERATORS:
        raise ValueError(f"没有比较符号“{operator}”，可用：{'、'.join(sorted(OPERATORS))}")
    if actual is None:
        score = scored(
            Fraction(0), weight, rules, case="quantity", formula="没有实际完成值，不得分", worked="未填实际完成值"
        )
        return replace(score, explain=reason_to_explain(score, None, rules))
    result = actual if target < 0 else max(actual, Decimal(0))
    extent = beyond(operator, target, result, rules)
    if satisfaction and rules.satisfaction_steps:
        score = _by_steps(result, target, weight, rules)
    elif target <= 0:
        score = _met_or_not(operator, target, result, weight, rules)
    elif extent is not None and over_cause in rules.deducting_causes:
        score = _deducted(operator, target, result, weight, rules)
    elif operator in REVERSE:
        score = _reverse(target, result, weight, rules)
    else:
        score = _positive(target, result, weight, rules)
    return replace(score, explain=reason_to_explain(score, extent, rules))


def _by_steps(result: Decimal, target: Decimal, weight: Decimal, rules: ScoreRules) -> Score:
    share = next((step.share for step in rules.satisfaction_steps if result >= step.start), Decimal(0))
    steps = "，".join(f"≥{written(step.start)}得{percent(Fraction(step.share))}" for step in rules.satisfaction_steps)
    return scored(
        Fraction(weight) * Fraction(share),
        weight,
        rules,
        case="satisfaction",
        formula=f"满意度{steps}，以下不得分",
        worked=f"满意度{written(result)}，{written(weight)}×{percent(Fraction(share))}",
        completion=Fraction(result) / Fraction(target) if target > 0 else None,
    )


def _met_or_not(operator: str, target: Decimal, result: Decimal, weight: Decimal, rules: ScoreRules) -> Score:
    met = {
        "eq": result == target,
        "le": result <= target,
        "lt": result <= target,
    }.get(operator, result >= target)
    return scored(
        Fraction(weight if met else 0),
        weight,
        rules,
        case="zero_target",
        formula="指标值不大于0：达到得满分，否则不得分",
        worked=f"指标值{written(target)}，实际{written(result)}，{'达到' if met else '未达到'}",
    )


def _positive(target: Decimal, result: Decimal, weight: Decimal, rules: ScoreRules) -> Score:
    rate = Fraction(result) / Fraction(target)
    if rate >= 1:
        return scored(
            Fraction(weight),
            weight,
            rules,
            case="quantity",
            formula="达到指标值，得满分",
            worked=f"完成率{percent(rate)}",
            completion=rate,
        )
    figures = f"{written(result)}÷{written(target)}"
    return _short(rate, figures, "实际完成值÷指标值", weight, rules, case="quantity")


def _reverse(target: Decimal, result: Decimal, weight: Decimal, rules: ScoreRules) -> Score:
    if result <= target:
        # Nothing used at all is the best an upper limit knows.
        rate = Fraction(target) / Fraction(result) if result else None
        figures = f"实际{written(result)}不高于指标值{written(target)}"
        return scored(
            Fraction(weight),
            weight,
            rules,
            case=rules.reverse_mode,
            formula="不高于指标值，得满分",
            worked=figures,
            completion=rate,
        )
    if rules.reverse_mode == "ratio":
        rate = Fraction(target) / Fraction(result)
        return _short(rate, f"{written(target)}÷{written(result)}", "指标值÷实际完成值", weight, rules, case="ratio")
    deviation = (Fraction(result) - Fraction(target)) / Fraction(target)
    figures = f"(1－({written(result)}－{written(target)})÷{written(target)})"
    words = "(1－(实际完成值－指标值)÷指标值)"
    return _short(max(1 - deviation, Fraction(0)), figures, words, weight, rules, case="deviation")


def _short(rate: Fraction, figures: str, words: str, weight: Decimal, rules: ScoreRules, *, case: str) -> Score:
    """Points for a result short of its target: the rate's share of the points that lie above the floor."""
    floor = Fraction(rules.completion_floor)
    if not floor:
        formula, worked = f"分值×{words}", f"{written(weight)}×{figures}"
    elif rate < floor:
        formula, worked = f"完成率（{words}）低于{percent(floor)}，不得分", f"{figures}，即{percent(rate)}"
    else:
        least = written(rules.completion_floor)
        formula = f"分值×({words}－{least})÷(1－{least})"
        worked = f"{written(weight)}×({figures}－{least})÷{written(1 - rules.completion_floor)}"
    value = max(rate - floor, Fraction(0)) / (1 - floor) * Fraction(weight)
    return scored(value, weight, rules, case=case, formula=formula, worked=worked, completion=rate)


def _deducted(operator: str, target: Decimal, result: Decimal, weight: Decimal, rules: ScoreRules) -> Score:
    """Points for an over-achievement that shows a target set too low: what lies beyond the limit is taken off."""
    if operator in REVERSE:
        limit, name = Fraction(rules.saved_from), "节约率"
        extent = 1 - Fraction(result) / Fraction(target)
        completion = Fraction(target) / Fraction(result) if result else None
    else:
        limit, name = Fraction(rules.explain_from), "完成率"
        extent = completion = Fraction(result) / Fraction(target)
    return scored(
        Fraction(weight) * (1 - (extent - limit)),
        weight,
        rules,
        case="over",
        formula=f"目标设定偏低：分值×max(0，1－({name}－{percent(limit)}))",
        worked=f"{written(weight)}×max(0，1－({percent(extent)}－{percent(limit)}))",
        completion=completion,
    )
