"""Which days are working days, and when is a step of so many working days due?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from types import MappingProxyType
from zoneinfo import ZoneInfo

import chinese_calendar

DISTRICT = ZoneInfo("Asia/Shanghai")
_END_OF_DAY = time(23, 59, 59)
_ONE_DAY = timedelta(days=1)
#: A loop over days must end even if a district's table forbids them all.
_FURTHEST = 366 * 20


@dataclass(frozen=True)
class WorkingDayTable:
    """The district's own days (调休): a day in ``overrides`` is working (True) or free (False), whatever else says.

    Everything else follows the State Council's yearly arrangement as chinesecalendar knows it; a year it does not know
    counts Monday to Friday (see ``unknown_years``).
    """

    overrides: Mapping[date, bool] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def covered_years(self) -> frozenset[int]:
        """Years for which the district's table holds at least one day, taken as covering the year."""
        return frozenset(day.year for day in self.overrides)


NATIONAL = WorkingDayTable()


def is_working(day: date, table: WorkingDayTable = NATIONAL) -> bool:
    """Return whether people work on a day: the district's table, then the national calendar, then Monday to Friday."""
    own = table.overrides.get(day)
    if own is not None:
        return own
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def add(start: date, days: int, table: WorkingDayTable = NATIONAL) -> date:
    """Return the day ``days`` working days after ``start``, not counting ``start`` itself.

    0 gives ``start`` if it is a working day, else the next one; negative numbers count back. ValueError where the
    table leaves no working days to count.
    """
    if days < 0:
        return subtract(start, -days, table)
    day = start
    if days == 0:
        while not is_working(day, table):
            day = _next(day, start, _ONE_DAY)
        return day
    for _ in range(days):
        day = _next(day, start, _ONE_DAY)
        while not is_working(day, table):
            day = _next(day, start, _ONE_DAY)
    return day


def subtract(end: date, days: int, table: WorkingDayTable = NATIONAL) -> date:
    """Return the day ``days`` working days before ``end``: the T-2 of a reminder. 0 gives the last working day to ``end``.

    Raises ValueError as ``add`` does, and for a negative number.
    """
    if days < 0:
        raise ValueError(f"工作日数不能为负：{days}")
    day = end
    if days == 0:
        while not is_working(day, table):
            day = _next(day, end, -_ONE_DAY)
        return day
    for _ in range(days):
        day = _next(day, end, -_ONE_DAY)
        while not is_working(day, table):
            day = _next(day, end, -_ONE_DAY)
    return day


def count(start: date, end: date, table: WorkingDayTable = NATIONAL) -> int:
    """Return the working days after ``start`` up to and with ``end``; negative if ``end`` is earlier (days overdue)."""
    if end < start:
        return -count(end, start, table)
    return sum(is_working(start + timedelta(days=n), table) for n in range(1, (end - start).days + 1))


def due_at(start: datetime, days: int, table: WorkingDayTable = NATIONAL) -> datetime:
    """Return when a step opened at ``start`` is due: 23:59:59 in Asia/Shanghai of the ``days``-th working day after it.

    The day of opening is the district's calendar day and never counts. A deadline never decides anything; it only
    colours and reminds. ``start`` must be aware (ValueError). Source: 财预〔2015〕88号 leaves deadlines to the finance
    bureau; 2 and 5 working days are the product's defaults (unconfirmed).
    """
    if start.tzinfo is None:
        raise ValueError("需要带时区的时刻")
    day = add(start.astimezone(DISTRICT).date(), days, table)
    return datetime.combine(day, _END_OF_DAY, DISTRICT)


def unknown_years(start: date, end: date, table: WorkingDayTable = NATIONAL) -> tuple[int, ...]:
    """Return the years between two days that neither the national calendar nor the district's table knows.

    Such years count Monday to Friday; callers warn the administrator to enter the year's holidays. () if all are known.
    """
    first, last = sorted((start, end))
    return tuple(
        year for year in range(first.year, last.year + 1) if not _known(year) and year not in table.covered_years
    )


def _known(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _next(day: date, origin: date, step: timedelta) -> date:
    if abs((day - origin).days) > _FURTHEST:
        raise ValueError("工作日表中没有可用的工作日，请管理员核对工作日表")
    return day + step
