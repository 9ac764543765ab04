"""Does checking find what was changed, name the first event, and leave sound histories alone?"""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from service import verification
from service.errors import NotFound
from tests.district import District, create_district

FORWARD = (
    "draft", "unit_sign", "department_review", "fund_review", "fund_chief_review", "budget_review",
    "performance_review", "performance_chief_review",
)  # fmt: skip


@pytest.fixture
def district(session: Session) -> District:
    return create_district(session)


@pytest.fixture
def admitted(district: District) -> str:
    """A case that came back once with a question, was consulted once, and is in the library."""
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    asked = [{"field": "annual_goal", "message": "请写明受益人群", "severity": "error"}]
    district.decide(case_id, "department_review", "return", findings=asked)
    finding = district.session.execute(text("SELECT id FROM finding")).scalar_one()
    answered = {"answers": {finding: {"kind": "done", "text": "已写明"}}}
    params = {**district._sound(case_id, "draft", "submit")["params"], **answered}
    district.decide(case_id, "draft", "submit", params=params)
    district.walk(case_id, *FORWARD[1:4])
    district.decide(case_id, "fund_chief_review", "consult")
    district.walk(case_id, "draft", "fund_chief_review", *FORWARD[5:])
    return case_id


def test_sound_histories_of_every_kind_are_consistent(session: Session, district: District, admitted: str):
    draft = district.start(project_name="道路养护工程项目")["case_id"]
    rejected = district.start(project_name="图书馆设备采购项目")["case_id"]
    district.walk(rejected, "draft", "unit_sign")
    district.decide(rejected, "department_review", "claim")
    district.decide(rejected, "department_review", "reject")

    found = {verdict.case_id: verdict for verdict in verification.verify_all(session, data=None)}

    assert set(found) == {admitted, draft, rejected, ""}
    assert [verdict.faults for verdict in found.values()] == [()] * 4
    assert {verdict.label for verdict in found.values()} == {"一致"}
    assert found[admitted] == verification.verify(session, admitted, data=None)


def test_a_case_nobody_knows_is_not_found(session: Session):
    with pytest.raises(NotFound):
        verification.verify(session, "nobody", data=None)
