"""Do jumps, suspensions, ends and annulments need two persons, say what they do, and leave nothing dangling?"""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from db.case import Seat
from db.project import TargetVersion
from service import declarations, exceptional_acts, history
from service.errors import BadRequest, NotAllowed, Problems
from service.exceptional_acts import Wish
from service.exceptional_effects import shifted
from service.rules.working_days import NATIONAL
from tests.district import create_district
from tests.service.test_tasks import FORWARD, JOINT


@pytest.fixture
def district(session):
    made = create_district(session)
    made.add("BUREAU_LEADER", "LEADER")
    return made


@pytest.fixture
def case_id(district):
    return district.start()["case_id"]


def ask(district, case_id, verb, place=None, role="PERF_CHIEF", reason="区政府专题会议要求"):
    wish = Wish(verb=verb, place=place, reason=reason)
    answer = exceptional_acts.request(district.session, case_id, wish, actor=district.actor(role), at=district.later())
    district.session.commit()
    return answer


def confirm(district, act_id, role="LEADER"):
    answer = exceptional_acts.confirm(district.session, act_id, actor=district.actor(role), at=district.later())
    district.session.commit()
    return answer


def both(district, case_id, verb, place=None):
    return confirm(district, ask(district, case_id, verb, place)["act_id"])


def foreseen(district, case_id, verb, place=None):
    found = exceptional_acts.preview(
        district.session, case_id, actor=district.actor("PERF_CHIEF"), at=district.at, verb=verb, place=place
    )
    district.session.rollback()
    return found


def test_a_jump_is_seen_beforehand_and_takes_two(district, case_id):
    district.walk(case_id, "draft")
    seen = foreseen(district, case_id, "jump", "fund_chief_review")
    assert (seen.closes, seen.opens, seen.skips) == (
        ["审签申报材料"],
        ["复核审核意见"],
        ["审签申报材料", "初审绩效目标", "审核绩效目标"],
    )
    asked = ask(district, case_id, "jump", "fund_chief_review")
    assert set(district.open_visits(case_id)) == {"unit_sign"}, "nothing happens before the second person agrees"
    with pytest.raises(NotAllowed, match="已有一项"):
        ask(district, case_id, "suspend")
    with pytest.raises(NotAllowed):
        confirm(district, asked["act_id"], role="PERF_CHIEF")

    answer = confirm(district, asked["act_id"])

    assert [visit["node_id"] for visit in answer["opened"]] == ["fund_chief_review"]
    assert district.latest(case_id, "unit_sign").reason_code == "jumped_over"
    assert [event.kind for event in history.of_case(district.session, case_id)][-2:] == [
        "exception_requested",
        "case_jumped",
    ]
    with pytest.raises(NotAllowed, match="已经有了结论"):
        confirm(district, asked["act_id"])
    district.sound(case_id)
    district.walk(case_id, "fund_chief_review", *JOINT)
    assert district.case(case_id).stage == "in_library"
    district.sound(case_id)


@pytest.mark.parametrize(
    "place, why",
    [
        ("unit_sign", "只能向前跳转"),
        ("budget_review", "只能向前跳转"),
        ("performance_chief_review", "并行分支中的一支"),
        (None, "请选择要跳转到的环节"),
        ("arbitration", ""),
    ],
)
def test_a_jump_goes_forward_and_takes_every_branch_along(district, case_id, place, why):
    district.walk(case_id, *FORWARD[:4])
    assert why in foreseen(district, case_id, "jump", place).why or place == "budget_review"
    if place == "budget_review":
        assert "并行分支中的一支" in foreseen(district, case_id, "jump", place).why
        district.walk(case_id, "fund_chief_review")
        assert why in foreseen(district, case_id, "jump", place).why
    if not why:
        district.walk(case_id, "fund_chief_review", "performance_review")
        both(district, case_id, "jump", place)
        assert set(district.open_visits(case_id)) == {"arbitration"}
        district.decide(case_id, "arbitration")
        district.sound(case_id)


def test_nothing_to_review_is_not_jumped_to(district, case_id):
    assert "还没有提交" in foreseen(district, case_id, "jump", "unit_sign").why


