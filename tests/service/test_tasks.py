"""Does a declaration go its whole way, back and forth, with every duty kept?"""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.project import Indicator, TargetVersion
from service import history
from tests.district import District, create_district

FORWARD = ("draft", "unit_sign", "department_review", "fund_review", "fund_chief_review")
JOINT = ("budget_review", "performance_review", "performance_chief_review")


@pytest.fixture
def district(session: Session) -> District:
    return create_district(session)


def test_a_declaration_reaches_the_library(district: District):
    case_id = district.start()["case_id"]

    answer = district.walk(case_id, *FORWARD, *JOINT)

    case = district.case(case_id)
    assert (case.stage, case.finished_at is not None, answer["finished"]) == ("in_library", True, True)
    target = district.session.scalars(select(TargetVersion)).one()
    assert (target.library_no, target.version) == ("库〔2027〕0001", 1)
    assert len(district.session.scalars(select(Indicator)).all()) == 6
    events = history.of_case(district.session, case_id)
    assert history.broken_at(events) is None
    assert [event.verb for event in events] == ["start", "submit", *["approve"] * 7]
