"""What does a person see when something is not there?"""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console

pytestmark = pytest.mark.browser


def test_a_missing_page_says_so_in_chinese(page: Page, console: Console):
    console.expected.append("404")
    page.goto("/nothing-here")
    expect(page.locator("h1")).to_contain_text("没有找到")
    assert console.messages, "the console is not watched"
