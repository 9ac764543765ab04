"""When does a value pass the test of a cell? Each function returns a closure that reads the value under ``?``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.engine.dmn.faults import FeelFault
from service.engine.dmn.nodes import ORDERS
from service.engine.dmn.scope import TESTED, Node, Scope
from service.engine.dmn.values import Range, compare, equal, is_one_of, kind, show


def order_test(sign: str, bound: Node) -> Node:
    """``>= 5``: the tested value against a bound."""

    def run(scope: Scope) -> bool:
        value, limit = scope.get(TESTED), bound(scope)
        if value is None or limit is None:
            return _unknown(value, scope)
        order = compare(value, limit)
        if order is None:
            raise FeelFault(f"{kind(value)}（{show(value)}）不能与{kind(limit)}（{show(limit)}）比较大小")
        return order in ORDERS[sign]

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
        scope.run.step(len(expected))
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
