"""Does a declaration go its whole way, back and forth, with every duty kept?"""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.project import Indicator, TargetVersion
from service import history, tasks
from service.errors import BadRequest, NotAllowed, NotFound, Problems, Stale
from tests import factories
from tests.district import District, create_district, declaration, scored

FORWARD = ("draft", "unit_sign", "department_review", "fund_review", "fund_chief_review")
JOINT = ("budget_review", "performance_review", "performance_chief_review")


@pytest.fixture
def district(session: Session) -> District:
    return create_district(session)


def events(district: District, case_id: str) -> list:
    found = history.of_case(district.session, case_id)
    assert history.broken_at(found) is None
    return found


def test_a_declaration_reaches_the_library(district):
    case_id = district.start()["case_id"]

    answer = district.walk(case_id, *FORWARD, *JOINT)

    case = district.case(case_id)
    assert (case.stage, case.finished_at is not None, answer["finished"]) == ("in_library", True, True)
    target = district.session.scalars(select(TargetVersion)).one()
    assert (target.library_no, target.version) == ("库〔2027〕0001", 1)
    assert len(district.session.scalars(select(Indicator)).all()) == 6
    assert [event.verb for event in events(district, case_id)] == ["start", "submit", *["approve"] * 7]


def test_a_key_project_is_scored_and_goes_to_the_leader(district):
    money = {"amount_total": "600", "amount_fiscal": "600", "amount_district": "600", "amount_superior": "0"}
    case_id = district.start(**money)["case_id"]

    district.walk(case_id, *FORWARD, *JOINT)
    assert set(district.open_visits(case_id)) == {"arbitration"}
    with pytest.raises(Problems) as refused:
        district.decide(case_id, "arbitration", reason="好")
    assert "至少 5 个字" in refused.value.problems[0].message

    district.decide(case_id, "arbitration")
    assert district.case(case_id).stage == "in_library"


@pytest.mark.parametrize(
    "budget, performance, stage",
    [("reject", "reject", "rejected"), ("approve", "reject", "arbitration"), ("reject", "approve", "arbitration")],
)
def test_conflicting_signatures_go_to_the_leader_and_two_noes_end_it(district, budget, performance, stage):
    case_id = district.start()["case_id"]
    district.walk(case_id, *FORWARD)
    district.decide(case_id, "performance_review", performance)
    if performance == "approve":
        district.decide(case_id, "performance_chief_review")
    district.decide(case_id, "budget_review", budget)

    assert district.case(case_id).stage == stage


@pytest.mark.parametrize("node", ["department_review", "fund_review", "fund_chief_review"])
def test_a_no_ends_the_case_for_good(district, node):
    case_id = district.start()["case_id"]
    district.walk(case_id, *FORWARD[: FORWARD.index(node)])
    district.decide(case_id, node, "reject")

    case = district.case(case_id)
    assert (case.stage, district.open_visits(case_id)) == ("rejected", {})
    assert case.finished_at is not None


