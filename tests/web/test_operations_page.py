"""Can those who run the system see what stands still and retry it, and are policy documents registered on a page?"""
# ruff: noqa: F401, F811 - fixtures of other tests are used by name

from datetime import UTC, datetime, timedelta

import pytest

from db.event import Outbox
from service import incidents
from tests.service.test_operations import stranded
from tests.web.page_reading import read, send
from tests.web.test_studio_pages import CHINESE, administrator, as_role, district

PAGE = "/operations"


def test_a_quiet_system_says_so(administrator, session):
    page = administrator.get(PAGE)
    assert page.status_code == 200
    assert "没有启动" in page.text
    assert "没有积压" not in page.text or "待发送" in page.text
    assert "项目绩效目标申报审核入库" in page.text


def test_the_administrator_retries_what_nobody_could_take(administrator, as_role, district, stranded, session):
    assert "没有人在" in as_role("PERF_CHIEF").get(PAGE).text
    assert not read(as_role("PERF_CHIEF").get(PAGE)).xpath("//table[@id='incident-list']//form")
    to = f"{PAGE}/incidents/{stranded.id}"
    assert send(as_role("PERF_CHIEF"), PAGE, to).status_code == 403
    assert send(administrator, PAGE, to).status_code == 303
    assert incidents.listed(session, actor=district.actor("SYS_ADMIN")) == []
    assert send(administrator, PAGE, to).status_code == 403


def test_a_message_given_up_is_sent_again_from_the_page(administrator, session):
    now = datetime.now(UTC)
    session.add(Outbox(kind="mail", payload={}, created_at=now, attempts=7, sent_at=now, error="连接被拒绝"))
    session.commit()
    (address,) = read(administrator.get(PAGE)).xpath("//table[@id='lost-list']//form/@action")
    assert send(administrator, PAGE, address).status_code == 303
    assert "lost-list" not in administrator.get(PAGE).text
    assert send(administrator, PAGE, address).status_code == 404


def test_the_page_is_for_those_who_run_the_system(as_role, district):
    assert as_role("UNIT_CLERK").get(PAGE).status_code == 403
    assert as_role("PERF_CHIEF").get(PAGE).status_code == 200


def test_a_chief_registers_a_document_and_every_step_citing_it_warns(as_role, administrator, district):
    chief = as_role("PERF_CHIEF")
    soon = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
    stated = {"number": "演示〔2020〕3号", "title": "钢城区预算绩效目标管理暂行办法", "valid_from": "2020-01-01"}
    assert send(administrator, "/policies", "/policies", **stated).status_code == 403
    assert send(chief, "/policies", "/policies", **stated, valid_to=soon).status_code == 303
    page = chief.get("/policies").text
    assert page.count(f"将于{soon}失效") >= 2, "each step says it"
    assert f"将于{soon}失效" in administrator.get(PAGE).text
    begun = send(administrator, "/processes", "/processes/drafts", process_id="target_declaration").location
    assert f"将于{soon}失效" in administrator.get(f"{begun}/submit").text
    for wrong in ({"valid_from": ""}, {"valid_from": "昨天"}, {"valid_to": "2019-01-01"}, {"number": ""}):
        assert send(chief, "/policies", "/policies", **{**stated, **wrong}).status_code == 422


@pytest.mark.parametrize("address", [PAGE, "/policies"])
def test_these_pages_speak_english(as_role, district, stranded, session, address):
    chief = as_role("PERF_CHIEF")
    district.people["PERF_CHIEF"].locale = "en"
    session.commit()
    for place in read(chief.get(address)).xpath(
        "//main//*[self::h1 or self::h2 or self::th or self::dt or self::button]"
    ):
        assert not CHINESE.search(place.text_content()), place.text_content()