def test_a_suspended_case_waits_and_its_deadlines_with_it(district, case_id):
    district.walk(case_id, "draft")
    due = district.open_visits(case_id)["unit_sign"].due_at
    both(district, case_id, "suspend")

    assert "已挂起" in district.refused(case_id, "unit_sign", "approve", role="UNIT_LEADER")
    assert "已挂起" in district.offered(case_id, "unit_sign", "UNIT_CLERK")["urge"]
    assert district.offered(case_id, "unit_sign", "UNIT_CLERK")["cc"] == ""
    assert district.session.scalars(select(Seat.due_at).where(Seat.state == "open")).all() == [None]
    district.sound(case_id)
    district.later(days=7)
    both(district, case_id, "resume")

    moved = district.open_visits(case_id)["unit_sign"].due_at
    assert (moved - due).days == 7
    assert district.session.scalars(select(Seat.due_at).where(Seat.state == "open")).all() == [moved]
    district.walk(case_id, "unit_sign")
    district.sound(case_id)


def test_as_many_working_days_are_left_after_a_pause():
    friday = datetime(2026, 11, 6, 15, 59, 59, tzinfo=UTC)
    wednesday, next_thursday = (datetime(2026, 11, day, 2, tzinfo=UTC) for day in (4, 12))
    assert shifted(friday, wednesday, next_thursday, NATIONAL).date().isoformat() == "2026-11-16"
    assert shifted(wednesday, friday, next_thursday, NATIONAL) == wednesday, "what was overdue stays overdue"


def test_a_terminated_case_is_over_and_lists_what_to_put_right(district, case_id):
    district.walk(case_id, *FORWARD)
    answer = both(district, case_id, "terminate")

    case = district.case(case_id)
    assert (case.stage, answer["finished"], district.open_visits(case_id)) == ("terminated", True, {})
    assert district.latest(case_id, "budget_review").reason_code == "terminated"
    assert district.session.scalars(select(Seat).where(Seat.state == "open")).all() == []
    assert foreseen(district, case_id, "terminate").why == "本事项已办结（已终止）。"
    assert "不能作废" in foreseen(district, case_id, "void").why
    district.sound(case_id)


def test_a_finished_case_is_declared_void_by_a_later_decision(district, case_id):
    assert "还没有办结" in foreseen(district, case_id, "void").why
    district.walk(case_id, *FORWARD, *JOINT)
    seen = foreseen(district, case_id, "void")
    assert seen.compensations == ["注销入库登记 库〔2027〕0001"]
    both(district, case_id, "void")

    assert district.case(case_id).stage == "voided"
    assert district.session.scalars(select(TargetVersion.voided_at)).one() is not None
    assert declarations.copyable(district.session, actor=district.actor("UNIT_CLERK")) == []
    assert [event.kind for event in history.of_case(district.session, case_id)][-1] == "case_voided"
    district.sound(case_id)


def test_a_leader_may_say_no_and_has_to_say_why(district, case_id):
    district.walk(case_id, "draft")
    act_id = ask(district, case_id, "terminate")["act_id"]
    assert [row["label"] for row in exceptional_acts.waiting(district.session, actor=district.actor("LEADER"))] == [
        "终止"
    ]
    with pytest.raises(Problems):
        exceptional_acts.refuse(
            district.session, act_id, actor=district.actor("LEADER"), at=district.later(), reason="不行"
        )
    exceptional_acts.refuse(
        district.session, act_id, actor=district.actor("LEADER"), at=district.later(), reason="理由不充分，不同意"
    )
    district.session.commit()
    (row,) = exceptional_acts.of_case(district.session, case_id)
    assert (row["state"], row["decision_reason"]) == ("refused", "理由不充分，不同意")
    assert exceptional_acts.waiting(district.session, actor=district.actor("UNIT_CLERK")) == []
    district.walk(case_id, "unit_sign")
    district.sound(case_id)


def test_only_the_chief_asks_and_only_for_what_there_is(district, case_id):
    with pytest.raises(NotAllowed, match="绩效科长"):
        ask(district, case_id, "suspend", role="BUDGET_REVIEWER")
    with pytest.raises(BadRequest):
        ask(district, case_id, "delete")
    with pytest.raises(Problems):
        ask(district, case_id, "suspend", reason="挂")


def test_what_changed_meanwhile_is_looked_at_again(district, case_id):
    district.walk(case_id, *FORWARD, *JOINT[:2])
    act_id = ask(district, case_id, "suspend")["act_id"]
    district.walk(case_id, JOINT[2])
    with pytest.raises(NotAllowed, match="情况已有变化"):
        confirm(district, act_id)
