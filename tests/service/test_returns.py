"""Does a case go back where it may, and come forward again as it was said?"""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import Finding, Seat, Visit
from service import tasks
from service.errors import Problems
from tests.district import District, create_district, declaration
from tests.service.test_tasks import FORWARD, JOINT, events


@pytest.fixture
def district(session: Session) -> District:
    return create_district(session)


def test_a_return_asks_for_answers_and_starts_a_new_round(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    raised = [{"field": "annual_goal", "message": "请写明受益人群", "severity": "error"}]
    district.decide(case_id, "department_review", "return", findings=raised)

    case = district.case(case_id)
    assert (case.stage, case.condition, case.round) == ("draft", "returned", 2)
    visits = {(visit.node_id, visit.round): visit.state for visit in district.session.scalars(select(Visit))}
    assert visits == {
        ("draft", 1): "superseded",
        ("unit_sign", 1): "superseded",
        ("department_review", 1): "decided",
        ("draft", 2): "open",
    }
    with pytest.raises(Problems) as refused:
        district.decide(case_id, "draft", "submit")
    assert [problem.field for problem in refused.value.problems] == ["annual_goal"]

    finding = district.session.scalars(select(Finding)).one()
    answers = {finding.id: {"kind": "done", "text": "已写明"}}
    sound = district._sound(case_id, "draft", "submit")
    district.decide(case_id, "draft", "submit", params={**sound["params"], "answers": answers})
    assert district.case(case_id).condition is None
    district.walk(case_id, *FORWARD[1:], *JOINT)
    assert district.case(case_id).stage == "in_library"


def test_what_was_returned_directly_comes_straight_back(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, *FORWARD[:4])
    release = {"to": "draft", "resubmit": "direct"}
    district.session.commit()
    district.decide(case_id, "fund_chief_review", "consult", params=release)
    assert (district.case(case_id).condition, district.case(case_id).round) == ("consulting", 1)

    answer = district.decide(case_id, "draft", "submit")

    assert [visit["node_id"] for visit in answer["opened"]] == ["fund_chief_review"]
    changes = events(district, case_id)[-1].changes
    direct = next(change for change in changes if change["type"] == "resubmitted_directly")
    assert direct["skipped"] == ["审签申报材料", "初审绩效目标", "审核绩效目标"]
    district.walk(case_id, "fund_chief_review", *JOINT)
    assert district.case(case_id).stage == "in_library"


def test_money_changed_in_a_consultation_goes_level_by_level(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, *FORWARD[:3])
    district.decide(case_id, "fund_review", "consult")
    changed = declaration(amount_total="48.50", amount_fiscal="48.50", amount_district="40")
    sound = district._sound(case_id, "draft", "submit")

    with pytest.raises(Problems) as refused:
        district.decide(case_id, "draft", "submit", form={"project_target": changed})
    assert "从头逐级审核" in refused.value.problems[0].message

    again = {**sound["params"], "resubmit": "replay"}
    district.decide(case_id, "draft", "submit", form={"project_target": changed}, params=again)
    assert set(district.open_visits(case_id)) == {"unit_sign"}


def test_a_return_from_one_branch_closes_the_other_and_keeps_its_opinion(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, *FORWARD, "performance_review")
    district.decide(case_id, "budget_review", "return")

    states = {visit.node_id: (visit.state, visit.reason_code) for visit in district.session.scalars(select(Visit))}
    assert states["performance_review"] == ("superseded", "returned")
    assert states["performance_chief_review"] == ("cancelled", "returned")
    kept = district.session.scalars(select(Seat.opinion).where(Seat.role == "PERF_OFFICER")).all()
    assert kept == ["同意"]
    district.walk(case_id, *FORWARD, "performance_review", "performance_chief_review")
    assert set(district.open_visits(case_id)) == {"budget_review"}, "one of two signatures is not enough"
    district.walk(case_id, "budget_review")
    assert district.case(case_id).stage == "in_library"


def test_a_return_may_go_to_any_earlier_step_but_not_beside_or_ahead(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, *FORWARD, "performance_review")
    visit = district.open_visits(case_id)["budget_review"]
    verbs = tasks.verbs(district.session, visit.id, actor=district.actor("BUDGET_REVIEWER"), at=district.at)
    targets = next(verb["targets"] for verb in verbs if verb["verb"] == "return")
    assert [target["node_id"] for target in targets] == list(FORWARD)

    with pytest.raises(Problems) as refused:
        district.decide(case_id, "budget_review", "return", params={"to": "performance_review"})
    assert refused.value.problems[0].field == "to"

    district.decide(case_id, "budget_review", "return", params={"to": "fund_review"})
    assert set(district.open_visits(case_id)) == {"fund_review"}
