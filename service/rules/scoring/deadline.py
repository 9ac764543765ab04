"""How many points does a deadline earn (时效指标以日期为指标值)?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from service.rules.scoring.explanation import reason_to_explain
from service.rules.scoring.rounding import written
from service.rules.scoring.rule_set import ScoreRules
from service.rules.scoring.score import Score, scored


def deadline_score(start: date, due: date, done: date | None, weight: Decimal, rules: ScoreRules) -> Score:
    """Return the points for finishing by a day: all of them in time, less the share of the planned days it was late.

    Planned days run from the project's start to the due day (at least one). Not finished (None) earns 0.
    Source: rule of the product.
    """
    planned = max((due - start).days, 1)
    if done is None:
        score = scored(
            Fraction(0), weight, rules, case="deadline", formula="未填完成时间，不得分", worked="未填完成时间"
        )
    elif done <= due:
        score = scored(
            Fraction(weight), weight, rules, case="deadline", formula="按期完成，得满分", worked=f"{done}不晚于{due}"
        )
    else:
        late = (done - due).days
        score = scored(
            Fraction(weight) * (1 - Fraction(late, planned)),
            weight,
            rules,
            case="deadline",
            formula="分值×max(0，1－逾期天数÷计划天数)",
            worked=f"{written(weight)}×max(0，1－{late}÷{planned})",
        )
    return replace(score, explain=reason_to_explain(score, None, rules))
