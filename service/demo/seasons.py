"""When are the demo district's two seasons, and how do their declarations come about? Played in order of time."""

import heapq
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from service import campaigns
from service.demo import courses, oddities, year
from service.demo.acting import Life, Stage
from service.demo.chance import dice
from service.demo.company import Company
from service.demo.courses import LIBRARY
from service.demo.moves import Move
from service.demo.working_time import DAY, WorkingTime
from service.demo.year import Declared
from service.people import day
from service.rules.working_days import WorkingDayTable

#: The running season opened so long ago and closes so long from now (calendar days).
_RUNNING, _LEFT = 80, 26
#: A year's season is as long, one year earlier.
_A_YEAR = 364
#: Of the working days a case waits at present, most wait a few; drafts longer.
_WAITING = {"draft": (0.3, 9.0), "returned": (0.2, 4.0), "consulting": (0.2, 2.0), "rejected": (3.0, 12.0)}
_USUALLY = (0.05, 4.5)


@dataclass(frozen=True)
class Season:
    """A season to be played: its fiscal year, its days, and what is declared in it."""

    fiscal_year: int
    opens_on: date
    closes_on: date
    projects: Sequence[Declared]
    #: Where each declaration ends, by code; None for one that nobody has begun.
    stands: Mapping[str, str | None]
    running: bool


@dataclass(frozen=True)
class Turn:
    """The next move of a declaration."""

    life: Life
    moves: tuple[Move, ...]
    at: tuple[datetime, ...]


def seasons(at: datetime, units: Collection[str]) -> tuple[Season, Season]:
    """This year's season, over, and next year's, in the middle of its run on the day of ``at``, of these units (by code)."""
    today = day(at)
    opens, closes = today - timedelta(days=_RUNNING), today + timedelta(days=_LEFT)
    now = [project for project in year.this_year(today.year) if project.unit in units]
    following = [project for project in year.next_year(today.year + 1) if project.unit in units]
    earlier = timedelta(days=_A_YEAR)
    over = {project.code: LIBRARY for project in now}
    return (
        Season(today.year, opens - earlier, closes - earlier, now, over, running=False),
        Season(today.year + 1, opens, closes, following, courses.fates(following), running=True),
    )


def last_year(at: datetime, units: Collection[str]) -> Season:
    """Last year's season of these units (by code), over long ago: what was evaluated in April."""
    today = day(at)
    opens, closes = (today + timedelta(days=days - 2 * _A_YEAR) for days in (-_RUNNING, _LEFT))
    projects = [project for project in year.this_year(today.year - 1) if project.unit in units]
    over = {project.code: LIBRARY for project in projects}
    return Season(today.year - 1, opens, closes, projects, over, running=False)


def open_all(session: Session, planned: Sequence[Season], company: Company) -> list[str]:
    """Prepare and open the seasons by the chief's commands; returns their ids. The caller commits."""
    return [_open(session, season, company) for season in planned]


def close_past(session: Session, at: datetime) -> None:
    """Close the seasons whose last day has passed, as the scheduler does."""
    campaigns.open_and_close_due(session, at)


def turns(
    season: Season, campaign_id: str, units: Collection[str], *, at: datetime, table: WorkingDayTable
) -> list[Turn]:
    """What happens in a season to the declarations of these units (by code): every move with its instant."""
    time = WorkingTime(season.opens_on, min(season.closes_on, day(at)), table)
    until = time.position(at) if season.running else time.length
    chosen = [project for project in season.projects if project.unit in units and season.stands[project.code]]
    return [_turn(season, project, campaign_id, time, until) for project in chosen]


def play(stage: Stage, planned: Sequence[Turn], projects: dict[str, str]) -> Iterator[int]:
    """Make all moves in order of time; yields 1 after each, for the caller to commit and to count.

    Args:
        projects: ids of the projects of the year before, by code; those of this season are entered.
    """
    queue = [(turn.at[0], number, 0) for number, turn in enumerate(planned)]
    heapq.heapify(queue)
    while queue:
        at, number, index = heapq.heappop(queue)
        turn = planned[number]
        if index == 0:
            turn.life.previous_id = projects.get(turn.life.project.code)
        stage.make(turn.life, turn.moves[index], at=at)
        projects[turn.life.project.code] = turn.life.project_id
        if index + 1 < len(turn.moves):
            heapq.heappush(queue, (turn.at[index + 1], number, index + 1))
        yield 1


def _open(session: Session, season: Season, company: Company) -> str:
    expected = Counter(project.unit for project in season.projects)
    values = {
        "title": f"{season.fiscal_year}年度项目绩效目标申报",
        "fiscal_year": season.fiscal_year,
        "phase": "main",
        "indicator_template": year.TEMPLATE,
        "rule_set": "LINEAR_2020",
        "opens_on": season.opens_on.isoformat(),
        "closes_on": season.closes_on.isoformat(),
        "parameters": {},
        "units": [
            {"unit_id": company.unit_ids[code], "expected_projects": number}
            for code, number in sorted(expected.items())
        ],
    }
    chief = company.chief_of_performance()
    prepared = _morning(season.opens_on - timedelta(days=20))
    made: str = campaigns.create(session, values, actor=chief, at=prepared)["id"]
    campaigns.open(session, made, actor=chief, at=_morning(season.opens_on))
    return made


def _turn(season: Season, project: Declared, campaign_id: str, time: WorkingTime, until: float) -> Turn:
    stand = season.stands[project.code] or ""
    moves = courses.course(project, stand, season.fiscal_year)
    pauses = [move.pause for move in moves]
    end = _end(season, project, stand, until, sum(pauses))
    # A long story in a short season: everybody was quicker.
    quicker = min(1.0, end / max(sum(pauses), 1.0))
    position, instants = end - sum(pauses) * quicker, []
    for pause in pauses:
        position += pause * quicker
        instants.append(time.instant(position))
    life = Life(project, campaign_id, unfinished=season.running and stand == "draft")
    latest = min(time.instant(until), _evening(season.closes_on))
    return Turn(life, tuple(moves), tuple(oddities.in_the_evening(moves, instants, latest)))


def _end(season: Season, project: Declared, stand: str, until: float, length: float) -> float:
    """The position of the last move: somewhere in the season, or a while before now for what still waits."""
    random = dice("end", season.fiscal_year, project.code)
    if season.running and stand != LIBRARY:
        least, most = _WAITING.get(stand, _USUALLY)
        return until - random.triangular(least, most, least + (most - least) / 4) * DAY
    latest = until - DAY / 2
    return random.triangular(min(length, latest), latest, (length + latest) / 2)


def _evening(when: date) -> datetime:
    """The end of a day in the district."""
    return datetime(when.year, when.month, when.day, 15, 59, tzinfo=UTC)


def _morning(when: date) -> datetime:
    """Nine o'clock in the district."""
    return datetime(when.year, when.month, when.day, 1, tzinfo=UTC)
