"""Does a case go back to its drafter after reviewers have spoken only if everybody who has it agrees?"""

import pytest
from sqlalchemy import select

from db.case import Visit
from db.desk import Notice
from db.participation import Withdrawal
from service import foresight, notice_events, revisions, tasks
from tests.district import create_district
from tests.service.test_tasks import FORWARD

BUDGET, PERFORMANCE = "budget_review", "performance_review"


@pytest.fixture
def district(session):
    made = create_district(session)
    made.redraw(process={"withdrawal": "consent"})
    return made


@pytest.fixture
def joint(district):
    """A case that two sections have in hand at once."""
    case_id = district.start()["case_id"]
    district.walk(case_id, *FORWARD)
    return case_id


def ask(district, case_id, node="draft"):
    return district.act(case_id, node, "withdraw_case", role="UNIT_CLERK", reason="项目方案须调整，申请撤回")


def agree(district, case_id, node, role):
    return district.act(case_id, node, "agree_withdrawal", role=role)


def request(district, case_id):
    chosen = select(Withdrawal).where(Withdrawal.case_id == case_id).order_by(Withdrawal.asked_at)
    return district.session.scalars(chosen.execution_options(populate_existing=True)).all()


def test_it_moves_when_the_last_of_those_who_have_it_agrees(district, joint):
    assert "在办人员都同意后" in ask(district, joint)["message"]
    assert district.open_visits(joint).keys() == {BUDGET, PERFORMANCE}
    assert "等待在办人员答复" in district.offered(joint, "draft", "UNIT_CLERK")["withdraw_case"]
    assert "agree_withdrawal" not in district.offered(joint, BUDGET, "PERF_OFFICER")

    assert "还须其他" in agree(district, joint, BUDGET, "BUDGET_REVIEWER")["message"]
    assert "agree_withdrawal" not in district.offered(joint, BUDGET, "BUDGET_REVIEWER")
    answer = agree(district, joint, PERFORMANCE, "PERF_OFFICER")

    assert [one["node_id"] for one in answer["opened"]] == ["draft"]
    case = district.case(joint)
    assert (case.condition, case.round, case.stage, case.resubmission) == ("withdrawn", 1, "draft", None)
    states = dict(district.session.execute(select(Visit.node_id, Visit.reason_code).where(Visit.state != "open")).all())
    assert set(states.values()) == {"withdrawn"}
    (row,) = request(district, joint)
    assert (row.state, len(row.agreed)) == ("granted", 2)
    draft = revisions.draft(district.session, district.latest(joint, "draft").id, "project_target")
    assert draft is not None
    assert draft.content["project_name"] == district.started[0]["declared"]["project_name"]
    district.sound(joint)

    district.walk(joint, "draft", "unit_sign", "department_review")
    assert district.open_visits(joint).keys() == {"fund_review"}
    district.sound(joint)


def test_one_no_keeps_the_case_where_it_is(district, joint):
    ask(district, joint)
    agree(district, joint, BUDGET, "BUDGET_REVIEWER")
    why = district.refused(joint, PERFORMANCE, "refuse_withdrawal", role="PERF_OFFICER", reason="")
    assert "须写明理由" in why
    district.act(joint, PERFORMANCE, "refuse_withdrawal", role="PERF_OFFICER", reason="会签即将完成，请继续")
    assert request(district, joint)[0].state == "refused"
    assert "agree_withdrawal" not in district.offered(joint, PERFORMANCE, "PERF_OFFICER")
    assert district.open_visits(joint).keys() == {BUDGET, PERFORMANCE}
    ask(district, joint)
    assert [row.state for row in request(district, joint)] == ["refused", "waiting"]
    district.sound(joint)


def test_a_step_that_goes_on_hands_the_question_to_the_next(district, joint):
    ask(district, joint)
    agree(district, joint, BUDGET, "BUDGET_REVIEWER")
    district.decide(joint, PERFORMANCE)
    assert agree(district, joint, "performance_chief_review", "PERF_CHIEF")["opened"][0]["node_id"] == "draft"
    district.sound(joint)


def test_a_return_to_the_draft_answers_the_question(district, joint):
    ask(district, joint)
    district.decide(joint, BUDGET, "return")
    district.walk(joint, "draft", "unit_sign")
    assert "agree_withdrawal" not in district.offered(joint, "department_review", "DEPT_REVIEWER")
    ask(district, joint, "department_review")
    assert [row.state for row in request(district, joint)] == ["lapsed", "waiting"]


def test_only_the_initiator_asks_and_only_where_it_is_drawn(district, joint, session):
    assert "只有发起人" in district.refused(joint, "draft", "withdraw_case", role="UNIT_LEADER")
    assert "没有等待答复" in district.refused(joint, BUDGET, "agree_withdrawal", role="BUDGET_REVIEWER")
    district.redraw(process={"withdrawal": "undecided"})
    other = district.start(project_name="技能培训乙项目")["case_id"]
    district.walk(other, "draft", "unit_sign")
    assert "已有人" in district.refused(other, "draft", "withdraw_case", role="UNIT_CLERK")


def test_before_anybody_has_spoken_nobody_is_asked(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft")
    assert ask(district, case_id)["opened"][0]["node_id"] == "draft"
    assert request(district, case_id) == []


def test_who_is_asked_is_told_sees_it_and_what_it_would_do(district, joint):
    ask(district, joint)
    notice_events.tell(district.session, district.at)
    told = set(district.session.scalars(select(Notice.person_id).where(Notice.kind == "withdrawal")))
    assert told == {district.id("BUDGET_REVIEWER"), district.id("PERF_OFFICER")}
    district.session.commit()
    visit = district.latest(joint, BUDGET)
    page = tasks.page(district.session, visit.id, actor=district.actor("BUDGET_REVIEWER"), at=district.at)
    assert page.withdrawal["reason"] == "项目方案须调整，申请撤回"
    assert set(page.withdrawal["missing"]) == {"会签预算安排", "会签绩效指标"}
    district.session.rollback()
    agree(district, joint, PERFORMANCE, "PERF_OFFICER")
    seen = foresight.foresee(
        district.session,
        visit.id,
        "agree_withdrawal",
        actor=district.actor("BUDGET_REVIEWER"),
        at=district.at,
        params={},
    )
    district.session.rollback()
    assert [one["node_id"] for one in seen["opens"]] == ["draft"]
    assert {one["node_id"] for one in seen["closes"]} == {BUDGET, PERFORMANCE}
    assert request(district, joint)[0].state == "waiting"
