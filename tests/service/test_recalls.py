"""Can people take back their own last step, exactly while nobody has gone on with it?"""

import pytest
from sqlalchemy import select

from db.case import Finding, Seat
from db.form import FormDraft
from service import history
from tests.district import create_district
from tests.service.test_tasks import FORWARD, JOINT


@pytest.fixture
def district(session):
    return create_district(session)


@pytest.fixture
def case_id(district):
    return district.start()["case_id"]


def states(district, case_id):
    return {node: district.latest(case_id, node).state for node in ("draft", "unit_sign", "department_review")}


def test_a_submission_is_taken_back_with_everything_written(district, case_id):
    district.walk(case_id, "draft")
    answer = district.act(case_id, "draft", "recall", role="UNIT_CLERK")

    case = district.case(case_id)
    assert (case.stage, case.condition, case.round) == ("draft", "recalled", 1)
    assert [visit["node_id"] for visit in answer["opened"]] == ["draft"]
    assert district.latest(case_id, "unit_sign").reason_code == "recalled"
    draft = district.session.get(FormDraft, (answer["visit_id"], "project_target", ""))
    assert draft.content["project_name"] == case.title
    district.walk(case_id, "draft", "unit_sign")
    assert district.case(case_id).condition is None
    district.sound(case_id)


def test_a_review_is_taken_back_with_its_opinion(district, case_id):
    district.walk(case_id, *FORWARD[:3])
    answer = district.act(case_id, "department_review", "recall", role="DEPT_REVIEWER")

    seat = district.session.scalars(select(Seat).where(Seat.visit_id == answer["visit_id"])).one()
    draft = district.session.get(FormDraft, (answer["visit_id"], "target_review", seat.id))
    assert (draft.opinion, draft.content["overall_grade"]) == ("同意", "优")
    assert seat.person_id == district.people["DEPT_REVIEWER"].id
    event = history.of_case(district.session, case_id)[-1]
    assert (event.kind, event.verb, event.reason) == ("decision_recalled", "recall", "办理有误，需要更正")
    district.decide(case_id, "department_review", "return")
    assert district.case(case_id).condition == "returned"
    district.sound(case_id)


def test_after_somebody_decided_downstream_nothing_is_taken_back(district, case_id):
    district.walk(case_id, *FORWARD[:3])
    assert "审签" not in district.offered(case_id, "department_review", "DEPT_REVIEWER")["recall"]
    why = district.refused(case_id, "unit_sign", "recall", role="UNIT_LEADER")
    assert "“初审绩效目标”已有人同意" in why
    assert district.offered(case_id, "unit_sign", "UNIT_LEADER")["recall"] == why
    assert "recall" not in district.offered(case_id, "unit_sign", "DEPT_REVIEWER")


def test_the_window_closes_after_a_day(district, case_id):
    district.walk(case_id, "draft")
    district.later(hours=24)
    assert "24 小时" in district.refused(case_id, "draft", "recall", role="UNIT_CLERK")


def test_a_reason_is_asked_for(district, case_id):
    district.walk(case_id, "draft")
    assert "至少 5 个字" in district.refused(case_id, "draft", "recall", role="UNIT_CLERK", reason="错了")


def test_in_one_branch_the_other_goes_on(district, case_id):
    district.walk(case_id, *FORWARD, "performance_review", "budget_review")
    district.act(case_id, "performance_review", "recall", role="PERF_OFFICER")
    assert set(district.open_visits(case_id)) == {"performance_review"}

    district.act(case_id, "budget_review", "recall", role="BUDGET_REVIEWER")
    assert set(district.open_visits(case_id)) == {"performance_review", "budget_review"}
    district.walk(case_id, "budget_review", "performance_review", "performance_chief_review")
    assert district.case(case_id).stage == "in_library"
    district.sound(case_id)


