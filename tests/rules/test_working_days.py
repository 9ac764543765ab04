"""Are deadlines counted in the district's working days?"""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.working_days import WorkingDayTable, add, count, due_at, is_working, subtract, unknown_years

DISTRICT = WorkingDayTable({date(2026, 11, 25): False, date(2026, 11, 28): True})


def test_holidays_are_free_and_some_saturdays_are_not():
    assert not is_working(date(2026, 10, 1))
    assert is_working(date(2026, 10, 10))
    assert not is_working(date(2026, 11, 21))


def test_the_districts_table_goes_before_the_national_calendar():
    assert not is_working(date(2026, 11, 25), DISTRICT)
    assert is_working(date(2026, 11, 28), DISTRICT)
    assert add(date(2026, 11, 24), 3, DISTRICT) == date(2026, 11, 28)


def test_the_first_day_does_not_count():
    assert add(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert add(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert subtract(date(2026, 10, 8), 1) == date(2026, 9, 30)
    assert count(date(2026, 11, 20), date(2026, 11, 24)) == 2
    assert count(date(2026, 11, 24), date(2026, 11, 20)) == -2


def test_no_days_mean_the_next_working_day():
    assert add(date(2026, 11, 21), 0) == date(2026, 11, 23)
    assert subtract(date(2026, 11, 22), 0) == date(2026, 11, 20)
    assert add(date(2026, 11, 24), -1) == date(2026, 11, 23)


def test_a_year_nobody_knows_counts_monday_to_friday_and_is_named():
    assert is_working(date(2090, 1, 4)) == (date(2090, 1, 4).weekday() < 5)
    assert unknown_years(date(2026, 12, 30), date(2090, 1, 4)) == tuple(range(2027, 2091))
    assert unknown_years(date(2026, 1, 1), date(2026, 12, 31)) == ()
    assert unknown_years(date(2090, 1, 1), date(2090, 2, 1), WorkingDayTable({date(2090, 1, 1): False})) == ()


def test_a_step_is_due_at_the_end_of_the_districts_day():
    late_on_monday = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # already Tuesday in the district
    assert due_at(late_on_monday, 2).isoformat() == "2026-11-26T23:59:59+08:00"
    with pytest.raises(ValueError, match="时区"):
        due_at(datetime(2026, 11, 23), 2)  # noqa: DTZ001 - the point of the test


def test_a_table_without_working_days_is_refused_instead_of_searched_for_ever():
    class Never(dict):
        def get(self, day, default=None):
            return False

    with pytest.raises(ValueError, match="没有可用的工作日"):
        add(date(2026, 1, 1), 1, WorkingDayTable(Never()))
    with pytest.raises(ValueError, match="负"):
        subtract(date(2026, 1, 1), -1)


@given(st.dates(date(2005, 1, 1), date(2030, 1, 1)), st.integers(1, 60))
def test_adding_and_counting_agree(start, days):
    end = add(start, days)
    assert is_working(end)
    assert count(start, end) == days
