"""Which number, with which unit, or which day does a person's text mean?"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

#: Full-width signs, digits and letters with their plain counterparts; units such as ㎡ stay as they are.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_MULTIPLIERS = {"千": Decimal(1000), "万": Decimal(10000), "百万": Decimal(10**6), "亿": Decimal(10**8)}
_NUMBER = re.compile(r"(?<![A-Za-z0-9.])([-+]?\d+(?:,\d{3})+(?:\.\d+)?|[-+]?\d+(?:\.\d+)?)")
_UNIT = re.compile(r"[%‰]|[A-Za-z/㎡·]+|[\u4e00-\u9fff]")
_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?|\s*月?\s*(底|末|上旬|中旬|下旬)?)(?:\s*(?:前|之前|以前))?$"
)
_ENDS = {"上旬": 10, "中旬": 20}
_LONGEST = 40
#: "1e999999" is a number of a million digits nobody means.
_LARGEST_EXPONENT = 20


@dataclass(frozen=True)
class Quantity:
    """A number found in a text: its value in base units (1.2万亩 is 12000 of 亩), what follows it, where it stood."""

    value: Decimal
    #: Text from the multiplier's end on, e.g. ``亩以上``; units are compared by their beginning.
    after: str
    before: str
    text: str


def half_width(text: str) -> str:
    """Return the text with full-width digits, letters and signs made plain."""
    return text.translate(_HALF_WIDTH)


def number_of(value: object) -> Decimal | None:
    """Return the number written in a cell (``1,860.50``, full-width digits), or None where there is no plain number."""
    if isinstance(value, bool) or value is None:
        return None
    text = half_width(str(value)).replace(",", "").strip()
    if len(text) > _LONGEST:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= _LARGEST_EXPONENT else None


def plain(number: Decimal) -> str:
    """Return a number as people write it: no exponent, no zeros at the end (``15.00`` is ``15``)."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def day_of(value: object) -> date | None:
    """Return the day a text means, the last day for a month (``2021年11月底前`` is 2021-11-30), None if it is no day."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    match = _DAY.match(half_width(str(value or "")).strip())
    if match is None:
        return None
    year, month = int(match[1]), int(match[2])
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    day = int(match[3]) if match[3] else _ENDS.get(match[4] or "", last)
    return date(year, month, day) if 1 <= day <= last else None


def base(number: Decimal, unit: str) -> tuple[Decimal, str]:
    """Return a value without 千, 万 or 亿 in its unit: ``1.2 万亩`` is ``12000 亩``; other units stay."""
    for prefix in ("百万", "千", "万", "亿"):
        rest = unit.removeprefix(prefix)
        if rest != unit and rest and not (prefix == "千" and rest[0] in "米克瓦"):
            return number * _MULTIPLIERS[prefix], rest
    return number, unit


def quantities(text: str) -> list[Quantity]:
    """Return every number of a text in base units, in reading order; digits inside Latin names (PM2.5, 5G) are none."""
    text = half_width(text)
    found = []
    for match in _NUMBER.finditer(text):
        after = text[match.end() :].lstrip()
        if re.match(r"[A-Za-z]", after) and not re.match(r"(TB|GB|MB|km|kg|m|t)(?![A-Za-z])", after):
            continue
        number = Decimal(match[1].replace(",", ""))
        multiplier = next((name for name in ("百万", "千万", "万", "亿", "千") if after.startswith(name)), "")
        if multiplier == "千万":
            number *= 10**7
        elif multiplier and not (multiplier == "千" and after[1:2] in ("米", "克", "瓦")):
            number *= _MULTIPLIERS[multiplier]
        else:
            multiplier = ""
        before = text[: match.start()]
        found.append(Quantity(number, after[len(multiplier) :].lstrip(), before, match[0] + multiplier))
    return found


def leading_unit(text: str) -> str:
    """Return the first sign, Latin word or Chinese character of what follows a number, "" if there is none."""
    match = _UNIT.match(text)
    return match[0] if match else ""
