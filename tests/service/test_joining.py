"""Is a step decided by everybody it should be decided by: joint signatures, shares, added and dropped seats?"""

import pytest
from sqlalchemy import select

from db.case import Visit
from service import exceptional_acts, history, tasks
from service.exceptional_acts import Wish
from tests.district import GRADES
from tests.forms import samples
from tests.service.test_countersigning import REVIEW, begin, seats, several, vote


@pytest.fixture
def district(session):
    return several(session)


def add(district, case_id, who, whom, kind, **more):
    params = {"person": district.id(whom), "kind": kind}
    return district.act(case_id, REVIEW, "add_seat", role=who, params=params, **more)


def speak(district, case_id, name, verb="approve"):
    return district.act(case_id, REVIEW, verb, role=name, reason="已核对补助标准和人数")


@pytest.fixture
def claimed(district):
    case_id = begin(district)
    assert "请先领取" in district.offered(case_id, REVIEW, "FIRST")["add_seat"]
    district.decide(case_id, REVIEW, "claim", role="FIRST")
    return case_id


def test_who_is_added_before_speaks_first(district, claimed):
    add(district, claimed, "FIRST", "BUDGET_REVIEWER", "before")
    assert "还没有轮到您" in district.refused(claimed, REVIEW, "approve", role="FIRST")
    assert "不能退回" in district.refused(
        claimed, REVIEW, "return", role="BUDGET_REVIEWER", params={"to": "draft"}, form=None
    )
    speak(district, claimed, "BUDGET_REVIEWER", "reject")
    vote(district, claimed, "FIRST")
    assert set(district.open_visits(claimed)) == {"fund_review"}, "the added word is heard, not counted"
    district.sound(claimed)


def test_who_is_added_after_is_awaited(district, claimed):
    add(district, claimed, "FIRST", "BUDGET_REVIEWER", "after")
    assert "既前加签又后加签" in district.refused(
        claimed, REVIEW, "add_seat", role="FIRST", params={"person": district.id("SECOND"), "kind": "before"}
    )
    vote(district, claimed, "FIRST")
    assert set(district.open_visits(claimed)) == {REVIEW}
    speak(district, claimed, "BUDGET_REVIEWER")
    assert set(district.open_visits(claimed)) == {"fund_review"}
    event = history.of_case(district.session, claimed)[-1]
    assert event.command["engine"][0]["decision"] == {"outcome": "approve", "grade": "优"}
    district.sound(claimed)


def test_who_is_added_beside_must_agree_too(district, claimed):
    add(district, claimed, "FIRST", "SECOND", "parallel")
    vote(district, claimed, "FIRST")
    assert set(district.open_visits(claimed)) == {REVIEW}
    district.decide(claimed, REVIEW, "reject", role="SECOND", form=_review("reject"))
    assert district.case(claimed).stage == "rejected"
    district.sound(claimed)


def _review(verb):
    return {"target_review": samples.review(overall_grade=GRADES[verb], opinion="依据不足，不予通过")}


def test_dropping_the_last_awaited_seat_decides_the_step(district, claimed):
    add(district, claimed, "FIRST", "SECOND", "parallel")
    vote(district, claimed, "FIRST")
    assert "只能减去您自己加签" in district.refused(claimed, REVIEW, "drop_seat", role="SECOND")
    answer = district.act(claimed, REVIEW, "drop_seat", role="FIRST")
    assert [visit["node_id"] for visit in answer["opened"]] == ["fund_review"]
    district.sound(claimed)


def test_dropping_who_should_speak_first_gives_the_turn_back(district, claimed):
    add(district, claimed, "FIRST", "BUDGET_REVIEWER", "before")
    district.act(claimed, REVIEW, "drop_seat", role="FIRST")
    vote(district, claimed, "FIRST")
    assert set(district.open_visits(claimed)) == {"fund_review"}


def test_added_seats_nest_twice_at_most_and_a_return_closes_them(district, claimed):
    add(district, claimed, "FIRST", "SECOND", "parallel")
    add(district, claimed, "SECOND", "THIRD", "before")
    assert "最多 2 层" in district.offered(claimed, REVIEW, "THIRD")["add_seat"]
    vote(district, claimed, "FIRST", "return")
    assert seats(district, claimed)["THIRD"] == ("cancelled", "returned")
    district.sound(claimed)


def test_a_recalled_vote_leaves_the_added_colleagues_vote_where_it_is(district, claimed):
    add(district, claimed, "FIRST", "SECOND", "parallel")
    vote(district, claimed, "FIRST")
    vote(district, claimed, "SECOND")
    district.act(claimed, REVIEW, "recall", role="FIRST")
    assert {name: state for name, (state, _) in seats(district, claimed).items()} == {"FIRST": "open", "SECOND": "done"}
    vote(district, claimed, "FIRST")
    assert set(district.open_visits(claimed)) == {"fund_review"}
    district.sound(claimed)


def test_who_only_advises_is_offered_no_decision(district, claimed):
    district.act(claimed, REVIEW, "delegate", role="FIRST", params={"person": district.id("BUDGET_REVIEWER")})
    offered = district.offered(claimed, REVIEW, "BUDGET_REVIEWER")
    assert "答复委派" in offered["approve"]
    assert offered["resolve"] == ""


def test_who_was_added_from_elsewhere_takes_back_a_return_and_sits_beside_the_post_again(district, claimed):
    add(district, claimed, "FIRST", "BUDGET_REVIEWER", "parallel")
    district.decide(claimed, REVIEW, "return", role="BUDGET_REVIEWER")
    district.act(claimed, REVIEW, "recall", role="BUDGET_REVIEWER")
    assert {name: state for name, (state, _) in seats(district, claimed).items()} == {
        None: "open",
        "BUDGET_REVIEWER": "open",
    }
    vote(district, claimed, "SECOND")
    vote(district, claimed, "BUDGET_REVIEWER")
    assert set(district.open_visits(claimed)) == {"fund_review"}
    district.sound(claimed)


def test_a_return_is_not_taken_back_once_somebody_has_jumped(district, claimed):
    vote(district, claimed, "FIRST", "return")
    wish = Wish(verb="jump", place=REVIEW, reason="按局长办公会意见继续办理")
    asked = exceptional_acts.request(
        district.session, claimed, wish, actor=district.actor("PERF_CHIEF"), at=district.later()
    )
    exceptional_acts.confirm(
        district.session, asked["act_id"], actor=district.actor("BUREAU_LEADER"), at=district.later()
    )
    district.session.commit()
    returned = next(
        visit
        for visit in district.session.scalars(select(Visit).where(Visit.case_id == claimed))
        if visit.outcome == "return"
    )
    found = tasks.verbs(district.session, returned.id, actor=district.actor("FIRST"), at=district.later())
    assert {verb["verb"]: verb["why"] for verb in found}["recall"] == "之后已经跳转，不能撤回。"


def test_only_who_returned_takes_the_return_back(district, claimed):
    add(district, claimed, "FIRST", "SECOND", "parallel")
    vote(district, claimed, "SECOND")
    vote(district, claimed, "FIRST", "return")
    assert "recall" not in district.offered(claimed, REVIEW, "SECOND")
    district.act(claimed, REVIEW, "recall", role="FIRST")
    assert {name: state for name, (state, _) in seats(district, claimed).items()} == {"FIRST": "open", "SECOND": "done"}
    district.sound(claimed)
