"""Values of the expression language: what they may be, how they combine, which functions exist.

Only plain data takes part: text, whole numbers, ``Decimal``, true/false, dates, durations, lists, mappings and the
empty value. Every operation is bounded in time and memory, and none changes its operands.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from types import MappingProxyType
from typing import Any

MAX_NUMBER = 10**18
MAX_TEXT = 20_000
MAX_LIST = 5_000
MAX_DECIMAL_PLACES = 30
MAX_DAYS = 40_000

# One context of our own: the host's precision and rounding must not change a result that a replay repeats.
ARITHMETIC = Context(prec=40, rounding=ROUND_HALF_UP)


class ExpressionError(ValueError):
    """An expression is not allowed, not understood or cannot be computed.

    ``message`` is the Chinese sentence without position, ``position`` the character (from 1) where the fault lies,
    ``None`` if it concerns the whole text.
    """

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.position = position

    def locate(self, position: int) -> None:
        """Remember where the fault lies; the innermost place wins."""
        if self.position is None:
            self.position = position

    def __str__(self) -> str:
        return self.message if self.position is None else f"第{self.position}个字符处：{self.message}"


class Facts(dict[str, Any]):
    """A mapping whose absent fields read as the empty value instead of being an error."""


_KINDS: Mapping[type, str] = {
    bool: "真假值",
    int: "数字",
    Decimal: "数字",
    str: "文本",
    date: "日期",
    datetime: "时刻",
    timedelta: "天数",
    list: "列表",
    tuple: "列表",
    dict: "记录",
    Facts: "记录",
    MappingProxyType: "记录",
    type(None): "空值",
}
_ORDERED = frozenset({"数字", "文本", "日期", "时刻", "天数"})


def kind(value: Any) -> str:
    """Return the Chinese name of the kind of a value; refuse anything that is not plain data."""
    name = _KINDS.get(type(value))
    if name is None:
        raise ExpressionError(f"不支持的数据类型 {type(value).__name__}")
    return name


def checked(value: Any) -> Any:
    """Return the value if it is plain data within the limits; floats become ``Decimal``."""
    if type(value) is float:
        value = Decimal(repr(value))
    name = kind(value)
    if name == "数字":
        _check_number(value)
    elif name == "文本" and len(value) > MAX_TEXT:
        raise ExpressionError(f"文本超过{MAX_TEXT}个字符")
    elif name in ("列表", "记录") and len(value) > MAX_LIST:
        raise ExpressionError(f"列表超过{MAX_LIST}项")
    return value


def _check_number(value: int | Decimal) -> None:
    if type(value) is Decimal:
        if not value.is_finite():
            raise ExpressionError("不是有限的数字")
        if value and (value.adjusted() > 18 or value.adjusted() < -MAX_DECIMAL_PLACES):
            raise ExpressionError("数字过大或过小")
    if not -MAX_NUMBER < value < MAX_NUMBER:
        raise ExpressionError("数字过大，绝对值必须小于10的18次方")


def number(value: Any) -> Any:
    """Return the value if it is a number (true and false are none)."""
    value = checked(value)
    if kind(value) != "数字":
        raise ExpressionError(f"这里需要数字，得到的是{kind(value)}")
    return value


def truth(value: Any) -> bool:
    """Return the value if it is true or false; nothing else stands for truth."""
    if type(value) is not bool:
        raise ExpressionError(f"这里需要真假值（True 或 False），得到的是{kind(value)}")
    return value


def listed(value: Any) -> list[Any]:
    """Return the items of a list, each checked."""
    if kind(value) != "列表":
        raise ExpressionError(f"这里需要列表，得到的是{kind(value)}")
    return [checked(item) for item in checked(value)]


def add(left: Any, right: Any) -> Any:
    """Add numbers, join texts, or move a date by days."""
    kinds = {kind(left), kind(right)}
    if kinds == {"文本"}:
        return checked(left + right)
    if kinds in ({"日期", "天数"}, {"时刻", "天数"}, {"天数"}):
        return left + right
    left, right = number(left), number(right)
    if type(left) is int and type(right) is int:
        return checked(left + right)
    return checked(ARITHMETIC.add(left, right))


def subtract(left: Any, right: Any) -> Any:
    """Subtract numbers, dates, or days from a date."""
    kinds = (kind(left), kind(right))
    moved = kinds[1] == "天数" and kinds[0] in ("日期", "时刻", "天数")
    if moved or kinds in (("日期", "日期"), ("时刻", "时刻")):
        return left - right
    left, right = number(left), number(right)
    if type(left) is int and type(right) is int:
        return checked(left - right)
    return checked(ARITHMETIC.subtract(left, right))


def multiply(left: Any, right: Any) -> Any:
    """Multiply two numbers."""
    left, right = number(left), number(right)
    if type(left) is int and type(right) is int:
        return checked(left * right)
    return checked(ARITHMETIC.multiply(left, right))


def divide(left: Any, right: Any) -> Decimal:
    """Divide to 40 significant digits; division by zero is refused."""
    left, right = number(left), number(right)
    if right == 0:
        raise ExpressionError("除数为零")
    return checked(ARITHMETIC.divide(Decimal(left), Decimal(right)))  # type: ignore[no-any-return]


def _whole(value: Any) -> int:
    value = number(value)
    if value != int(value):
        raise ExpressionError("// 和 % 只用于整数")
    return int(value)


def whole_division(apply: Callable[[int, int], int]) -> Callable[[Any, Any], int]:
    """Turn ``//`` or ``%`` of whole numbers into an operation of the language."""

    def operation(left: Any, right: Any) -> int:
        divisor = _whole(right)
        if divisor == 0:
            raise ExpressionError("除数为零")
        return apply(_whole(left), divisor)

    return operation


