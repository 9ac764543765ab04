"""May a qualitative result (定性指标) be scored like this?"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from service.rules.scoring.explanation import reason_to_explain
from service.rules.scoring.rounding import percent, written
from service.rules.scoring.rule_set import Band, ScoreRules
from service.rules.scoring.score import Score, scored


def level_score(level: str, given: Decimal | None, weight: Decimal, rules: ScoreRules) -> Score:
    """Return the points a person chose inside the band of a level; a choice outside it is the score's ``problem``.

    Without a score, 0 points and a problem. The score is kept as given (rounded, within 0 and the weight), so that a
    reviewer sees what was written. Source: 财预〔2020〕10号 (bands confirmed).
    """
    band = _band(level, rules)
    words = f"{level}：{_range(band)}" if band else f"没有档次“{level}”"
    score = scored(
        Fraction(given or 0),
        weight,
        rules,
        case="level",
        formula=words,
        worked=f"评为“{level}”，在{_points(band, weight)}内给分" if band else f"“{level}”",
    )
    return replace(score, explain=reason_to_explain(score, None, rules), problem=_problem(level, given, weight, rules))


def level_fits(level: str, score: Decimal, weight: Decimal, rules: ScoreRules) -> bool:
    """Return whether a score (points) lies inside the band of a level: [0.8w, w], [0.6w, 0.8w), [0, 0.6w).

    False for a level the rule set does not have.
    """
    band = _band(level, rules)
    if band is None:
        return False
    high = weight * band.high
    return weight * band.low <= score and (score <= high if band.high_included else score < high)


def _band(level: str, rules: ScoreRules) -> Band | None:
    return next((band for band in rules.bands if band.level == level), None)


def _range(band: Band) -> str:
    closing = "含" if band.high_included else "不含"
    return f"分值的{percent(Fraction(band.low))}（含）至{percent(Fraction(band.high))}（{closing}）"


def _points(band: Band, weight: Decimal) -> str:
    return f"{written(weight * band.low)}～{written(weight * band.high)}分"


def _problem(level: str, given: Decimal | None, weight: Decimal, rules: ScoreRules) -> str:
    band = _band(level, rules)
    if band is None:
        return f"没有档次“{level}”，请选择：{'、'.join(own.level for own in rules.bands)}"
    if given is None:
        return f"没有得分，请在{_points(band, weight)}内给分"
    if level_fits(level, given, weight, rules):
        return ""
    return f"得分{written(given)}不在“{level}”的范围（{_range(band)}，即{_points(band, weight)}）内，请改正得分或档次"
