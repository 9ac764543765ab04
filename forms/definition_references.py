"""Does everything a form definition refers to exist? Expressions, patterns, layout, permissions, totals."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from forms.expression import ExpressionError, compile_expression
from forms.pattern import pattern_fault

Found = Iterator[tuple[str, str]]
PLACEHOLDER = re.compile(r"{([^{}]+)}")
_EXPRESSIONS = {"show_if": "显示条件", "required_if": "必填条件", "formula": "计算公式", "value": "取值公式"}


def references(raw: Mapping[str, Any]) -> Found:
    """Yield the path and the Chinese sentence of every reference of a well-shaped definition that leads nowhere."""
    columns = {field["id"]: _columns(field) for field in raw["fields"] if field["type"] == "table"}
    names = {field["id"] for field in raw["fields"] if field["type"] != "section"} | set(raw.get("context", {}))
    scope = _Scope(names, columns)
    for index, field in enumerate(raw["fields"]):
        place = f"fields.{index}"
        yield from _field(field, place, scope)
        inner = _Scope(names | columns.get(field["id"], set()), columns)
        for number, column in enumerate(field.get("columns", ())):
            yield from _field(column, f"{place}.columns.{number}", inner, field["label"])
        yield from _rules(field.get("rules", ()), f"{place}.rules", inner, columns.get(field["id"], set()))
        for name in [*field.get("totals", ()), *([field["key"]] if field.get("key") else [])]:
            if name not in columns.get(field["id"], set()):
                yield f"{place}.totals", f"表格“{field['label']}”没有列“{name}”"
    yield from _rules(raw.get("rules", ()), "rules", scope, names)
    yield from _permissions(raw, names)


class _Scope:
    def __init__(self, names: set[str], columns: Mapping[str, set[str]]) -> None:
        self.names = names
        self.columns = columns

    def check(self, text: str, place: str, title: str) -> Found:
        try:
            expression = compile_expression(text)
        except ExpressionError as fault:
            yield place, f"{title}：{fault}"
            return
        for name in sorted(expression.names - self.names):
            yield place, f"{title}引用了不存在的字段“{name}”"
        for table, column in _plucked(text):
            if table in self.columns and column not in self.columns[table]:
                yield place, f"{title}引用了不存在的列“{table}.{column}”"


def _columns(field: Mapping[str, Any]) -> set[str]:
    names = {column["id"] for column in field.get("columns", ())}
    return names | {name for row in field.get("fixed_rows", ()) for name in row}


def _plucked(text: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(text.strip(), mode="eval")):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr


def _field(field: Mapping[str, Any], place: str, scope: _Scope, table: str = "") -> Found:
    title = f"表格“{table}”的列“{field['label']}”" if table else f"字段“{field['label']}”"
    for name, words in _EXPRESSIONS.items():
        if field.get(name):
            yield from scope.check(field[name], f"{place}.{name}", f"{title}的{words}")
    for number, choice in enumerate(field.get("choices", ())):
        if choice.get("when"):
            yield from scope.check(
                choice["when"], f"{place}.choices.{number}.when", f"{title}选项“{choice['label']}”的条件"
            )
    if field.get("follows") and field["follows"] not in scope.names:
        yield f"{place}.follows", f"{title}跟随的“{field['follows']}”不存在"
    if field.get("pattern"):
        fault = pattern_fault(field["pattern"])
        if fault:
            yield f"{place}.pattern", f"{title}的格式（pattern）{fault}"


def _rules(rules: Any, place: str, scope: _Scope, targets: set[str]) -> Found:
    for index, rule in enumerate(rules):
        where = f"{place}.{index}"
        yield from scope.check(rule["test"], f"{where}.test", f"第{index + 1}条规则")
        for part in PLACEHOLDER.findall(rule["message"]):
            yield from scope.check(part, f"{where}.message", f"第{index + 1}条规则提示中的“{{{part}}}”")
        if rule.get("at") and rule["at"] not in targets:
            yield f"{where}.at", f"第{index + 1}条规则的位置“{rule['at']}”不存在"


def _permissions(raw: Mapping[str, Any], names: set[str]) -> Found:
    for node, granted in raw.get("permissions", {}).items():
        for name in granted:
            if name != "*" and name not in names:
                yield f"permissions.{node}", f"节点“{node}”的权限引用了不存在的字段“{name}”"