def test_the_decision_follows_from_the_grade(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    sound = district._sound(case_id, "department_review", "return")

    with pytest.raises(Problems) as refused:
        district.decide(case_id, "department_review", "approve", form=sound["form"])
    assert "处理决定应为“退回”" in " ".join(problem.message for problem in refused.value.problems)


def test_nobody_decides_on_what_they_wrote(district):
    case_id = district.start()["case_id"]
    factories.create_post(
        district.session,
        role="UNIT_LEADER",
        organisation=district.bodies["unit"],
        person=district.people["UNIT_CLERK"],
    )
    district.session.commit()
    district.walk(case_id, "draft")

    with pytest.raises(NotAllowed) as refused:
        district.decide(case_id, "unit_sign", role="UNIT_CLERK")
    assert refused.value.extra["problems"][0]["rule"] == "SD2"


def test_nobody_decides_two_levels_of_a_case(district):
    case_id = district.start()["case_id"]
    factories.create_post(
        district.session,
        role="FUND_CHIEF",
        organisation=district.bodies["fund_section"],
        person=district.people["FUND_REVIEWER"],
    )
    district.session.commit()
    district.walk(case_id, *FORWARD[:4])

    with pytest.raises(NotAllowed, match="不能办理两级"):
        district.decide(case_id, "fund_chief_review", role="FUND_REVIEWER")
    district.walk(case_id, "fund_chief_review")


def test_only_the_right_post_decides_and_strangers_see_nothing(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")

    with pytest.raises(NotAllowed, match="部门审核人"):
        district.decide(case_id, "department_review", role="BUDGET_REVIEWER")
    stranger = factories.create_person(district.session)
    unit = factories.create_unit(district.session)
    factories.create_post(district.session, role="UNIT_LEADER", organisation=unit, person=stranger)
    district.people["STRANGER"] = stranger
    with pytest.raises(NotFound):
        district.decide(case_id, "department_review", role="STRANGER")


def test_a_stale_page_is_told_what_happened_since(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    seen = district.case(case_id).seq
    visit = district.open_visits(case_id)["department_review"]
    district.decide(case_id, "department_review")

    with pytest.raises(Stale) as refused:
        tasks.decide(
            district.session,
            visit.id,
            "approve",
            actor=district.actor("DEPT_REVIEWER"),
            at=district.later(),
            expected_seq=seen,
        )
    assert [event["verb"] for event in refused.value.extra["since"]] == ["approve"]


def test_a_parallel_branch_moving_on_is_no_conflict(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, *FORWARD)
    seen = district.case(case_id).seq
    district.walk(case_id, "performance_review", "performance_chief_review")

    district.decide(case_id, "budget_review", expected_seq=seen)
    assert district.case(case_id).stage == "in_library"


def test_a_claimed_task_is_nobody_elses_until_put_back(district):
    other = factories.create_person(district.session)
    factories.create_post(
        district.session, role="DEPT_REVIEWER", organisation=district.bodies["department"], person=other
    )
    district.people["OTHER"] = other
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    district.decide(case_id, "department_review", "claim")

    with pytest.raises(NotAllowed, match="已由同岗位的其他人员领取"):
        district.decide(case_id, "department_review", role="OTHER")
    district.decide(case_id, "department_review", "unclaim")
    district.decide(case_id, "department_review", role="OTHER")


def test_nobody_in_post_is_said_and_never_passed_over(district):
    from db.person import Post

    post = district.session.scalars(select(Post).where(Post.role == "UNIT_LEADER")).one()
    district.session.delete(post)
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft")

    visit = district.open_visits(case_id)["unit_sign"]
    assert "没有人" in visit.incident


def test_warnings_want_a_reason_and_errors_stop(district):
    case_id = district.start()["case_id"]
    sound = district._sound(case_id, "draft", "submit")
    goal = declaration(annual_goal="做好培训工作")

    with pytest.raises(Problems) as refused:
        district.decide(case_id, "draft", "submit", form={"project_target": goal}, params={})
    found = {problem.rule: problem for problem in refused.value.problems}
    assert "请写明理由" in found["Q14"].message
    assert found["Q14"].severity == "warning"

    district.decide(case_id, "draft", "submit", form={"project_target": goal}, params=sound["params"])
    explained = [change for change in events(district, case_id)[-1].changes if change["type"] == "warning_explained"]
    assert "Q14" in {change["rule"] for change in explained}


def test_a_closed_season_takes_no_first_submission_but_returned_ones(district):
    first, second = (district.start(project_name=name)["case_id"] for name in ("技能培训甲项目", "道路养护乙工程"))
    district.walk(first, "draft", "unit_sign")
    district.campaign.state = "closed"
    district.session.commit()

    with pytest.raises(Problems, match="需要处理"):
        district.walk(second, "draft")
    district.decide(first, "department_review", "return")
    district.walk(first, "draft")


def test_nothing_is_dated_before_what_it_follows(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft")
    waited = district.at - timedelta(seconds=30)
    visit = district.open_visits(case_id)["unit_sign"]
    asked = {"actor": district.actor("UNIT_LEADER"), "expected_seq": district.case(case_id).seq}
    tasks.decide(district.session, visit.id, "approve", at=waited, **asked)

    instants = [event.at for event in events(district, case_id)]
    assert instants == sorted(instants)


def test_verbs_that_do_not_exist_and_pages_without_a_number_are_refused(district):
    case_id = district.start()["case_id"]
    visit = district.open_visits(case_id)["draft"]
    asked = {"actor": district.actor("UNIT_CLERK"), "at": district.later()}

    with pytest.raises(BadRequest):
        tasks.decide(district.session, visit.id, "驳回", expected_seq=1, **asked)
    with pytest.raises(BadRequest, match="expected_seq"):
        tasks.decide(district.session, visit.id, "submit", expected_seq=None, **asked)
    with pytest.raises(NotAllowed, match="可办理：提交"):
        tasks.decide(district.session, visit.id, "reject", expected_seq=1, reason="不予通过该项目", **asked)


def test_a_key_projects_score_decides_its_grade(district):
    money = {"amount_total": "600", "amount_fiscal": "600", "amount_district": "600", "amount_superior": "0"}
    case_id = district.start(**money)["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    form = {"target_review": scored("return", "指标不够细化，请补充")}

    with pytest.raises(Problems, match="需要处理"):
        district.decide(case_id, "department_review", "approve", form=form)
    district.decide(case_id, "department_review", "return", form=form)
    assert district.case(case_id).condition == "returned"
