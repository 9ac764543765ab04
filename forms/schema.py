"""How does a definition become a marshmallow schema? Types, limits and unknown names; conditions come later."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from forms.definition import Field, FormDefinition
from forms.kinds import KINDS, Cell, plain_text

UNKNOWN = "unknown"
NOT_A_FORM = "提交的内容不是表单，请刷新页面后重新填写"
_ROW_ID = re.compile(r"[0-9A-Za-z_-]{1,40}", re.ASCII)
_MISSING_ROW = "中没有这一行，请刷新页面后重新填写"


class _Base(Schema):
    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN, "type": "应为一组内容，请重新填写"}


class RowKey(fields.Field[Any]):
    """The hidden, stable name of a row; an unreadable one counts as none."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        return value if isinstance(value, str) and _ROW_ID.fullmatch(value) else None


class Rows(Cell):
    """The rows of a table. Sound cells of a row survive a fault in the cell beside them."""

    def __init__(self, spec: Field) -> None:
        super().__init__(spec)
        columns: dict[str, Any] = {column.id: KINDS[column.type](column) for column in spec.columns if column.fillable}
        columns["row_id"] = RowKey(allow_none=True)
        # What a cell follows is read beside it even where the system fills it in; it is no answer of anybody's.
        self.followed = {column.follows for column in spec.columns if column.follows} - columns.keys()
        columns |= {name: fields.Raw(allow_none=True) for name in self.followed if spec.given}
        self.row = _Base.from_dict(columns, name="Row")()
        self.dropped = {column.id for column in spec.columns if not column.fillable} - columns.keys()

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if not isinstance(value, list):
            raise ValidationError("应为多行内容，请重新填写")
        if len(value) > self.spec.max_rows:
            raise ValidationError(f"不得超过{self.spec.max_rows}行，现有{len(value)}行，请删减")
        rows: list[dict[str, Any]] = []
        errors: dict[int, Any] = {}
        for index, raw in enumerate(value):
            row, faults = self._row(raw)
            rows.append(row)
            if faults:
                errors[index] = faults
        if self.spec.fixed_rows:
            rows, errors = self._fixed(rows, errors)
        if errors:
            raise ValidationError(errors, valid_data=rows)
        return rows

    def _row(self, raw: Any) -> tuple[dict[str, Any], Any]:
        if isinstance(raw, Mapping):
            raw = {name: value for name, value in raw.items() if name not in self.dropped}
        row, faults = loaded(self.row, raw)
        return {name: value for name, value in row.items() if name not in self.followed}, faults

    def _fixed(self, rows: list[dict[str, Any]], errors: dict[int, Any]) -> tuple[list[dict[str, Any]], dict[int, Any]]:
        """Put the rows into the printed order; every printed row exists, filled in or not."""
        key, wanted = self.spec.key, [str(row[self.spec.key]) for row in self.spec.fixed_rows]
        ordered: list[dict[str, Any]] = [{key: name} for name in wanted]
        faults: dict[int, Any] = {}
        for index, row in enumerate(rows):
            name = row.pop(key, None)
            row.pop("row_id", None)
            if name not in wanted or len(ordered[wanted.index(name)]) > 1:
                faults.setdefault(min(index, len(wanted) - 1), {}).setdefault(key, []).append(_MISSING_ROW)
                continue
            place = wanted.index(name)
            ordered[place].update(row)
            if index in errors:
                faults.setdefault(place, {}).update(errors[index])
        return ordered, faults


def loaded(schema: Schema, raw: Any) -> tuple[dict[str, Any], Any]:
    """Load what is sound and return it beside the faults (a nested mapping of sentences, empty if none)."""
    if not isinstance(raw, Mapping):
        return {}, {"_schema": [schema.error_messages["type"]]}
    try:
        return _filled(schema.load(raw)), {}
    except ValidationError as fault:
        valid = fault.valid_data if isinstance(fault.valid_data, dict) else {}
        return _filled(valid), fault.messages


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and value != []}


@lru_cache(maxsize=64)
def schema_of(definition: FormDefinition) -> Schema:
    """Return the schema of everything a person may fill in; it refuses unknown names."""
    members: dict[str, Any] = {
        field.id: Rows(field) if field.type == "table" else KINDS[field.type](field)
        for field in definition.questions
        if field.fillable
    }
    return _Base.from_dict(members, name=f"Form_{definition.code}")()


def shown_name(name: Any) -> str:
    """Return an unknown name fit to be shown in a sentence."""
    try:
        return (plain_text(str(name)[:40]) or "（空）").replace("\n", " ")
    except ValidationError:
        return "（无法显示的名称）"
