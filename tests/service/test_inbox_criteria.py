"""Does a list hold what somebody asks of it, by deadline, unit, amount and the rest?"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from service import search
from tests import factories
from tests.service.small_district import AT, District, small_district


@pytest.fixture
def district(session: Session) -> District:
    return small_district(session)


@pytest.mark.parametrize("due, expected", [("overdue", "a"), ("today", "b"), ("week", "bc")])
def test_deadlines_are_filtered_by_the_districts_days(district, due, expected):
    late_tonight = datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC)
    deadlines = {
        "a": AT - timedelta(hours=1),
        "b": late_tonight,
        "c": AT + timedelta(days=7),
        "d": AT + timedelta(days=9),
    }
    for title, when in deadlines.items():
        factories.create_waiting(district.session, case=district.case(title=title), due_at=when)

    found = district.page("one", due=due)
    assert "".join(row.title for row in found.rows) == expected
    assert found.total == len(expected)


def test_due_also_filters_lists_of_cases(district):
    late, later = district.case(), district.case()
    factories.create_waiting(district.session, case=late, due_at=AT - timedelta(hours=1))
    factories.create_waiting(district.session, case=later, due_at=AT + timedelta(days=3))

    assert district.numbers("clerk", "initiated", due="overdue") == [late.number]


def test_filters_hold_together(district):
    elsewhere = factories.create_unit(district.session, name="区一中", code="301001")
    wanted = district.case(title="培训", amount=Decimal(200))
    cases = [
        wanted,
        district.case(title="培训", amount=Decimal("199.99")),
        district.case(title="培训", amount=Decimal("300.01")),
        district.case(title="培训", amount=Decimal(250), stage="unit_signing"),
        district.case(title="培训", amount=Decimal(250), unit=elsewhere),
        district.case(title="绿化", amount=Decimal(250)),
    ]
    for case in cases:
        search.index(district.session, case.project_id, [case.title, case.number])
        factories.create_waiting(district.session, case=case, person=district.people["one"])
    asked = {
        "q": "培训",
        "stages": ("dept_review",),
        "unit": "人社",
        "amount_from": Decimal(200),
        "amount_to": Decimal(300),
    }

    assert district.numbers("one", **asked) == [wanted.number]
    assert district.page("one", **asked).total == 1
    assert district.page("one").total == 6


def test_the_unit_is_found_by_code_and_by_its_departments_name(district):
    district.unit.name = "社会保险中心"
    case = district.case()
    factories.create_waiting(district.session, case=case)

    assert district.numbers("one", unit="2010") == district.numbers("one", unit="人社局") == [case.number]
    assert district.numbers("one", unit="%") == []
