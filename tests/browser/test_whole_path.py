"""A project on its whole way: every role logs in, one returns it with findings, it comes back and reaches the library."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from db.campaign import Campaign
from tests import factories
from tests.browser.conftest import Console, picture, watch
from tests.district import District, create_district, declaration

pytestmark = pytest.mark.browser


@pytest.fixture
def district(session: Session) -> District:
    """A district whose season is open today."""
    made = create_district(session)
    season = session.get_one(Campaign, made.campaign.id)
    today = datetime.now(UTC).date()
    season.opens_on, season.closes_on = today - timedelta(days=10), today + timedelta(days=30)
    session.commit()
    return made


class Desk:
    """A browser of its own for each role, logged in by the page like a person."""

    def __init__(self, chromium: Browser, address: str, console: Console) -> None:
        self.chromium, self.address, self.console = chromium, address, console
        self.pages: dict[str, Page] = {}

    def of(self, role: str) -> Page:
        if role not in self.pages:
            context = self.chromium.new_context(
                base_url=self.address,
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                viewport={"width": 1366, "height": 768},
            )
            page = context.new_page()
            watch(page, self.console)
            page.set_default_timeout(20_000)
            page.goto("/login")
            page.fill("#username", role.lower())
            page.fill("#password", factories.PASSWORD)
            page.click("button[type=submit]")
            page.wait_for_url(re.compile(r"/$"))
            self.pages[role] = page
        return self.pages[role]


@pytest.fixture
def desk(chromium: Browser, address: str, console: Console) -> Iterator[Desk]:
    made = Desk(chromium, address, console)
    yield made
    for page in made.pages.values():
        page.context.close()
    assert console.unexpected() == []


def settled(page: Page) -> None:
    page.wait_for_selector("body[data-ready]", state="attached")


def fill(page: Page) -> None:
    """Fill in the declaration (F01) as a clerk would, row by row."""
    declared = declaration()
    rows = declared.pop("indicators")
    choices = {"project_attribute", "project_category", "is_public"}
    for name, value in declared.items():
        field = page.locator(f'[name="{name}"]')
        if name in choices:
            field.select_option(str(value).lower() if isinstance(value, bool) else str(value))
        else:
            field.fill(str(value))
    for index, row in enumerate(rows):
        if page.locator(f'[name="indicators-{index}-level3_name"]').count() == 0:
            page.locator("#indicators [data-act=add]").click()
        for column, value in row.items():
            cell = page.locator(f'[name="indicators-{index}-{column}"]')
            if column in ("level1_code", "level2_code", "nature", "operator"):
                cell.select_option(value)
            else:
                cell.fill(value)


def submit(page: Page) -> None:
    """Give reasons for the warnings that are shown, then submit; what is asked for more is explained too."""
    page.locator("#saved", has_text="已保存").wait_for()
    for _ in range(3):
        for reason in page.locator('input[name^="warning-"]').all():
            reason.fill("情况属实，已核对")
        decide(page, "submit")
        if urlsplit(page.url).path == "/":
            return
        settled(page)
    raise AssertionError(page.locator("#refusal").inner_text())


def decide(page: Page, verb: str) -> None:
    """Press a button and say yes to the sheet, if it comes: where something is wrong, the page says so instead."""
    with page.expect_navigation():
        with page.expect_response(re.compile("/preview$")) as said:
            page.locator(f".action-bar button[value={verb}]").click()
        if said.value.status == 200:
            page.locator("dialog.confirm-sheet [data-confirm]").click()


def open_task(page: Page) -> None:
    page.goto("/")
    settled(page)
    page.locator("#inbox-list td.title a").first.click()
    settled(page)


def review(page: Page, grade: str, opinion: str) -> None:
    """Fill in the review form (F03): every item and the overall grade alike."""
    for index in range(8):
        page.locator(f'[name="items-{index}-rating"]').select_option(grade)
        if grade in ("中", "差"):
            page.locator(f'[name="items-{index}-comment"]').fill("按审核要点核对，尚有不足")
    page.locator('[name="overall_grade"]').select_option(grade)
    page.locator('[name="opinion"]').fill(opinion)


def approve(page: Page) -> None:
    open_task(page)
    if page.locator('[name="items-0-rating"]').count():
        review(page, "优", "目标明确，同意。")
    decide(page, "approve")
    page.wait_for_url(re.compile(r"/$"))


def test_a_project_passes_every_role_with_a_return_on_the_way(district: District, desk: Desk):
    clerk = desk.of("UNIT_CLERK")
    clerk.goto("/declarations/new")
    clerk.fill("#project_name", "职业技能培训")
    clerk.locator("main button.btn-primary").click()
    settled(clerk)
    fill(clerk)
    picture(clerk, "path-draft")
    submit(clerk)

    approve(desk.of("UNIT_LEADER"))

    department = desk.of("DEPT_REVIEWER")
    open_task(department)
    review(department, "中", "目标不够具体，请补充")
    department.locator("td[data-field=annual_goal]").click()
    department.keyboard.type("请写明受益人群")
    department.locator(".action-bar button[value=return]").click()
    department.locator("#panel-return textarea").fill("目标不够具体，请补充后重报")
    picture(department, "path-return")
    department.locator("#panel-return button[name=verb][value=return]").click()
    department.wait_for_url(re.compile(r"/$"))

    clerk.goto("/?tab=returned")
    settled(clerk)
    clerk.locator("#inbox-list td.title a").first.click()
    settled(clerk)
    expect(clerk.locator("main")).to_contain_text("目标不够具体")
    clerk.locator('[name="annual_goal"]').fill("面向全区失业人员完成职业技能培训300人次，合格率达到95%以上。")
    clerk.locator('.tab-list a[href="#tab-findings"]').click()
    clerk.locator('select[name^="answer-"]').select_option("done")
    clerk.locator('input[name^="answer-"]').fill("已写明受益人群")
    clerk.locator('.tab-list a[href="#tab-quality"]').click()
    submit(clerk)

    for role in ("UNIT_LEADER", "DEPT_REVIEWER", "FUND_REVIEWER", "FUND_CHIEF", "PERF_OFFICER"):
        approve(desk.of(role))
    budget = desk.of("BUDGET_REVIEWER")
    open_task(budget)
    budget.locator('.tab-list a[href="#tab-diagram"]').click()
    budget.locator(".diagram-holder").first.wait_for()
    assert budget.locator(".diagram-current").count() == 2
    picture(budget, "path-joint")
    approve(budget)
    approve(desk.of("PERF_CHIEF"))

    auditor = desk.of("AUDITOR")
    auditor.goto("/cases")
    settled(auditor)
    auditor.locator("#case-list td.title a").first.click()
    settled(auditor)
    expect(auditor.locator("main")).to_contain_text("库〔2027〕0001")
    assert auditor.locator("main form").count() == 0
    picture(auditor, "path-case")
    auditor.get_by_role("link", name="入库通知").click()
    expect(auditor.locator("article")).to_contain_text("准予进入")
    picture(auditor, "path-notice")
    for page in (clerk, auditor):
        page.goto("/library")
        settled(page)
        expect(page.locator("main")).to_contain_text("职业技能培训")
