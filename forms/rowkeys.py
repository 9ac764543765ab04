"""Which row is which? Every row of a table keeps a hidden name, so that changes can be told row by row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from forms.definition import Field, FormDefinition

_OURS = re.compile(r"r(\d{1,9})", re.ASCII)


def row_keys(definition: FormDefinition, values: dict[str, Any], current: Mapping[str, Any]) -> None:
    """Give every row of every table a ``row_id``: its own, else that of the earlier row of the same name, else new.

    A row copied together with its key gets a new one. Keys are never used again for another row while the earlier
    content is at hand.
    """
    for field in definition.questions:
        rows = values.get(field.id)
        if field.type == "table" and not field.fixed_rows and rows:
            _name(field, rows, _rows(current.get(field.id)))


def _name(table: Field, rows: list[dict[str, Any]], earlier: list[Mapping[str, Any]]) -> None:
    taken: set[str] = set()
    for row in rows:
        key = row.get("row_id")
        if key in taken:
            del row["row_id"]
        elif key is not None:
            taken.add(key)
    free = {_title(table, row): row.get("row_id") for row in earlier if row.get("row_id") not in taken}
    highest = max([0, *(_number(key) for key in taken), *(_number(row.get("row_id")) for row in earlier)])
    for row in rows:
        if "row_id" not in row:
            title = _title(table, row)
            known = free.pop(title, None) if title else None
            if known is None:
                highest += 1
            row["row_id"] = known or f"r{highest}"


def _title(table: Field, row: Mapping[str, Any]) -> Any:
    return row.get(table.key) if table.key else None


def _number(key: Any) -> int:
    match = _OURS.fullmatch(key) if isinstance(key, str) else None
    return int(match[1]) if match else 0


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
