"""Do the lines of a list stand in the order that was asked for, on pages that neither overlap nor leave anything out?"""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests import factories
from tests.service.small_district import AT, YESTERDAY, District, small_district


@pytest.fixture
def district(session: Session) -> District:
    return small_district(session)


def test_the_nearest_deadline_stands_first_and_none_last(district):
    hours = {"b": 5, "c": 90, "a": -20, "d": None}
    for title, after in hours.items():
        due = AT + timedelta(hours=after) if after is not None else None
        factories.create_waiting(district.session, case=district.case(title=title), due_at=due)

    def titles(sort: str) -> str:
        return "".join(row.title for row in district.page("one", sort=sort).rows)

    assert titles("due") == "abcd"
    assert titles("-due") == "cbad"


@pytest.mark.parametrize(
    "sort, expected",
    [
        ("title", "安全 保障 阳光"),
        ("-title", "阳光 保障 安全"),
        ("amount", "阳光 安全 保障"),
        ("-amount", "安全 阳光 保障"),
        ("stage", "保障 安全 阳光"),
        ("arrived", "阳光 保障 安全"),
        ("-arrived", "安全 保障 阳光"),
    ],
)
def test_lists_are_sorted_as_asked_names_by_pinyin(district, sort, expected):
    rows = (("保障", None, "dept_review", 2), ("安全", 30, "fund_review", 3), ("阳光", 9, "joint_signoff", 1))
    for title, amount, stage, hour in rows:
        case = district.case(title=title, amount=amount, stage=stage)
        opened = YESTERDAY + timedelta(hours=hour)
        factories.create_waiting(district.session, case=case, person=district.people["one"], opened_at=opened)

    assert " ".join(row.title for row in district.page("one", sort=sort).rows) == expected


def test_units_are_sorted_by_pinyin(district):
    for name in ("卫健局", "财政局", "教育局"):
        unit = factories.create_unit(district.session, name=name)
        factories.create_waiting(district.session, case=district.case(unit=unit), person=district.people["one"])

    assert [row.unit for row in district.page("one", sort="unit").rows] == ["财政局", "教育局", "卫健局"]


def test_pages_neither_overlap_nor_leave_anything_out(district):
    for _ in range(7):
        factories.create_waiting(district.session, case=district.case(), due_at=AT)
    pages = [district.numbers("one", page=number, size=3) for number in (1, 2, 3, 4)]

    assert [len(numbers) for numbers in pages] == [3, 3, 1, 0]
    assert len({number for numbers in pages for number in numbers}) == 7
    assert district.page("one", page=2, size=3).total == 7
