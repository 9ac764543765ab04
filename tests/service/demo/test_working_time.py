"""Do the demo district's people keep office hours?"""

from datetime import UTC, date, datetime, time

from hypothesis import given
from hypothesis import strategies as st

from service.demo.working_time import DAY, WorkingTime
from service.rules.working_days import DISTRICT, NATIONAL, is_working

FIRST, LAST = date(2026, 9, 25), date(2026, 11, 24)
TIME = WorkingTime(FIRST, LAST, NATIONAL)


@given(st.floats(0, TIME.length - 1))
def test_every_position_is_an_instant_in_office_hours_of_a_working_day(position: float):
    instant = TIME.instant(position).astimezone(DISTRICT)
    assert is_working(instant.date())
    assert time(8, 30) <= instant.time() < time(12) or time(13, 30) <= instant.time() < time(17, 30)


@given(st.floats(0, TIME.length - 1))
def test_an_instant_leads_back_to_its_position(position: float):
    assert abs(TIME.position(TIME.instant(position)) - position) < 0.001


@given(st.floats(0, TIME.length - 1), st.floats(0, TIME.length - 1))
def test_later_positions_are_later_instants(one: float, other: float):
    assert (one < other) == (TIME.instant(one) < TIME.instant(other)) or abs(one - other) < 0.001


def test_the_evening_and_the_holiday_count_as_the_end_of_the_day_before():
    evening = datetime(2026, 9, 30, 22, tzinfo=DISTRICT)
    holiday = datetime(2026, 10, 3, 10, tzinfo=DISTRICT)
    assert TIME.position(evening) == TIME.position(holiday)
    assert TIME.instant(TIME.position(evening) - 1).astimezone(DISTRICT).date() == date(2026, 9, 30)


def test_positions_beyond_the_ends_are_taken_at_the_ends():
    assert TIME.instant(-5) == TIME.instant(0)
    assert TIME.instant(TIME.length + DAY) == TIME.instant(TIME.length - 1)
    assert TIME.position(datetime(2020, 1, 1, tzinfo=UTC)) == 0
