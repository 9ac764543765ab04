"""What do the standard's functions on lists and contexts return?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import reduce
from typing import Any

from service.engine.dmn.faults import FeelFault, TooMuch
from service.engine.dmn.values import MAX_LIST, NUMBERS, compare, equal, is_one_of, kind, show


def _numbers(values: tuple[Any, ...]) -> list[Decimal]:
    """One list or several values, all of them numbers."""
    items = _items(values)
    for item in items:
        if not isinstance(item, Decimal):
            raise FeelFault(f"{show(item)}是{kind(item)}，不是数字")
    return items


def _items(values: tuple[Any, ...]) -> list[Any]:
    return values[0] if len(values) == 1 and isinstance(values[0], list) else list(values)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _extreme(values: tuple[Any, ...], side: int) -> Any:
    items = _items(values)
    if not items:
        return None
    best = items[0]
    for item in items:
        order = compare(item, best)
        if order is None:
            raise FeelFault(f"{show(best)}与{show(item)}不能比较大小")
        best = item if order == side else best
    return best


def least(*values: Any) -> Any:
    """Return the smallest value, null of an empty list."""
    return _extreme(values, -1)


def greatest(*values: Any) -> Any:
    """Return the greatest value, null of an empty list."""
    return _extreme(values, 1)


def total(*values: Any) -> Decimal | None:
    """Return the sum of numbers, null of an empty list."""
    numbers = _numbers(values)
    return reduce(NUMBERS.add, numbers) if numbers else None


def _mean(*values: Any) -> Decimal | None:
    numbers = _numbers(values)
    return NUMBERS.divide(reduce(NUMBERS.add, numbers), Decimal(len(numbers))) if numbers else None


def _product(*values: Any) -> Decimal | None:
    numbers = _numbers(values)
    return reduce(NUMBERS.multiply, numbers) if numbers else None


def _median(*values: Any) -> Decimal | None:
    numbers = sorted(_numbers(values))
    if not numbers:
        return None
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return NUMBERS.divide(NUMBERS.add(numbers[middle - 1], numbers[middle]), Decimal(2))


def _every(*values: Any) -> bool | None:
    items = _items(values)
    return False if False in items else (True if all(item is True for item in items) else None)


def _some(*values: Any) -> bool | None:
    items = _items(values)
    return True if any(item is True for item in items) else (False if all(i is False for i in items) else None)


def _concatenated(*lists: Any) -> list[Any]:
    joined = [item for part in lists for item in _listed(part)]
    if len(joined) > MAX_LIST:
        raise TooMuch(f"列表超过{MAX_LIST}项")
    return joined


def _distinct(items: Any) -> list[Any]:
    kept: list[Any] = []
    for item in _listed(items):
        if not is_one_of(item, kept):
            kept.append(item)
    return kept


def _flattened(items: Any) -> list[Any]:
    flat: list[Any] = []
    waiting = [_listed(items)]
    while waiting:
        for place, item in enumerate(part := waiting.pop()):
            if isinstance(item, list):
                waiting += [part[place + 1 :], item]
                break
            flat.append(item)
    return flat


def _index(items: list[Any], place: Decimal) -> int:
    index = int(place)
    if index == 0 or abs(index) > len(items):
        raise FeelFault("列表里没有这个位置")
    return index - 1 if index > 0 else len(items) + index


def _inserted(items: list[Any], place: Decimal, item: Any) -> list[Any]:
    index = _index(items, place)
    return [*items[:index], item, *items[index:]]


def _removed(items: list[Any], place: Decimal) -> list[Any]:
    index = _index(items, place)
    return items[:index] + items[index + 1 :]


def _part(items: list[Any], place: Decimal, length: Decimal | None = None) -> list[Any]:
    index = _index(items, place)
    return items[index:] if length is None else items[index : index + int(length)]


def _entry(values: dict[str, Any], key: str) -> Any:
    return values.get(key)


def _entries(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in values.items()]


LIST_FUNCTIONS: Mapping[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "list contains": (lambda items, item: is_one_of(item, _listed(items)), ("list, element",)),
    "count": (lambda *values: Decimal(len(_items(values))), ("list", "…")),
    "min": (least, ("list", "…")),
    "max": (greatest, ("list", "…")),
    "sum": (total, ("list", "…")),
    "mean": (_mean, ("list", "…")),
    "product": (_product, ("list", "…")),
    "median": (_median, ("list", "…")),
    "all": (_every, ("list", "…")),
    "any": (_some, ("list", "…")),
    "append": (lambda items, *more: _concatenated(items, list(more)), ("list, …",)),
    "concatenate": (_concatenated, ("…",)),
    "union": (lambda *lists: _distinct(_concatenated(*lists)), ("…",)),
    "distinct values": (_distinct, ("list",)),
    "flatten": (_flattened, ("list",)),
    "index of": (
        lambda items, match: [Decimal(n) for n, item in enumerate(_listed(items), 1) if equal(item, match) is True],
        ("list, match",),
    ),
    "insert before": (_inserted, ("list, position, newItem",)),
    "remove": (_removed, ("list, position",)),
    "reverse": (lambda items: _listed(items)[::-1], ("list",)),
    "sublist": (_part, ("list, start position", "list, start position, length")),
    "get value": (_entry, ("m, key",)),
    "get entries": (_entries, ("m",)),
}
