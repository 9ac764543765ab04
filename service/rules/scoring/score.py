"""How did a score come about?"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from service.rules.scoring.rounding import half_up
from service.rules.scoring.rule_set import ScoreRules


@dataclass(frozen=True, kw_only=True)
class Score:
    """Points for the execution rate or one indicator, with the formula and the figures that gave them.

    ``points`` are rounded half up to the rule set's decimals. ``formula`` is the rule in words (分值×实际完成值÷指标值),
    ``worked`` the same with this case's figures, ``source`` the article. ``completion`` is the rate of completion as a
    fraction, None where there is none (dates, levels, a target of 0). ``explain`` says why the unit must explain
    itself, ``problem`` what is wrong with a score a person chose; both are "" where there is nothing.
    """

    points: Decimal
    weight: Decimal
    formula: str
    worked: str
    source: str
    completion: Fraction | None = None
    explain: str = ""
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the score as data for pages, prints and the log; the completion in per cent with two decimals."""
        completion = None if self.completion is None else str(half_up(self.completion * 100, 2))
        texts = {name: getattr(self, name) for name in ("formula", "worked", "source", "explain", "problem")}
        return {"points": str(self.points), "weight": str(self.weight), "completion": completion, **texts}


def scored(
    value: Fraction,
    weight: Decimal,
    rules: ScoreRules,
    *,
    case: str,
    formula: str,
    worked: str,
    completion: Fraction | None = None,
) -> Score:
    """Return the score of an exact value: kept within 0 and the weight, rounded once, its working completed.

    ``case`` is the rule's name in the rule set's sources.
    """
    points = half_up(min(max(value, Fraction(0)), Fraction(weight)), rules.decimals)
    return Score(
        points=points,
        weight=weight,
        formula=formula,
        worked=f"{worked}={points}" if "×" in worked else f"{worked}，得{points}分",
        source=rules.sources.get(case, rules.document),
        completion=completion,
    )
