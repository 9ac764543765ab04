"""What happens at the edges of the verbs, on PostgreSQL: where two rules meet, or two people, or nobody is left?"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from db.case import Seat, Visit
from db.connection import make_engine, make_sessions
from db.desk import Notice
from service import effects, history, inbox, notice_events, people, tasks
from service.errors import Stale
from tests.district import create_district
from tests.forms import samples
from tests.service.test_tasks import FORWARD

REVIEW, BUDGET, PERFORMANCE, CHIEF = (
    "department_review",
    "budget_review",
    "performance_review",
    "performance_chief_review",
)


@pytest.fixture
def district(session):
    made = create_district(session)
    for name in ("FIRST", "SECOND"):
        made.add("DEPT_REVIEWER", name)
    return made


@pytest.fixture
def joint(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, *FORWARD)
    return case_id


def back(district, case_id, node, to, **more):
    return district.decide(case_id, node, "return", params={"to": to, "resubmit": "replay"}, **more)


def todo(district, role):
    found = inbox.page(district.session, actor=district.actor(role), at=district.at)
    return [row.case_id for row in found.rows]


def test_a_return_inside_a_branch_leaves_the_other_as_it_is(district, joint):
    district.walk(joint, BUDGET, PERFORMANCE)
    back(district, joint, CHIEF, PERFORMANCE)
    assert district.open_visits(joint).keys() == {PERFORMANCE}
    assert district.latest(joint, BUDGET).state == "decided"
    district.walk(joint, PERFORMANCE)
    assert district.walk(joint, CHIEF)["stage"] == "in_library"
    district.sound(joint)


def test_a_branch_that_waits_at_the_join_is_heard_again_after_a_return_before_the_fork(district, joint):
    district.walk(joint, BUDGET)
    back(district, joint, PERFORMANCE, "fund_review")
    assert district.latest(joint, BUDGET).state == "superseded"
    district.walk(joint, "fund_review", "fund_chief_review", PERFORMANCE, CHIEF)
    assert district.open_visits(joint).keys() == {BUDGET}, "the join fired early"
    assert district.walk(joint, BUDGET)["stage"] == "in_library"
    district.sound(joint)


def test_from_behind_the_join_into_one_branch_the_other_stays_heard(district, joint):
    district.walk(joint, BUDGET)
    district.decide(joint, PERFORMANCE, "reject")
    assert district.open_visits(joint).keys() == {"arbitration"}
    back(district, joint, "arbitration", BUDGET)
    assert district.open_visits(joint).keys() == {BUDGET}
    assert (district.latest(joint, PERFORMANCE).state, district.latest(joint, PERFORMANCE).outcome) == (
        "decided",
        "reject",
    )
    district.walk(joint, BUDGET)
    assert district.open_visits(joint).keys() == {"arbitration"}
    district.sound(joint)


def test_returned_again_and_again_with_a_new_session_each_time(district, joint, engine):
    for _ in range(3):
        back(district, joint, BUDGET, REVIEW)
        district.session.rollback()
        district.session.expunge_all()
        district.walk(joint, REVIEW, "fund_review", "fund_chief_review")
    assert district.case(joint).round == 4
    assert district.open_visits(joint).keys() == {BUDGET, PERFORMANCE}
    district.sound(joint)


def test_two_branches_that_return_at_once_have_one_winner(district, joint, database):
    at, seq = district.later(), district.case(joint).seq
    wanted = [
        (district.latest(joint, node).id, district.id(role))
        for node, role in ((BUDGET, "BUDGET_REVIEWER"), (PERFORMANCE, "PERF_OFFICER"))
    ]
    district.session.rollback()
    engine = make_engine(database.url)

    def act(visit_id, person_id):
        form = {"target_review": samples.review(overall_grade="中", opinion="依据不足，请补充")}
        with make_sessions(engine)() as session:
            actor = people.actor(session, person_id, at=at)
            params = {"to": "draft", "resubmit": "replay"}
            try:
                tasks.decide(
                    session, visit_id, "return", actor=actor, at=at, expected_seq=seq, form=form, params=params
                )
                session.commit()
                return "won"
            except Stale as stale:
                session.rollback()
                return stale.detail

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(lambda one: act(*one), wanted))
    engine.dispose()
    assert answers.count("won") == 1
    assert any("退回" in answer for answer in answers)
    assert district.open_visits(joint).keys() == {"draft"}
    district.sound(joint)


def test_who_has_opened_what_is_taken_back_is_told(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    visit = district.latest(case_id, REVIEW)
    tasks.page(district.session, visit.id, actor=district.actor("FIRST"), at=district.later())
    district.session.commit()
    assert district.offered(case_id, "unit_sign", "UNIT_LEADER")["recall"] == "", "reading stops nobody"
    district.act(case_id, "unit_sign", "recall", role="UNIT_LEADER")
    notice_events.tell(district.session, district.at)
    told = district.session.scalars(select(Notice.person_id).where(Notice.kind == "recalled")).all()
    assert told == [district.id("FIRST")]
    assert todo(district, "FIRST") == []


def test_a_question_that_is_open_keeps_a_seat_from_being_passed_on(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    district.decide(case_id, REVIEW, "claim", role="FIRST")
    district.act(case_id, REVIEW, "delegate", role="FIRST", params={"person": district.id("BUDGET_REVIEWER")})
    person = {"person": district.id("SECOND")}
    assert "委派" in district.refused(case_id, REVIEW, "transfer", role="FIRST", params=person)
    district.act(case_id, REVIEW, "undelegate", role="FIRST")
    district.act(case_id, REVIEW, "transfer", role="FIRST", params=person)
    assert todo(district, "SECOND") == [case_id]
    district.sound(case_id)


def test_a_no_among_all_who_sign_ends_the_step_whoever_was_added(district):
    district.redraw(**{REVIEW: {"countersign": "all", "addSign": "any"}})
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    district.act(
        case_id, REVIEW, "add_seat", role="FIRST", params={"person": district.id("FUND_CHIEF"), "kind": "parallel"}
    )
    district.decide(case_id, REVIEW, "reject", role="SECOND")
    assert district.case(case_id).stage == "rejected"
    left = district.session.scalars(select(Seat.state).where(Seat.case_id == case_id, Seat.origin == "add_parallel"))
    assert left.all() == ["cancelled"]
    district.sound(case_id)


def test_a_seat_passed_on_counts_once_in_a_share(district):
    district.redraw(**{REVIEW: {"countersign": "ratio", "share": "60", "transferScope": "any"}})
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    district.act(case_id, REVIEW, "transfer", role="FIRST", params={"person": district.id("BUDGET_REVIEWER")})
    district.decide(case_id, REVIEW, role="SECOND")
    assert district.open_visits(case_id).keys() == {REVIEW}
    answer = district.decide(case_id, REVIEW, role="BUDGET_REVIEWER")
    assert [one["node_id"] for one in answer["opened"]] == ["fund_review"], "two of three are 66 percent, not 50"
    district.sound(case_id)


def test_an_effect_that_fails_leaves_nothing_half_written(district, joint, monkeypatch):
    district.walk(joint, BUDGET, PERFORMANCE)
    before, events = district.case(joint).seq, len(history.of_case(district.session, joint))

    def fails(*_):
        raise RuntimeError("the library cannot be reached")

    monkeypatch.setattr(effects, "EFFECTS", {**effects.EFFECTS, "admit_target": fails})
    with pytest.raises(RuntimeError):
        district.decide(joint, CHIEF)
    district.session.rollback()
    assert (district.case(joint).seq, len(history.of_case(district.session, joint))) == (before, events)
    assert district.open_visits(joint).keys() == {CHIEF}
    monkeypatch.undo()
    assert district.decide(joint, CHIEF)["stage"] == "in_library"
    states = set(district.session.scalars(select(Visit.state).where(Visit.case_id == joint)))
    assert states == {"decided"}
    district.sound(joint)
