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
from service.engine.dmn.scope import Node, Scope
from service.engine.dmn.temporal import Months
from service.engine.dmn.values import Range, compare, equal, kind, show

#: Which outcomes of a comparison satisfy each sign.
ORDERS: Mapping[str, tuple[int, ...]] = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}
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


def _truths(word: str, parts: Sequence[Node], scope: Scope) -> list[Any]:
    values = [part(scope) for part in parts]
    for value in values:
        if value is not None and not isinstance(value, bool):
            scope.note(f"{word} 只能连接真假值，{show(value)}是{kind(value)}")
    return values


def all_of(parts: Sequence[Node]) -> Node:
    """``and`` in three values: false wins, then null."""

    def run(scope: Scope) -> bool | None:
        values = _truths("and", parts, scope)
        if any(value is False for value in values):
            return False
        return True if all(value is True for value in values) else None

    return run


def any_of(parts: Sequence[Node]) -> Node:
    """``or`` in three values: true wins, then null."""

    def run(scope: Scope) -> bool | None:
        values = _truths("or", parts, scope)
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
            answer = None if order is None else order in ORDERS[sign]
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
