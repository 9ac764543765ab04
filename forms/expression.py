"""The one expression language of diagrams, decision tables and forms.

The surface is Python's: ``draft.is_key_project or number(draft.amount_total) >= 500``. The text is parsed, checked
against a short list of allowed constructs and turned into closures; nothing is ever handed to Python to execute.
``a.b`` reads a field of a mapping, never an attribute of an object; on a list of rows it plucks the column, so
``sum(indicators.weight)`` is the column's sum. Numbers are exact, truth is strict, errors are Chinese and say where.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from forms.expression_functions import FUNCTIONS
from forms.expression_values import (
    BINARY,
    COMPARISONS,
    MAX_LIST,
    MAX_NUMBER,
    MAX_TEXT,
    ExpressionError,
    Facts,
    checked,
    field_of,
    item_of,
    subtract,
    truth,
)

__all__ = [
    "MAX_LIST",
    "MAX_NUMBER",
    "MAX_TEXT",
    "Expression",
    "ExpressionError",
    "Facts",
    "compile_expression",
]

MAX_LENGTH = 2_000
MAX_NODES = 250
MAX_DEPTH = 25

Scopes = tuple[Mapping[str, Any], ...]
Closure = Callable[[Scopes], Any]

_CONSTRUCTS = {
    "Lambda": "lambda 函数",
    "ListComp": "列表推导式",
    "GeneratorExp": "生成器",
    "NamedExpr": "赋值",
    "JoinedStr": "f 字符串",
    "Dict": "字典",
    "Slice": "切片",
    "Starred": "星号展开",
}


class Expression:
    """A checked expression. ``names`` are the names it reads from its scopes; functions are not among them."""

    __slots__ = ("_closure", "names", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        tree = _parsed(text)
        compiler = _Compiler(text)
        self._closure = compiler.compile(tree)
        self.names = frozenset(compiler.names)

    def run(self, *scopes: Mapping[str, Any]) -> Any:
        """Compute the value. A name is looked up in the scopes from left to right.

        Raises ``ExpressionError`` for unknown names, wrong kinds, exceeded limits; the scopes are never changed.
        """
        try:
            return self._closure(scopes)
        except ExpressionError:
            raise
        except (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as fault:
            raise ExpressionError(f"无法计算（{type(fault).__name__}）") from fault

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """Check an expression and make it ready to run; the result is cached and may be shared between threads.

    Raises ``ExpressionError`` with a Chinese message and the position of the fault.
    """
    return Expression(text)


def _parsed(text: str) -> ast.expr:
    if not isinstance(text, str) or not text.strip():
        raise ExpressionError("表达式是空的")
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"表达式超过{MAX_LENGTH}个字符")
    _check_characters(text)
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as fault:
        raise ExpressionError("写法有误，请检查括号、引号和运算符", _leading(text) + (fault.offset or 1)) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("写法有误或嵌套过深") from None


def _leading(text: str) -> int:
    return len(text) - len(text.lstrip())


def _check_characters(text: str) -> None:
    """Refuse what the parser of the host language should not even see: escapes, control characters, deep nesting."""
    depth = 0
    for position, character in enumerate(text, 1):
        if character == "\\":
            raise ExpressionError("不允许反斜杠", position)
        if character < " " and character not in "\t\n\r":
            raise ExpressionError("不允许控制字符", position)
        if character in "([{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ExpressionError(f"括号嵌套超过{MAX_DEPTH}层", position)
        elif character in ")]}":
            depth -= 1


class _Compiler:
    def __init__(self, text: str) -> None:
        self.leading = _leading(text)
        self.lines = text.strip().split("\n")
        self.names: set[str] = set()
        self.nodes = 0
        self.depth = 0

    def compile(self, node: ast.expr) -> Closure:
        self.nodes += 1
        position = self.position(node)
        if self.nodes > MAX_NODES:
            raise ExpressionError(f"表达式太长，超过{MAX_NODES}个成分", position)
        if self.depth >= MAX_DEPTH:
            raise ExpressionError(f"表达式嵌套超过{MAX_DEPTH}层", position)
        build = _BUILDERS.get(type(node))
        if build is None:
            construct = type(node).__name__
            raise ExpressionError(f"不允许使用{_CONSTRUCTS.get(construct, construct)}", position)
        self.depth += 1
        try:
            closure = build(self, node)
        except ExpressionError as fault:
            fault.locate(position)
            raise
        self.depth -= 1
        return closure if isinstance(node, ast.Constant) else _located(closure, position)

    def position(self, node: ast.expr) -> int:
        """Characters from 1, over all lines; the parser counts UTF-8 bytes within a line."""
        before = self.leading + sum(len(line) + 1 for line in self.lines[: node.lineno - 1])
        line = self.lines[node.lineno - 1] if node.lineno <= len(self.lines) else ""
        return before + len(line.encode()[: node.col_offset].decode(errors="ignore")) + 1

    def constant(self, node: ast.Constant) -> Closure:
        value = Decimal(repr(node.value)) if isinstance(node.value, float) else node.value
        if type(value) not in (str, int, Decimal, bool, type(None)):
            raise ExpressionError(f"不允许这种常量（{type(value).__name__}）")
        value = checked(value)
        return lambda scopes: value

    def name(self, node: ast.Name) -> Closure:
        name = _plain_name(node.id)
        self.names.add(name)

        def look_up(scopes: Scopes) -> Any:
            for scope in scopes:
                if name in scope:
                    return checked(scope[name])
            raise ExpressionError(f"没有名为“{name}”的数据")

        return look_up

    def attribute(self, node: ast.Attribute) -> Closure:
        owner, name = self.compile(node.value), _plain_name(node.attr)
        return lambda scopes: field_of(owner(scopes), name)

    def subscript(self, node: ast.Subscript) -> Closure:
        owner, key = self.compile(node.value), self.compile(node.slice)
        return lambda scopes: item_of(owner(scopes), key(scopes))

    def boolean(self, node: ast.BoolOp) -> Closure:
        parts = [self.compile(value) for value in node.values]
        decide = all if isinstance(node.op, ast.And) else any
        return lambda scopes: decide(truth(part(scopes)) for part in parts)

    def unary(self, node: ast.UnaryOp) -> Closure:
        operand = self.compile(node.operand)
        if isinstance(node.op, ast.Not):
            return lambda scopes: not truth(operand(scopes))
        if isinstance(node.op, ast.USub):
            return lambda scopes: subtract(0, operand(scopes))
        raise ExpressionError(f"不允许运算符 {type(node.op).__name__}")

    def binary(self, node: ast.BinOp) -> Closure:
        operation = BINARY.get(type(node.op).__name__)
        if operation is None:
            raise ExpressionError(f"不允许运算符 {type(node.op).__name__}")
        left, right = self.compile(node.left), self.compile(node.right)
        return lambda scopes: operation(left(scopes), right(scopes))

    def comparison(self, node: ast.Compare) -> Closure:
        first = self.compile(node.left)
        steps = [
            (_comparison(operator_, value), self.compile(value))
            for operator_, value in zip(node.ops, node.comparators, strict=True)
        ]

        def compare(scopes: Scopes) -> bool:
            left = first(scopes)
            for operation, closure in steps:
                right = closure(scopes)
                if not operation(left, right):
                    return False
                left = right
            return True

        return compare

    def choice(self, node: ast.IfExp) -> Closure:
        test, yes, no = self.compile(node.test), self.compile(node.body), self.compile(node.orelse)
        return lambda scopes: yes(scopes) if truth(test(scopes)) else no(scopes)

    def sequence(self, node: ast.List | ast.Tuple) -> Closure:
        items = [self.compile(item) for item in node.elts]
        return lambda scopes: [item(scopes) for item in items]

    def call(self, node: ast.Call) -> Closure:
        if not isinstance(node.func, ast.Name):
            raise ExpressionError("只能按名称调用函数，如 sum(…)")
        if node.keywords:
            raise ExpressionError("函数参数不能带名称")
        function = FUNCTIONS.get(node.func.id)
        if function is None:
            raise ExpressionError(f"没有函数“{node.func.id}”，可用的有：{'、'.join(sorted(FUNCTIONS))}")
        name, arguments = node.func.id, [self.compile(argument) for argument in node.args]

        def call(scopes: Scopes) -> Any:
            values = [argument(scopes) for argument in arguments]
            try:
                return function(*values)
            except TypeError as fault:
                raise ExpressionError(f"函数“{name}”的参数个数或类型不对") from fault

        return call


def _comparison(node: ast.cmpop, value: ast.expr) -> Callable[[Any, Any], bool]:
    if isinstance(node, ast.Is | ast.IsNot):
        if not (isinstance(value, ast.Constant) and value.value is None):
            raise ExpressionError("“is”只能与 None 连用")
        wanted = isinstance(node, ast.Is)
        return lambda left, right: (left is None) is wanted
    return COMPARISONS[type(node).__name__]


def _plain_name(name: str) -> str:
    if name.startswith("_") or "__" in name:
        raise ExpressionError(f"不允许名称“{name}”")
    return name


def _located(closure: Closure, position: int) -> Closure:
    def run(scopes: Scopes) -> Any:
        try:
            return closure(scopes)
        except ExpressionError as fault:
            fault.locate(position)
            raise

    return run


_BUILDERS: Mapping[type[ast.expr], Callable[[_Compiler, Any], Closure]] = {
    ast.Constant: _Compiler.constant,
    ast.Name: _Compiler.name,
    ast.Attribute: _Compiler.attribute,
    ast.Subscript: _Compiler.subscript,
    ast.BoolOp: _Compiler.boolean,
    ast.UnaryOp: _Compiler.unary,
    ast.BinOp: _Compiler.binary,
    ast.Compare: _Compiler.comparison,
    ast.IfExp: _Compiler.choice,
    ast.List: _Compiler.sequence,
    ast.Tuple: _Compiler.sequence,
    ast.Call: _Compiler.call,
}
