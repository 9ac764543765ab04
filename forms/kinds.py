"""What may stand in one cell? Each kind of field reads what people type, paste or send, or says what is wrong.

A blank text, an empty list and ``None`` all mean "not filled in" and read as ``None``. Numbers are exact: never
rounded, never taken from a truth value. The sentences begin after the field's name, which the caller puts first.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

from forms.definition import Field

MAX_TEXT = 20_000
# U+FF01..U+FF5E are the full-width twins of the printable ASCII characters, U+3000 is their space, U+2212 a minus.
_HALF = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2212: "-"}
_LIMIT = Decimal(10) ** 12
_NUMBER = re.compile(r"([+-]?)(\d{1,18}|\d{1,3}(?:,\d{3}){1,6})(\.\d{1,12})?", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?", re.ASCII)
_FILE_ID = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
_TRUTH = {True: True, False: False, "true": True, "false": False, "1": True, "0": False, "是": True, "否": False}


def half_width(text: str) -> str:
    """Turn full-width digits, letters and signs into the plain ones; units such as ㎡ and ℃ stay as they are."""
    return text.translate(_HALF)


def plain_text(value: Any) -> str | None:
    """Return trimmed text, ``None`` for blank; refuse other kinds and characters that cannot be stored or shown."""
    if not isinstance(value, str):
        raise ValidationError("应为文本，请重新填写")
    if len(value) > MAX_TEXT:
        raise ValidationError(f"太长，超过{MAX_TEXT}个字符，请删减或改用附件")
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t" for character in text):
        raise ValidationError("含有无法保存的字符（如空字符），请删去后重新填写")
    return text or None


def decimal_of(value: Any, unit: str = "") -> Decimal | None:
    """Return the number a person meant: ``1,860.50``, ``38万元`` where 万元 is the field's unit."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValidationError("应为数字，请填写如 12.5 的数字")
    if not isinstance(value, str):
        return _finite(value)
    text = half_width(plain_text(value) or "").replace(" ", "")
    if unit and text.endswith(half_width(unit)):
        text = text[: -len(half_width(unit))]
    if not text:
        return None
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValidationError("不是数字，请填写如 12.5 的数字，不要写单位和文字")
    return _finite(Decimal(text.replace(",", "")))


def _finite(value: int | float | Decimal) -> Decimal:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValidationError("不是有限的数字，请重新填写")
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValidationError("不是有限的数字，请重新填写")
    if not -_LIMIT < value < _LIMIT:
        raise ValidationError("数字过大，请核对单位")
    return Decimal(value)


def date_of(value: Any) -> date | None:
    """Return the day: ``2027-03-31``, ``2027/3/31``, ``2027年3月31日``."""
    text = half_width(plain_text(value) or "").replace(" ", "")
    if not text:
        return None
    match = _DATE.fullmatch(text)
    try:
        day = date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        day = None
    if day is None or not 1949 <= day.year <= 2200:
        raise ValidationError("不是有效的日期，请写作 2027-03-31")
    return day


def number_text(value: Decimal) -> str:
    """Return the one way a number is written in content: no exponent, no plus sign, digits as given."""
    return format(value if value else abs(value), "f")


class Cell(fields.Field[Any]):
    """A field that knows its definition; blank reads as ``None``."""

    def __init__(self, spec: Field) -> None:
        super().__init__(allow_none=True)
        self.spec = spec


