"""What is still missing, and which statements of the form contradict each other?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forms.content import evaluate, plain, row_scope
from forms.definition import Field, FormDefinition, Rule
from forms.definition_references import PLACEHOLDER
from forms.expression import compile_expression

REQUIRED = "没有填写，请补充"
_NO_OPTION = "的选项“{}”在这里不适用，请另选"

Scopes = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A problem before its sentence and source are put together; ``whole`` texts are sentences already."""

    path: str
    text: str
    field: Field | None = None
    column: Field | None = None
    row: int | None = None
    source: str = ""
    whole: bool = False

    def sentence(self) -> str:
        """Return the sentence: field, row and column first, then what is wrong."""
        if self.field is None or self.whole:
            return self.text
        place = f"“{self.field.label}”"
        if self.row is not None:
            place = _row_place(self.field, self.row)
            place += f"“{self.column.label}”" if self.column else ""
        return f"{place}{self.text}"

    def place(self, order: Mapping[str, int], last: int) -> tuple[int, int, int]:
        """Return where the finding stands in the form, for sorting."""
        columns = [column.id for column in self.field.columns] if self.field else []
        column = columns.index(self.column.id) if self.column else -1
        return (order.get(self.field.id, last) if self.field else last, -1 if self.row is None else self.row, column)


def _row_place(table: Field, row: int) -> str:
    if row < len(table.fixed_rows):
        return f"“{table.fixed_rows[row].get('label', row + 1)}”的"
    return f"{table.label}第{row + 1}行"


def gaps(
    definition: FormDefinition,
    values: Mapping[str, Any],
    where: Scopes,
    *,
    editable: set[str],
    broken: set[str],
) -> Iterator[Finding]:
    """Yield what the form still needs: required answers, rows, allowed options, and its own rules.

    ``where`` is what the form's expressions read. Only fields in ``editable`` are asked for. ``broken`` paths were already reported as unreadable: they are not
    reported as missing, and rules that read them are left for the next try.
    """
    for field in definition.questions:
        if field.id not in editable or (field.show_if and evaluate(field.show_if, *where) is False):
            continue
        if field.type == "table":
            yield from _table(field, values.get(field.id) or [], where, broken)
        elif field.id not in broken:
            yield from _single(field, values.get(field.id), where)
    for rule in definition.rules:
        yield from _broken_rule(definition, rule, where, broken)


def _single(field: Field, value: Any, where: Scopes) -> Iterator[Finding]:
    text = _answer(field, value, where)
    if text:
        yield Finding(field=field, path=field.id, text=text)


def _answer(field: Field, value: Any, where: Scopes) -> str:
    if value is None:
        needed = field.required or (field.required_if and evaluate(field.required_if, *where) is True)
        return REQUIRED if needed else ""
    chosen = next((choice for choice in field.choices if choice.value == value), None)
    if chosen is not None and chosen.when and evaluate(chosen.when, *where) is False:
        return _NO_OPTION.format(chosen.label)
    if field.min_length and isinstance(value, str) and len(value) < field.min_length:
        return f"不得少于{field.min_length}字，现有{len(value)}字，请补充"
    if field.choices_from and not _offered(field, value, where):
        return "的选项不在可选范围内，请重新选择"
    return ""


def _offered(field: Field, value: Any, where: Scopes) -> bool:
    offered = where[-1].get(field.choices_from)
    return not offered or any(value == option[0] for option in offered)


def _table(table: Field, rows: list[dict[str, Any]], where: Scopes, broken: set[str]) -> Iterator[Finding]:
    if table.id not in broken:
        if table.required and not rows:
            yield Finding(field=table, path=table.id, text="没有填写，请至少填写一行")
        elif rows and len(rows) < table.min_rows:
            text = f"至少应有{table.min_rows}行，现有{len(rows)}行，请补充"
            yield Finding(field=table, path=table.id, text=text)
    shown = _shown_in_all(table, where) if rows else {}
    for index, row in enumerate(rows):
        if f"{table.id}[{index}]" not in broken:
            yield from _row(table, index, row, where, broken, shown)


def _shown_in_all(table: Field, where: Scopes) -> dict[str, bool]:
    """Which columns are shown, as far as their conditions do not ask about the row: asked once for all rows."""
    return {
        column.id: evaluate(column.show_if, *where) is not False
        for column in table.columns
        if column.show_if and not compile_expression(column.show_if).names & table.row_names
    }


def _row(
    table: Field, index: int, row: dict[str, Any], where: Scopes, broken: set[str], shown: Mapping[str, bool]
) -> Iterator[Finding]:
    inside = (row_scope(table, row), *where)
    for column in table.columns:
        path = f"{table.id}[{index}].{column.id}"
        if not column.fillable or path in broken:
            continue
        if column.show_if and not _is_shown(column, inside, shown):
            row.pop(column.id, None)
            continue
        text = _answer(column, row.get(column.id), inside)
        if text:
            yield Finding(field=table, column=column, row=index, path=path, text=text)
    for rule in table.rules:
        if f"{table.id}[{index}].{rule.at}" not in broken and evaluate(rule.test, *inside) is False:
            yield _row_finding(table, rule, index, inside)


def _is_shown(column: Field, inside: Scopes, shown: Mapping[str, bool]) -> bool:
    known = shown.get(column.id)
    return evaluate(column.show_if, *inside) is not False if known is None else known


def _row_finding(table: Field, rule: Rule, index: int, inside: Scopes) -> Finding:
    column = table.column(rule.at)
    path = f"{table.id}[{index}].{rule.at}" if rule.at else f"{table.id}[{index}]"
    text = filled_in(rule.message, inside)
    return Finding(field=table, column=column, row=index, path=path, text=text, source=rule.source)


def _broken_rule(definition: FormDefinition, rule: Rule, where: Scopes, broken: set[str]) -> Iterator[Finding]:
    if compile_expression(rule.test).names & {path.partition("[")[0] for path in broken}:
        return
    if evaluate(rule.test, *where) is False:
        field = definition.field(rule.at)
        yield Finding(field=field, path=rule.at, text=filled_in(rule.message, where), source=rule.source, whole=True)


def filled_in(message: str, where: Scopes) -> str:
    """Return a rule's message with the expressions in braces replaced by their values."""
    return PLACEHOLDER.sub(lambda found: str(plain(evaluate(found[1], *where))), message)
