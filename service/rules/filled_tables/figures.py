"""Which number stands in a cell of a filled table, how exactly, and could another number have been rounded to it?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from service.rules.quantities import half_width, number_of, plain
from service.rules.scoring.rounding import down, half_up

#: What people write into a cell to say that nothing belongs there.
DASHES = frozenset({"/", "\\", "-", "--", "—", "——", "－", "、", "无", "…", "……", "N/A", "n/a"})
_FIGURE = re.compile(
    r"^(?:[约≈¥￥]|人民币)?\s*(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*(?P<percent>%)?"
    r"\s*(?P<unit>亿元|万元|千元|元|分)?\s*(?:\([^\d)]*\))?$"
)
_UNITS = {"亿元": Decimal(10**8), "万元": Decimal(10**4), "千元": Decimal(1000), "元": Decimal(1)}
#: More decimals than anyone writes by hand: the result of a formula, kept in binary.
_COMPUTED = 6
_NOISE = Fraction(1, 10**6)


@dataclass(frozen=True)
class Figure:
    """A number as written: its value, its decimals, and whether a per cent sign stands behind it."""

    value: Decimal
    decimals: int
    percent: bool = False

    @property
    def exact(self) -> Fraction:
        return Fraction(self.value)

    @property
    def computed(self) -> bool:
        """Left by a spreadsheet's formula, with all its digits."""
        return self.decimals > _COMPUTED

    @property
    def slack(self) -> Fraction:
        """By how much the number may have been rounded. Whole numbers, halves and quarters are taken as exact."""
        if self.decimals == 0 or self.computed or (self.value * 4) % 1 == 0:
            return Fraction(0)
        return Fraction(1, 2 * 10**self.decimals)

    def __str__(self) -> str:
        return plain(self.value) + ("%" if self.percent else "")


def is_blank(text: str | None) -> bool:
    """Return whether a cell says nothing: empty, or a dash in place of a value."""
    return text is None or not text.strip() or text.strip() in DASHES


def figure_of(text: str | None, unit: str = "") -> Figure | None:
    """Return the number of a cell (``1,234.50万元``, ``86%``, ``10分``), None where there is no plain one.

    An amount with a unit of its own is turned into ``unit`` (万元, 元).
    """
    if is_blank(text):
        return None
    match = _FIGURE.match(re.sub(r"[\s\u00a0\u3000]+", "", half_width(text or "")))
    number = number_of(match["number"]) if match else None
    if match is None or number is None:
        return None
    if match["unit"] in _UNITS and unit in _UNITS and match["unit"] != unit:
        number = number * _UNITS[match["unit"]] / _UNITS[unit]
    written = plain(number.quantize(Decimal("1e-9")) if -int(number.as_tuple().exponent) > 9 else number)
    _, _, fraction = written.partition(".")
    return Figure(Decimal(written), max(len(fraction), _written_decimals(match["number"])), bool(match["percent"]))


def _written_decimals(number: str) -> int:
    """Zeros at the end count: ``86.00`` says more than ``86``; digits of binary noise do not."""
    fraction = number.partition(".")[2]
    return len(fraction) if len(fraction) <= _COMPUTED else 0


def roundings(low: Fraction, high: Fraction, decimals: int) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield what a value between two bounds becomes when it is rounded half up, and when it is cut off."""
    ways: tuple[Callable[[Fraction, int], Decimal], ...] = (half_up, down)
    for way in ways:
        yield Fraction(way(low, decimals)), Fraction(way(high, decimals))


def may_be(figure: Fraction, low: Fraction, high: Fraction, decimals: range) -> bool:
    """Return whether a value between two bounds may have been written as this figure with so many decimals, or exactly."""
    if low - _NOISE <= figure <= high + _NOISE:
        return True
    return any(least <= figure <= most for places in decimals for least, most in roundings(low, high, places))