def equal(left: Any, right: Any) -> bool:
    """Compare two values of one kind; the empty value equals only itself and never raises."""
    if left is None or right is None:
        return left is right
    left, right = checked(left), checked(right)
    if kind(left) != kind(right):
        raise ExpressionError(f"{kind(left)}不能与{kind(right)}比较，文本形式的数字请先用 number() 转换")
    return bool(left == right)


def ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Turn a Python order into one that refuses to compare different kinds."""

    def operation(left: Any, right: Any) -> bool:
        left, right = checked(left), checked(right)
        if kind(left) != kind(right) or kind(left) not in _ORDERED:
            raise ExpressionError(f"{kind(left)}与{kind(right)}之间没有大小关系")
        return compare(left, right)

    return operation


def contains(item: Any, container: Any) -> bool:
    """Tell whether a list holds an equal item, a mapping has the field, or a text has the part."""
    holder, item = kind(checked(container)), checked(item)
    if holder == "列表":
        return any(kind(other) == kind(item) and other == item for other in listed(container))
    if kind(item) != "文本" or holder not in ("记录", "文本"):
        raise ExpressionError(f"不能判断{kind(item)}是否在{holder}之中")
    return item in container


def field_of(value: Any, name: str) -> Any:
    """Read a field of a mapping, or that field of every row of a list (empty where a row lacks it)."""
    if kind(value) == "列表":
        return [_cell(row, name) for row in listed(value)]
    if kind(value) != "记录":
        raise ExpressionError(f"{kind(value)}没有字段“{name}”")
    if name in value:
        return checked(value[name])
    if type(value) is Facts:
        return None
    raise ExpressionError(f"没有名为“{name}”的字段")


def _cell(row: Any, name: str) -> Any:
    if kind(row) != "记录":
        raise ExpressionError(f"列表中的{kind(row)}没有字段“{name}”")
    return checked(row.get(name))


def item_of(value: Any, key: Any) -> Any:
    """Read ``mapping["field"]`` or ``list[0]``."""
    if kind(value) == "记录" and type(key) is str:
        return field_of(value, key)
    if kind(value) == "列表" and type(key) is int:
        if not -len(value) <= key < len(value):
            raise ExpressionError(f"列表没有第{key}项（从0数起）")
        return checked(value[key])
    raise ExpressionError(f"不能用{kind(key)}在{kind(value)}中取值")


BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "Add": add,
    "Sub": subtract,
    "Mult": multiply,
    "Div": divide,
    "FloorDiv": whole_division(operator.floordiv),
    "Mod": whole_division(operator.mod),
}
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Eq": equal,
    "NotEq": lambda left, right: not equal(left, right),
    "Lt": ordered(operator.lt),
    "LtE": ordered(operator.le),
    "Gt": ordered(operator.gt),
    "GtE": ordered(operator.ge),
    "In": contains,
    "NotIn": lambda item, container: not contains(item, container),
}


def filled(values: Sequence[Any]) -> list[Any]:
    """Return the numbers among the items; blank cells do not count."""
    items = listed(values[0]) if len(values) == 1 and kind(values[0]) == "列表" else list(values)
    return [number(item) for item in items if item is not None]
