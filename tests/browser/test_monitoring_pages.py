"""Monitoring and rectification in a real browser: filled in, turned red, put right after one failed round; on phone and paper."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.project import Project
from tests import monitoring_district
from tests.browser import test_studio
from tests.browser.conftest import picture
from tests.district import District
from tests.monitoring_district import PDF, MonitoredDistrict

pytestmark = [pytest.mark.browser, pytest.mark.long]
page_of = test_studio.page_of


@pytest.fixture
def monitored(session: Session) -> MonitoredDistrict:
    """Its season lies around today; the money stands still."""
    made = monitoring_district.create(session)
    today = datetime.now(UTC)
    made.season.opens_on = (today - timedelta(days=10)).date()
    made.season.closes_on = (today + timedelta(days=30)).date()
    session.commit()
    made.at = today - timedelta(days=2)
    made.figures(executed="1")
    return made


@pytest.fixture
def district(monitored: MonitoredDistrict) -> District:
    return monitored.base


def settled(page: Page) -> None:
    page.wait_for_selector("body[data-ready]", state="attached")


def open_task(page: Page) -> None:
    page.goto("/")
    settled(page)
    page.locator("#inbox-list td.title a").first.click()
    settled(page)


def decide(page: Page, verb: str) -> None:
    """Press a button and say yes to the sheet; where something is wrong, the page says so instead."""
    with page.expect_navigation():
        with page.expect_response(re.compile("/preview$")) as said:
            page.locator(f".action-bar button[value={verb}]").click()
        if said.value.status == 200:
            page.locator("dialog.confirm-sheet [data-confirm]").click()
    assert page.locator("#refusal").count() == 0, page.locator("#refusal").inner_text()


def fill_report(page: Page, district: MonitoredDistrict) -> None:
    """Fill in the report (F05) as a clerk would: everything reached, the money not."""
    content = district.report()
    page.locator('[name="full_year_forecast"]').fill(content["full_year_forecast"])
    page.locator('[name="goal_progress"]').fill(content["goal_progress"])
    for index, row in enumerate(content["indicators"]):
        for name, value in row.items():
            cell = page.locator(f'[name="indicators-{index}-{name}"]')
            if name in ("state", "possibility"):
                cell.select_option(value)
            else:
                cell.fill(value)


def no_wider_than_window(page: Page) -> list[str]:
    """The elements that make the page itself scroll sideways, none if it fits."""
    return page.evaluate(  # type: ignore[no-any-return]
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll("body *")]
                .filter((one) => one.getBoundingClientRect().right > width && getComputedStyle(one).position === "absolute")
                .map((one) => `${one.tagName}.${one.className} ${one.name || ""}`);
        }"""
    )


def reply(page: Page, folder: Path) -> None:
    """Answer the notice with a measure, a result and one file."""
    page.locator('[name="measures-0-action"]').fill("倒排工期，按月调度支付进度")
    page.locator('[name="measures-0-responsible"]').fill("王某某")
    page.locator('[name="measures-0-finish_date"]').fill((datetime.now(UTC) + timedelta(days=9)).date().isoformat())
    page.locator('[name="result"]').fill("已完成合同签订和首批支付，累计执行率达到序时进度，后续按月调度。")
    page.locator('[name="is_completed"]').select_option("completed")
    path = folder / "支付凭证.pdf"
    path.write_bytes(PDF)
    page.locator('input[type="file"][name="evidence-upload"]').set_input_files(path)


def review(page: Page, text: str, advice: str = "") -> None:
    page.locator('[name="opinion"]').fill(text)
    if advice:
        page.locator('[name="fund_budget_advice"]').select_option(advice)


def test_a_red_project_is_put_right_after_one_failed_round(monitored: MonitoredDistrict, page_of, tmp_path: Path):
    monitored.launch()
    clerk, leader, department = page_of("UNIT_CLERK"), page_of("UNIT_LEADER"), page_of("DEPT_REVIEWER")
    fund, officer, chief = page_of("FUND_REVIEWER"), page_of("PERF_OFFICER"), page_of("PERF_CHIEF")
    open_task(clerk)
    fill_report(clerk, monitored)
    picture(clerk, "monitoring-fill")
    assert no_wider_than_window(clerk) == [], "wide tables scroll in themselves, the page does not"
    decide(clerk, "submit")
    for page in (leader, department):
        open_task(page)
        decide(page, "approve")
    open_task(fund)
    for name in ("timely", "compliant", "effective"):
        fund.locator(f'[name="check_{name}"]').select_option("ok")
    fund.locator('[name="proposed_action"]').select_option("continue")
    review(fund, "资金拨付滞后，转整改")
    decide(fund, "approve")

    open_task(officer)
    expect(officer.locator("main")).to_contain_text("预算执行缓慢")
    decide(officer, "submit")
    open_task(chief)
    decide(chief, "approve")

    def answered() -> None:
        open_task(clerk)
        reply(clerk, tmp_path)
        decide(clerk, "submit")
        open_task(leader)
        decide(leader, "approve")
        open_task(department)
        review(department, "措施可行，同意报送")
        decide(department, "approve")

    answered()
    open_task(fund)
    review(fund, "佐证材料不足，请补充支付凭证", "keep")
    fund.locator(".action-bar button[value=return]").click()
    fund.locator("#panel-return button[name=verb][value=return]").click()
    fund.wait_for_url(re.compile(r"/(\?.*)?$"))
    answered()
    open_task(fund)
    expect(fund.locator("main")).to_contain_text("佐证材料不足")
    review(fund, "整改到位，保留预算", "keep")
    decide(fund, "approve")
    open_task(chief)
    review(chief, "整改到位，予以销号")
    picture(chief, "rectification-close")
    decide(chief, "approve")

    officer.goto("/monitoring")
    settled(officer)
    session = monitored.session
    session.rollback()
    red = session.scalar(select(func.count()).select_from(CaseFile).where(CaseFile.stage == "monitored_red"))
    assert officer.locator("#light-red").inner_text() == str(red) == "1"
    closed = session.scalars(select(CaseFile).where(CaseFile.process_id == "rectification")).one()
    assert (closed.stage, closed.round) == ("rectified", 2)
    officer.goto(f"/cases/{closed.id}")
    settled(officer)
    expect(officer.locator("main")).to_contain_text("整改销号")
    picture(officer, "rectification-case")
    watched = session.scalars(select(CaseFile).where(CaseFile.process_id == "performance_monitoring")).one()
    officer.goto(f"/cases/{watched.id}")
    settled(officer)
    expect(officer.get_by_role("link", name="绩效运行监控表")).to_be_visible()
    expect(officer.locator(".companions")).to_contain_text(closed.number)
    with officer.expect_navigation():
        officer.get_by_role("link", name="绩效运行监控表").click()
    expect(officer.locator("article, main").first).to_contain_text("绩效运行监控表")
    picture(officer, "monitoring-print")
    assert session.scalar(select(func.count()).select_from(Project)) == 1
