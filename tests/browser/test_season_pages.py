"""A season in a real browser: prepared, opened, filled from a workbook, on screen, phone and in English."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.campaign import Campaign
from service import workbooks
from tests import factories
from tests.browser.conftest import picture
from tests.district import District, create_district, declaration

pytestmark = pytest.mark.browser


@pytest.fixture
def district(session: Session) -> District:
    made = create_district(session)
    today = session.scalar(select(func.current_date()))
    days = {"opens_on": today - timedelta(days=10), "closes_on": today + timedelta(days=10)}
    session.execute(update(Campaign).values(**days))
    session.commit()
    return made


@pytest.fixture
def log_in(page: Page, session: Session, address: str, district: District):
    def as_role(role: str) -> None:
        session.commit()
        token = factories.open_session(session, district.people[role].id)
        page.context.add_cookies([{"name": "jiheng", "value": token, "url": address}])

    return as_role


def workbook(folder: Path) -> Path:
    contents = [
        declaration(project_name="老旧小区加装电梯补助", unit_code="101001"),
        declaration(
            project_name="社区养老服务设施运营",
            unit_code="101001",
            annual_goal="进一步提升养老服务水平，不断改善设施条件。",
        ),
        declaration(project_name="农村道路养护", unit_code="101001", amount_total="三十万"),
        declaration(project_name="校园安防升级", unit_code="999001"),
    ]
    path = folder / "全区申报.xlsx"
    path.write_bytes(workbooks.write_declarations(contents, template="COST_2021"))
    return path


def test_a_clerk_imports_a_workbook(page: Page, log_in, tmp_path: Path):
    log_in("UNIT_CLERK")
    page.goto("/imports")
    picture(page, "imports-index")
    page.get_by_label("工作簿").set_input_files(workbook(tmp_path))
    page.get_by_role("button", name="上传并检查").click()
    expect(page.locator(".import-counts")).to_contain_text("2 个可以导入，2 个有错误")
    picture(page, "imports-problems")
    page.get_by_role("link", name="项目").last.click()
    picture(page, "imports-rows")
    page.get_by_role("button", name="确认导入 2 个项目").click()
    expect(page.get_by_role("status").first).to_contain_text("已导入 2 个项目")
    page.get_by_role("link", name="已建草稿").click()
    page.get_by_role("link", name="老旧小区加装电梯补助").click()
    expect(page.locator("[name=project_name]")).to_have_value("老旧小区加装电梯补助")


def test_the_performance_section_prepares_and_opens_a_season(page: Page, log_in):
    log_in("PERF_OFFICER")
    page.goto("/campaigns")
    picture(page, "campaigns-index")
    page.get_by_role("link", name="新建批次").click()
    page.get_by_text("质量规则参数").click()
    picture(page, "campaigns-new")
    page.get_by_label("期次").select_option("additional")
    page.get_by_role("button", name="保存").click()
    picture(page, "campaigns-prepared")
    page.get_by_role("button", name="现在开放").click()
    expect(page.get_by_role("status").first).to_contain_text("批次已开放")
    picture(page, "campaigns-open")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Extend")).to_be_visible()


def test_a_years_working_days_are_pasted(page: Page, log_in):
    log_in("PERF_OFFICER")
    page.goto("/calendar?year=2027")
    page.locator("#text").fill("2027-02-05至2027-02-11 休 春节\n2027-02-13 班 调休上班")
    page.get_by_role("button", name="替换全年").click()
    expect(page.locator("td.calendar-own")).to_have_count(8)
    picture(page, "calendar")
    page.set_viewport_size({"width": 390, "height": 844})
    picture(page, "calendar-phone")
    page.goto("/imports")
    picture(page, "imports-phone")
