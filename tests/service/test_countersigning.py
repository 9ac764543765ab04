"""Is a step decided by everybody it should be decided by: joint signatures, shares, orders, vetoes?"""

import pytest
from sqlalchemy import select

from db.case import Seat
from service import declarations, history, tasks
from tests import factories
from tests.district import create_district
from tests.service.test_tasks import FORWARD, JOINT

REVIEW = "department_review"


NAMES = ("DEPT_REVIEWER", "FIRST", "SECOND", "THIRD")


def several(session):
    """A district whose department has four reviewers."""
    made = create_district(session)
    for name in NAMES[1:]:
        made.add("DEPT_REVIEWER", name)
    return made


@pytest.fixture
def district(session):
    return several(session)


def begin(district, name="技能培训甲项目", **policy):
    if policy:
        district.redraw(**{REVIEW: policy})
    case_id = district.start(project_name=name)["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    return case_id


def vote(district, case_id, name, verb="approve"):
    return district.decide(case_id, REVIEW, verb, role=name)


def seats(district, case_id):
    visit = district.latest(case_id, REVIEW)
    names = {person.id: name for name, person in district.people.items()}
    rows = district.session.scalars(select(Seat).where(Seat.visit_id == visit.id))
    return {names.get(seat.person_id): (seat.state, seat.reason_code) for seat in rows}


def test_all_sign_or_the_first_no_decides(district):
    case_id = begin(district, countersign="all")
    for name in NAMES[:3]:
        answer = vote(district, case_id, name)
        assert answer["message"] == "已同意，本环节还须其他人员办理。"
    assert "还须其他人员" in district.refused(case_id, REVIEW, "approve", role="FIRST")
    assert [visit["node_id"] for visit in vote(district, case_id, "THIRD")["opened"]] == ["fund_review"]
    district.sound(case_id)

    other = begin(district, "道路养护乙工程")
    vote(district, other, "FIRST")
    vote(district, other, "SECOND", "reject")
    assert district.case(other).stage == "rejected"
    assert seats(district, other)["THIRD"] == ("cancelled", "early_decision")
    district.sound(other)


def test_a_page_opened_before_a_colleagues_vote_is_not_stale(district):
    case_id = begin(district, countersign="all")
    seen = district.case(case_id).seq
    vote(district, case_id, "FIRST")
    district.decide(case_id, REVIEW, role="SECOND", expected_seq=seen)


def test_everybody_is_heard_where_the_step_says_so(district):
    case_id = begin(district, countersign="all", collectAll="true")
    vote(district, case_id, "FIRST", "reject")
    for name in ("DEPT_REVIEWER", "SECOND"):
        vote(district, case_id, name)
    assert district.case(case_id).finished_at is None
    vote(district, case_id, "THIRD")
    assert district.case(case_id).stage == "rejected"
    decided = history.of_case(district.session, case_id)[-1]
    assert (decided.kind, decided.verb) == ("visit_rejected", "approve")
    district.sound(case_id)


def test_a_share_decides_and_the_review_that_agrees_goes_on(district):
    case_id = begin(district, countersign="ratio", share="50")
    vote(district, case_id, "FIRST", "reject")
    vote(district, case_id, "SECOND")
    vote(district, case_id, "THIRD")
    event = history.of_case(district.session, case_id)[-1]
    (complete,) = event.command["engine"]
    assert complete["decision"] == {"outcome": "approve", "grade": "优"}
    district.walk(case_id, *FORWARD[3:], *JOINT)
    district.sound(case_id)


def test_the_chief_counts_twice_and_who_abstains_agrees_to_nothing(district):
    factories.create_post(
        district.session,
        role="DEPT_LEADER",
        organisation=district.bodies["department"],
        person=district.people["FIRST"],
    )
    case_id = begin(district, countersign="ratio", share="60", weights="DEPT_LEADER:2", outcome="abstain")
    assert "至少 5 个字" in district.refused(case_id, REVIEW, "abstain", role="SECOND", reason="不便")
    district.act(case_id, REVIEW, "abstain", role="SECOND", reason="本人曾任职该单位")
    vote(district, case_id, "FIRST")
    tally = tasks.page(
        district.session, district.latest(case_id, REVIEW).id, actor=district.actor("THIRD"), at=district.later()
    ).tally
    assert {name: tally[name] for name in ("yes", "no", "abstain", "pending", "needed", "total")} == {
        "yes": 2,
        "no": 0,
        "abstain": 1,
        "pending": 2,
        "needed": 3,
        "total": 5,
    }
    assert tally["rule_label"] == "票签：同意票须达到 60%；结果已定即办结"
    said = {voter["person"]: (voter["weight"], voter["state_label"]) for voter in tally["voters"]}
    assert said["FIRST同志"] == (2, "同意")
    assert said["SECOND同志"] == (1, "弃权")
    assert said["THIRD同志"] == (1, "办理中")
    vote(district, case_id, "THIRD")
    assert set(district.open_visits(case_id)) == {"fund_review"}
    assert seats(district, case_id)["DEPT_REVIEWER"] == ("cancelled", "early_decision")
    district.sound(case_id)


def test_where_everybody_abstains_nothing_passes(district):
    case_id = begin(district, countersign="all", outcome="abstain")
    for name in NAMES:
        district.act(case_id, REVIEW, "abstain", role=name, reason="本人与该项目有关")
    assert district.case(case_id).stage == "rejected"
    district.sound(case_id)


def test_nobody_is_added_once_the_result_is_certain(district):
    case_id = begin(district, countersign="ratio", share="50", collectAll="true", addSign="any")
    vote(district, case_id, "FIRST")
    vote(district, case_id, "SECOND")
    assert "结果已定" in district.offered(case_id, REVIEW, "THIRD")["add_seat"]


def test_voters_keep_drafts_of_their_own_and_find_them_again(district):
    case_id = begin(district, countersign="all")
    visit = district.latest(case_id, REVIEW)
    for name, code in (("FIRST", "优"), ("SECOND", "中")):
        draft(district, visit, name, {"overall_grade": code}, f"{name}的意见")

    def page(name):
        here = district.latest(case_id, REVIEW)
        return tasks.page(district.session, here.id, actor=district.actor(name), at=district.later())

    assert (grade(page("FIRST")), page("FIRST").reason) == ("优", "FIRST的意见")
    assert (grade(page("SECOND")), page("SECOND").reason) == ("中", "SECOND的意见")
    assert page("THIRD").reason is None

    vote(district, case_id, "DEPT_REVIEWER", "return")
    district.walk(case_id, *FORWARD[:2])
    again = page("FIRST")
    assert (grade(again), again.reason) == ("优", "FIRST的意见")
    assert again.review["draft_version"] == 0, "what comes from the round before is not saved here yet"
    draft(district, district.latest(case_id, REVIEW), "FIRST", {"overall_grade": "良"}, "改过的意见", version=0)
    assert page("FIRST").reason == "改过的意见"


def grade(page):
    return page.review["content"]["overall_grade"]


def draft(district, visit, name, content, opinion, version=None):
    declarations.save_draft(
        district.session,
        visit.id,
        actor=district.actor(name),
        at=district.later(),
        form_code="target_review",
        content=content,
        opinion=opinion,
        version=version,
    )
    district.session.commit()


def test_an_opinion_without_a_form_is_kept_as_well(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft")
    visit, leader = district.latest(case_id, "unit_sign"), district.actor("UNIT_LEADER")
    kept = {"form_code": "opinion", "content": {}, "opinion": "同意报送，请补充"}
    declarations.save_draft(district.session, visit.id, actor=leader, at=district.later(), **kept)
    page = tasks.page(district.session, visit.id, actor=leader, at=district.later())
    assert (page.reason, page.writing["code"], page.writing["draft_version"]) == ("同意报送，请补充", "opinion", 1)


def test_in_order_one_after_the_other(district):
    case_id = begin(district, countersign="sequential")
    order = [name for name, (state, _) in sorted(seats(district, case_id).items(), key=lambda one: one[1][0]) if name]
    assert order[0] == "DEPT_REVIEWER"
    assert "还没有轮到您" in district.refused(case_id, REVIEW, "approve", role="FIRST")
    for name in NAMES:
        vote(district, case_id, name)
    assert set(district.open_visits(case_id)) == {"fund_review"}


def test_any_voting_seat_returns_at_once(district):
    case_id = begin(district, countersign="all")
    vote(district, case_id, "FIRST")
    vote(district, case_id, "SECOND", "return")
    assert district.case(case_id).condition == "returned"
    assert seats(district, case_id)["THIRD"] == ("cancelled", "returned")
    district.sound(case_id)


def test_one_vote_is_taken_back_and_the_others_stand(district):
    case_id = begin(district, countersign="all")
    vote(district, case_id, "FIRST")
    vote(district, case_id, "SECOND")
    district.act(case_id, REVIEW, "recall", role="FIRST")
    assert seats(district, case_id)["FIRST"] == ("open", None)
    for name in ("FIRST", "DEPT_REVIEWER", "THIRD"):
        vote(district, case_id, name)
    assert set(district.open_visits(case_id)) == {"fund_review"}

    district.act(case_id, REVIEW, "recall", role="SECOND")
    assert {name: state for name, (state, _) in seats(district, case_id).items()} == {
        "DEPT_REVIEWER": "done",
        "FIRST": "done",
        "SECOND": "open",
        "THIRD": "done",
    }
    vote(district, case_id, "SECOND")
    assert set(district.open_visits(case_id)) == {"fund_review"}
    district.sound(case_id)


def test_a_vote_that_was_kept_can_still_be_taken_back(district):
    case_id = begin(district, countersign="all")
    vote(district, case_id, "FIRST")
    vote(district, case_id, "SECOND", "return")
    district.act(case_id, REVIEW, "recall", role="SECOND")
    assert seats(district, case_id)["FIRST"] == ("done", None)
    district.act(case_id, REVIEW, "recall", role="FIRST")
    assert seats(district, case_id)["FIRST"] == ("open", None)
    for name in NAMES:
        vote(district, case_id, name)
    assert set(district.open_visits(case_id)) == {"fund_review"}
    district.sound(case_id)
