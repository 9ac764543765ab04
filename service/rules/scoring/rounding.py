"""How are exact figures rounded once, at the last step, and written down?"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from service.rules.quantities import plain


def half_up(value: Fraction, decimals: int) -> Decimal:
    """Return an exact value rounded half up (away from zero) to so many decimals: 14.665 is 14.67.

    Works on fractions, so a third part never hides which way a half goes.
    """
    scale = 10**decimals
    units = int(abs(value) * scale + Fraction(1, 2))
    return Decimal(units if value >= 0 else -units).scaleb(-decimals)


def down(value: Fraction, decimals: int) -> Decimal:
    """Return an exact value cut off after so many decimals: 14.669 is 14.66."""
    units = int(abs(value) * 10**decimals)
    return Decimal(units if value >= 0 else -units).scaleb(-decimals)


def written(value: Decimal | Fraction) -> str:
    """Return a figure as it stands in a worked formula: exact where it ends, else with four decimals."""
    if isinstance(value, Decimal):
        return plain(value)
    exact = half_up(value, 6)
    return plain(exact if Fraction(exact) == value else half_up(value, 4))


def percent(value: Fraction) -> str:
    """Return a share as a percentage with at most two decimals: 1.8 is 180%."""
    return f"{plain(half_up(value * 100, 2))}%"
