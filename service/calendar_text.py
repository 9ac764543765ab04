"""Which days does a year's table, pasted as lines of text, call working or free?"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

MOST_LINES = 400
#: The longest run of days one line may name; holidays last ten days at most.
LONGEST_RUN = 31
LONGEST_NOTE = 50
_ONE_DAY = timedelta(days=1)
_DAY = r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?"
_LINE = re.compile(rf"{_DAY}(?:\s*(?:至|到|—+|-{2}|~|～)\s*{_DAY})?[\s,，;；、]*(\S+?)(?:[\s,，;；、]+(.*))?")
_WORDS = {
    **dict.fromkeys(("休", "放假", "休息", "节假日", "假"), False),
    **dict.fromkeys(("班", "上班", "调休上班", "补班", "工作", "工作日"), True),
}
_FORM = "请写成“2028-01-24至2028-01-30 休 春节”或“2028-01-22 班 调休上班”"


@dataclass(frozen=True)
class CalendarDay:
    """A day (工作日表中的一天) that overrides the national calendar."""

    day: date
    working: bool
    note: str

    def to_json(self) -> dict[str, Any]:
        """The day for pages and the API."""
        return {"day": self.day.isoformat(), "working": self.working, "note": self.note}


def written(days: Iterable[CalendarDay]) -> str:
    """Days in order as lines that `read_days` reads back; neighbours of the same kind and note share one line."""
    runs: list[list[CalendarDay]] = []
    for found in days:
        last = runs[-1][-1] if runs else None
        if last and (last.working, last.note) == (found.working, found.note) and found.day - last.day == _ONE_DAY:
            runs[-1].append(found)
        else:
            runs.append([found])
    return "\n".join(_line(run[0], run[-1]) for run in runs)


def read_days(text: str, *, year: int) -> tuple[list[CalendarDay], list[str]]:
    """Read the table of one year; return its days in order, and a Chinese sentence for every faulty line.

    Each line names a day or a run of days, 休 or 班, and a note. Blank lines and lines beginning with # say nothing.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if len(lines) > MOST_LINES:
        return [], [f"共{len(lines)}行，超过{MOST_LINES}行，请只填写一年的安排"]
    found: dict[date, CalendarDay] = {}
    faults = []
    for number, line in lines:
        try:
            for day in _days(line, year):
                known = found.setdefault(day.day, day)
                if known.working != day.working:
                    raise ValueError(
                        f"{day.day.isoformat()}在前面已写为“{'班' if known.working else '休'}”，请保留一个"
                    )
        except ValueError as fault:
            faults.append(f"第{number}行：{fault}。")
    return sorted(found.values(), key=lambda day: day.day), faults


def _days(line: str, year: int) -> Iterator[CalendarDay]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"“{line[:40]}”无法识别，{_FORM}")
    start = _day(match[1], match[2], match[3])
    end = _day(match[4], match[5], match[6]) if match[4] else start
    working, note = _WORDS.get(match[7]), (match[8] or "").strip()
    if working is None:
        raise ValueError(f"“{match[7][:10]}”应为“休”或“班”，{_FORM}")
    if start.year != year or end.year != year:
        raise ValueError(f"日期不在{year}年内，请改正或另选年份")
    if not 0 <= (end - start).days < LONGEST_RUN:
        raise ValueError(f"起止日期颠倒或超过{LONGEST_RUN}天，请改正")
    if len(note) > LONGEST_NOTE:
        raise ValueError(f"说明超过{LONGEST_NOTE}个字，请缩短")
    for offset in range((end - start).days + 1):
        yield CalendarDay(start + timedelta(days=offset), working, note or ("调休上班" if working else "节假日"))


def _day(year: str, month: str, number: str) -> date:
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        raise ValueError(f"{year}-{month}-{number}不是有效日期，请改正") from None


def _line(first: CalendarDay, last: CalendarDay) -> str:
    days = first.day.isoformat() + (f"至{last.day.isoformat()}" if last != first else "")
    return f"{days} {'班' if first.working else '休'} {first.note}"
