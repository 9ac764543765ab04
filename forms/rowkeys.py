"""Which row is which? Every row of a table keeps a hidden name, so that changes can be told row by row."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
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


def given_rows(
    definition: FormDefinition, raw: Mapping[str, Any], current: Mapping[str, Any], editable: Collection[str]
) -> dict[str, Any]:
    """What was sent for the tables whose rows the system gives: exactly those rows, each with the cells sent for it.

    A row is found by its key, else, where no row has one, by its place; rows nobody gave are left out.
    """
    found = {}
    for table in definition.questions:
        if not table.given or table.id not in editable:
            continue
        sent = _rows(raw.get(table.id))
        keyed = {str(row["row_id"]): row for row in sent if row.get("row_id")}
        rows = []
        for place, own in enumerate(_rows(current.get(table.id))):
            cells = keyed.get(str(own.get("row_id"))) or (sent[place] if not keyed and place < len(sent) else {})
            followed = {column.follows: own.get(column.follows) for column in table.columns if column.follows}
            rows.append({**cells, **followed, "row_id": own.get("row_id")})
        found[table.id] = rows
    return found


def carry_over(
    definition: FormDefinition, values: dict[str, Any], current: Mapping[str, Any], previous: Mapping[str, Any]
) -> None:
    """Fill the automatic cells of rows: from last year's row of the same name, else what this row already had.

    Keys of rows are of one content only, so years are joined by name.
    """
    for table in definition.questions:
        columns = [column for column in table.columns if column.auto]
        if not columns or not values.get(table.id):
            continue
        last = {_title(table, row): row for row in _rows(previous.get(table.id))}
        own = {row.get("row_id"): row for row in _rows(current.get(table.id))}
        for row in values[table.id]:
            earlier = last.get(_title(table, row), {}) if _title(table, row) else {}
            for column in columns:
                value = earlier.get(column.previous)
                value = own.get(row.get("row_id"), {}).get(column.id) if value is None else value
                if value is not None:
                    row[column.id] = value


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
