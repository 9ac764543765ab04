"""Is there a season in mid-run on whatever day the demo district is made?"""

from collections import Counter
from datetime import UTC, datetime, time, timedelta

import pytest

from db import demo
from service.demo import oddities, seasons
from service.demo.courses import LIBRARY
from service.rules.working_days import DISTRICT, NATIONAL, is_working

UNITS = ("104001", "115001", "401001", "402001")
DAYS = (
    "2026-01-02T02:00",  # a holiday
    "2026-02-18T06:00",  # the spring festival
    "2026-07-04T12:00",  # a Saturday
    "2026-11-24T13:00",  # an evening
    "2027-03-01T01:00",  # an early morning
    "2028-02-29T05:00",  # a day that other years lack
    "2030-10-08T08:00",  # a year the national calendar does not know
)


@pytest.mark.parametrize("day", DAYS)
def test_every_move_lies_in_office_hours_of_its_season_and_before_now(day: str):
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    for season in seasons.seasons(at, UNITS):
        planned = seasons.turns(season, "campaign", UNITS, at=at, table=NATIONAL)
        assert planned
        for turn in planned:
            assert list(turn.at) == sorted(set(turn.at)), "moves of one declaration follow each other"
            for move, instant in zip(turn.moves, turn.at, strict=True):
                local = instant.astimezone(DISTRICT)
                assert season.opens_on <= local.date() <= season.closes_on
                assert instant < at
                assert is_working(local.date())
                assert time(8, 30) <= local.time() <= time(17, 30) or move.oddity == oddities.EVENING


@pytest.mark.parametrize("day", DAYS)
def test_one_season_is_over_and_the_next_one_is_open(day: str):
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    over, running = seasons.seasons(at, UNITS)
    today = at.astimezone(DISTRICT).date()
    assert (over.fiscal_year, running.fiscal_year) == (today.year, today.year + 1)
    assert over.closes_on < running.opens_on < today < running.closes_on
    assert set(over.stands.values()) == {LIBRARY}


def test_what_waits_has_waited_for_days_at_most():
    at = datetime(2026, 11, 24, 13, tzinfo=UTC)
    _, running = seasons.seasons(at, UNITS)
    for turn in seasons.turns(running, "campaign", UNITS, at=at, table=NATIONAL):
        stand = running.stands[turn.life.project.code]
        if stand not in (LIBRARY, "rejected", "draft"):
            assert at - turn.at[-1] < timedelta(days=9)


def test_a_few_decisions_of_the_whole_district_are_odd():
    at = datetime(2026, 11, 24, 13, tzinfo=UTC)
    units = {
        project.unit for project in seasons.seasons(at, [unit["unit_code"] for unit in demo.rows("units")])[0].projects
    }
    found, late = Counter(), 0
    for season in seasons.seasons(at, units):
        for turn in seasons.turns(season, "campaign", units, at=at, table=NATIONAL):
            found.update(move.oddity for move in turn.moves if move.oddity)
            found["returned often"] += sum(move.verb == "return" for move in turn.moves) > 2
            late += sum(instant.astimezone(DISTRICT).hour >= 20 for instant in turn.at)
    assert set(found) == {oddities.UNREAD, oddities.HASTY, oddities.EVENING, "returned often"}
    assert all(1 <= count <= 15 for count in found.values())
    assert 1 <= late <= found[oddities.EVENING]
