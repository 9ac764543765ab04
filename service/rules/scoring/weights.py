"""What becomes of the points of a group a project does not have?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from service.rules.scoring.rounding import down

_CENT = Decimal("0.01")


def shared(total: Decimal, parts: Sequence[Decimal]) -> list[Decimal]:
    """Return ``total`` points shared out in proportion to ``parts``, each to 0.01, adding up to exactly the total.

    What rounding leaves goes one hundredth at a time to the parts cut most, the earlier first. Equal shares where all
    parts are 0; [] for no parts. ValueError for a negative part or a total with more than two decimals.
    """
    if any(part < 0 for part in parts) or total != total.quantize(_CENT):
        raise ValueError("分值不能为负，合计最多两位小数")
    if not parts:
        return []
    whole = sum((Fraction(part) for part in parts), Fraction(0))
    exact = [Fraction(total) * (Fraction(part) / whole if whole else Fraction(1, len(parts))) for part in parts]
    cut = [down(value, 2) for value in exact]
    left = int((total - sum(cut, Decimal(0))) / _CENT)
    order = sorted(range(len(parts)), key=lambda place: Fraction(cut[place]) - exact[place])
    for place in order[:left]:
        cut[place] += _CENT
    return cut


def without_satisfaction(
    groups: Sequence[str], weights: Sequence[Decimal], *, total: Decimal = Decimal(90), moves_to: str = "benefit"
) -> list[Decimal]:
    """Return the weights of a table that has no satisfaction indicator: the points missing to ``total`` move to benefit.

    ``groups`` are the level 1 codes beside ``weights``. Benefit indicators get them in proportion to what they have; the
    sum is exactly ``total``. Tables with satisfaction, or without benefit, come back unchanged.
    Source: domain rule (unconfirmed in 财预〔2020〕10号).
    """
    missing = total - sum(weights, Decimal(0))
    places = [place for place, group in enumerate(groups) if group == moves_to]
    if "satisfaction" in groups or not places or missing <= 0:
        return list(weights)
    own = [weights[place] for place in places]
    moved = dict(zip(places, shared(sum(own, Decimal(0)) + missing, own), strict=True))
    return [moved.get(place, weight) for place, weight in enumerate(weights)]
