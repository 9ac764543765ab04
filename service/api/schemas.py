"""What have the schemas of all operations in common? Chinese sentences for what is wrong, pages of lists, instants."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import orjson
from marshmallow import RAISE, ValidationError, fields, validate
from marshmallow import Schema as PlainSchema

from service.rules import quantities

#: An identifier is short; a longer one is nobody's.
LONGEST_ID = 100
LONGEST_TEXT = 2000
LARGEST_AMOUNT = 10**12
_WORDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Missing data for required field\.", lambda _: "必须填写此项。"),
        (r"Field may not be null\.", lambda _: "不能为 null，不需要时请不要发送此项。"),
        (r"Unknown field\.", lambda _: "没有这一项，请核对名称或删去。"),
        (r"Not a valid string\.", lambda _: "应为文字。"),
        (r"Not a valid integer\.", lambda _: "应为整数。"),
        (r"Not a valid number\.", lambda _: "应为数字。"),
        (r"Number too large\.", lambda _: "数字过大。"),
        (r"Special numeric values .*", lambda _: "应为有限的数字。"),
        (r"Not a valid boolean\.", lambda _: "应为 true 或 false。"),
        (r"Not a valid date\.", lambda _: "应为日期，如 2026-11-30。"),
        (r"Not a valid list\.", lambda _: "应为列表。"),
        (r"(Not a valid mapping type|Invalid (input )?type)\.", lambda _: "应为一组名称和值。"),
        (r"Must be one of: (.*)\.", lambda found: f"应为以下之一：{found[1]}。"),
        (r"Shorter than minimum length (\d+)\.", lambda found: f"至少 {found[1]} 个字。"),
        (r"Longer than maximum length (\d+)\.", lambda found: f"最多 {found[1]} 个字。"),
        (r"Length must be between (\d+) and (\d+)\.", lambda found: f"应为 {found[1]} 至 {found[2]} 个字。"),
        (
            r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.",
            lambda found: f"应在 {found[1]} 至 {found[2]} 之间。",
        ),
    )
)


class Schema(PlainSchema):
    """A schema whose problems people can read."""

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any) -> None:
        """Put Chinese sentences in place of the library's."""
        error.messages = _chinese(error.messages)


class BodySchema(Schema):
    """What a change asks for: a name that is not known is a mistake, never passed over."""

    class Meta:
        unknown = RAISE


class PageQuerySchema(Schema):
    """Which part of a long list is wanted."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 10_000))
    size = fields.Integer(load_default=50, validate=validate.Range(1, 500))


class PageSchema(Schema):
    """Which part of a long list this is."""

    total = fields.Integer(metadata={"description": "符合条件的总数"})
    page = fields.Integer()
    size = fields.Integer()


class Amount(fields.String):
    """An amount in 万元, or points, as an exact text; what is an exact text already stays as it is."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return value if value is None or isinstance(value, str) else quantities.plain(value)


def text_id(**more: Any) -> fields.String:
    """An identifier as the caller sends it."""
    return fields.String(validate=validate.Length(1, LONGEST_ID), **more)


def amount(**more: Any) -> fields.Decimal:
    """An amount in 万元 as the caller sends it, up to six decimals."""
    return number(6, LARGEST_AMOUNT, **more)


def number(
    places: int, most: int, *, metadata: Mapping[str, Any] = MappingProxyType({}), **more: Any
) -> fields.Decimal:
    """A number from 0 to ``most`` as the caller sends it, exact to some decimals."""
    # The description would show bounds of decimals as texts.
    bounds = {"minimum": 0, "maximum": most}
    validator = validate.Range(0, most)
    return fields.Decimal(places=places, allow_nan=False, validate=validator, metadata={**metadata, **bounds}, **more)


def plain(value: Any) -> Any:
    """Nested values as JSON holds them: days and instants as ISO texts, amounts as exact texts."""
    return orjson.loads(orjson.dumps(value, default=str))


def _chinese(messages: Any) -> Any:
    if isinstance(messages, Mapping):
        return {name: _chinese(inner) for name, inner in messages.items()}
    if isinstance(messages, list):
        return [_chinese(inner) for inner in messages]
    for pattern, words in _WORDS:
        found = pattern.fullmatch(str(messages))
        if found:
            return words(found)
    return messages
