"""What do the standard's functions on numbers return? All exact to 34 digits; rounding is always named."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from service.engine.dmn.faults import FeelFault
from service.engine.dmn.values import NUMBERS

_LARGEST_SCALE = 6000
_WRITTEN = set("0123456789.-")


def _rounded(value: Decimal, scale: Decimal, rounding: str) -> Decimal:
    if not -_LARGEST_SCALE < scale < _LARGEST_SCALE:
        raise FeelFault("小数位数超出范围")
    places = Decimal(1).scaleb(-int(scale))
    if value.adjusted() + int(scale) + 1 >= NUMBERS.prec:
        return value
    return value.quantize(places, rounding=rounding, context=NUMBERS)


def _rounder(rounding: str) -> Callable[..., Decimal]:
    return lambda value, scale=Decimal(0): _rounded(value, scale, rounding)


def _modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    """The sign follows the divisor."""
    quotient = NUMBERS.divide(dividend, divisor).to_integral_value(rounding=decimal.ROUND_FLOOR)
    return NUMBERS.subtract(dividend, NUMBERS.multiply(divisor, quotient))


def _even(value: Decimal) -> bool:
    return value == value.to_integral_value() and _modulo(value, Decimal(2)) == 0


def _odd(value: Decimal) -> bool:
    return value == value.to_integral_value() and _modulo(value, Decimal(2)) == 1


def _absolute(value: Any) -> Any:
    return abs(value) if not isinstance(value, Decimal) else value.copy_abs()


def _number(text: str, grouping: str | None = None, point: str | None = None) -> Decimal:
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(point, ".") if point else plain
    if not plain or not set(plain) <= _WRITTEN or len(plain) > _LARGEST_SCALE:
        raise FeelFault(f"“{text[:40]}”不是数字")
    return NUMBERS.create_decimal(plain)


_SCALED = ("n", "n, scale")
NUMBER_FUNCTIONS: Mapping[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "number": (_number, ("from", "from, grouping separator, decimal separator")),
    "decimal": (_rounder(decimal.ROUND_HALF_EVEN), ("n, scale",)),
    "floor": (_rounder(decimal.ROUND_FLOOR), _SCALED),
    "ceiling": (_rounder(decimal.ROUND_CEILING), _SCALED),
    "round up": (_rounder(decimal.ROUND_UP), _SCALED),
    "round down": (_rounder(decimal.ROUND_DOWN), _SCALED),
    "round half up": (_rounder(decimal.ROUND_HALF_UP), _SCALED),
    "round half down": (_rounder(decimal.ROUND_HALF_DOWN), _SCALED),
    "abs": (_absolute, ("n",)),
    "modulo": (_modulo, ("dividend, divisor",)),
    "sqrt": (NUMBERS.sqrt, ("number",)),
    "even": (_even, ("number",)),
    "odd": (_odd, ("number",)),
}
