"""Must a unit explain its result (偏差原因分析及改进措施)?"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from service.rules.scoring.rounding import percent
from service.rules.scoring.rule_set import ScoreRules
from service.rules.scoring.score import Score


def beyond(operator: str, target: Decimal, actual: Decimal, rules: ScoreRules) -> Fraction | None:
    """Return by how much a result goes beyond its target where that is too much to be left unsaid, else None.

    For positive and equal indicators the completion (1.5 is 150 %) from 130 % on, for reverse ones the share saved
    (0.4 is 40 %) from 30 % on. None without a target above 0. Source: F07 (130 % confirmed; 30 % product rule).
    """
    if target <= 0:
        return None
    rate = Fraction(max(actual, Decimal(0))) / Fraction(target)
    if operator in ("le", "lt"):
        return 1 - rate if 1 - rate >= Fraction(rules.saved_from) else None
    return rate if rate >= Fraction(rules.explain_from) else None


def reason_to_explain(score: Score, extent: Fraction | None, rules: ScoreRules) -> str:
    """Return why a deviation must be explained: points lost, or a result far beyond the target; "" if it need not."""
    if score.points < score.weight:
        return f"扣{score.weight - score.points}分"
    if extent is None:
        return ""
    saved = extent < 1
    return (
        f"比指标值节约{percent(extent)}"
        if saved
        else f"完成率{percent(extent)}，达到{percent(Fraction(rules.explain_from))}"
    )


def needs_explanation(
    operator: str, target: Decimal, actual: Decimal | None, score: Decimal, weight: Decimal, rules: ScoreRules
) -> bool:
    """Return whether the reason for a deviation is mandatory beside a score (points) of a quantitative indicator.

    It is where points are lost, where completion is 130 % or more, or where 30 % or more is saved. Source: F07.
    """
    return score < weight or (actual is not None and beyond(operator, target, actual, rules) is not None)
