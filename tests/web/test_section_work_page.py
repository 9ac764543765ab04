"""Can a chief hand tasks on, see what a handover does before it is done, and do it in one act?"""

import pytest

from db.case import Seat
from service import people
from tests import factories
from tests.district import create_district
from tests.web.page_reading import read, send

REVIEW = "department_review"
PAGE = "/section-work"


@pytest.fixture
def district(session):
    made = create_district(session)
    made.add("DEPT_REVIEWER", "FIRST")
    chief = factories.create_person(session, name="部门主要负责人")
    factories.create_post(session, role="DEPT_LEADER", organisation=made.bodies["department"], person=chief)
    made.people["DEPT_LEADER"] = chief
    session.commit()
    case_id = made.start()["case_id"]
    made.walk(case_id, "draft", "unit_sign")
    made.decide(case_id, REVIEW, "claim", role="FIRST")
    return made


@pytest.fixture
def chief(client, session, district):
    factories.log_in(client, session, district.people["DEPT_LEADER"])
    return client


def holder(session):
    session.expire_all()
    (seat,) = session.query(Seat).filter_by(state="open", role="DEPT_REVIEWER")
    return seat.person_id


def test_ticked_tasks_go_to_a_colleague(chief, session, district):
    page = f"{PAGE}?person={district.id('FIRST')}"
    (task,) = read(chief.get(page)).xpath("//input[@name='task']/@value")
    refused = send(chief, page, PAGE, how="some", person=district.id("FIRST"), reason="均衡工作量", task=task)
    assert refused.status_code == 422
    assert "请选择接办人" in refused.text
    to = district.id("DEPT_REVIEWER")
    answer = send(chief, page, PAGE, how="some", person=district.id("FIRST"), reason="均衡工作量", task=task, taker=to)
    assert "办成 1 件" in answer.text
    assert holder(session) == to


def test_a_leavers_tasks_are_tried_then_handed_over(chief, session, district):
    first, to = district.id("FIRST"), district.id("DEPT_REVIEWER")
    page = f"{PAGE}?person={first}"
    asked = {"person": first, "taker": to, "reason": "调离本科室"}
    tried = send(chief, page, PAGE, how="try", **asked)
    assert "还没有移交" in tried.text
    assert "移交接办人 1 件" in tried.text
    assert holder(session) == first
    done = send(chief, page, PAGE, how="all", **asked)
    assert "移交接办人 1 件" in done.text
    assert holder(session) == to
    again = send(chief, PAGE, PAGE, how="all", **asked)
    assert again.status_code == 403
    assert "没有您可以移交的事项" in again.text


def test_without_a_reason_nothing_is_handed_over(chief, session, district):
    first = district.id("FIRST")
    answer = send(chief, PAGE, PAGE, how="all", person=first, taker="", reason="走")
    assert answer.status_code == 422
    assert "至少 5 个字" in answer.text
    assert holder(session) == first


def test_the_administrator_hands_over_but_sees_no_case(client, session, district):
    office = factories.create_organisation(session)
    admin = factories.create_person(session, name="系统管理员")
    factories.create_post(session, role="SYS_ADMIN", organisation=office, person=admin)
    factories.log_in(client, session, admin)
    first = district.id("FIRST")
    page = read(client.get(f"{PAGE}?person={first}"))
    assert not page.xpath("//input[@name='task']")
    assert not page.xpath("//a[starts-with(@href, '/tasks/')]")
    done = send(client, PAGE, PAGE, how="all", person=first, taker="", reason="因离职移交")
    assert "退回岗位或收回 1 件" in done.text
    assert holder(session) is None


def test_others_have_no_such_page(client, session, district):
    factories.log_in(client, session, district.people["FIRST"])
    assert client.get(PAGE).status_code == 403


def test_a_list_is_claimed_copied_and_handed_on_together(client, session, district):
    reviewer = district.people["DEPT_REVIEWER"]
    other = district.start(project_name="道路养护乙工程")["case_id"]
    district.walk(other, "draft", "unit_sign")
    visit = district.latest(other, REVIEW).id
    factories.log_in(client, session, reviewer)
    buttons = read(client.get("/")).xpath("//form[@id='batch-form']//button[@name='verb']/@value")
    assert buttons == ["claim", "transfer", "urge", "cc", "read"]

    page = f"/bulk?verb=transfer&visit={visit}"
    options = read(client.get(page)).xpath("//select[@name='person']/option/@value")
    assert district.id("FIRST") in options
    refused = send(client, page, "/bulk", verb="transfer", visit=visit, reason="忙")
    assert refused.status_code == 422
    assert "请选择人员" in refused.text
    assert "至少 5 个字" in refused.text
    sent = {"verb": "transfer", "visit": visit, "person": district.id("FIRST"), "reason": "外出学习，请办理"}
    assert "办成 1 件" in send(client, page, "/bulk", **sent).text
    assert "未办成 1 件" in send(client, page, "/bulk", **sent).text
    assert client.get("/bulk?verb=approve").status_code == 400
    assert people.actor(session, reviewer.id, at=district.at)
