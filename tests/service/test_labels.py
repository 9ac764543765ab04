"""Are codes and deadlines put into the right words?"""

from datetime import UTC, date, datetime

import pytest

from service import labels
from service.rules.working_days import WorkingDayTable

#: Tuesday, 10:00 in the district.
AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


def end_of(day: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "due, expected",
    [
        (None, None),
        (end_of(23), "overdue"),
        (end_of(24), "today"),
        (end_of(25), "soon"),
        (end_of(26), "soon"),
        (end_of(27), "later"),
        (end_of(31, 12), "later"),
    ],
)
def test_a_deadline_is_near_from_two_working_days_before(due, expected):
    assert labels.due_state(due, AT) == expected


def test_free_days_bring_a_deadline_nearer():
    free = WorkingDayTable({date(2026, 11, 25): False, date(2026, 11, 26): False})

    assert labels.due_state(end_of(30), AT, free) == "soon"


def test_the_day_is_the_districts():
    just_after_midnight = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)

    assert labels.due_state(end_of(24), just_after_midnight) == "today"


def test_unknown_codes_stay_as_they_are():
    assert (labels.stage("x"), labels.verb("x"), labels.condition("x")) == ("x", "x", "x")
    assert (labels.verb(None), labels.condition(None)) == ("", "")
