"""How much working time lies between two instants? Instants as positions on an axis that has only working hours."""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta

from service.rules.working_days import DISTRICT, WorkingDayTable, is_working

#: Opening hours of a public office: from, to.
_SHIFTS = ((time(8, 30), time(12, 0)), (time(13, 30), time(17, 30)))
_SHIFT_SECONDS = (12_600, 14_400)
HOUR = 3_600.0
#: Seconds of a working day.
DAY = float(sum(_SHIFT_SECONDS))


class WorkingTime:
    """The working hours between two days as one axis, in seconds."""

    def __init__(self, first: date, last: date, table: WorkingDayTable) -> None:
        span = (last - first).days + 1
        days = [first + timedelta(days=number) for number in range(span)]
        starts = (
            (datetime.combine(day, begins, DISTRICT), length)
            for day in days
            if is_working(day, table)
            for (begins, _), length in zip(_SHIFTS, _SHIFT_SECONDS, strict=True)
        )
        self._instants: list[datetime] = []
        self._positions: list[float] = []
        self.length = 0.0
        for instant, length in starts:
            self._instants.append(instant)
            self._positions.append(self.length)
            self.length += length

    def instant(self, position: float) -> datetime:
        """The instant of a position, in UTC; positions beyond the ends are taken at the ends."""
        within = min(max(position, 0.0), self.length - 1)
        index = bisect_right(self._positions, within) - 1
        return (self._instants[index] + timedelta(seconds=within - self._positions[index])).astimezone(UTC)

    def position(self, instant: datetime) -> float:
        """The position of an instant; one outside working hours counts as the end of the hours before it."""
        index = bisect_right(self._instants, instant) - 1
        if index < 0:
            return 0.0
        end = self._positions[index + 1] if index + 1 < len(self._positions) else self.length
        return min(self._positions[index] + (instant - self._instants[index]).total_seconds(), end)

    def hours(self, start: datetime, end: datetime) -> float:
        """Working hours between two instants; 0 if the end is not later."""
        return max(self.position(end) - self.position(start), 0.0) / HOUR

    def within(self, instant: datetime) -> bool:
        """Whether an instant lies in working hours."""
        index = bisect_right(self._instants, instant) - 1
        if index < 0:
            return False
        end = self._positions[index + 1] if index + 1 < len(self._positions) else self.length
        return (instant - self._instants[index]).total_seconds() <= end - self._positions[index]
