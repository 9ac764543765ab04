"""Does the district's own table decide which days are working, and are wrong tables named line by line?"""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from db.event import SecurityEvent
from service import calendar
from service.errors import NotAllowed, NotFound, Problems
from service.people import actor
from service.rules import working_days
from tests.factories import create_organisation, create_person, create_post

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
#: No calendar known today says anything about it.
UNKNOWN = 2090


@pytest.fixture
def officer(session):
    section = create_organisation(session, kind="performance_section")
    post = create_post(session, role="PERF_OFFICER", organisation=section)
    return actor(session, post.person_id, at=NOW)


def test_a_day_the_district_enters_overrides_the_national_calendar(session, officer):
    saturday = date(2026, 11, 28)
    calendar.set_day(session, saturday, working=True, note="调休上班", actor=officer, at=NOW)
    assert working_days.is_working(saturday, calendar.table(session))
    calendar.set_day(session, saturday, working=False, note="取消调休", actor=officer, at=NOW)
    assert [(day.day, day.working, day.note) for day in calendar.year(session, 2026).days] == [
        (saturday, False, "取消调休")
    ]
    calendar.remove_day(session, saturday, actor=officer, at=NOW)
    assert calendar.table(session).overrides == {}
    assert session.scalars(select(SecurityEvent.detail["action"].astext)).all() == ["set", "set", "remove"]


def test_a_years_table_is_read_from_lines_and_replaces_the_old_one(session, officer):
    calendar.set_day(session, date(UNKNOWN, 6, 1), working=False, note="旧", actor=officer, at=NOW)
    text = f"# 国办通知\n{UNKNOWN}-01-01 休 元旦\n\n{UNKNOWN}年2月1日至{UNKNOWN}年2月3日，放假，春节\n{UNKNOWN}.2.4 班"
    assert calendar.replace_year(session, UNKNOWN, text, actor=officer, at=NOW) == 5
    found = calendar.year(session, UNKNOWN)
    assert [(day.day.month, day.day.day, day.working) for day in found.days] == [
        (1, 1, False),
        (2, 1, False),
        (2, 2, False),
        (2, 3, False),
        (2, 4, True),
    ]
    assert found.text == (
        f"{UNKNOWN}-01-01 休 元旦\n{UNKNOWN}-02-01至{UNKNOWN}-02-03 休 春节\n{UNKNOWN}-02-04 班 调休上班"
    )
    assert calendar.replace_year(session, UNKNOWN, found.text, actor=officer, at=NOW) == 5
    assert calendar.years(session) == [UNKNOWN]


def test_every_faulty_line_is_named_and_nothing_is_kept(session, officer):
    lines = [
        "2027-01-01 休 元旦",
        "明天 休",
        "2027-02-30 休",
        "2026-01-01 休",
        "2027-05-05至2027-05-01 休",
        "2027-01-01 班",
        "2027-06-01 好",
        f"2027-06-02 休 {'长' * 51}",
    ]
    with pytest.raises(Problems) as refused:
        calendar.replace_year(session, 2027, "\n".join(lines), actor=officer, at=NOW)
    messages = [problem.message for problem in refused.value.problems]
    assert [message.partition("：")[0] for message in messages] == [f"第{n}行" for n in range(2, 9)]
    for part, message in zip(
        ("无法识别", "不是有效日期", "不在2027年", "颠倒", "保留一个", "休”或“班", "50"), messages, strict=True
    ):
        assert part in message
    assert calendar.year(session, 2027).days == ()


@pytest.mark.parametrize("text", ["", "  \n# nothing\n"])
def test_an_empty_table_is_refused_instead_of_emptying_the_year(session, officer, text):
    with pytest.raises(Problems, match="逐项修改"):
        calendar.replace_year(session, 2027, text, actor=officer, at=NOW)


def test_an_endless_table_is_refused_as_a_whole(session, officer):
    with pytest.raises(Problems) as refused:
        calendar.replace_year(session, 2027, "2027-01-01 休 元旦\n" * 401, actor=officer, at=NOW)
    assert "401行" in refused.value.problems[0].message


def test_an_unknown_year_is_told_until_its_table_is_entered(session, officer):
    span = (date(UNKNOWN - 1, 12, 1), date(UNKNOWN, 2, 1))
    assert calendar.unknown_years(session, *span) == (UNKNOWN - 1, UNKNOWN)
    assert calendar.year(session, UNKNOWN).unknown
    calendar.replace_year(session, UNKNOWN, f"{UNKNOWN}-01-01 休 元旦", actor=officer, at=NOW)
    unknown = calendar.unknown_years(session, *span)
    assert unknown == (UNKNOWN - 1,)
    assert f"{UNKNOWN - 1}年的节假日安排尚未录入" in calendar.warning(unknown)
    assert calendar.warning(()) == ""


def test_a_year_counts_its_working_days(session, officer):
    before = calendar.year(session, UNKNOWN).working_days
    monday = next(date(UNKNOWN, 1, n) for n in range(1, 8) if date(UNKNOWN, 1, n).weekday() == 0)
    calendar.set_day(session, monday, working=False, note="放假", actor=officer, at=NOW)
    assert calendar.year(session, UNKNOWN).working_days == before - 1


def test_only_who_keeps_the_table_changes_it(session):
    clerk = actor(session, create_person(session).id, at=NOW)
    with pytest.raises(NotAllowed):
        calendar.set_day(session, date(2027, 1, 1), working=False, note="元旦", actor=clerk, at=NOW)
    with pytest.raises(NotAllowed):
        calendar.remove_day(session, date(2027, 1, 1), actor=clerk, at=NOW)
    with pytest.raises(NotAllowed):
        calendar.replace_year(session, 2027, "2027-01-01 休 元旦", actor=clerk, at=NOW)


def test_a_day_out_of_bounds_or_without_a_reason_is_refused(session, officer):
    with pytest.raises(Problems) as refused:
        calendar.set_day(session, date(1999, 1, 1), working=False, note=" ", actor=officer, at=NOW)
    assert [problem.field for problem in refused.value.problems] == ["day", "note"]


def test_a_day_not_in_the_table_cannot_be_removed(session, officer):
    with pytest.raises(NotFound):
        calendar.remove_day(session, date(2027, 1, 1), actor=officer, at=NOW)