class Text(Cell):
    """One or more lines of text, or a number or date kept as text where a sibling says so."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if self.spec.follows and type(value) in (int, float, Decimal):
            value = number_text(_finite(value))
        text = plain_text(value)
        if text is None:
            return None
        if self.spec.type == "text":
            text = " ".join(text.split())
        if self.spec.half_width:
            text = half_width(text)
        if self.spec.follows:
            text = self._followed(text, (data or {}).get(self.spec.follows))
        self._check(text)
        return text

    def _followed(self, text: str, sibling: Any) -> str:
        kind = (self.spec.formats or {}).get(sibling) if isinstance(sibling, str) else None
        if kind == "date":
            return str(date_of(text))
        number = decimal_of(text) if kind == "decimal" else None
        if number is not None and _places(number) > self.spec.places:
            raise ValidationError(f"最多保留{self.spec.places}位小数")
        return text if number is None else number_text(number)

    def _check(self, text: str) -> None:
        most = self.spec.max_length
        if most is not None and len(text) > most:
            raise ValidationError(f"不得超过{most}字，现有{len(text)}字，请删减")
        if self.spec.pattern and not re.fullmatch(self.spec.pattern, text):
            raise ValidationError(self.spec.pattern_message or "格式不正确，请按填报说明修改")


class Number(Cell):
    """An exact number, a whole number or a month."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        spec = self.spec
        number = decimal_of(value, "月" if spec.type == "month" else spec.unit)
        if number is None:
            return None
        if spec.type != "decimal":
            if number != int(number):
                raise ValidationError("应为整数，不要写小数")
            number = Decimal(int(number))
        elif _places(number) > spec.places:
            raise ValidationError(f"最多保留{spec.places}位小数")
        low, high = (Decimal(bound) if bound else None for bound in _bounds(spec))
        if low is not None and number < low:
            raise ValidationError(f"不得小于{low}，请核对")
        if high is not None and number > high:
            raise ValidationError(f"不得大于{high}，请核对")
        return number if spec.type == "decimal" else int(number)


def _bounds(spec: Field) -> tuple[str, str]:
    return ("1", "12") if spec.type == "month" else (spec.minimum, spec.maximum)


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


class Day(Cell):
    """A calendar day."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        return date_of(value)


class Truth(Cell):
    """Yes or no; not answered is neither."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if isinstance(value, str):
            value = plain_text(value)
        if value is None:
            return None
        if isinstance(value, bool | str) and value in _TRUTH:
            return _TRUTH[value]
        raise ValidationError("请选择“是”或“否”")


class Option(Cell):
    """One of the options, given by its value or by the words shown (as pasted from a spreadsheet)."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        text = plain_text(value)
        if text is None:
            return None
        if not self.spec.choices:
            if len(text) > 60:
                raise ValidationError("请从列表中选择")
            return text
        wanted = half_width(text)
        for choice in self.spec.choices:
            if text == choice.value or wanted in (half_width(choice.label), choice.label_en):
                return choice.value
        labels = "、".join(choice.label for choice in self.spec.choices)
        raise ValidationError(f"没有这个选项，请从“{labels}”中选择")


class Files(Cell):
    """References to uploaded files: ids, or mappings with ``id`` and ``filename``."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if not isinstance(value, list):
            raise ValidationError("应为附件列表，请重新上传")
        if len(value) > self.spec.max_files:
            raise ValidationError(f"不得超过{self.spec.max_files}个附件，现有{len(value)}个，请删减")
        return [self._file(item) for item in value] or None

    def _file(self, item: Any) -> dict[str, str]:
        given = item if isinstance(item, Mapping) else {"id": item}
        identity, name = given.get("id"), given.get("filename", "")
        if not isinstance(identity, str) or not _FILE_ID.fullmatch(identity) or not isinstance(name, str):
            raise ValidationError("中有无法识别的附件，请重新上传")
        name = plain_text(name) or ""
        if len(name) > 200:
            raise ValidationError("的文件名不得超过200字，请改名后重新上传")
        if name and self.spec.accept and not name.lower().endswith(self.spec.accept):
            raise ValidationError(f"只接受{'、'.join(self.spec.accept)}文件，“{name[:60]}”不能上传")
        return {"id": identity, "filename": name} if name else {"id": identity}


KINDS: Mapping[str, type[Cell]] = {
    "text": Text,
    "textarea": Text,
    "decimal": Number,
    "integer": Number,
    "month": Number,
    "date": Day,
    "boolean": Truth,
    "choice": Option,
    "files": Files,
}
