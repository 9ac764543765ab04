"""The treasury brings figures on its page: a file half broken, the same file twice, and what cannot be."""

from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.monitoring import ExecutionFigure
from tests import monitoring_district
from tests.browser import test_studio
from tests.browser.conftest import picture
from tests.district import District
from tests.monitoring_district import MonitoredDistrict
from tests.service.test_execution_figures import book, sound

pytestmark = pytest.mark.browser
page_of = test_studio.page_of


@pytest.fixture
def monitored(session: Session) -> MonitoredDistrict:
    return monitoring_district.create(session)


@pytest.fixture
def district(monitored: MonitoredDistrict) -> District:
    return monitored.base


def send(page: Page, path: Path) -> None:
    page.goto("/execution-figures")
    page.set_input_files("#figures", path)
    page.get_by_role("button", name="上传检查").click()
    expect(page.locator(".coverage-numbers")).to_be_visible()


def test_the_good_half_of_a_broken_file_is_imported_once(page_of, monitored: MonitoredDistrict, tmp_path: Path):
    page, path = page_of("TREASURY"), tmp_path / "执行数.xlsx"
    path.write_bytes(book(sound(monitored, "20"), ["370000000000000000000", "没有的项目", 10, 0, 5]))
    send(page, path)
    expect(page.locator("#problems tbody tr")).to_have_count(1)
    expect(page.locator("#problems")).to_contain_text("370000000000000000000")
    picture(page, "figures-broken")
    page.get_by_role("button", name="确认导入 1 行").click()
    expect(page.locator("main")).to_contain_text("已导入 1 个项目的执行数")

    send(page, path)
    expect(page.locator("main, .toast-container, body").first).to_contain_text("没有重复导入")
    expect(page.get_by_role("button", name="确认导入")).to_have_count(0)
    monitored.session.rollback()
    assert list(monitored.session.scalars(select(ExecutionFigure.executed))) == [Decimal(20)]

    path.write_bytes(book(sound(monitored, "99")))
    send(page, path)
    expect(page.locator("#problems")).to_contain_text("结转")
    expect(page.locator("main")).to_contain_text("没有可以导入的行")
    picture(page, "figures-impossible")
