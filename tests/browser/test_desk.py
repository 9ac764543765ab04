"""A reviewer's day by keyboard alone, the way back after a decision, and pages axe finds nothing wrong with."""

from datetime import UTC, datetime, timedelta

import prepare
import pytest
from playwright.sync_api import Page
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.case import Visit
from db.connection import database_now
from service import notice_events, preferences
from tests import factories
from tests.browser.conftest import picture
from tests.district import District, create_district, declaration

pytestmark = pytest.mark.browser

AXE = prepare.UI / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


@pytest.fixture
def district(session: Session) -> District:
    made = create_district(session)
    season = session.get_one(Campaign, made.campaign.id)
    today = datetime.now(UTC).date()
    season.opens_on, season.closes_on = today - timedelta(days=10), today + timedelta(days=30)
    session.commit()
    made.at = datetime.now(UTC) - timedelta(minutes=30)
    return made


def waiting(district: District, count: int) -> list[str]:
    """Cases the clerk has submitted and the unit's leader has to sign."""
    made = []
    for number in range(count):
        name = f"职业技能培训{number}"
        case = district.start(project_name=name)["case_id"]
        declared = declaration(project_name=name)
        district.at -= timedelta(seconds=50)  # thirty cases in half an hour
        district.decide(case, "draft", "submit", form={"project_target": declared})
        district.at -= timedelta(seconds=50)
        made.append(case)
    return made


def log_in(page: Page, address: str, district: District, role: str, **work: bool) -> None:
    person = district.people[role]
    preferences.keep(district.session, person.id, "work", work, at=district.at)
    district.session.commit()
    token = factories.open_session(district.session, person.id)
    page.context.add_cookies([{"name": "jiheng", "value": token, "url": address}])


def settled(page: Page) -> None:
    page.wait_for_selector("body[data-ready]", state="attached")


def wrong(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds wrong with a page, and where."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [(one["id"], [node["target"] + [node["failureSummary"]] for node in one["nodes"][:3]]) for one in found]


def approve(page: Page) -> None:
    page.keyboard.press("a")
    sheet = page.locator("dialog.confirm-sheet[open]")
    sheet.wait_for()
    assert "接下来办理" in sheet.inner_text()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    settled(page)


def send_back(page: Page) -> None:
    page.keyboard.press("r")
    page.locator("dialog[open] textarea").wait_for()
    page.keyboard.type("依据不足，请补充立项依据。")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    settled(page)


@pytest.mark.parametrize("tasks", [4, pytest.param(30, marks=pytest.mark.long)])
def test_a_whole_day_is_done_by_keyboard(page: Page, address: str, district: District, tasks: int):
    waiting(district, tasks)
    log_in(page, address, district, "UNIT_LEADER", open_next=True)
    page.goto("/")
    settled(page)
    page.keyboard.press("?")
    page.locator("dialog[open] .keys-list").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    for number in range(tasks):
        assert "/tasks/" in page.url
        settled(page)
        if number % 4 == 1:
            send_back(page)
        else:
            approve(page)
    assert page.url.endswith("/"), "no task is left, so the list is shown"
    district.session.rollback()
    outcomes = select(Visit.outcome, func.count()).where(Visit.node_id == "unit_sign").group_by(Visit.outcome)
    done = dict(district.session.execute(outcomes).tuples().all())
    assert done == {"approve": tasks - (tasks + 2) // 4, "return": (tasks + 2) // 4}


def test_a_decision_can_be_taken_back_for_a_moment_and_no_key_decides_alone(
    page: Page, address: str, district: District
):
    (case,) = waiting(district, 1)
    log_in(page, address, district, "UNIT_LEADER")
    page.goto("/")
    page.locator("#inbox-list td.title a").click()
    settled(page)
    page.keyboard.press("a")
    page.locator("dialog.confirm-sheet[open]").wait_for()
    picture(page, "confirm-sheet")
    page.keyboard.press("Escape")
    district.session.rollback()
    assert district.latest(case, "unit_sign").state == "open"

    approve(page)
    picture(page, "undo-bar")
    with page.expect_navigation():
        page.locator("[data-undo] button").click()
    settled(page)
    assert "/tasks/" in page.url
    district.session.rollback()
    assert "department_review" not in district.open_visits(case)


@pytest.mark.parametrize("width", [1366, 390])
def test_axe_finds_nothing_wrong(page: Page, address: str, district: District, width: int):
    case = waiting(district, 1)[0]
    notice_events.tell(district.session, database_now(district.session))
    district.session.commit()
    log_in(page, address, district, "UNIT_LEADER")
    page.set_viewport_size({"width": width, "height": 800})
    visit = district.open_visits(case)["unit_sign"].id
    for path in ("/", f"/tasks/{visit}", f"/cases/{case}", "/notices", "/account/desk"):
        page.goto(path)
        settled(page)
        assert wrong(page) == [], path
        picture(page, f"desk-{width}-{path.strip('/').split('/')[0] or 'inbox'}")
