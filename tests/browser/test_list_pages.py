"""Inbox, library and coverage board in a real browser, on real rows: searching, drilling down, on a phone's width."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from db.campaign import CampaignUnit
from service import search
from tests import factories
from tests.browser.conftest import picture

pytestmark = pytest.mark.browser

STAGES = ("draft", "dept_review", "fund_review", "joint_signoff", "in_library", "in_library", "rejected")
NAMES = ("职业技能培训", "农村最低生活保障金", "校舍维修", "道路养护", "环境卫生保洁", "公共租赁住房补贴", "会议服务")
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def officer(session: Session, page: Page, address: str) -> Page:
    """The page of a performance officer with work waiting."""
    section = factories.create_organisation(session, kind="performance_section", name="绩效科")
    person = factories.create_person(session, name="赵敏")
    factories.create_post(session, role="PERF_OFFICER", organisation=section, person=person)
    campaign = factories.create_campaign(session)
    now = datetime.now(UTC)
    for place, unit_name in enumerate(("区人社局机关", "区民政局机关", "区第一中学")):
        department = factories.create_organisation(session, name=unit_name.removesuffix("机关"))
        fund = factories.create_organisation(session, kind="fund_section", name="社会保障科")
        department.fund_section_id = fund.id
        unit = factories.create_unit(session, department=department, name=unit_name, fund_section_id=fund.id)
        session.add(CampaignUnit(campaign_id=campaign.id, unit_id=unit.id, expected_projects=9 + place))
        for number, (name, stage) in enumerate(zip(NAMES, STAGES, strict=True) if place < 2 else ()):
            made = factories.create_project(
                session, campaign=campaign, unit=unit, name=name, amount_total=Decimal(120) + number,
                needs_ex_ante=number == 3, is_key_project=number == 4,
            )  # fmt: skip
            case = factories.create_case(
                session, project=made, campaign=campaign, stage=stage, amount=Decimal(120) + number,
                started_at=now - timedelta(days=9), is_key_project=number == 4,
            )  # fmt: skip
            search.index(session, made.id, [name, case.number])
            if stage == "joint_signoff":
                factories.create_decided(session, case=case, person=person, node="fund_review")
                factories.create_waiting(
                    session, case=case, node="fund_review", person=person, due_at=now + timedelta(days=2 * place - 1)
                )
    session.commit()
    token = factories.open_session(session, person.id)
    page.context.add_cookies([{"name": "jiheng", "value": token, "url": address}])
    return page


def test_the_inbox_counts_sorts_and_finds(officer):
    officer.goto("/")
    expect(officer.locator(".list-tabs [data-count=todo]")).to_have_text("2")
    expect(officer.locator(".list-tabs [data-count=overdue]")).to_have_text("1")
    picture(officer, "inbox")
    officer.locator("#q").fill("道路")
    expect(officer).to_have_url(re.compile("q="))
    expect(officer.locator("#inbox-list tbody tr")).to_have_count(2)
    officer.locator("#q").fill("低保")
    expect(officer.locator("#inbox-list")).to_contain_text("没有符合条件的事项")


def test_the_library_is_searched_while_typing_and_shows_its_sums(officer):
    officer.goto("/library")
    expect(officer.locator("#library-list tbody tr")).to_have_count(14)
    picture(officer, "library")
    officer.locator("#q").fill("低保")
    expect(officer.locator("#library-list tbody tr")).to_have_count(2)
    expect(officer.locator(".list-sums")).to_contain_text("2 个项目，合计 242.00 万元")
    expect(officer.get_by_role("link", name="导出 Excel")).to_have_attribute("href", re.compile("q=%E4%BD%8E%E4%BF%9D"))
    officer.locator("#q").fill("")
    officer.get_by_text("登记结论").first.click()
    expect(officer.locator("details[open] [name=reason]")).to_be_visible()


def test_the_board_leads_from_the_district_to_the_projects_of_a_unit(officer):
    officer.goto("/coverage")
    expect(officer.locator("#coverage-projects")).to_have_text("4/30")
    expect(officer.locator(".coverage-department").first).to_contain_text("尚未申报")
    officer.get_by_role("link", name="区人社局").click()
    picture(officer, "coverage")
    officer.locator(".coverage-unit a").first.click()
    expect(officer.locator("#library-list tbody tr")).to_have_count(7)


def test_lists_fit_a_phone(officer):
    officer.set_viewport_size(PHONE)
    for address in ("/", "/library", "/coverage", "/cases"):
        officer.goto(address)
        picture(officer, f"phone-{address.strip('/') or 'inbox'}")
        wider = officer.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, address
