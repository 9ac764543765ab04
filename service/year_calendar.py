"""What happens when in the district's year? The usual calendar, the seasons with their days, and what falls due."""

import calendar
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from db.budget import DepartmentBudget
from db.campaign import Campaign
from db.case import CaseFile, Visit
from service import access
from service.campaign_rows import STATES
from service.campaign_terms import SEASONS, phases
from service.people import DISTRICT, Actor, day

MONTHS = tuple(range(1, 13))


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Something that lasts from a day to a day of the year; its months are those it touches."""

    title: str
    note: str
    first: date
    last: date

    @property
    def months(self) -> tuple[int, int]:
        """The first and the last month it touches."""
        return self.first.month, self.last.month

    @property
    def before(self) -> int:
        """Months of the year before it."""
        return self.first.month - 1

    @property
    def span(self) -> int:
        """Months it touches."""
        return self.last.month - self.first.month + 1

    @property
    def after(self) -> int:
        """Months of the year after it."""
        return 12 - self.last.month


@dataclass(frozen=True, kw_only=True)
class SeasonBar(Bar):
    """A season in the year: what it is a season of, its state, and its open and finished cases."""

    campaign_id: str
    process: str
    state: str
    opens_on: date
    closes_on: date
    running: int
    finished: int


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """A day on which something falls due."""

    on: date
    title: str
    number: int
    late: bool
    #: The season, where the deadline is one's.
    campaign_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Year:
    """One calendar year of the district."""

    year: int
    today: date
    usual: list[Bar]
    seasons: list[SeasonBar]
    deadlines: list[Deadline]


def of_year(session: Session, year: int, *, actor: Actor, at: datetime) -> Year:
    """The year as the actor may see it: seasons are everybody's, numbers of cases those of cases one sees.

    Source:
        Calendar of the year (defaults; the dates that count are those of the seasons).
    """
    today = day(at)
    found = _seasons(session, year, actor)
    due = sorted(
        [
            *_season_days(found, year, today),
            *_visits(session, year, actor, today),
            *_replies(session, year, actor, today),
        ],
        key=lambda one: (one.on, one.title),
    )
    return Year(year=year, today=today, usual=usual(year), seasons=found, deadlines=due)


def years(session: Session, at: datetime) -> list[int]:
    """The years that have seasons, with this one, newest first."""
    days = session.execute(select(Campaign.opens_on, Campaign.closes_on)).all()
    known = {one.year for row in days for one in row} | {day(at).year}
    return sorted(known, reverse=True)


def usual(year: int) -> list[Bar]:
    """What is usual in every year, in the order of the year."""
    bars = [_usual(row, year) for row in _rows()]
    return sorted(bars, key=lambda bar: (bar.first, bar.last))


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = (files("service") / "year_calendar.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _usual(row: dict[str, str], year: int) -> Bar:
    first, last = int(row["from_month"]), int(row["to_month"])
    end = int(row["to_day"] or calendar.monthrange(year, last)[1])
    start = date(year, first, int(row["from_day"] or 1))
    return Bar(title=row["activity"], note=row["who"], first=start, last=date(year, last, end))


def _seasons(session: Session, year: int, actor: Actor) -> list[SeasonBar]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    mine = and_(
        CaseFile.campaign_id == Campaign.id, CaseFile.process_id == Campaign.process_id, access.visible_cases(actor)
    )
    statement = (
        select(
            Campaign,
            func.count(CaseFile.id).filter(CaseFile.finished_at.is_(None)),
            func.count(CaseFile.id).filter(CaseFile.finished_at.is_not(None)),
        )
        .outerjoin(CaseFile, mine)
        .where(Campaign.opens_on <= last, Campaign.closes_on >= first)
        .group_by(Campaign.id)
        .order_by(Campaign.opens_on, Campaign.process_id)
    )
    return [
        SeasonBar(
            title=row.title,
            note=phases(row.process_id).get(row.phase, row.phase),
            first=max(row.opens_on, first),
            last=min(row.closes_on, last),
            campaign_id=row.id,
            process=SEASONS.get(row.process_id, row.process_id),
            state=STATES[row.state],
            opens_on=row.opens_on,
            closes_on=row.closes_on,
            running=running,
            finished=finished,
        )
        for row, running, finished in session.execute(statement)
    ]


def _season_days(found: list[SeasonBar], year: int, today: date) -> Iterator[Deadline]:
    for one in found:
        if one.closes_on.year == year:
            late = one.closes_on < today and one.running > 0
            yield Deadline(
                on=one.closes_on, title=f"{one.title}截止", number=one.running, late=late, campaign_id=one.campaign_id
            )


def _visits(session: Session, year: int, actor: Actor, today: date) -> Iterator[Deadline]:
    """Open tasks by the day they are due, with the step's name."""
    begins = datetime(year, 1, 1, tzinfo=DISTRICT).astimezone(UTC)
    ends = datetime(year + 1, 1, 1, tzinfo=DISTRICT).astimezone(UTC)
    local: Any = func.date(func.timezone(str(DISTRICT), Visit.due_at))
    statement = (
        select(local, Visit.node_name, func.count())
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .where(Visit.state == "open", Visit.due_at >= begins, Visit.due_at < ends, access.visible_cases(actor))
        .group_by(local, Visit.node_name)
    )
    for on, step, number in session.execute(statement):
        if on >= today - timedelta(days=30):
            yield Deadline(on=on, title=f"{step}到期", number=number, late=on < today)


def _replies(session: Session, year: int, actor: Actor, today: date) -> Iterator[Deadline]:
    """Days by which budgets have to be replied to."""
    statement = (
        select(DepartmentBudget.reply_due, CaseFile.campaign_id, func.count())
        .join(CaseFile, CaseFile.id == DepartmentBudget.case_id)
        .where(
            DepartmentBudget.reply_due.is_not(None), DepartmentBudget.reply_no.is_(None), access.visible_cases(actor)
        )
        .group_by(DepartmentBudget.reply_due, CaseFile.campaign_id)
    )
    for on, campaign_id, number in session.execute(statement):
        if on.year == year:
            yield Deadline(on=on, title="预算和目标批复期限", number=number, late=on < today, campaign_id=campaign_id)
