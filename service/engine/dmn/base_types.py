"""Which basic types does the standard know, under which names, and how is plain data read as one of them?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from service.engine.dmn import temporal
from service.engine.dmn.temporal import Months


@dataclass(frozen=True)
class BaseType:
    """A basic type: its Chinese name, the kinds of value it admits, how its text is read (if it is written as text)."""

    name: str
    kinds: tuple[type, ...]
    read: Callable[[str], Any] | None = None
    whole: bool = False

    def admits(self, value: Any) -> bool:
        """Is the value (not null) of this type?"""
        if self.kinds and type(value) not in self.kinds:
            return False
        return not self.whole or value == value.to_integral_value()


ANY = BaseType("任意", ())
_NUMBER = BaseType("数字", (Decimal,))
_WHOLE = BaseType("整数", (Decimal,), whole=True)
_TEXT = BaseType("文字", (str,))
_BOOLEAN = BaseType("真假值", (bool,))
# Some modellers write moments under the type "date": the value keeps what was written, and comparing still works.
_DATE = BaseType(
    "日期", (date, datetime), lambda text: temporal.read_date_time(text) if "T" in text else temporal.read_date(text)
)
_MOMENT = BaseType("日期时间", (datetime, date), temporal.read_date_time)
_TIME = BaseType("时间", (time,), temporal.read_time)
_SPAN = BaseType("时长（日时）", (timedelta,), temporal.read_duration)
_MONTHS = BaseType("时长（年月）", (Months,), temporal.read_duration)
_DURATION = BaseType("时长", (timedelta, Months), temporal.read_duration)

#: By name in lower case, without prefix; the standard's own names first, then those of XML Schema and of tools.
BASE_TYPES: Mapping[str, BaseType] = {
    "string": _TEXT,
    "number": _NUMBER,
    "boolean": _BOOLEAN,
    "date": _DATE,
    "time": _TIME,
    "datetime": _MOMENT,
    "date and time": _MOMENT,
    "daytimeduration": _SPAN,
    "days and time duration": _SPAN,
    "yearmonthduration": _MONTHS,
    "years and months duration": _MONTHS,
    "any": ANY,
    "integer": _WHOLE,
    "int": _WHOLE,
    "long": _WHOLE,
    "short": _WHOLE,
    "double": _NUMBER,
    "float": _NUMBER,
    "decimal": _NUMBER,
    "duration": _DURATION,
    "list": BaseType("列表", (list,)),
    "context": BaseType("上下文", (dict,)),
    "function": ANY,
    "undefined": ANY,
    "": ANY,
}


def base_type(reference: str) -> BaseType | None:
    """Return the basic type a reference such as ``feel:number`` names, ``None`` if it is not a basic type."""
    return BASE_TYPES.get(reference.strip().rpartition(":")[2].lower())
