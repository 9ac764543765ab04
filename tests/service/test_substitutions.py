"""Does a substitute act for somebody within bounds, under both names and both persons' conflicts?"""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from db.case import Seat
from service import case_parts, history, inbox, people, substitutions
from service.errors import NotAllowed, NotFound, Problems
from service.substitutions import Wanted
from tests import factories
from tests.district import create_district
from tests.service.test_tasks import FORWARD, JOINT

REVIEW = "department_review"
TODAY = date(2026, 11, 2)


@pytest.fixture
def district(session):
    made = create_district(session)
    department = factories.create_organisation(session, kind="department", name="另一部门")
    stand_in = factories.create_person(session, name="乙同志")
    factories.create_post(session, role="DEPT_REVIEWER", organisation=department, person=stand_in)
    made.people["STAND_IN"] = stand_in
    session.commit()
    return made


def put(district, principal="DEPT_REVIEWER", substitute="STAND_IN", *, by=None, begins=TODAY, days=10, **more):
    wanted = {"begins_on": begins, "ends_before": begins + timedelta(days=days), "reason": "外出学习两周", **more}
    made = substitutions.put(
        district.session,
        Wanted(principal_id=district.id(principal), substitute_id=district.id(substitute), **wanted),
        actor=district.actor(by or principal),
        at=district.later(),
    )
    district.session.commit()
    return made


@pytest.fixture
def case_id(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    return case_id


def entrusted(district):
    found = inbox.page(district.session, actor=district.actor("STAND_IN"), at=district.at, tab="entrusted")
    return [row.case_id for row in found.rows]


def test_the_substitute_sees_the_tasks_and_acts_under_both_names(district, case_id):
    with pytest.raises(NotFound):
        district.offered(case_id, REVIEW, "STAND_IN")
    put(district)
    assert entrusted(district) == [case_id]
    district.decide(case_id, REVIEW, "claim", role="STAND_IN")
    district.decide(case_id, REVIEW, role="STAND_IN")

    seat = district.session.scalars(select(Seat).where(Seat.visit_id == district.latest(case_id, REVIEW).id)).one()
    principal, substitute = district.id("DEPT_REVIEWER"), district.id("STAND_IN")
    assert (seat.person_id, seat.decided_by, seat.on_behalf_of) == (principal, substitute, principal)
    event = history.of_case(district.session, case_id)[-1]
    assert (event.actor, event.on_behalf_of) == (substitute, principal)
    said = case_parts.opinions(district.session, district.case(case_id))[-1]
    assert (said["person"], said["on_behalf_of"]) == ("乙同志", district.people["DEPT_REVIEWER"].name)
    district.act(case_id, REVIEW, "recall", role="DEPT_REVIEWER")
    district.decide(case_id, REVIEW)
    district.walk(case_id, *FORWARD[3:], *JOINT)
    district.sound(case_id)


def test_it_holds_from_its_first_day_up_to_its_last_not_included(district, case_id):
    put(district, begins=TODAY + timedelta(days=1), days=2)
    for _ in range(4):
        standing = bool(people.actor(district.session, district.id("STAND_IN"), at=district.at).principals)
        day = people.day(district.at)
        assert standing == (TODAY < day < TODAY + timedelta(days=3)), day
        district.later(days=1)


def test_only_the_named_processes_and_amounts(district, case_id):
    amount = district.case(case_id).amount
    one = put(district, greatest_amount=amount - Decimal("0.01"))
    assert entrusted(district) == []
    assert "没有相应单位的该岗位" in district.refused(case_id, REVIEW, "claim", role="STAND_IN")
    substitutions.end(district.session, one["id"], actor=district.actor("DEPT_REVIEWER"), at=district.later())
    put(district, greatest_amount=amount, processes=("target_declaration",))
    district.decide(case_id, REVIEW, role="STAND_IN")


def test_conflicts_of_both_persons_count(district, case_id):
    factories.create_post(
        district.session,
        role="DEPT_REVIEWER",
        organisation=district.bodies["department"],
        person=district.people["UNIT_LEADER"],
    )
    district.session.commit()
    put(district, principal="UNIT_LEADER")
    why = district.refused(case_id, REVIEW, "approve", role="STAND_IN")
    assert "被代理人须回避" in why

    district.decide(case_id, REVIEW)
    put(district, principal="FUND_REVIEWER", substitute="DEPT_REVIEWER")
    assert "不能办理两级" in district.refused(case_id, "fund_review", "approve", role="DEPT_REVIEWER")
    put(district, principal="FUND_CHIEF")
    district.walk(case_id, "fund_review")
    district.decide(case_id, "fund_chief_review", role="STAND_IN")


def test_ended_early_it_is_over_at_once(district, case_id):
    one = put(district)
    district.offered(case_id, REVIEW, "STAND_IN")
    answer = substitutions.end(district.session, one["id"], actor=district.actor("DEPT_REVIEWER"), at=district.later())
    district.session.commit()
    assert answer["message"] == "代理已结束。"
    with pytest.raises(NotFound):
        district.offered(case_id, REVIEW, "STAND_IN")
    (row,) = substitutions.of_person(district.session, district.id("STAND_IN"), at=district.at)
    assert row["state"] == "over"
    assert substitutions.running(district.session, at=district.at) == []
    with pytest.raises(NotAllowed):
        substitutions.end(district.session, one["id"], actor=district.actor("DEPT_REVIEWER"), at=district.later())


@pytest.mark.parametrize(
    "more, why",
    [
        ({"days": 31}, "最长 30 日"),
        ({"days": 0}, "晚于开始日期"),
        ({"begins": TODAY - timedelta(days=1)}, "早于今天"),
        ({"reason": "请假"}, "代理原因"),
        ({"substitute": "DEPT_REVIEWER"}, "不能是本人"),
        ({"substitute": "AUDITOR"}, "没有办理业务的岗位"),
        ({"processes": ("unknown",)}, "没有这样的流程"),
        ({"greatest_amount": Decimal(0)}, "正数"),
    ],
)
def test_what_is_wrong_is_said(district, more, why):
    with pytest.raises(Problems) as refused:
        put(district, **more)
    assert why in "；".join(problem.message for problem in refused.value.problems)


def test_no_overlap_no_chain_and_nobody_else_sets_it(district):
    put(district)
    with pytest.raises(Problems) as refused:
        put(district, substitute="FUND_REVIEWER", begins=TODAY + timedelta(days=9))
    assert "时间重叠" in refused.value.problems[0].message
    put(district, substitute="FUND_REVIEWER", begins=TODAY + timedelta(days=10))
    with pytest.raises(Problems) as refused:
        put(district, principal="FUND_REVIEWER", substitute="DEPT_REVIEWER")
    assert "由他人代理" in refused.value.problems[0].message
    with pytest.raises(NotAllowed):
        put(district, principal="UNIT_LEADER", by="UNIT_CLERK")
