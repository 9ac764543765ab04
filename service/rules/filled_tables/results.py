"""What does an indicator line say of target and result, and may its score be so high?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from service.rules.comparison import AFTER, BEFORE
from service.rules.filled_tables.figures import figure_of, is_blank
from service.rules.filled_tables.table import Cell, IndicatorRow
from service.rules.quantities import base, day_of, half_width, leading_unit, number_of, quantities
from service.rules.scoring import needs_explanation, quantity_score, rule_set

#: Every sign and word with its operator, longer ones first: 不低于 before 低于.
_SIGNS = sorted(
    ((sign, code) for words in (BEFORE, AFTER) for code, signs in words.items() for sign in signs),
    key=lambda pair: -len(pair[0]),
)
#: Longer texts tell more than one value.
_LONGEST = 20
_SAME_UNITS = {"百分比": "%", "百分之": "%", "百分点": "%"}
#: A hundredth of a point per hundred lost in rounding is no fault.
_GENEROUS = Decimal("0.1")


@dataclass(frozen=True, kw_only=True)
class WrittenTarget:
    """A target as people write it, read: ``≥100百分比``, ``≤90万元``, ``2022年11月底前``, ``效果明显``.

    ``operator`` is ge gt eq le lt for numbers ("" where no sign is written), date for days, qual for anything else.
    ``value`` is in base units (1.2万 is 12000), ``scale`` what one of the written number is of them (10000).
    """

    operator: str
    value: Decimal | None = None
    scale: Decimal = Decimal(1)
    unit: str = ""
    day: date | None = None
    text: str = ""


def read_target(target: Cell, *, operator: Cell = None, unit: Cell = None, year: int | None = None) -> WrittenTarget:
    """Return what a target means; sign and unit may stand in columns of their own.

    ``year`` completes days without one (``11月底前``). A text without exactly one number is qualitative.
    """
    text = half_width(target or "").strip()
    day = day_of(text) or (day_of(f"{year}年{text}") if year and "月" in text else None)
    if day is not None:
        return WrittenTarget(operator="date", day=day, text=text)
    found = quantities(text)
    if len(found) != 1 or len(text) > _LONGEST:
        return WrittenTarget(operator="qual", text=text)
    own = _unit(found[0].after)
    value, shown = base(found[0].value, own or half_width(unit or "").strip())
    raw = number_of(found[0].text.rstrip("千百万亿")) or value
    return WrittenTarget(
        operator=_sign(operator) or _sign(text),
        value=value,
        scale=value / raw if raw else Decimal(1),
        unit=_plain_unit(shown),
        text=text,
    )


def read_actual(actual: Cell, target: WrittenTarget) -> Decimal | None:
    """Return the result in the target's base units, None where it is no single number or in another unit.

    A bare number counts in the unit the target is written in (90 beside ≤90万元), or in base units if that is nearer.
    """
    found = quantities(half_width(actual or "").strip())
    if len(found) != 1 or len(actual or "") > _LONGEST:
        return None
    unit = _unit(found[0].after)
    if unit:
        value, shown = base(found[0].value, unit)
        return value if _plain_unit(shown) == target.unit else None
    bare = found[0].value
    if target.scale == 1 or target.value is None or target.value <= 0 or bare <= 0:
        return bare * target.scale
    wanted = target.value
    return min((bare * target.scale, bare), key=lambda value: max(value / wanted, wanted / value))


def scores_too_high(row: IndicatorRow, year: int | None) -> str:
    """Return how a score exceeds what completion in proportion would give at best, "" if it does not or cannot be told.

    The more generous of the usual ways of calculation counts (ratio or deviation), and 0.1 points for rounding.
    """
    known = _quantity(row, year)
    score, weight = figure_of(row.score), figure_of(row.weight)
    if known is None or score is None or weight is None or weight.value <= 0:
        return ""
    target, value, actual = known
    rules = rule_set("LINEAR_2020")
    best = max(
        quantity_score(target.operator, value, actual, weight.value, way).points
        for way in (rules, rules.with_reverse_mode("ratio"))
    )
    if score.value <= best + _GENEROUS * max(weight.value / 10, Decimal(1)):
        return ""
    return f"指标值{target.text}，实际{row.actual}，按比例最多{best}，填{score}"


def far_beyond(row: IndicatorRow, year: int | None) -> bool:
    """Return whether a line with all its points is so far beyond its target that F07 asks for the reason."""
    known = _quantity(row, year)
    score, weight = figure_of(row.score), figure_of(row.weight)
    if known is None or score is None or weight is None or score.value < weight.value:
        return False
    target, value, actual = known
    return needs_explanation(target.operator, value, actual, score.value, weight.value, rule_set("LINEAR_2020"))


def _quantity(row: IndicatorRow, year: int | None) -> tuple[WrittenTarget, Decimal, Decimal] | None:
    if is_blank(row.target) or is_blank(row.actual):
        return None
    target = read_target(row.target, operator=row.operator, unit=row.unit, year=year)
    actual = read_actual(row.actual, target)
    if target.value is None or actual is None or not target.operator:
        return None
    return target, target.value, actual


def _sign(text: Cell) -> str:
    plain_text = half_width(text or "").replace(" ", "")
    return next((code for sign, code in _SIGNS if sign in plain_text), "")


def _unit(after: str) -> str:
    for sign, _ in _SIGNS:
        after = after.removesuffix(sign)
    return after.strip()


def _plain_unit(unit: str) -> str:
    known = next((plain for written, plain in _SAME_UNITS.items() if unit.startswith(written)), "")
    return known or leading_unit(unit) if unit[:1] in "%‰" or known else unit
