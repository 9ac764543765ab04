"""How do expressions walk over lists and call functions? Every round counts as work, so that all of it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from service.engine.dmn.faults import FeelFault, TooMuch
from service.engine.dmn.functions import BUILTINS, Builtin
from service.engine.dmn.scope import Function, Node, Scope
from service.engine.dmn.values import MAX_LIST, Range, kind

Source = tuple[str, Node]


def span(low: Node, high: Node) -> Node:
    """``for i in 1..10``: whole numbers, upwards or downwards."""

    def run(scope: Scope) -> list[Decimal]:
        return _whole_numbers(low(scope), high(scope))

    return run


def _whole_numbers(first: Any, last: Any) -> list[Decimal]:
    if not (isinstance(first, Decimal) and isinstance(last, Decimal)):
        raise FeelFault("循环的起止须为数字")
    if abs(last - first) >= MAX_LIST:
        raise TooMuch(f"循环超过{MAX_LIST}次")
    step = 1 if last >= first else -1
    return [Decimal(number) for number in range(int(first), int(last) + step, step)]


def _rounds(sources: Sequence[Source], scope: Scope) -> Iterator[Scope]:
    name, node = sources[0]
    for value in _elements(node(scope)):
        scope.run.step()
        inside = scope.inner({name: value})
        if len(sources) > 1:
            yield from _rounds(sources[1:], inside)
        else:
            yield inside


def _elements(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, Range):
        return _whole_numbers(value.low, value.high)
    return [] if value is None else [value]


def loop(sources: Sequence[Source], result: Node) -> Node:
    """``for x in … return …``; ``partial`` holds the results so far."""

    def run(scope: Scope) -> list[Any]:
        results: list[Any] = []
        for inside in _rounds(sources, scope.inner({"partial": results})):
            results.append(result(inside))
            if len(results) > MAX_LIST:
                raise TooMuch(f"列表超过{MAX_LIST}项")
        return results

    return run


def quantified(every: bool, sources: Sequence[Source], condition: Node) -> Node:
    """``some`` or ``every`` ``… satisfies …``."""

    def run(scope: Scope) -> bool | None:
        answers = [condition(inside) for inside in _rounds(sources, scope)]
        decisive = not every
        if decisive in answers:
            return decisive
        return None if None in answers else every

    return run


def filtered(node: Node, condition: Node) -> Node:
    """``list[3]`` by place (from 1, from the end if negative) or ``list[condition]``."""

    def run(scope: Scope) -> Any:
        elements = _elements(node(scope))
        kept: list[Any] = []
        for element in elements:
            scope.run.step()
            inner = {"item": element, **element} if isinstance(element, dict) else {"item": element}
            answer = condition(scope.inner(inner))
            if isinstance(answer, Decimal):
                return _place(elements, answer)
            if answer is True:
                kept.append(element)
        return kept

    return run


def _place(elements: list[Any], place: Decimal) -> Any:
    index = int(place)
    if index == 0 or abs(index) > len(elements):
        return None
    return elements[index - 1 if index > 0 else index]


def function(parameters: Sequence[str], body: Node) -> Node:
    """``function(a, b) a + b``."""
    return lambda scope: Function("（未命名）", tuple(parameters), body, scope)


def _sorted(scope: Scope, items: Any, precedes: Any) -> list[Any]:
    """``sort(list, function(x, y) x < y)``: the function says whether the first comes before the second."""
    if not isinstance(precedes, Function) or len(precedes.parameters) != 2:
        raise FeelFault("sort 的第二个参数应为有两个参数的函数")
    first, second = precedes.parameters

    def order(left: Any, right: Any) -> int:
        if precedes.call(scope, {first: left, second: right}) is True:
            return -1
        return int(precedes.call(scope, {first: right, second: left}) is True)

    return sorted(_elements(items), key=cmp_to_key(order))


#: The functions of the standard that call another function.
HIGHER: Mapping[str, Callable[..., Any]] = {"sort": _sorted}


def call(name: str, positional: Sequence[Node], named: Mapping[str, Node]) -> Node:
    """Call a function of the model, of the expression or of the standard, arguments by place or by name."""

    def run(scope: Scope) -> Any:
        scope.run.step()
        if isinstance(scope.find(name), Function):
            return _call_function(scope.get(name), name, positional, named, scope)
        if name in HIGHER and len(positional) == 2:
            return HIGHER[name](scope, *(node(scope) for node in positional))
        if name in BUILTINS:
            return _call_builtin(BUILTINS[name], positional, named, scope)
        if scope.find(name) is not None:
            raise FeelFault(f"“{name}”是{kind(scope.find(name))}，不是函数")
        raise FeelFault(f"没有函数“{name}”")

    return run


def _call_builtin(target: Builtin, positional: Sequence[Node], named: Mapping[str, Node], scope: Scope) -> Any:
    if named:
        return target.call_named({key: node(scope) for key, node in named.items()}, scope)
    return target.call([node(scope) for node in positional], scope)


def _call_function(target: Any, name: str, positional: Sequence[Node], named: Mapping[str, Node], scope: Scope) -> Any:
    unknown = set(named) - set(target.parameters)
    if unknown or (positional and len(positional) != len(target.parameters)):
        raise FeelFault(f"函数“{name}”的参数应为 {'、'.join(target.parameters) or '（无）'}")
    given = dict(named) or dict(zip(target.parameters, positional, strict=False))
    missing = [key for key in target.parameters if key not in given]
    if missing:
        raise FeelFault(f"调用函数“{name}”时缺少参数“{missing[0]}”")
    return target.call(scope, {key: node(scope) for key, node in given.items()})
