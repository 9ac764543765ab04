"""Does a person see, before confirming, whose tasks close and what opens again; and is nothing kept of it?"""

import pytest
from sqlalchemy import func, select

from db.event import Event
from service import foresight
from service.errors import BadRequest, NotAllowed
from tests.district import create_district
from tests.service.test_tasks import FORWARD


@pytest.fixture
def district(session):
    return create_district(session)


@pytest.fixture
def joint(district):
    """A case at the joint sign-off: two open tasks."""
    case_id = district.start()["case_id"]
    district.walk(case_id, *FORWARD)
    return case_id


def foresee(district, case_id, node, verb, *, role, **params):
    visit = district.latest(case_id, node)
    try:
        return foresight.foresee(
            district.session, visit.id, verb, actor=district.actor(role), at=district.later(), params=params
        )
    finally:
        district.session.rollback()


def test_a_return_before_the_fork_closes_the_other_branch_and_voids_what_was_said(district, joint):
    seen = foresee(district, joint, "budget_review", "return", role="BUDGET_REVIEWER", to="department_review")
    assert [one["node_id"] for one in seen["closes"]] == ["performance_review"]
    assert seen["closes"][0]["people"] == ["绩效科工作人员"]
    assert [one["node_id"] for one in seen["opens"]] == ["department_review"]
    assert seen["opens"][0]["people"] == [district.people["DEPT_REVIEWER"].name]
    assert seen["opens"][0]["due_at"] is not None
    assert set(seen["lapses"]) == {"审核绩效目标", "复核审核意见"}
    assert seen["told"] == [district.people["DEPT_REVIEWER"].name]
    assert seen["round"] == 2
    assert district.case(joint).round == 1


def test_a_return_to_the_draft_voids_everything_and_is_what_then_happens(district, joint):
    seen = foresee(district, joint, "budget_review", "return", role="BUDGET_REVIEWER", to="draft")
    answer = district.decide(joint, "budget_review", "return", params={"to": "draft"})
    assert [one["node_id"] for one in seen["opens"]] == [one["node_id"] for one in answer["opened"]]
    closed = [one["node_id"] for one in answer["closed"] if one["state"] == "cancelled"]
    assert [one["node_id"] for one in seen["closes"]] == closed
    lapsed = [one["node_name"] for one in answer["closed"] if one["state"] == "superseded"]
    assert set(seen["lapses"]) == set(lapsed) - {"填报绩效目标"}


def test_a_rejection_says_how_the_case_goes_on_or_ends(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, *FORWARD[:2])
    seen = foresee(district, case_id, "department_review", "reject", role="DEPT_REVIEWER")
    assert (seen["finished"], seen["stage_label"], seen["opens"]) == (True, "不予通过", [])


def test_taking_back_and_withdrawing_name_the_tasks_they_close(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft")
    for verb in ("recall", "withdraw_case"):
        seen = foresee(district, case_id, "draft", verb, role="UNIT_CLERK")
        assert [one["node_id"] for one in seen["closes"]] == ["unit_sign"]
        assert [one["node_id"] for one in seen["opens"]] == ["draft"]
        assert seen["lapses"] == []
    assert set(district.open_visits(case_id)) == {"unit_sign"}


def test_nothing_is_kept_and_what_is_not_allowed_is_not_foreseen(district, joint):
    count = select(func.count()).select_from(Event).where(Event.case_id == joint)
    before = district.session.scalar(count)
    foresee(district, joint, "budget_review", "return", role="BUDGET_REVIEWER", to="draft")
    assert district.session.scalar(count) == before
    assert set(district.open_visits(joint)) == {"budget_review", "performance_review"}
    with pytest.raises(NotAllowed):
        foresee(district, joint, "budget_review", "return", role="PERF_OFFICER", to="draft")
    with pytest.raises(NotAllowed, match="不能退回"):
        foresee(district, joint, "budget_review", "return", role="BUDGET_REVIEWER", to="performance_review")
    with pytest.raises(BadRequest):
        foresee(district, joint, "budget_review", "approve", role="BUDGET_REVIEWER")
