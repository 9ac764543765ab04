"""How do values combine under + - * / **? What has no answer is null, as the standard says, and is noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from service.engine.dmn import temporal
from service.engine.dmn.faults import TooMuch
from service.engine.dmn.scope import Scope
from service.engine.dmn.temporal import Months
from service.engine.dmn.values import MAX_TEXT, NUMBERS, aligned, kind, show

Operation = Callable[[Any, Any], Any]
_MICROSECOND = timedelta(microseconds=1)


def _join(left: str, right: str) -> str:
    if len(left) + len(right) > MAX_TEXT:
        raise TooMuch(f"文字超过{MAX_TEXT}个字符")
    return left + right


def _moment_plus(moment: date | datetime, span: timedelta) -> date | datetime:
    return moment + span


def _date_plus(day: date, span: timedelta) -> date:
    return (datetime.combine(day, time()) + span).date()


def _clock_plus(clock: time, span: timedelta) -> time:
    return (datetime.combine(date(2000, 1, 1), clock) + span).timetz()


def _clock_minus_clock(left: time, right: time) -> timedelta:
    day = date(2000, 1, 1)
    return datetime.combine(day, left) - datetime.combine(day, right)


def _months_less(day: date, months: Months) -> date:
    return temporal.add_months(day, Months(-months.count))


def _span_times(span: timedelta, factor: Decimal) -> timedelta:
    return int(NUMBERS.multiply(Decimal(span // _MICROSECOND), factor)) * _MICROSECOND


def _months_times(months: Months, factor: Decimal) -> Months:
    return Months(int(NUMBERS.multiply(Decimal(months.count), factor)))


def _ratio(left: int, right: int) -> Decimal:
    return NUMBERS.divide(Decimal(left), Decimal(right))


def _swapped(operation: Operation) -> Operation:
    return lambda left, right: operation(right, left)


Table = Mapping[tuple[type, type], Operation]

_ADD: Table = {
    (Decimal, Decimal): NUMBERS.add,
    (str, str): _join,
    (timedelta, timedelta): lambda a, b: a + b,
    (Months, Months): lambda a, b: Months(a.count + b.count),
    (date, timedelta): _date_plus,
    (datetime, timedelta): _moment_plus,
    (time, timedelta): _clock_plus,
    (date, Months): temporal.add_months,
    (datetime, Months): temporal.add_months,
    (timedelta, date): _swapped(_date_plus),
    (timedelta, datetime): _swapped(_moment_plus),
    (timedelta, time): _swapped(_clock_plus),
    (Months, date): _swapped(temporal.add_months),
    (Months, datetime): _swapped(temporal.add_months),
}
_SUBTRACT: Table = {
    (Decimal, Decimal): NUMBERS.subtract,
    (timedelta, timedelta): lambda a, b: a - b,
    (Months, Months): lambda a, b: Months(a.count - b.count),
    (date, date): lambda a, b: a - b,
    (datetime, datetime): lambda a, b: a - b,
    (time, time): _clock_minus_clock,
    (date, timedelta): lambda a, b: _date_plus(a, -b),
    (datetime, timedelta): lambda a, b: a - b,
    (time, timedelta): lambda a, b: _clock_plus(a, -b),
    (date, Months): _months_less,
    (datetime, Months): _months_less,
}
_MULTIPLY: Table = {
    (Decimal, Decimal): NUMBERS.multiply,
    (timedelta, Decimal): _span_times,
    (Decimal, timedelta): _swapped(_span_times),
    (Months, Decimal): _months_times,
    (Decimal, Months): _swapped(_months_times),
}
_DIVIDE: Table = {
    (Decimal, Decimal): NUMBERS.divide,
    (timedelta, Decimal): lambda a, b: _span_times(a, NUMBERS.divide(Decimal(1), b)),
    (timedelta, timedelta): lambda a, b: _ratio(a // _MICROSECOND, b // _MICROSECOND),
    (Months, Decimal): lambda a, b: Months(int(NUMBERS.divide(Decimal(a.count), b))),
    (Months, Months): lambda a, b: _ratio(a.count, b.count),
}
OPERATIONS: Mapping[str, Table] = {
    "+": _ADD,
    "-": _SUBTRACT,
    "*": _MULTIPLY,
    "/": _DIVIDE,
    "**": {(Decimal, Decimal): NUMBERS.power},
}


def combine(sign: str, left: Any, right: Any, scope: Scope) -> Any:
    """Return ``left sign right``; null, with a note, where the standard gives no answer.

    Numbers keep 34 significant digits. Raises ``FeelFault`` only for texts beyond the limit.
    """
    table = OPERATIONS[sign]
    operation = table.get((type(left), type(right)))
    if operation is None and sign == "-":
        left, right = aligned(left, right)
        operation = table.get((type(left), type(right)))
    if operation is None:
        scope.note(f"{kind(left)}和{kind(right)}不能用 {sign} 计算（{show(left)} {sign} {show(right)}），结果为空值")
        return None
    try:
        return operation(left, right)
    except (ArithmeticError, TypeError, ValueError):
        scope.note(f"{show(left)} {sign} {show(right)} 算不出来，结果为空值")
        return None


def negate(value: Any, scope: Scope) -> Any:
    """Return the value with the opposite sign; null, with a note, if it has none."""
    if isinstance(value, Decimal):
        return NUMBERS.minus(value)
    if isinstance(value, timedelta):
        return -value
    if isinstance(value, Months):
        return Months(-value.count)
    scope.note(f"{kind(value)}没有相反数，结果为空值")
    return None
