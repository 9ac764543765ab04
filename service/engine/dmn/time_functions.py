"""What do the standard's functions on dates, times and durations return?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from service.engine.dmn import temporal
from service.engine.dmn.faults import FeelFault

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
#: Functions whose only argument, if written out, is checked when the table is read.
CONSTRUCTORS: Mapping[str, Callable[[str], Any]] = {
    "date": temporal.read_date,
    "time": temporal.read_time,
    "date and time": temporal.read_date_time,
    "duration": temporal.read_duration,
}


def _date(*parts: Any) -> date:
    if len(parts) == 3:
        return date(*(int(part) for part in parts))
    value = parts[0]
    if isinstance(value, str):
        return temporal.read_date(value)
    return value.date() if isinstance(value, datetime) else _of_kind(value, date)


def _time(*parts: Any) -> time:
    if len(parts) > 1:
        zone = timezone(_of_kind(parts[3], timedelta)) if len(parts) == 4 and parts[3] is not None else None
        return time(int(parts[0]), int(parts[1]), int(parts[2]), int(parts[2] % 1 * 1_000_000), zone)
    value = parts[0]
    if isinstance(value, str):
        return temporal.read_time(value)
    return value.timetz() if isinstance(value, datetime) else _of_kind(value, time)


def _date_time(value: Any, clock: Any = None) -> datetime:
    if clock is None:
        return temporal.read_date_time(value) if isinstance(value, str) else _of_kind(value, datetime)
    return datetime.combine(_date(value), _of_kind(clock, time))


def _duration(value: Any) -> Any:
    return temporal.read_duration(value) if isinstance(value, str) else _of_kind(value, (timedelta, temporal.Months))


def _of_kind(value: Any, kinds: type | tuple[type, ...]) -> Any:
    if not isinstance(value, kinds):
        raise FeelFault("参数的类型不对")
    return value


def _between(start: Any, end: Any) -> temporal.Months:
    return temporal.months_between(_date(start), _date(end))


TIME_FUNCTIONS: Mapping[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "date": (_date, ("from", "year, month, day")),
    "time": (_time, ("from", "hour, minute, second", "hour, minute, second, offset")),
    "date and time": (_date_time, ("from", "date, time")),
    "duration": (_duration, ("from",)),
    "years and months duration": (_between, ("from, to",)),
    "day of week": (lambda day: _DAYS[day.weekday()], ("date",)),
    "day of year": (lambda day: Decimal(day.timetuple().tm_yday), ("date",)),
    "week of year": (lambda day: Decimal(day.isocalendar().week), ("date",)),
    "month of year": (lambda day: _MONTHS[day.month - 1], ("date",)),
}
