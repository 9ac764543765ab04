"""Which days does the district itself call working or free (调休), beyond the national calendar?"""

from calendar import Calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, extract, select
from sqlalchemy.orm import Session

from db.campaign import Holiday
from db.statement import Statement
from forms.problem import Problem
from service import access, security_log
from service.calendar_text import LONGEST_NOTE, CalendarDay, read_days, written
from service.errors import NotFound, Problems
from service.people import Actor
from service.rules import working_days
from service.rules.working_days import WorkingDayTable

SOURCE = "工作日表填写要求（国务院办公厅节假日安排、区工作安排）"
FIRST_YEAR, LAST_YEAR = 2015, 2100


@dataclass(frozen=True)
class DayMark:
    """A day in the grid of a year: does it count, and does the district's own table say so?"""

    day: date
    working: bool
    own: bool


@dataclass(frozen=True)
class Year:
    """One year of the district's table, and what it makes of the year."""

    year: int
    days: tuple[CalendarDay, ...]
    #: Working days of the whole year, by the district's table and the national calendar.
    working_days: int
    #: Neither the national calendar nor the district's table knows the year: Monday to Friday count.
    unknown: bool
    #: By month, its weeks from Monday on; None where a week reaches into another month.
    months: tuple[tuple[tuple[DayMark | None, ...], ...], ...]

    @property
    def text(self) -> str:
        """The district's own days as lines that `replace_year` reads back."""
        return written(self.days)


_DAYS = Statement(lambda: select(Holiday.day, Holiday.working))


def table(session: Session) -> WorkingDayTable:
    """The district's working-day table (工作日表), for every deadline; empty if the district has none of its own."""
    return WorkingDayTable(MappingProxyType(dict(_DAYS.all(session))))


def year(session: Session, number: int) -> Year:
    """One year: the district's own days in order, the number of working days, and whether anybody knows the year."""
    known = table(session)
    first, last = date(number, 1, 1), date(number, 12, 31)
    own = select(Holiday).where(Holiday.day.between(first, last)).order_by(Holiday.day)
    return Year(
        number,
        tuple(CalendarDay(row.day, row.working, row.note) for row in session.scalars(own)),
        working_days.count(first - timedelta(days=1), last, known),
        bool(working_days.unknown_years(first, last, known)),
        tuple(tuple(_weeks(number, month, known)) for month in range(1, 13)),
    )


def years(session: Session) -> list[int]:
    """The years for which the district has days of its own, oldest first."""
    found = select(extract("year", Holiday.day)).distinct()
    return sorted(int(number) for number in session.scalars(found))


def unknown_years(session: Session, start: date, end: date) -> tuple[int, ...]:
    """Years between two days that nobody has entered: deadlines in them count Monday to Friday, () if all are known."""
    return working_days.unknown_years(start, end, table(session))


def warning(unknown: tuple[int, ...]) -> str:
    """The sentence that asks for the tables of unknown years; empty if there are none."""
    if not unknown:
        return ""
    named = "、".join(f"{number}年" for number in unknown)
    return f"{named}的节假日安排尚未录入，办理期限暂按周一至周五计算，请在“工作日表”页补录后再开放批次。"


def set_day(
    session: Session,
    day: date,
    *,
    working: bool,
    note: str,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> None:
    """Declare a day working or free; a day entered before is replaced. Deadlines already set stay as they are.

    Args:
        note: why, such as 春节调休.

    Raises:
        NotAllowed: the actor does not keep the table.
        Problems: year or note is out of bounds.
    """
    access.require(actor, "calendar.manage")
    problems = [*_year_problems(day.year, "day"), *_note_problems(note)]
    if problems:
        raise Problems(problems)
    session.merge(Holiday(day=day, working=working, note=note.strip()))
    _log(session, actor, at, client, action="set", day=day.isoformat(), working=working, note=note.strip())


def remove_day(
    session: Session, day: date, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> None:
    """Take a day out of the district's table: the national calendar decides again.

    Raises:
        NotAllowed: the actor does not keep the table.
        NotFound: the table does not hold the day.
    """
    access.require(actor, "calendar.manage")
    row = session.get(Holiday, day, with_for_update=True)
    if row is None:
        raise NotFound(f"工作日表中没有{day.isoformat()}。")
    session.delete(row)
    _log(session, actor, at, client, action="remove", day=day.isoformat(), note=row.note)


def replace_year(
    session: Session, number: int, text: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> int:
    """Put a year's table in place of what the district had for that year.

    Args:
        text: one day or run of days a line, such as `2028-01-24至2028-01-30 休 春节` or `2028-01-22 班 调休上班`.

    Returns:
        How many days the table of the year now holds.

    Raises:
        NotAllowed: the actor does not keep the table.
        Problems: every line that cannot be read, lies in another year or says the opposite of an earlier one.
    """
    access.require(actor, "calendar.manage")
    read, faults = read_days(text, year=number)
    problems = [*_year_problems(number, "year"), *(problem("text", fault) for fault in faults)]
    if not read and not problems:
        problems.append(problem("text", "没有读到任何日期，请按“日期 休或班 说明”每行填写一天或一段。"))
    if problems:
        raise Problems(problems)
    session.execute(delete(Holiday).where(Holiday.day.between(date(number, 1, 1), date(number, 12, 31))))
    session.add_all(Holiday(day=found.day, working=found.working, note=found.note) for found in read)
    session.flush()
    _log(session, actor, at, client, action="replace", year=number, days=len(read))
    return len(read)


def problem(field: str, message: str) -> Problem:
    """A problem of the working-day table."""
    return Problem(field=field, message=message, severity="error", source=SOURCE)


def _weeks(number: int, month: int, known: WorkingDayTable) -> Iterator[tuple[DayMark | None, ...]]:
    for week in Calendar().monthdatescalendar(number, month):
        yield tuple(
            DayMark(day, working_days.is_working(day, known), day in known.overrides) if day.month == month else None
            for day in week
        )


def _year_problems(number: int, field: str) -> list[Problem]:
    if FIRST_YEAR <= number <= LAST_YEAR:
        return []
    return [problem(field, f"年份须在{FIRST_YEAR}年至{LAST_YEAR}年之间，现为{number}年，请改正。")]


def _note_problems(note: str) -> list[Problem]:
    if 0 < len(note.strip()) <= LONGEST_NOTE:
        return []
    return [problem("note", f"请填写说明，1 至 {LONGEST_NOTE} 个字，如“春节调休”。")]


def _log(session: Session, actor: Actor, at: datetime, client: Mapping[str, Any] | None, **detail: Any) -> None:
    security_log.write(session, "calendar_changed", actor=actor.person_id, detail=detail, client=client, at=at)
