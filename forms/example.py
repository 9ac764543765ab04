"""What might a filled-in form look like? Made-up content for trying a definition before anybody fills it in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from forms.definition import Field, FormDefinition

_ROWS = 2
_WORDS = "示例文字"
_VALUES: Mapping[str, Any] = {"date": "2027-03-01", "month": 6, "boolean": True, "files": []}


def example(definition: FormDefinition) -> dict[str, Any]:
    """Content in which every field a form asks for, and every automatic one, says something plausible of its type.

    It is meant to be looked at: conditions, formats and cross-field rules need not hold.
    """
    found = {field.id: _value(field) for field in definition.questions if field.type != "computed"}
    return {name: value for name, value in found.items() if value is not None}


def _value(field: Field) -> Any:
    if field.type == "table":
        return _rows(field)
    if field.type in ("decimal", "integer"):
        return _number(field)
    if field.type == "choice":
        return field.choices[0].value if field.choices else None
    return _VALUES[field.type] if field.type in _VALUES else _text(field)


def _rows(table: Field) -> list[dict[str, Any]]:
    columns = {column.id: _value(column) for column in table.columns if column.type != "computed"}
    filled = {name: value for name, value in columns.items() if value is not None}
    if table.fixed_rows:
        return [{**filled, table.key: row[table.key]} for row in table.fixed_rows]
    return [dict(filled) for _ in range(max(table.min_rows, min(_ROWS, table.max_rows)))]


def _number(field: Field) -> Any:
    number = Decimal(10)
    if field.minimum:
        number = max(number, Decimal(field.minimum))
    if field.maximum:
        number = min(number, Decimal(field.maximum))
    return int(number) if field.type == "integer" else str(number)


def _text(field: Field) -> str:
    text = _WORDS
    while len(text) < (field.min_length or 0):
        text += _WORDS
    return text[: field.max_length] if field.max_length else text
