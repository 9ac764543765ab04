"""How many points does the budget execution rate (预算执行率) earn?"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from service.rules.scoring.rounding import percent, written
from service.rules.scoring.rule_set import ScoreRules
from service.rules.scoring.score import Score, scored


def execution_score(
    budget: Decimal,
    executed: Decimal,
    rules: ScoreRules,
    *,
    finished: bool = False,
    weight: Decimal | None = None,
) -> Score:
    """Return the points for spending the adjusted annual budget (全年预算数), both amounts in one unit.

    LINEAR_2020: the rate's share of the points, never more than all of them; THRESHOLD_2021: all points for a finished
    project (also above the budget, which the document leaves open), else by steps of the rate. A budget of 0 or less
    scores 0, a negative execution counts as 0. ``weight`` is the rule set's (10) unless a table says otherwise.
    Source: 财预〔2020〕10号 (confirmed), 财预〔2021〕101号 (unconfirmed).
    """
    points = rules.execution_weight if weight is None else weight
    if budget <= 0:
        return scored(
            Fraction(0),
            points,
            rules,
            case="execution",
            formula="全年预算数为0，不得分",
            worked=f"全年预算数{written(budget)}",
        )
    rate = Fraction(max(executed, Decimal(0))) / Fraction(budget)
    if rules.execution == "steps":
        return _by_steps(rate, points, rules, finished=finished)
    figures = f"{written(executed)}÷{written(budget)}"
    return scored(
        min(rate, Fraction(1)) * Fraction(points),
        points,
        rules,
        case="execution",
        formula="分值×min(1，全年执行数÷全年预算数)",
        worked=f"{written(points)}×min(1，{figures})" if rate > 1 else f"{written(points)}×{figures}",
        completion=rate,
    )


def _by_steps(rate: Fraction, points: Decimal, rules: ScoreRules, *, finished: bool) -> Score:
    share = next((step.share for step in rules.execution_steps if rate >= step.start), Decimal(0))
    share = Decimal(1) if finished else share
    state = "项目已完成" if finished else f"项目未完成，执行率{percent(rate)}"
    steps = "，".join(
        f"执行率≥{percent(Fraction(step.start))}得{percent(Fraction(step.share))}" for step in rules.execution_steps
    )
    return scored(
        Fraction(share) * Fraction(points),
        points,
        rules,
        case="execution",
        formula=f"项目完成得满分；未完成：{steps}，以下不得分",
        worked=f"{state}，{written(points)}×{percent(Fraction(share))}",
        completion=rate,
    )
