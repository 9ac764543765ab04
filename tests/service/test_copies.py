"""Are people shown what they need not decide, and reminded neither too seldom nor too often?"""

import pytest
from sqlalchemy import select

from db.participation import CaseCopy
from service import copies, history
from service.errors import NotFound
from tests import factories
from tests.district import create_district

REVIEW = "department_review"


@pytest.fixture
def district(session):
    return create_district(session)


@pytest.fixture
def case_id(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    return case_id


@pytest.fixture
def stranger(district):
    person = factories.create_person(district.session, name="外单位同志")
    unit = factories.create_unit(district.session)
    factories.create_post(district.session, role="UNIT_LEADER", organisation=unit, person=person)
    district.people["STRANGER"] = person
    district.session.commit()


def copy(district, case_id, *names, role="UNIT_CLERK", **more):
    return {"role": role, "params": {"people": [district.id(name) for name in names]}, **more}


def test_a_copy_is_read_and_says_so(district, case_id, stranger):
    with pytest.raises(NotFound):
        district.offered(case_id, REVIEW, "STRANGER")
    answer = district.act(case_id, REVIEW, "cc", **copy(district, case_id, "STRANGER", "FUND_CHIEF"))
    assert answer["message"] == "已抄送外单位同志、" + district.people["FUND_CHIEF"].name + "。"
    assert district.offered(case_id, REVIEW, "STRANGER")["read"] == ""

    district.act(case_id, REVIEW, "read", role="STRANGER")
    assert "read" not in district.offered(case_id, REVIEW, "STRANGER")
    assert district.act(case_id, REVIEW, "read", role="STRANGER")["message"] == "您已阅。"
    told = {row["person"]: row["read_at"] is not None for row in copies.receipts(district.session, case_id)}
    assert told == {"外单位同志": True, district.people["FUND_CHIEF"].name: False}
    kinds = [event.kind for event in history.of_case(district.session, case_id)]
    assert kinds[-2:] == ["case_copied", "copy_read"]
    assert district.open_visits(case_id).keys() == {REVIEW}
    district.sound(case_id)


def test_nobody_gets_two_copies_a_round(district, case_id):
    district.act(case_id, REVIEW, "cc", **copy(district, case_id, "FUND_CHIEF"))
    why = district.refused(case_id, REVIEW, "cc", **copy(district, case_id, "FUND_CHIEF"))
    assert "已收到抄送" in why
    district.act(case_id, REVIEW, "cc", **copy(district, case_id, "FUND_CHIEF", "BUREAU_LEADER"))
    assert len(district.session.scalars(select(CaseCopy)).all()) == 2


def test_copies_come_from_people_with_a_part_and_go_to_people_who_may_read(district, case_id):
    assert "cc" not in district.offered(case_id, REVIEW, "AUDITOR")
    assert "发起人和经办人" in district.refused(
        case_id, REVIEW, "cc", **copy(district, case_id, "FUND_CHIEF", role="AUDITOR")
    )
    assert "请选择" in district.refused(case_id, REVIEW, "cc", **copy(district, case_id))
    person = factories.create_person(district.session)
    district.session.commit()
    params = {"people": [person.id]}
    assert "没有查看业务的岗位" in district.refused(case_id, REVIEW, "cc", role="UNIT_CLERK", params=params)


def test_a_task_is_urged_once_in_four_hours_and_five_times(district, case_id):
    def urge():
        return district.act(case_id, REVIEW, "urge", role="UNIT_CLERK", reason=None)

    assert district.offered(case_id, REVIEW, "UNIT_CLERK")["urge"] == ""
    assert "urge" not in district.offered(case_id, REVIEW, "FUND_CHIEF")
    urge()
    assert "4 小时内只能催办一次" in district.refused(case_id, REVIEW, "urge", role="UNIT_CLERK")
    for _ in range(4):
        district.later(hours=4)
        answer = urge()
    assert "并告知其负责人" in answer["message"]
    district.later(hours=4)
    assert "已催办 5 次" in district.refused(case_id, REVIEW, "urge", role="UNIT_LEADER")
    event = history.of_case(district.session, case_id)[-1]
    assert (event.kind, event.changes[0]["count"], event.changes[0]["chief"]) == ("visit_urged", 5, True)
    district.decide(case_id, REVIEW)
    district.sound(case_id)
