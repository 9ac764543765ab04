"""What values are there in a decision, when are two of them equal, and which is greater?

``None`` is the standard's null. Comparing values of different kinds has no answer: it is ``None``, never false.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from service.engine.dmn import temporal
from service.engine.dmn.temporal import Months

# The standard's numbers: 34 significant digits (IEEE 754 decimal128); the machine's own precision must not matter.
NUMBERS = Context(prec=34, Emax=6144, Emin=-6143, traps=[InvalidOperation, DivisionByZero, Overflow])
MAX_TEXT = 20_000
MAX_LIST = 10_000
_SHOWN = 60
_KINDS: Mapping[type, str] = {
    type(None): "空值",
    bool: "真假值",
    Decimal: "数字",
    str: "文字",
    date: "日期",
    datetime: "日期时间",
    time: "时间",
    timedelta: "时长（日时）",
    Months: "时长（年月）",
    list: "列表",
    dict: "上下文",
}
_ORDERED = frozenset({Decimal, str, date, datetime, time, timedelta, Months})


@dataclass(frozen=True)
class Range:
    """An interval. An absent bound is open towards infinity."""

    low: Any
    high: Any
    low_included: bool = True
    high_included: bool = True

    def holds(self, value: Any) -> bool | None:
        """Is the value inside? ``None`` if it cannot be compared with the bounds."""
        answers = [_beyond(value, self.low, 1, self.low_included), _beyond(value, self.high, -1, self.high_included)]
        if None in answers:
            return None
        return all(answers)


def _beyond(value: Any, bound: Any, side: int, included: bool) -> bool | None:
    if bound is None:
        return True
    order = compare(value, bound)
    return None if order is None else order == side or (included and order == 0)


def kind(value: Any) -> str:
    """Return the Chinese name of a value's kind, for messages."""
    if isinstance(value, Range):
        return "区间"
    return _KINDS.get(type(value), "函数")


def aligned(left: Any, right: Any) -> tuple[Any, Any]:
    """Return both values; a date beside a date and time stands for its midnight, as the standard says."""
    if type(left) is date and type(right) is datetime:
        return datetime.combine(left, time(), right.tzinfo), right
    if type(left) is datetime and type(right) is date:
        return left, datetime.combine(right, time(), left.tzinfo)
    return left, right


def equal(left: Any, right: Any) -> bool | None:
    """Are two values equal? Null equals only null; ``None`` if their kinds differ."""
    if left is None or right is None:
        return left is right
    left, right = aligned(left, right)
    if type(left) is not type(right):
        return None
    if isinstance(left, list):
        return len(left) == len(right) and all(equal(a, b) is True for a, b in zip(left, right, strict=True))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(equal(left[name], right[name]) is True for name in left)
    if isinstance(left, datetime | time) and (left.tzinfo is None) is not (right.tzinfo is None):
        return None
    return bool(left == right)


def compare(left: Any, right: Any) -> int | None:
    """Return -1, 0 or 1 as the first value is smaller, equal or greater; ``None`` if they have no order."""
    left, right = aligned(left, right)
    if type(left) is not type(right) or type(left) not in _ORDERED:
        return None
    try:
        return bool(left > right) - bool(left < right)
    except TypeError:  # a time with a zone beside one without
        return None


def is_one_of(value: Any, values: list[Any]) -> bool:
    """Is the value, by the standard's equality, among the values?"""
    return any(equal(value, other) is True for other in values)


def number_text(value: Decimal) -> str:
    """Return a number in plain digits, exactly, without exponent and without trailing zeros after the point."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def show(value: Any) -> str:
    """Return a short text of a value for messages."""
    if isinstance(value, str):
        text = f"“{value}”"
    elif isinstance(value, Decimal):
        text = number_text(value)
    elif isinstance(value, Range):
        text = f"{'[' if value.low_included else '('}{show(value.low)}..{show(value.high)}"
        text += "]" if value.high_included else ")"
    elif isinstance(value, list):
        text = "[" + ", ".join(show(part) for part in value[:10]) + "]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{name}: {show(part)}" for name, part in list(value.items())[:10]) + "}"
    else:
        text = _show_plain(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _show_plain(value: Any) -> str:
    if value is None:
        return "空值"
    if isinstance(value, bool):
        return "true" if value else "false"
    return temporal.write(value) if type(value) in _KINDS else "函数"


def to_json(value: Any) -> Any:
    """Return a value as plain JSON data; numbers stay ``Decimal``, dates, times and durations become ISO text.

    Raises ``ValueError`` for an interval or a function, which JSON cannot hold.
    """
    if value is None or isinstance(value, bool | str | Decimal):
        return value
    if isinstance(value, list):
        return [to_json(part) for part in value]
    if isinstance(value, dict):
        return {name: to_json(part) for name, part in value.items()}
    if type(value) in _KINDS:
        return temporal.write(value)
    raise ValueError(f"结果是{kind(value)}，不能输出")
