"""Does a task find its way to another person, and back where only advice was asked for?"""

import pytest
from sqlalchemy import select

from db.case import Seat
from service import declarations, handovers, history, people, personnel, stuck_cases, tasks
from service.errors import NotAllowed, NotFound, Refused
from tests import factories
from tests.district import create_district
from tests.service.test_tasks import FORWARD

REVIEW = "department_review"


@pytest.fixture
def district(session):
    made = create_district(session)
    for name in ("FIRST", "SECOND", "THIRD", "FOURTH"):
        made.add("DEPT_REVIEWER", name)
    return made


@pytest.fixture
def case_id(district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    return case_id


def transfer(district, case_id, giver, taker, **more):
    return district.act(case_id, REVIEW, "transfer", role=giver, params={"person": district.id(taker)}, **more)


def test_a_claimed_task_goes_to_a_colleague_for_good(district, case_id):
    assert "请先领取" in district.offered(case_id, REVIEW, "FIRST")["transfer"]
    district.decide(case_id, REVIEW, "claim", role="FIRST")
    due = district.latest(case_id, REVIEW).due_at
    answer = transfer(district, case_id, "FIRST", "SECOND")

    assert answer["message"] == "已转办给SECOND同志。"
    states = dict(district.session.execute(select(Seat.state, Seat.origin).where(Seat.due_at == due)).tuples().all())
    assert states == {"transferred": "model", "open": "transfer"}
    assert "不在您名下" in district.refused(case_id, REVIEW, "approve", role="FIRST")
    assert "unclaim" not in district.offered(case_id, REVIEW, "SECOND")
    district.decide(case_id, REVIEW, role="SECOND")
    event = history.of_case(district.session, case_id)[-2]
    assert (event.kind, event.actor, event.reason) == ("seat_transferred", district.id("FIRST"), "办理有误，需要更正")
    district.sound(case_id)


def test_a_task_goes_from_hand_to_hand_three_times_at_most(district, case_id):
    district.decide(case_id, REVIEW, "claim", role="FIRST")
    for giver, taker in (("FIRST", "SECOND"), ("SECOND", "THIRD"), ("THIRD", "FOURTH")):
        transfer(district, case_id, giver, taker)
    why = district.refused(case_id, REVIEW, "transfer", role="FOURTH", params={"person": district.id("FIRST")})
    assert "已转办 3 次" in why


@pytest.mark.parametrize(
    "taker, why",
    [("FUND_CHIEF", "不在可选范围内"), ("FIRST", "已有席位"), ("UNIT_LEADER", "不能办理两级"), (None, "请选择人员")],
)
def test_not_everybody_may_take_over(district, case_id, taker, why):
    if taker == "UNIT_LEADER":
        factories.create_post(
            district.session,
            role="DEPT_REVIEWER",
            organisation=district.bodies["department"],
            person=district.people["UNIT_LEADER"],
        )
        district.session.commit()
    district.decide(case_id, REVIEW, "claim", role="FIRST")
    params = {"person": district.id(taker)} if taker else {}
    assert why in district.refused(case_id, REVIEW, "transfer", role="FIRST", params=params)


def test_the_chief_of_a_section_passes_its_tasks_on(district):
    district.add("FUND_REVIEWER", "JUNIOR")
    case_id = district.start()["case_id"]
    district.walk(case_id, *FORWARD[:3])
    district.act(case_id, "fund_review", "transfer", role="FUND_CHIEF", params={"person": district.id("JUNIOR")})
    assert district.offered(case_id, "fund_review", "FUND_CHIEF")["transfer"] == ""
    district.act(case_id, "fund_review", "transfer", role="FUND_CHIEF", params={"person": district.id("FUND_REVIEWER")})
    assert "transfer" not in district.offered(case_id, "fund_review", "DEPT_REVIEWER")
    district.walk(case_id, "fund_review", "fund_chief_review")
    district.sound(case_id)


def test_advice_comes_back_and_the_holder_decides(district, case_id):
    district.decide(case_id, REVIEW, "claim", role="FIRST")
    asked = {"person": district.id("FUND_REVIEWER")}
    district.act(case_id, REVIEW, "delegate", role="FIRST", params=asked, reason="请核一下补助标准")
    assert "等其答复" in district.refused(case_id, REVIEW, "approve", role="FIRST")
    assert district.offered(case_id, REVIEW, "FUND_REVIEWER")["resolve"] == ""
    assert "答复委派" in district.refused(case_id, REVIEW, "approve", role="FUND_REVIEWER")
    assert "至少 5 个字" in district.refused(case_id, REVIEW, "resolve", role="FUND_REVIEWER", reason="可")
    district.act(case_id, REVIEW, "resolve", role="FUND_REVIEWER", reason="标准符合济财社文件")

    district.decide(case_id, REVIEW, role="FIRST")
    said = district.session.scalars(select(Seat.opinion).where(Seat.origin == "advice")).all()
    assert said == ["标准符合济财社文件"]
    assert [event.kind for event in history.of_case(district.session, case_id)][-3:] == [
        "seat_delegated",
        "advice_given",
        "visit_approved",
    ]
    district.decide(case_id, "fund_review")
    district.sound(case_id)


def test_a_person_from_elsewhere_sees_the_case_they_are_asked_about(district, case_id):
    stranger = factories.create_person(district.session)
    other_unit = factories.create_unit(district.session)
    factories.create_post(district.session, role="UNIT_LEADER", organisation=other_unit, person=stranger)
    district.people["STRANGER"] = stranger
    district.session.commit()
    with pytest.raises(NotFound):
        district.offered(case_id, REVIEW, "STRANGER")
    district.decide(case_id, REVIEW, "claim", role="FIRST")
    district.act(case_id, REVIEW, "delegate", role="FIRST", params={"person": stranger.id})
    assert district.offered(case_id, REVIEW, "STRANGER")["resolve"] == ""


def test_a_question_is_taken_back_and_a_return_ends_it(district, case_id):
    district.decide(case_id, REVIEW, "claim", role="FIRST")
    district.act(case_id, REVIEW, "delegate", role="FIRST", params={"person": district.id("BUDGET_REVIEWER")})
    district.act(case_id, REVIEW, "undelegate", role="FIRST")
    states = district.session.execute(
        select(Seat.origin, Seat.state).where(Seat.visit_id == district.latest(case_id, REVIEW).id)
    )
    assert set(states.tuples()) == {("model", "open"), ("advice", "cancelled")}
    district.decide(case_id, REVIEW, "return", role="FIRST")
    district.sound(case_id)


def test_half_an_answer_survives_when_the_question_is_taken_back_and_asked_again(district, case_id):
    def asked(verb):
        params = {"person": district.id("BUDGET_REVIEWER")} if verb == "delegate" else {}
        district.act(case_id, REVIEW, verb, role="FIRST", params=params)

    def shown():
        visit, adviser = district.latest(case_id, REVIEW), district.actor("BUDGET_REVIEWER")
        page = tasks.page(district.session, visit.id, actor=adviser, at=district.later())
        district.session.commit()
        return page.reason, page.writing["code"], page.writing["draft_version"]

    def save(version):
        who, visit = district.actor("BUDGET_REVIEWER"), district.latest(case_id, REVIEW)
        kept = {"form_code": "opinion", "content": {}, "opinion": "标准符合文件，尚须核对人数", "version": version}
        declarations.save_draft(district.session, visit.id, actor=who, at=district.later(), **kept)
        district.session.commit()

    district.decide(case_id, REVIEW, "claim", role="FIRST")
    asked("delegate")
    assert shown() == (None, "opinion", 0)
    save(0)
    assert shown() == ("标准符合文件，尚须核对人数", "opinion", 1)
    asked("undelegate")
    asked("delegate")
    assert shown() == ("标准符合文件，尚须核对人数", "opinion", 0)
    save(0)
    assert shown()[2] == 1


def hand_over(district, by, leaver, to=None):
    answer = handovers.hand_over(
        district.session,
        actor=people.actor(district.session, district.id(by), at=district.at),
        leaver_id=district.id(leaver),
        to_id=district.id(to) if to else None,
        reason="岗位调整，统一移交",
        at=district.later(),
    )
    district.session.commit()
    return answer


@pytest.fixture
def administrator(district):
    person = factories.create_person(district.session)
    centre = factories.create_organisation(district.session, kind="information_centre")
    factories.create_post(district.session, role="SYS_ADMIN", organisation=centre, person=person)
    district.people["SYS_ADMIN"] = person
    district.session.commit()


def test_a_leavers_tasks_are_handed_over_in_one_act(district, administrator):
    cases = [
        district.start(project_name=name)["case_id"] for name in ("技能培训甲项目", "道路养护乙工程", "校舍维修丙工程")
    ]
    for case_id in cases:
        district.walk(case_id, "draft", "unit_sign")
        district.decide(case_id, REVIEW, "claim", role="FIRST")
    district.act(cases[2], REVIEW, "delegate", role="FIRST", params={"person": district.id("BUDGET_REVIEWER")})
    with pytest.raises(NotAllowed):
        hand_over(district, "FUND_CHIEF", "FIRST")

    answer = hand_over(district, "SYS_ADMIN", "FIRST", "SECOND")

    assert {row["case_id"] for row in answer["moved"]} == set(cases)
    for case_id in cases:
        event = history.of_case(district.session, case_id)[-1]
        assert (event.kind, event.changes[-1]) == ("seat_handed_over", {"type": "batch", "batch": answer["batch"]})
        district.decide(case_id, REVIEW, role="SECOND")
        district.sound(case_id)


def test_whose_account_is_disabled_amid_the_work_leaves_it_to_be_found_and_taken_over(district, case_id, administrator):
    district.decide(case_id, REVIEW, "claim", role="FIRST")
    told = {"by": district.id("SYS_ADMIN"), "at": district.later()}
    personnel.set_active(district.session, district.id("FIRST"), False, **told)
    district.session.commit()
    with pytest.raises(Refused):
        district.decide(case_id, REVIEW, role="FIRST")
    district.session.rollback()
    (stuck,) = stuck_cases.found(district.session, actor=district.actor("SYS_ADMIN"), at=district.at)
    assert (stuck.case_id, stuck.kind) == (case_id, "holder_gone")
    assert "已由" in district.offered(case_id, REVIEW, "SECOND")["approve"]
    hand_over(district, "SYS_ADMIN", "FIRST", "SECOND")
    assert stuck_cases.found(district.session, actor=district.actor("SYS_ADMIN"), at=district.at) == []
    district.decide(case_id, REVIEW, role="SECOND")
    district.sound(case_id)


def test_without_a_successor_tasks_go_back_to_the_post(district, case_id, administrator):
    district.decide(case_id, REVIEW, "claim", role="FIRST")
    answer = hand_over(district, "SYS_ADMIN", "FIRST", "FUND_CHIEF")
    assert (len(answer["put_back"]), answer["moved"]) == (1, [])
    district.decide(case_id, REVIEW, role="THIRD")
    district.sound(case_id)
