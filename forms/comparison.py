"""What did the person change? Old and new content compared field by field and row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError

from forms.content import compute
from forms.definition import Field, FormDefinition
from forms.kinds import decimal_of

#: What stands for a row that is not there any more.
ROW_GONE = "（本行已删除）"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change. ``label`` is Chinese and names the row; ``old`` and ``new`` are shown texts, empty for "nothing".

    ``path`` refers to the new content (a deleted row: to the old). ``material`` changes void earlier opinions.
    """

    path: str
    label: str
    old: str
    new: str
    material: bool

    def to_json(self) -> dict[str, Any]:
        """Return the change as a flat mapping."""
        return asdict(self)


def changes(definition: FormDefinition, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return what differs between two contents of a form, in the form's order.

    Rows are matched by ``row_id``, else by their name column; rows that only moved are no change, and neither are
    numbers written differently (``38`` and ``38.00``). Two equal contents give an empty list.
    """
    before, after = compute(definition, old), compute(definition, new)
    found: list[Change] = []
    for field in definition.questions:
        if field.type == "table":
            found.extend(_rows(field, before.get(field.id) or [], after.get(field.id) or []))
        elif not same(field, before.get(field.id), after.get(field.id)):
            found.append(_change(field, field.id, field.label, before.get(field.id), after.get(field.id)))
    return found


def same(field: Field, one: Any, other: Any) -> bool:
    """Tell whether two values of a field mean the same; numbers are compared as numbers."""
    if one == other or (one in (None, "", []) and other in (None, "", [])):
        return True
    return _number(one) is not None and _number(one) == _number(other) and field.type != "boolean"


def _number(value: Any) -> Decimal | None:
    try:
        return decimal_of(value)
    except ValidationError:
        return None


def _change(field: Field, path: str, label: str, old: Any, new: Any, *, material: bool = False) -> Change:
    return Change(
        path=path, label=label, old=shown(field, old), new=shown(field, new), material=field.material or material
    )


def _rows(table: Field, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[Change]:
    partners, left = matched(table, old, new)
    for index, row in enumerate(new):
        earlier = partners.get(index)
        title = f"{table.label}“{row.get(table.key) or f'第{index + 1}行'}”"
        if earlier is None:
            path = f"{table.id}[{index}]"
            yield Change(path=path, label=title, old="", new=_summary(table, row), material=table.material)
            continue
        for column in table.columns:
            if not same(column, earlier.get(column.id), row.get(column.id)):
                path, label = f"{table.id}[{index}].{column.id}", f"{title}的{column.label}"
                yield _change(column, path, label, earlier.get(column.id), row.get(column.id), material=table.material)
    for index in left:
        title = f"{table.label}“{old[index].get(table.key) or f'第{index + 1}行'}”"
        path = f"{table.id}[{index}]"
        yield Change(path=path, label=title, old=_summary(table, old[index]), new=ROW_GONE, material=table.material)


def matched(
    table: Field, old: list[dict[str, Any]], new: list[dict[str, Any]], *, by: tuple[str, ...] = ()
) -> tuple[dict[int, dict[str, Any]], list[int]]:
    """Return for each new row's index the old row it continues, and the indexes of old rows that are gone.

    ``by`` names the columns that join them; without it the hidden key, then the name column. Rows without
    either are joined where they are equal.
    """
    free = dict(enumerate(old))
    partners: dict[int, dict[str, Any]] = {}
    for name in by or ("row_id", table.key):
        for index, row in enumerate(new):
            wanted = row.get(name) if name else None
            found = next((number for number, other in free.items() if other.get(name) == wanted), None)
            if index not in partners and wanted is not None and found is not None:
                partners[index] = free.pop(found)
    for index, row in enumerate(new):
        twin = next((number for number, other in free.items() if other == row), None)
        if index not in partners and twin is not None:
            partners[index] = free.pop(twin)
    return partners, list(free)


def shown(field: Field, value: Any, *, english: bool = False) -> str:
    """Return a value as people read it: the option's words, 是 or 否, file names; empty for nothing.

    Amounts in 万元 show two decimals and thousands, never fewer decimals than were entered.
    """
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return ("Yes" if value else "No") if english else ("是" if value else "否")
    if field.type == "files" and isinstance(value, list):
        return "、".join(_file_name(item) for item in value)
    for choice in field.choices:
        if choice.value == value:
            return choice.label_en if english and choice.label_en else choice.label
    return _amount(value) if field.unit == "万元" else str(value)


def _amount(value: Any) -> str:
    number = _number(value)
    if number is None:
        return str(value)
    entered = -int(number.as_tuple().exponent) if number.is_finite() else 0
    return f"{number:,.{max(entered, 2)}f}"


def _file_name(item: Any) -> str:
    return str(item.get("filename") or item.get("id") or "") if isinstance(item, Mapping) else str(item)


def _summary(table: Field, row: Mapping[str, Any]) -> str:
    parts = (shown(column, row.get(column.id)) for column in table.columns)
    return " ".join(part for part in parts if part)
