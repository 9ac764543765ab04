"""Functions an expression may call. All are pure; none reads a clock, a file or an attribute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from forms.expression_values import (
    ARITHMETIC,
    MAX_DAYS,
    ExpressionError,
    add,
    checked,
    contains,
    field_of,
    filled,
    kind,
    listed,
    number,
    subtract,
    truth,
)

MAX_ROUND_PLACES = 12
MAX_NUMBER_TEXT = 40


def total(*values: Any) -> Any:
    """Return the sum; blank cells do not count, nothing at all gives 0."""
    result: Any = 0
    for item in filled(values):
        result = add(result, item)
    return result


def smallest(*values: Any) -> Any:
    """Return the least number, the empty value if there is none."""
    return min(filled(values), default=None)


def largest(*values: Any) -> Any:
    """Return the greatest number, the empty value if there is none."""
    return max(filled(values), default=None)


def length(value: Any) -> int:
    """Return how many items, fields or characters there are."""
    if kind(value) not in ("列表", "记录", "文本"):
        raise ExpressionError(f"{kind(value)}没有长度")
    return len(value)


def count(values: Any, wanted: Any) -> int:
    """Return how many items of a list equal the second argument."""
    return sum(1 for item in listed(values) if contains(wanted, [item]))


def every(values: Any) -> bool:
    """Return whether all items are true; true for an empty list."""
    return all(truth(item) for item in listed(values))


def some(values: Any) -> bool:
    """Return whether at least one item is true; false for an empty list."""
    return any(truth(item) for item in listed(values))


def rounded(value: Any, places: Any = 0) -> Decimal:
    """Round half up (四舍五入) to 0..12 decimal places."""
    if type(places) is not int or not 0 <= places <= MAX_ROUND_PLACES:
        raise ExpressionError(f"保留的小数位数必须是0到{MAX_ROUND_PLACES}之间的整数")
    exact = Decimal(number(value))
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=ARITHMETIC)


def absolute(value: Any) -> Any:
    """Return the number without its sign."""
    amount = number(value)
    return subtract(0, amount) if amount < 0 else amount


def as_number(value: Any) -> Any:
    """Turn text such as ``"12.50"`` into a number; numbers stay, the empty value stays empty."""
    if value is None:
        return None
    if type(value) is not str:
        return number(value)
    if len(value) > MAX_NUMBER_TEXT:
        raise ExpressionError("表示数字的文本过长")
    try:
        return number(Decimal(value.strip()))
    except InvalidOperation:
        raise ExpressionError(f"“{value}”不是数字") from None


def as_date(value: Any) -> date | None:
    """Turn ``"2027-03-31"`` into a date; dates stay, the empty value stays empty."""
    if value is None or type(value) is date:
        return value
    if type(value) is not str:
        raise ExpressionError(f"这里需要日期文本，得到的是{kind(value)}")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ExpressionError(f"“{value}”不是日期，应写作 2027-03-31") from None


def days(value: Any) -> timedelta:
    """Return a duration of whole calendar days, to add to or subtract from a date."""
    amount = number(value)
    if amount != int(amount) or abs(amount) > MAX_DAYS:
        raise ExpressionError(f"天数必须是绝对值不超过{MAX_DAYS}的整数")
    return timedelta(days=int(amount))


def default(value: Any, replacement: Any) -> Any:
    """Return the first argument, or the second where the first is empty."""
    return checked(replacement if value is None else value)


def pluck(rows: Any, name: Any) -> list[Any]:
    """Return one column of a list of rows."""
    if type(name) is not str:
        raise ExpressionError("列名必须是文本")
    column: list[Any] = field_of(listed(rows), name)
    return column


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "sum": total,
    "min": smallest,
    "max": largest,
    "len": length,
    "count": count,
    "all": every,
    "any": some,
    "round": rounded,
    "abs": absolute,
    "number": as_number,
    "date": as_date,
    "days": days,
    "default": default,
    "pluck": pluck,
}
