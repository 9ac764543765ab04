"""An administrator moves a threshold of the lights in the browser; the next season is judged by it, the running one not."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from service import campaigns
from service.people import day as district_day
from tests import factories, monitoring_district
from tests.browser import test_studio
from tests.browser.conftest import picture
from tests.browser.test_editors import Table, codes, ready, saved
from tests.browser.test_studio import submit
from tests.district import District
from tests.service.test_own_parts import another_season

pytestmark = pytest.mark.browser
page_of = test_studio.page_of


@pytest.fixture
def monitored(session: Session) -> Any:
    made = monitoring_district.create(session)
    centre = factories.create_organisation(session, kind="information_centre")
    made.base.people["SYS_ADMIN"] = factories.create_person(session, username="sys_admin")
    factories.create_post(session, role="SYS_ADMIN", organisation=centre, person=made.base.people["SYS_ADMIN"])
    session.commit()
    return made


@pytest.fixture
def district(monitored: Any) -> District:
    return monitored.base  # type: ignore[no-any-return]


def spent(monitored: Any, share: str) -> str:
    return str((monitored.project.amount_total * Decimal(share)).quantize(Decimal("0.01")))


def light(monitored: Any, share: str) -> str:
    """How a season judges a project of which this share is spent."""
    monitored.figures(executed=spent(monitored, share))
    case = monitored.launch()
    monitored.submit(case, full_year_forecast=spent(monitored, share))
    return str(monitored.content(case)["execution_light"])


def approve(page: Page) -> None:
    """The performance chief reads what changes and signs."""
    page.goto("/processes")
    page.get_by_role("link", name="审批").click()
    sentences = page.locator(".compare-sentences")
    expect(sentences).to_contain_text("预算执行灯")
    expect(sentences).to_contain_text("0.70")
    picture(page, "thresholds-judged")
    page.fill("#opinion", "同意，提高执行红线")
    page.get_by_role("button", name="批准").click()
    expect(page.locator("main")).to_contain_text("已批准为第2版")


def test_a_moved_threshold_holds_for_the_next_season(page_of, monitored):
    page = page_of("SYS_ADMIN")
    page.goto("/processes/performance_monitoring")
    with page.expect_navigation(wait_until="commit"):
        page.get_by_role("button", name="修改流程").click()
    page.get_by_role("link", name="决策表", exact=True).click()
    page.locator("main a[href$='performance_monitoring.dmn']").last.click()
    ready(page)
    page.get_by_role("button", name="预算执行灯").click()
    table = Table(page)
    table.write(1, 0, "< 0.70")
    assert codes(page) == ["dmn.overlap"]
    table.write(2, 0, "[0.70..0.80)")
    assert codes(page) == []
    picture(page, "thresholds-tables")
    saved(page)
    submit(page, district_day(datetime.now(UTC)))
    approve(page_of("PERF_CHIEF"))

    # In both seasons 65 percent of what should be spent by then.
    assert light(monitored, "0.38") == "yellow"
    running = monitored.case("performance_monitoring")
    monitored.sign(running)
    monitored.check(running, proposed_action="continue")
    monitored.season = another_season(monitored)
    monitored.at = monitored.base.at = datetime(2027, 11, 2, 1, tzinfo=UTC)
    campaigns.open_and_close_due(monitored.session, monitored.at)
    assert light(monitored, "0.54") == "red"
