"""Is a form definition sound? Its shape, its names, its expressions; said in Chinese, all at once."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from forms.definition_references import references
from forms.expression_functions import FUNCTIONS
from forms.layout_check import layout
from forms.problem import Problem

TYPES = (
    *("text", "textarea", "decimal", "integer", "date", "boolean", "choice", "month"),
    *("computed", "table", "files", "section"),
)
RESERVED = frozenset({"row_id", "outcome", "context", "node", "previous", *FUNCTIONS})
SOURCE = "表单定义检查"
_UNKNOWN = "不是表单定义的属性，请删去或改正拼写"
_WRONG = "类型不对"

_PLACES = {
    "fields": "字段", "columns": "列", "rules": "规则", "choices": "选项", "layout": "版式", "fixed_rows": "固定行",
}  # fmt: skip


class _Base(Schema):
    error_messages = {"unknown": _UNKNOWN, "type": "应为一组属性"}


_NAME_ERROR = "只能用小写字母开头，由小写字母、数字和下划线组成，不超过40个字符"


def _text(*, required: bool = False, limit: int = 2000, pattern: str = "", error: str = _NAME_ERROR) -> fields.String:
    checks: list[Any] = [validate.Length(max=limit, error="不得超过{max}字")]
    if required:
        checks.append(validate.Length(min=1, error="不得为空"))
    if pattern:
        checks.append(validate.Regexp(pattern, error=error))
    messages: dict[str, Any] = {"required": "必须填写", "null": "不得为空", "invalid": "应为文本"}
    return fields.String(required=required, validate=checks, error_messages=messages)


def _bound() -> fields.String:
    return _text(pattern=r"^-?\d{1,18}(\.\d{1,6})?\Z", error='应为写成文本的数字，如 "100"')


def _flag() -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False}, error_messages={"invalid": "应为 true 或 false"})


def _count(low: int, high: int, *, required: bool = False) -> fields.Integer:
    bounds = validate.Range(min=low, max=high, error="应在{min}与{max}之间")
    messages: dict[str, Any] = {"required": "必须填写", "invalid": "应为整数", "null": "不得为空"}
    return fields.Integer(strict=True, required=required, validate=bounds, error_messages=messages)


def _texts() -> fields.List[Any]:
    return fields.List(_text(), error_messages={"invalid": "应为一列文本"})


_NAME = r"^[a-z][a-z0-9_]{0,39}\Z"


class _Choice(_Base):
    value = _text(required=True, limit=60)
    label = _text(required=True, limit=60)
    label_en = _text()
    group = _text(limit=60)
    when = _text()


class _Rule(_Base):
    test = _text(required=True)
    message = _text(required=True)
    at = _text()
    source = _text()


class _Field(_Base):
    id = _text(required=True, pattern=_NAME)
    type = fields.String(
        required=True,
        validate=validate.OneOf(TYPES, error="没有这种类型，可用的有：" + "、".join(TYPES)),
        error_messages={"required": "必须填写", "invalid": "应为文本", "null": "不得为空"},
    )
    label = _text(required=True, limit=60)
    label_en, help, unit, source = _text(limit=120), _text(), _text(limit=20), _text(limit=200)
    width = fields.String(validate=validate.OneOf(["narrow", "medium", "wide"], error="只能是 narrow、medium 或 wide"))
    required, auto, half_width, material, fact, given = _flag(), _flag(), _flag(), _flag(), _flag(), _flag()
    required_if, show_if, value, formula = _text(), _text(), _text(), _text()
    previous, follows, choices_from, key = _text(), _text(), _text(), _text()
    pattern, pattern_message = _text(limit=200), _text(limit=200)
    min_length, max_length = _count(0, 20_000), _count(1, 20_000)
    minimum, maximum = _bound(), _bound()
    places, rows = _count(0, 6), _count(1, 30)
    min_rows, max_rows = _count(0, 500), _count(1, 500)
    max_files, max_mb = _count(1, 50), _count(1, 200)
    formats = fields.Dict(keys=_text(), values=fields.String(validate=validate.OneOf(["decimal", "date"])))
    totals, accept = _texts(), _texts()
    choices = fields.List(fields.Nested(_Choice))
    columns = fields.List(fields.Nested(lambda: _Field()))
    rules = fields.List(fields.Nested(_Rule))
    fixed_rows = fields.List(fields.Dict(keys=_text()))


class _Form(_Base):
    code = _text(required=True, pattern=_NAME)
    official_code = _text(required=True, limit=20)
    version = _count(1, 1_000_000, required=True)
    title = _text(required=True, limit=100)
    title_en = _text(limit=200)
    source = _text(required=True, limit=200)
    fields_ = fields.List(
        fields.Nested(_Field),
        required=True,
        data_key="fields",
        validate=validate.Length(min=1, error="至少要有一个字段"),
        error_messages={"required": "必须填写", "invalid": "应为一列字段"},
    )
    rules = fields.List(fields.Nested(_Rule))
    context = fields.Dict(keys=_text(pattern=_NAME))
    permissions = fields.Dict(
        keys=_text(),
        values=fields.Dict(
            keys=_text(),
            values=fields.String(
                validate=validate.OneOf(["edit", "read", "hidden"], error="只能是 edit、read 或 hidden")
            ),
        ),
    )
    layout = fields.List(fields.Dict(keys=_text()))


def check(raw: Any) -> list[Problem]:
    """Return everything wrong with a definition; nothing if it may be used.

    Every problem names its place (字段、列、规则). Which nodes exist is not known here: the caller checks that.
    """
    try:
        _Form().load(raw)
    except ValidationError as fault:
        return [_problem(path, text, raw) for path, text in _leaves(fault.messages, ())]
    found = [*_shape(raw), *references(raw), *layout(raw)]
    return [Problem(field=path, message=message, severity="error", source=SOURCE) for path, message in found]


def _leaves(messages: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _leaves(inner, (*path, name))
    else:
        for text in messages:
            yield path, str(text)


def _problem(path: tuple[Any, ...], text: str, raw: Any) -> Problem:
    places, holder = [], raw
    for step in path:
        holder = _step(holder, step)
        if isinstance(step, int):
            name = holder.get("label") or holder.get("id") if isinstance(holder, Mapping) else ""
            places.append(f"第{step + 1}项" + (f"“{name}”" if isinstance(name, str) and name else ""))
        elif step != "_schema":
            places.append(_PLACES.get(step, str(step)))
    field = ".".join(str(step) for step in path)
    sentence = text if text.isascii() is False else _WRONG
    return Problem(field=field, message=f"{' '.join(places) or '表单'}：{sentence}", severity="error", source=SOURCE)


def _step(holder: Any, step: Any) -> Any:
    if isinstance(holder, Mapping):
        return holder.get(step)
    if isinstance(holder, list) and isinstance(step, int) and step < len(holder):
        return holder[step]
    return None


def _shape(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _names(raw["fields"], "fields", "字段")
    for index, field in enumerate(raw["fields"]):
        place = f"fields.{index}"
        yield from _needs(field, place)
        if field["type"] == "table":
            yield from _names(field.get("columns", ()), f"{place}.columns", f"表格“{field['label']}”的列")
            for number, column in enumerate(field.get("columns", ())):
                yield from _needs(column, f"{place}.columns.{number}")
                if column["type"] in ("table", "section", "files"):
                    yield f"{place}.columns.{number}.type", f"列“{column['label']}”：表格里不能再放表格、附件或小标题"


def _names(rows: Any, place: str, title: str) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for index, row in enumerate(rows):
        name = row["id"]
        if name in seen:
            yield f"{place}.{index}.id", f"{title}标识“{name}”重复，请改用别的标识"
        if name in RESERVED or keyword.iskeyword(name) or "__" in name:
            yield f"{place}.{index}.id", f"{title}标识“{name}”是保留名称，请改用别的标识"
        seen.add(name)


def _needs(field: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    label, kind = field["label"], field["type"]
    wanted = {"table": "columns", "computed": "formula"}.get(kind)
    if wanted and not field.get(wanted):
        yield f"{place}.{wanted}", f"“{label}”缺少{'列' if wanted == 'columns' else '计算公式（formula）'}"
    if kind == "choice" and not (field.get("choices") or field.get("choices_from") or field.get("auto")):
        yield f"{place}.choices", f"“{label}”没有选项，请至少设置一个"
    if field.get("min_length", 0) > field.get("max_length", 20_000):
        yield f"{place}.min_length", f"“{label}”的最少字数大于最多字数"
    yield from _bounds(field, place)
    values = [choice["value"] for choice in field.get("choices", ())]
    for value in sorted({value for value in values if values.count(value) > 1}):
        yield f"{place}.choices", f"“{label}”的选项值“{value}”重复"


def _bounds(field: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    label = field["label"]
    low, high = field.get("minimum"), field.get("maximum")
    if low is not None and high is not None and Decimal(low) > Decimal(high):
        yield f"{place}.minimum", f"“{label}”的最小值大于最大值"
    if field.get("min_rows", 0) > field.get("max_rows", 500):
        yield f"{place}.min_rows", f"“{label}”的最少行数大于最多行数"
    if not field.get("fixed_rows"):
        return
    if not field.get("key"):
        yield f"{place}.key", f"“{label}”有固定行，须写明识别列（key）"
    for index, row in enumerate(field["fixed_rows"]):
        if field.get("key") and not isinstance(row.get(field["key"]), str):
            yield f"{place}.fixed_rows.{index}", f"“{label}”第{index + 1}个固定行缺少识别列“{field['key']}”的值"
        if not all(isinstance(value, str | int) and not isinstance(value, bool) for value in row.values()):
            yield f"{place}.fixed_rows.{index}", f"“{label}”第{index + 1}个固定行的值应为文本或整数"
