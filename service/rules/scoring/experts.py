"""Which score do several experts come to together?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from service.rules.scoring.rounding import half_up


@dataclass(frozen=True, kw_only=True)
class PanelRule:
    """From how many scores on the extremes are dropped, and from which spread (points) on the experts talk again."""

    drop_from: int = 5
    spread: Decimal = Decimal(15)


@dataclass(frozen=True, kw_only=True)
class PanelScore:
    """The experts' score (two decimals), the scores that count, and whether they lie too far apart."""

    points: Decimal
    counted: tuple[Decimal, ...]
    discuss: bool


def panel_score(scores: Sequence[Decimal], rule: PanelRule | None = None) -> PanelScore | None:
    """Return the mean of the experts' totals (points of 100) to 0.01, half up; None without any score.

    With five or more one highest and one lowest score are dropped. The spread is that of all scores, dropped ones too:
    more than 15 points apart, they discuss again. Source: F10 (rule of the product).
    """
    if not scores:
        return None
    rule = rule or PanelRule()
    ordered = sorted(scores)
    counted = ordered[1:-1] if len(ordered) >= rule.drop_from else ordered
    mean = sum((Fraction(score) for score in counted), Fraction(0)) / len(counted)
    return PanelScore(points=half_up(mean, 2), counted=tuple(counted), discuss=ordered[-1] - ordered[0] > rule.spread)
