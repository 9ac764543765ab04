"""How are dates, times and durations of the standard written and read (ISO 8601)?

Both kinds of duration are kept apart as the standard demands: ``timedelta`` counts days and time, ``Months`` counts
years and months; neither is ever converted to the other.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from service.engine.dmn.faults import FeelFault

MAX_MONTHS = 12 * 9999
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_TIME = re.compile(r"(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2}|@[A-Za-z_]+(?:/[A-Za-z_+-]+)*)?")
_DURATION = re.compile(
    r"(-)?P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?"
    r"(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,9}))?S)?)?"
)


@dataclass(frozen=True, order=True)
class Months:
    """A duration of years and months, counted in months."""

    count: int

    def __post_init__(self) -> None:
        if abs(self.count) > MAX_MONTHS:
            raise OverflowError("duration too long")


def read_date(text: str) -> date:
    """Read ``2026-03-01``; raises ``FeelFault`` for anything else."""
    found = _DATE.fullmatch(text)
    if not found:
        raise FeelFault(f"“{text[:40]}”不是日期，应写作 2026-03-01")
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise FeelFault(f"没有“{text}”这一天") from None


def read_time(text: str) -> time:
    """Read ``08:30:00``, optionally with fractions and a zone; raises ``FeelFault`` for anything else."""
    found = _TIME.fullmatch(text.removeprefix("T"))
    if not found:
        raise FeelFault(f"“{text[:40]}”不是时间，应写作 08:30:00")
    hour, minute, second = (int(part) for part in found.groups()[:3])
    try:
        return time(hour, minute, second, _microseconds(found[4]), _zone(found[5]))
    except (ValueError, LookupError, OSError):
        raise FeelFault(f"没有“{text}”这一时间") from None


def read_date_time(text: str) -> datetime:
    """Read ``2026-03-01T08:30:00``; a date alone means its midnight. Raises ``FeelFault`` for anything else."""
    day, separator, clock = text.partition("T")
    if not separator:
        return datetime.combine(read_date(day), time())
    return datetime.combine(read_date(day), read_time(clock))


def read_duration(text: str) -> timedelta | Months:
    """Read ``P1DT2H`` as days and time, ``P1Y6M`` as years and months; raises ``FeelFault`` for a mixture."""
    found = _DURATION.fullmatch(text)
    if not found or not any(found.groups()[1:]) or text.endswith("T"):
        raise FeelFault(f"“{text[:40]}”不是时长，应写作 P1Y6M（年月）或 P1DT2H（日时）")
    years, months, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:7])
    sign = -1 if found[1] else 1
    if found[2] or found[3]:
        if any(found.groups()[3:]):
            raise FeelFault(f"时长“{text}”混用了年月和日时，两者不能换算")
        return Months(sign * (12 * years + months))
    fraction = timedelta(microseconds=_microseconds(found[8]))
    return sign * (timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) + fraction)


def read_any(text: str) -> date | datetime | time | timedelta | Months:
    """Read the text of an ``@"…"`` literal as whichever kind it is; raises ``FeelFault`` if it is none."""
    if text.lstrip("-").startswith("P"):
        return read_duration(text)
    if _DATE.fullmatch(text):
        return read_date(text)
    return read_date_time(text) if _DATE.match(text) else read_time(text)


def add_months(day: date, months: Months) -> date:
    """Return the same day some months later; a day that month lacks becomes its last (01-31 + P1M is 02-28)."""
    year, month = divmod(12 * day.year + day.month - 1 + months.count, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("year out of range")
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_between(start: date, end: date) -> Months:
    """Return the whole months from one day to another, negative if the second is earlier."""
    if end < start:
        return Months(-months_between(end, start).count)
    return Months(12 * (end.year - start.year) + end.month - start.month - (end.day < start.day))


def write(value: date | datetime | time | timedelta | Months) -> str:
    """Return the ISO text of a date, time or duration."""
    if isinstance(value, Months):
        return _write_months(value)
    if isinstance(value, timedelta):
        return _write_duration(value)
    if isinstance(value, datetime | time) and isinstance(value.tzinfo, ZoneInfo):
        return f"{value.replace(tzinfo=None).isoformat()}@{value.tzinfo.key}"
    return value.isoformat().replace("+00:00", "Z")


def _write_months(value: Months) -> str:
    years, months = divmod(abs(value.count), 12)
    parts = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
    return ("-" if value.count < 0 else "") + "P" + parts


def _write_duration(value: timedelta) -> str:
    whole = abs(value)
    hours, rest = divmod(whole.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    exact = Decimal(seconds) + Decimal(whole.microseconds) / 1_000_000
    clock = "".join(f"{amount}{unit}" for amount, unit in ((hours, "H"), (minutes, "M")) if amount)
    clock += f"{exact.normalize():f}S" if exact else ""
    text = (f"{whole.days}D" if whole.days else "") + (f"T{clock}" if clock else "")
    return ("-" if value < timedelta() else "") + "P" + (text or "T0S")


def _microseconds(digits: str | None) -> int:
    return int((digits or "").ljust(6, "0")[:6])


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    if text.startswith("@"):
        return ZoneInfo(text[1:])
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[4:6])))
