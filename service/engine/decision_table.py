"""Decision tables (DMN 1.3 XML), strict: a cell that is not understood is an error when the table is published.

Tests in cells: ``-``, a value, ``"甲", "乙"`` (any of), ``>= 500``, ``[0..500)``, ``not(…)``. Values are expressions of
the common language; the tested value is never converted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import etree

from forms.expression import Expression, ExpressionError, compile_expression
from service.engine.namespace import local
from service.engine.release import EngineError
from service.engine.xml_reader import read_xml

HIT_POLICIES = ("UNIQUE", "FIRST", "ANY", "RULE ORDER", "COLLECT")
MAX_RULES = 500
_VALUE = "cell_value"
_RANGE = re.compile(r"([\[\]\(])(.+?)\.\.(.+)([\]\[\)])", re.DOTALL)
_COMPARISON = re.compile(r"(<=|>=|!=|==|<|>)(?![<>=])(.+)", re.DOTALL)
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "number": (int, Decimal),
    "integer": (int,),
    "long": (int,),
    "double": (int, Decimal),
}
_AGGREGATES: Mapping[str, Callable[[list[Any]], Any]] = {"SUM": sum, "MIN": min, "MAX": max, "COUNT": len}


class DecisionTableError(EngineError):
    """A table is not understood, or it gives no clear answer; the Chinese text names table, row and column."""


@dataclass(frozen=True)
class Decision:
    """The answer of a table and the rows (from 1) that gave it, for the record."""

    values: Mapping[str, Any]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class _Input:
    label: str
    expression: Expression
    types: tuple[type, ...]


@dataclass(frozen=True)
class _Rule:
    number: int
    tests: tuple[Expression | None, ...]
    outputs: tuple[Expression, ...]


class DecisionTable:
    """One table, checked and ready to be asked."""

    def __init__(self, text: bytes, filename: str = "") -> None:
        decision, table = _single_table(read_xml(text, filename))
        self.id = decision.get("id", "")
        self.title = decision.get("name", self.id)
        self.hit_policy = table.get("hitPolicy", "UNIQUE").upper()
        self.aggregation = table.get("aggregation")
        if self.hit_policy not in HIT_POLICIES:
            raise DecisionTableError(f"不支持命中策略 {self.hit_policy}，可用的有 {'、'.join(HIT_POLICIES)}")
        if self.aggregation not in (None, *_AGGREGATES) or (self.aggregation and self.hit_policy != "COLLECT"):
            raise DecisionTableError(f"不支持汇总方式 {self.aggregation}，只有 COLLECT 可用 SUM、MIN、MAX、COUNT")
        self.inputs = tuple(_input(element) for element in _children(table, "input"))
        self.outputs = tuple(element.get("name", "") for element in _children(table, "output"))
        if not self.inputs or not all(self.outputs) or len(set(self.outputs)) != len(self.outputs) or not self.outputs:
            raise DecisionTableError("输入列和输出列都不能缺少，输出列须有不同的名称")
        rules = _children(table, "rule")
        if not 0 < len(rules) <= MAX_RULES:
            raise DecisionTableError(f"规则行数须在1到{MAX_RULES}之间")
        self.rules = tuple(self._rule(number, element) for number, element in enumerate(rules, 1))

    def _rule(self, number: int, element: etree._Element) -> _Rule:
        tests, outputs = _children(element, "inputEntry"), _children(element, "outputEntry")
        if len(tests) != len(self.inputs) or len(outputs) != len(self.outputs):
            raise DecisionTableError(f"第{number}行的列数与表头不符")
        return _Rule(
            number,
            tuple(
                _cell(number, column.label, test, unary_test) for column, test in zip(self.inputs, tests, strict=True)
            ),
            tuple(_output(number, name, cell) for name, cell in zip(self.outputs, outputs, strict=True)),
        )

    def decide(self, *scopes: Mapping[str, Any]) -> Decision:
        """Return the answer for the given names.

        Raises ``DecisionTableError`` if an input is missing or of the wrong type, if no row matches, if several rows
        of a UNIQUE table match, or if the matching rows of an ANY table disagree.
        """
        values = [self._value(column, scopes) for column in self.inputs]
        hits: list[tuple[int, dict[str, Any]]] = []
        for rule in self.rules:
            if self._matches(rule, values, scopes):
                hits.append((rule.number, self._answer(rule, scopes)))
                if self.hit_policy == "FIRST":
                    break
        rows = tuple(number for number, _ in hits)
        if not hits:
            raise DecisionTableError(f"决策表“{self.title}”没有一行与输入相符")
        if self.hit_policy == "UNIQUE" and len(hits) > 1:
            raise DecisionTableError(f"决策表“{self.title}”第{_numbers(rows)}行同时相符，而命中策略是 UNIQUE")
        if self.hit_policy == "ANY" and any(answer != hits[0][1] for _, answer in hits):
            raise DecisionTableError(f"决策表“{self.title}”第{_numbers(rows)}行同时相符而结果不同")
        if self.hit_policy in ("RULE ORDER", "COLLECT"):
            return Decision(self._collected([answer for _, answer in hits]), rows)
        return Decision(hits[0][1], rows)

    def _value(self, column: _Input, scopes: tuple[Mapping[str, Any], ...]) -> Any:
        try:
            value = column.expression.run(*scopes)
        except ExpressionError as fault:
            raise DecisionTableError(f"决策表“{self.title}”缺少输入“{column.label}”：{fault}") from fault
        if value is None:
            raise DecisionTableError(f"决策表“{self.title}”的输入“{column.label}”是空的")
        if column.types and type(value) not in column.types:
            raise DecisionTableError(f"决策表“{self.title}”的输入“{column.label}”类型不对")
        return value

    def _matches(self, rule: _Rule, values: list[Any], scopes: tuple[Mapping[str, Any], ...]) -> bool:
        for column, test, value in zip(self.inputs, rule.tests, values, strict=True):
            try:
                if test is not None and test.run({_VALUE: value}, *scopes) is not True:
                    return False
            except ExpressionError as fault:
                where = f"决策表“{self.title}”第{rule.number}行“{column.label}”列"
                raise DecisionTableError(f"{where}：{fault}") from fault
        return True

    def _answer(self, rule: _Rule, scopes: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
        try:
            return {name: cell.run(*scopes) for name, cell in zip(self.outputs, rule.outputs, strict=True)}
        except ExpressionError as fault:
            raise DecisionTableError(f"决策表“{self.title}”第{rule.number}行的结果：{fault}") from fault

    def _collected(self, answers: list[dict[str, Any]]) -> dict[str, Any]:
        columns = {name: [answer[name] for answer in answers] for name in self.outputs}
        if self.aggregation is None:
            return columns
        try:
            return {name: _AGGREGATES[self.aggregation](values) for name, values in columns.items()}
        except TypeError as fault:
            raise DecisionTableError(f"决策表“{self.title}”的结果不能汇总") from fault


def unary_test(cell: str) -> str | None:
    """Return the expression over the tested value that a cell stands for, ``None`` for "anything"."""
    cell = cell.strip()
    if cell in ("", "-"):
        return None
    if cell.startswith("not(") and cell.endswith(")"):
        inner = unary_test(cell[4:-1])
        if inner is None:
            raise ExpressionError("not(…) 里面不能是空的")
        return f"not ({inner})"
    parts = _split(cell)
    if len(parts) > 1:
        return " or ".join(f"({_value_test(part)})" for part in parts)
    return _value_test(cell)


def _value_test(cell: str) -> str:
    interval = _RANGE.fullmatch(cell)
    if interval:
        low = ">=" if interval[1] == "[" else ">"
        high = "<=" if interval[4] == "]" else "<"
        return f"{_VALUE} {low} ({interval[2].strip()}) and {_VALUE} {high} ({interval[3].strip()})"
    comparison = _COMPARISON.fullmatch(cell)
    if comparison:
        return f"{_VALUE} {comparison[1]} ({comparison[2].strip()})"
    if not cell:
        raise ExpressionError("逗号之间不能是空的")
    return f"{_VALUE} == ({cell})"


def _split(cell: str) -> list[str]:
    parts, current, quote, depth = [], "", "", 0
    for character in cell:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(current.strip())
            current = ""
            continue
        current += character
    return [*parts, current.strip()]


def _single_table(root: etree._Element) -> tuple[etree._Element, etree._Element]:
    decisions = _children(root, "decision")
    if len(decisions) != 1:
        raise DecisionTableError("每个文件恰好要有一个决策")
    tables = _children(decisions[0], "decisionTable")
    if len(tables) != 1:
        raise DecisionTableError("只支持决策表")
    return decisions[0], tables[0]


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if local(child) == name]


def _text(element: etree._Element) -> str:
    return "".join(child.text or "" for child in _children(element, "text")).strip()


def _input(element: etree._Element) -> _Input:
    sources = _children(element, "inputExpression")
    text = _text(sources[0]) if sources else ""
    label = element.get("label") or text
    reference = sources[0].get("typeRef", "") if sources else ""
    if reference and reference not in _TYPES:
        raise DecisionTableError(f"输入“{label}”的类型 {reference} 不支持")
    try:
        return _Input(label, compile_expression(text), _TYPES.get(reference, ()))
    except ExpressionError as fault:
        raise DecisionTableError(f"输入“{label}”：{fault}") from fault


def _cell(number: int, column: str, element: etree._Element, read: Callable[[str], str | None]) -> Expression | None:
    try:
        text = read(_text(element))
        return None if text is None else compile_expression(text)
    except ExpressionError as fault:
        raise DecisionTableError(f"第{number}行“{column}”列写错了：{fault}") from fault


def _output(number: int, column: str, element: etree._Element) -> Expression:
    cell = _cell(number, column, element, str)
    if cell is None:
        raise DecisionTableError(f"第{number}行“{column}”列是空的")
    return cell


def _numbers(rows: tuple[int, ...]) -> str:
    return "、".join(map(str, rows))