def test_beyond_the_join_while_the_leader_has_not_decided(district, case_id):
    district.walk(case_id, *FORWARD)
    district.decide(case_id, "budget_review", "reject")
    district.walk(case_id, "performance_review", "performance_chief_review")
    assert set(district.open_visits(case_id)) == {"arbitration"}

    district.act(case_id, "budget_review", "recall", role="BUDGET_REVIEWER")
    assert set(district.open_visits(case_id)) == {"budget_review"}
    district.walk(case_id, "budget_review")
    assert district.case(case_id).stage == "in_library"
    district.sound(case_id)


def test_what_is_in_the_library_stays_there(district, case_id):
    district.walk(case_id, *FORWARD, *JOINT)
    assert "已办结" in district.refused(case_id, JOINT[-1], "recall", role="PERF_CHIEF")


def test_a_direct_resubmission_is_taken_back_and_may_come_straight_back_again(district, case_id):
    district.walk(case_id, *FORWARD[:4])
    raised = [{"field": "annual_goal", "message": "请写明受益人群", "severity": "error"}]
    district.decide(case_id, "fund_chief_review", "consult", findings=raised)
    finding = district.session.scalars(select(Finding)).one()
    sound = district._sound(case_id, "draft", "submit")
    answers = {"params": {**sound["params"], "answers": {finding.id: {"kind": "done"}}}}
    district.decide(case_id, "draft", "submit", **answers)
    district.act(case_id, "draft", "recall", role="UNIT_CLERK")

    case = district.case(case_id)
    assert (case.condition, case.resubmission["mode"]) == ("consulting", "direct")
    assert states(district, case_id) == {"draft": "open", "unit_sign": "superseded", "department_review": "superseded"}
    assert district.session.scalars(select(Finding.state)).all() == ["open"]
    answer = district.decide(case_id, "draft", "submit", **answers)
    assert [visit["node_id"] for visit in answer["opened"]] == ["fund_chief_review"]
    assert states(district, case_id) == {"draft": "decided", "unit_sign": "decided", "department_review": "decided"}
    district.walk(case_id, "fund_chief_review", *JOINT)
    district.sound(case_id)


def test_a_return_is_taken_back_as_if_it_had_not_been(district, case_id):
    district.walk(case_id, "draft", "unit_sign")
    raised = [{"field": "annual_goal", "message": "请写明受益人群", "severity": "error"}]
    district.decide(case_id, "department_review", "return", findings=raised)
    district.act(case_id, "department_review", "recall", role="DEPT_REVIEWER")

    case = district.case(case_id)
    assert (case.stage, case.condition, case.round, case.resubmission) == ("dept_review", "recalled", 1, None)
    assert states(district, case_id) == {"draft": "cancelled", "unit_sign": "decided", "department_review": "open"}
    assert district.session.scalars(select(Finding.state)).all() == ["withdrawn"]
    district.walk(case_id, "department_review", *FORWARD[3:], *JOINT)
    assert district.case(case_id).stage == "in_library"
    district.sound(case_id)


def test_a_return_that_closed_a_colleagues_task_is_not_taken_back(district, case_id):
    district.walk(case_id, *FORWARD)
    district.decide(case_id, "budget_review", "return")
    why = district.refused(case_id, "budget_review", "recall", role="BUDGET_REVIEWER")
    assert "同时关闭了“会签绩效指标”的待办" in why


def test_the_initiator_withdraws_before_the_first_decision_only(district, case_id):
    district.walk(case_id, "draft")
    district.later(days=9)
    assert district.offered(case_id, "unit_sign", "UNIT_CLERK")["withdraw_case"] == ""
    assert "withdraw_case" not in district.offered(case_id, "unit_sign", "UNIT_LEADER")
    answer = district.act(case_id, "unit_sign", "withdraw_case", role="UNIT_CLERK")

    assert district.case(case_id).condition == "withdrawn"
    assert [visit["node_id"] for visit in answer["opened"]] == ["draft"]
    assert district.latest(case_id, "unit_sign").reason_code == "withdrawn"
    district.walk(case_id, "draft", "unit_sign")
    why = district.refused(case_id, "department_review", "withdraw_case", role="UNIT_CLERK")
    assert "“审签申报材料”已有人同意" in why
    assert "只有发起人" in district.refused(case_id, "department_review", "withdraw_case", role="UNIT_LEADER")
    district.sound(case_id)
