"""What does the filled-in form say? Typed values, computed cells, facts, and pages' flat pairs made rows again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError

from forms.definition import Field, FormDefinition, permission
from forms.expression import ExpressionError, compile_expression
from forms.kinds import KINDS, number_text
from forms.schema import loaded, schema_of

_CELL = re.compile(r"([a-z][a-z0-9_]*)-(\d{1,4})-([a-z][a-z0-9_]*)", re.ASCII)
_KEYS = frozenset({"row_id"})


def readable(definition: FormDefinition, content: Mapping[str, Any], node: str = "") -> dict[str, Any]:
    """Return the content without the fields a reader at a node, or on pages of no node, may not see."""
    return {name: value for name, value in content.items() if permission(definition, node, name) != "hidden"}


def coerce(definition: FormDefinition, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the typed values of content: ``Decimal``, ``date``, rows of such; what cannot be read is left out.

    Meant for computing on stored or half-written content. It reports nothing; ``accept`` does.
    """
    schema = schema_of(definition)
    known = {name: value for name, value in content.items() if name in schema.fields}
    values, _ = loaded(schema, known)
    for field in definition.questions:
        if field.auto and content.get(field.id) is not None:
            values[field.id] = typed(field, content[field.id])
        if field.type == "table" and isinstance(values.get(field.id), list):
            _restore(field, values[field.id], content.get(field.id))
    return values


def typed(field: Field, value: Any) -> Any:
    """Return a value the system filled in as the field's own type; unreadable values stay as they are."""
    try:
        return KINDS[field.type](field).deserialize(value) if field.type in KINDS else value
    except ValidationError:
        return value


def _restore(field: Field, rows: list[dict[str, Any]], stored: Any) -> None:
    for row, old in zip(rows, stored if isinstance(stored, list) else [], strict=False):
        for column in field.columns:
            if column.auto and isinstance(old, Mapping) and old.get(column.id) is not None:
                row[column.id] = typed(column, old[column.id])


def scopes(
    definition: FormDefinition, values: Mapping[str, Any], context: Mapping[str, Any] | None = None
) -> tuple[Mapping[str, Any], ...]:
    """Return what expressions of the form may read: its values (absent ones empty), then the context."""
    own: dict[str, Any] = {}
    for field in definition.questions:
        value = values.get(field.id)
        own[field.id] = [row_scope(field, row) for row in value or []] if field.type == "table" else value
    known = {name: (context or {}).get(name, default) for name, default in definition.context.items()}
    return own, known


def row_scope(table: Field, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return one row as expressions read it: every column, and what the printed row holds (such as its maximum).

    A computed column reads its own row, the computed columns before it included.
    """
    scope: dict[str, Any] = {column.id: row.get(column.id) for column in table.columns}
    for column in table.given_numbers:
        if isinstance(scope[column.id], str):
            scope[column.id] = typed(column, scope[column.id])
    if table.fixed_rows:
        scope |= table.printed.get(str(row.get(table.key)), {})
    for column in table.computed_columns:
        scope[column.id] = evaluate(column.formula, scope)
    return scope


def evaluate(text: str, *where: Mapping[str, Any]) -> Any:
    """Return an expression's value, ``None`` where the data it needs are not there yet."""
    try:
        return compile_expression(text).run(*where)
    except ExpressionError:
        return None


def computed(
    definition: FormDefinition, values: Mapping[str, Any], context: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the typed values together with computed and automatic fields; what is not known yet is left out."""
    return settled(definition, values, context)[0]


def settled(
    definition: FormDefinition, values: Mapping[str, Any], context: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], tuple[Mapping[str, Any], ...]]:
    """Return what ``computed`` returns, and the scopes in which expressions read it."""
    result = {**values}
    for table in definition.questions:
        if table.computed_columns and result.get(table.id):
            result[table.id] = [_with_computed(table, row) for row in result[table.id]]
    where: tuple[Mapping[str, Any], ...] = ()
    for field in definition.questions:
        value = (context or {}).get(field.id) if field.auto and field.id not in result else None
        formula = field.formula or ("" if field.id in result else field.value)
        if value is None and formula:
            where = where or scopes(definition, result, context)
            value = evaluate(formula, *where)
        if value is not None:
            result[field.id] = value
            # What the next formula may read now holds one value more.
            where = ({**where[0], field.id: value}, *where[1:]) if where and field.type != "table" else ()
    return result, where or scopes(definition, result, context)


def _with_computed(table: Field, row: Mapping[str, Any]) -> dict[str, Any]:
    scope = row_scope(table, row)
    cells = {column.id: scope[column.id] for column in table.computed_columns}
    return {**row, **{name: value for name, value in cells.items() if value is not None}}


def plain(value: Any) -> Any:
    """Return a typed value as JSON has it: numbers with a fraction as text, days as ISO text."""
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: plain(inner) for name, inner in value.items() if inner is not None}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def compute(
    definition: FormDefinition, content: Mapping[str, Any], context: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the content with its computed cells (JSON-able; money in 万元 and scores as text, not rounded).

    A cell whose inputs are missing is left out. Anything unreadable in the content is left out too.
    """
    result: dict[str, Any] = plain(computed(definition, coerce(definition, content), context))
    return result


def facts(
    definition: FormDefinition, content: Mapping[str, Any], context: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the fields flagged ``fact``: what the flow's conditions read. Fields not filled in are ``None``."""
    values = compute(definition, content, context)
    return {field.id: values.get(field.id) for field in definition.questions if field.fact}


def visible(
    definition: FormDefinition, content: Mapping[str, Any], context: Mapping[str, Any] | None = None
) -> frozenset[str]:
    """Return the ids of the fields whose ``show_if`` holds; a condition that cannot be decided yet shows its field."""
    values = computed(definition, coerce(definition, content), context)
    where = scopes(definition, values, context)
    shown = (
        field.id for field in definition.fields if not field.show_if or evaluate(field.show_if, *where) is not False
    )
    return frozenset(shown)


def unflatten(definition: FormDefinition, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return a page's pairs such as ``indicators-0-weight`` as nested raw content for ``accept``.

    Names the form does not have (the token, the button pressed) are left out, blank rows are dropped, rows keep
    their order whatever their numbers are. Blank answers stay out, so a blank is "not filled in", never "".
    """
    raw: dict[str, Any] = {}
    tables: dict[str, dict[int, dict[str, Any]]] = {}
    for name, value in pairs:
        cell = _CELL.fullmatch(name)
        table = definition.field(cell[1]) if cell else None
        field = definition.field(name)
        if cell and table is not None and table.type == "table":
            tables.setdefault(cell[1], {}).setdefault(int(cell[2]), {})[cell[3]] = value
        elif field is not None and field.type == "files":
            raw.setdefault(name, []).extend([{"id": value}] if value else [])
        elif field is not None and value.strip():
            raw[name] = value
    for name, rows in tables.items():
        table = definition.field(name)
        kept = (_written(row) for _, row in sorted(rows.items()))
        raw[name] = [row for row in kept if set(row) - _KEYS or (table is not None and table.fixed_rows)]
    return raw


def _written(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value.strip()}
