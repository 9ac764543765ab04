"""What do the standard's functions on text return? Positions count characters from 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from service.engine.dmn.faults import FeelFault, TooMuch
from service.engine.dmn.values import MAX_TEXT, number_text, to_json


def _string(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, Decimal) else _nested(value)


def _nested(value: Any) -> str:
    if isinstance(value, list):
        text = "[" + ", ".join(_quoted(part) for part in value) + "]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{key}: {_quoted(part)}" for key, part in value.items()) + "}"
    else:
        text = str(to_json(value))
    if len(text) > MAX_TEXT:
        raise TooMuch(f"文字超过{MAX_TEXT}个字符")
    return text


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else (_string(value) or "null")


def _substring(text: str, start: Decimal, length: Decimal | None = None) -> str:
    place = int(start)
    if place == 0 or abs(place) > len(text):
        raise FeelFault("文字里没有这个位置")
    begin = place - 1 if place > 0 else len(text) + place
    return text[begin:] if length is None else text[begin : begin + int(length)]


def _joined(parts: list[Any], separator: str | None = "") -> str:
    text = (separator or "").join(part for part in parts if part is not None)
    if len(text) > MAX_TEXT:
        raise TooMuch(f"文字超过{MAX_TEXT}个字符")
    return text


def _checked(body: Callable[[str, str], Any]) -> Callable[[Any, Any], Any]:
    def run(text: Any, match: Any) -> Any:
        if not (isinstance(text, str) and isinstance(match, str)):
            raise FeelFault("两个参数都须是文字")
        return body(text, match)

    return run


TEXT_FUNCTIONS: Mapping[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "string": (_string, ("from",)),
    "string length": (lambda text: Decimal(len(text + "")), ("string",)),
    "upper case": (lambda text: text.upper(), ("string",)),
    "lower case": (lambda text: text.lower(), ("string",)),
    "substring": (_substring, ("string, start position", "string, start position, length")),
    "substring before": (
        _checked(lambda text, match: text.partition(match)[0] if match and match in text else ""),
        ("string, match",),
    ),
    "substring after": (
        _checked(lambda text, match: text.partition(match)[2] if match else text),
        ("string, match",),
    ),
    "contains": (_checked(lambda text, match: match in text), ("string, match",)),
    "starts with": (_checked(str.startswith), ("string, match",)),
    "ends with": (_checked(str.endswith), ("string, match",)),
    "string join": (_joined, ("list", "list, delimiter")),
    "trim": (lambda text: text.strip(), ("string",)),
}
