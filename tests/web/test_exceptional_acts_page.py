"""Does one person ask for something out of the ordinary with its effects in view, and another agree or say why not?"""

import pytest

from service import exceptional_acts
from tests import factories
from tests.district import create_district
from tests.web.page_reading import read, send

REASON = "区政府专题会议要求"


@pytest.fixture
def district(session):
    return create_district(session)


@pytest.fixture
def case_id(district):
    made = district.start()["case_id"]
    district.walk(made, "draft")
    return made


def as_(client, district, role):
    factories.log_in(client, district.session, district.people[role])
    return client


def ask(client, case_id, verb="jump", place="fund_chief_review", reason=REASON):
    page = f"/cases/{case_id}/exceptional-acts"
    return send(client, "/", page, verb=verb, place=place, reason=reason)


def state(district, case_id):
    district.session.rollback()
    return [act["state"] for act in exceptional_acts.of_case(district.session, case_id)]


def test_a_jump_is_asked_for_from_the_case_page_and_done_by_a_leader(client, district, case_id):
    chief = as_(client, district, "PERF_CHIEF")
    page = f"/cases/{case_id}/exceptional-acts"
    assert read(chief.get(f"/cases/{case_id}")).xpath(f"//a[@href='{page}']")
    shown = read(chief.get(f"{page}?verb=jump&place=fund_chief_review"))
    assert "fund_chief_review" in shown.xpath("//select[@name='place']/option/@value")
    effects = shown.get_element_by_id("effects").getparent().text_content()
    assert "初审绩效目标" in effects
    assert ask(chief, case_id).status_code == 303
    assert set(district.open_visits(case_id)) == {"unit_sign"}

    leader = as_(client, district, "BUREAU_LEADER")
    waiting = read(leader.get("/exceptional-acts"))
    assert REASON in waiting.text_content()
    address = waiting.xpath("//main//form/@action")[0]
    assert send(leader, "/", address, decision="confirm", reason="").status_code == 303

    district.session.rollback()
    assert set(district.open_visits(case_id)) == {"fund_chief_review"}
    assert "没有待批的特别处理" in leader.get("/exceptional-acts").text


def test_an_act_without_a_reason_is_not_asked_for(client, district, case_id):
    answer = ask(as_(client, district, "PERF_CHIEF"), case_id, verb="suspend", place="", reason="挂")

    assert answer.status_code == 422
    assert read(answer).get_element_by_id("reason").text == "挂"
    assert state(district, case_id) == []


def test_what_is_not_possible_says_why_and_offers_no_form(client, district, case_id):
    chief = as_(client, district, "PERF_CHIEF")
    page = read(chief.get(f"/cases/{case_id}/exceptional-acts?verb=void"))

    assert "要停止办理请用终止" in page.text_content()
    assert not page.xpath("//main//form[@method='post']")


def test_a_leader_who_does_not_agree_says_why(client, district, case_id):
    ask(as_(client, district, "PERF_CHIEF"), case_id, verb="terminate", place="")
    leader = as_(client, district, "BUREAU_LEADER")
    address = read(leader.get("/exceptional-acts")).xpath("//main//form/@action")[0]

    assert send(leader, "/", address, decision="refuse", reason="不行").status_code == 422
    assert state(district, case_id) == ["waiting"]
    assert send(leader, "/", address, decision="refuse", reason="理由不充分，不同意").status_code == 303
    assert state(district, case_id) == ["refused"]


def test_others_neither_ask_nor_confirm(client, district, case_id):
    clerk = as_(client, district, "UNIT_CLERK")

    assert ask(clerk, case_id).status_code == 403
    assert clerk.get("/exceptional-acts").status_code == 403
    assert "特别处理" not in clerk.get(f"/cases/{case_id}").text
