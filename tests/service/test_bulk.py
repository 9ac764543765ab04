"""Is one thing done to many, each on its own, with a batch that every event names?"""

import pytest
from sqlalchemy import select

from db.case import Seat, VisitReading
from service import bulk, history
from service.bulk import Errand
from service.errors import BadRequest
from tests.district import create_district

REVIEW = "department_review"


@pytest.fixture
def district(session):
    made = create_district(session)
    made.add("DEPT_REVIEWER", "FIRST")
    return made


@pytest.fixture
def waiting(district):
    cases = [district.start(project_name=name)["case_id"] for name in ("技能培训甲项目", "道路养护乙工程")]
    for case_id in cases:
        district.walk(case_id, "draft", "unit_sign")
    return cases


def errand(district, verb, role, cases, **asked):
    visits = [district.latest(case_id, REVIEW).id for case_id in cases]
    one = Errand(verb=verb, actor=district.actor(role), at=district.later(), **asked)
    answer = bulk.carry_out(district.session, visits, one)
    district.session.commit()
    return answer


def test_several_are_claimed_and_each_event_names_the_batch(district, waiting):
    district.decide(waiting[1], REVIEW, "claim", role="FIRST")
    answer = errand(district, "claim", "DEPT_REVIEWER", waiting)
    assert (answer["done"], answer["failed"]) == (1, 1)
    assert [row["ok"] for row in answer["rows"]] == [True, False]
    assert "其他人员领取" in answer["rows"][1]["message"]
    event = history.of_case(district.session, waiting[0])[-1]
    assert {"type": "batch", "batch": answer["batch"]} in event.changes
    for case_id in waiting:
        district.sound(case_id)


def test_several_go_to_one_colleague_also_from_the_posts_pool(district, waiting):
    params = {"person": district.id("FIRST")}
    answer = errand(district, "transfer", "DEPT_REVIEWER", waiting, params=params, reason="外出学习，请代为办理")
    assert answer["failed"] == 0, answer["rows"]
    held = select(Seat.person_id).where(Seat.state == "open", Seat.role == "DEPT_REVIEWER")
    assert set(district.session.scalars(held)) == {district.id("FIRST")}
    for case_id in waiting:
        district.sound(case_id)


def test_a_copy_an_urge_and_a_mark_decide_nothing(district, waiting):
    copied = errand(district, "cc", "DEPT_REVIEWER", waiting, params={"people": [district.id("PERF_CHIEF")]})
    urged = errand(district, "urge", "UNIT_CLERK", waiting)
    read = errand(district, "read", "FIRST", waiting)
    assert [one["failed"] for one in (copied, urged, read)] == [0, 0, 0]
    marked = select(VisitReading.case_id).where(VisitReading.person_id == district.id("FIRST"))
    assert set(district.session.scalars(marked)) == set(waiting)
    assert "4 小时" in errand(district, "urge", "UNIT_CLERK", waiting)["rows"][0]["message"]


def test_what_is_not_ones_own_or_over_is_said_row_by_row(district, waiting):
    district.walk(waiting[0], REVIEW)
    answer = errand(district, "claim", "DEPT_REVIEWER", waiting)
    assert [row["ok"] for row in answer["rows"]] == [False, True]
    assert "已经办理" in answer["rows"][0]["message"]
    unseen = errand(district, "claim", "BUDGET_REVIEWER", waiting)
    assert unseen["failed"] == len(waiting)


def test_decisions_are_never_taken_this_way(district, waiting):
    for verb in ("approve", "return", "reject", "moon"):
        with pytest.raises(BadRequest, match="没有"):
            errand(district, verb, "DEPT_REVIEWER", waiting)
    with pytest.raises(BadRequest, match="1 至 50"):
        errand(district, "claim", "DEPT_REVIEWER", [])
