"""What does each construct of an expression do when it is worked out? Every function returns a closure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from service.engine.dmn import temporal
from service.engine.dmn.arithmetic import combine, negate
from service.engine.dmn.base_types import BaseType
from service.engine.dmn.faults import FeelFault
from service.engine.dmn.scope import TESTED, Node, Scope
from service.engine.dmn.temporal import Months
from service.engine.dmn.values import Range, compare, equal, is_one_of, kind, show

_ORDERS: Mapping[str, tuple[int, ...]] = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}
_PROPERTIES: Mapping[type, Mapping[str, str]] = {
    date: {"year": "year", "month": "month", "day": "day", "weekday": "isoweekday"},
    datetime: {
        "year": "year",
        "month": "month",
        "day": "day",
        "weekday": "isoweekday",
        "hour": "hour",
        "minute": "minute",
        "second": "second",
        "time offset": "utcoffset",
    },
    time: {"hour": "hour", "minute": "minute", "second": "second", "time offset": "utcoffset"},
}


def constant(value: Any) -> Node:
    """A literal."""
    return lambda scope: value


def name(text: str) -> Node:
    """A name."""
    return lambda scope: scope.get(text)


def arithmetic(first: Node, rest: Sequence[tuple[str, Node]]) -> Node:
    """A chain of operations of the same rank, from left to right."""

    def run(scope: Scope) -> Any:
        value = first(scope)
        for sign, node in rest:
            value = combine(sign, value, node(scope), scope)
        return value

    return run


def negative(node: Node) -> Node:
    """A value with the opposite sign."""
    return lambda scope: negate(node(scope), scope)


def all_of(parts: Sequence[Node]) -> Node:
    """``and`` in three values: false wins, then null."""

    def run(scope: Scope) -> bool | None:
        values = [part(scope) for part in parts]
        if any(value is False for value in values):
            return False
        return True if all(value is True for value in values) else None

    return run


def any_of(parts: Sequence[Node]) -> Node:
    """``or`` in three values: true wins, then null."""

    def run(scope: Scope) -> bool | None:
        values = [part(scope) for part in parts]
        if any(value is True for value in values):
            return True
        return False if all(value is False for value in values) else None

    return run


def comparison(left: Node, sign: str, right: Node) -> Node:
    """``=``, ``!=`` and the four orders; null, with a note, if the values cannot be compared."""

    def run(scope: Scope) -> bool | None:
        a, b = left(scope), right(scope)
        if sign in ("=", "!="):
            same = equal(a, b)
            answer = None if same is None else same is (sign == "=")
        else:
            order = compare(a, b)
            answer = None if order is None else order in _ORDERS[sign]
        if answer is None:
            scope.note(f"{kind(a)}和{kind(b)}不能比较（{show(a)} {sign} {show(b)}），结果为空值")
        return answer

    return run


def between(value: Node, low: Node, high: Node) -> Node:
    """``x between a and b``, both bounds included."""
    return all_of([comparison(value, ">=", low), comparison(value, "<=", high)])


def choice(condition: Node, then: Node, otherwise: Node) -> Node:
    """``if … then … else …``; whatever is not true counts as else."""
    return lambda scope: then(scope) if condition(scope) is True else otherwise(scope)


def interval(low: Node, high: Node, low_included: bool, high_included: bool) -> Node:
    """``[a..b]`` and its open forms."""

    def run(scope: Scope) -> Range:
        bounds = low(scope), high(scope)
        if None in bounds:
            raise FeelFault("区间的一端是空值")
        return Range(*bounds, low_included, high_included)

    return run


def listed(parts: Sequence[Node]) -> Node:
    """``[a, b, c]``."""
    return lambda scope: [part(scope) for part in parts]


def context(entries: Sequence[tuple[str, Node]]) -> Node:
    """``{a: 1, b: a + 1}``: each entry sees the ones before it."""

    def run(scope: Scope) -> dict[str, Any]:
        values: dict[str, Any] = {}
        inside = scope.inner(values)
        for key, node in entries:
            values[key] = node(inside)
        return values

    return run


def instance_of(value: Node, base: BaseType) -> Node:
    """``x instance of number``; null is of no type."""

    def run(scope: Scope) -> bool:
        found = value(scope)
        return found is not None and base.admits(found)

    return run


def path(node: Node, key: str) -> Node:
    """``a.b``: an entry of a context, a part of a date, or of every element of a list."""
    return lambda scope: _entry(node(scope), key, scope)


def _entry(value: Any, key: str, scope: Scope) -> Any:
    scope.run.step()
    if isinstance(value, dict):
        if key in value:
            return value[key]
        raise FeelFault(f"缺少“{key}”：{show(value)}里没有它")
    if isinstance(value, list):
        return [_entry(part, key, scope) for part in value]
    part = _part(value, key)
    if part is None:
        scope.note(f"{kind(value)}没有“{key}”，结果为空值")
    return part


def _part(value: Any, key: str) -> Any:
    attribute = _PROPERTIES.get(type(value), {}).get(key)
    if attribute:
        found = getattr(value, attribute)
        found = found() if callable(found) else found
        return Decimal(found) if isinstance(found, int) else found
    if isinstance(value, Months) and key in ("years", "months"):
        size = abs(value.count)
        return Decimal((size // 12 if key == "years" else size % 12) * (-1 if value.count < 0 else 1))
    return _span_part(value, key) if isinstance(value, timedelta) else None


def _span_part(value: timedelta, key: str) -> Decimal | None:
    size, sign = abs(value), -1 if value < timedelta() else 1
    parts = {
        "days": size.days,
        "hours": size.seconds // 3600,
        "minutes": size.seconds % 3600 // 60,
        "seconds": size.seconds % 60,
    }
    return Decimal(sign * parts[key]) if key in parts else None


def moment(text: str) -> Node:
    """``@"2026-03-01"``; raises ``FeelFault`` at once if the text is no date, time or duration."""
    return constant(temporal.read_any(text))


# --- tests of one value, as in the cells of a table


def order_test(sign: str, bound: Node) -> Node:
    """``>= 5``: the tested value against a bound."""

    def run(scope: Scope) -> bool:
        value, limit = scope.get(TESTED), bound(scope)
        if value is None or limit is None:
            return _unknown(value, scope)
        order = compare(value, limit)
        if order is None:
            raise FeelFault(f"{kind(value)}（{show(value)}）不能与{kind(limit)}（{show(limit)}）比较大小")
        return order in _ORDERS[sign]

    return run


def _unknown(value: Any, scope: Scope) -> bool:
    scope.note("检查的值是空值，大小比较不成立" if value is None else "用来比较的值是空值，大小比较不成立")
    return False


def value_test(node: Node, asks: bool, logical: bool) -> Node:
    """A value, list or interval the tested value should equal or lie in.

    What ``asks`` with ``?`` is a condition of its own; so is what is ``logical`` (a comparison, a call) and true or
    false, unless the tested value is itself true or false.
    """

    def run(scope: Scope) -> bool:
        expected, value = node(scope), scope.get(TESTED)
        if asks or (logical and isinstance(expected, bool) and not isinstance(value, bool)):
            return _condition(expected)
        return meets(value, expected, scope)

    return run


def _condition(value: Any) -> bool:
    if value is not None and not isinstance(value, bool):
        raise FeelFault(f"带 ? 的条件应得出 true 或 false，得到的是{kind(value)}")
    return value is True


def meets(value: Any, expected: Any, scope: Scope) -> bool:
    """Does the value equal what is expected, or lie in the expected interval or list?

    Raises ``FeelFault`` if the two are of different kinds: then the answer is not "no" but unknown.
    """
    if isinstance(expected, Range):
        return _inside(value, expected, scope)
    if isinstance(expected, list) and not isinstance(value, list):
        return _among(value, expected)
    same = equal(value, expected)
    if same is None:
        raise FeelFault(f"{kind(value)}（{show(value)}）不能与{kind(expected)}（{show(expected)}）比较")
    return same


def _inside(value: Any, expected: Range, scope: Scope) -> bool:
    if value is None:
        return _unknown(value, scope)
    inside = expected.holds(value)
    if inside is None:
        raise FeelFault(f"{kind(value)}（{show(value)}）不能与区间 {show(expected)} 比较")
    return inside


def _among(value: Any, expected: list[Any]) -> bool:
    inside = [part.holds(value) for part in expected if isinstance(part, Range)]
    return is_one_of(value, expected) or True in inside


def not_test(test: Node) -> Node:
    """``not(…)``: none of the tests inside holds."""
    return lambda scope: not test(scope)


def some_test(tests: Sequence[Node]) -> Node:
    """Tests separated by commas: one of them holds."""
    return tests[0] if len(tests) == 1 else lambda scope: any(test(scope) for test in tests)


def unequal_test(node: Node) -> Node:
    """``!= 5``."""
    return lambda scope: not meets(scope.get(TESTED), node(scope), scope)


def within(value: Node, test: Node) -> Node:
    """``x in (…)``: the test applied to a value of the expression."""
    return lambda scope: test(scope.inner({TESTED: value(scope)}))
