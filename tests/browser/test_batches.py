"""Approving in batch in a browser: lines ticked with a key, the dialog, the result; and pages axe finds nothing wrong with."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import picture
from tests.browser.test_desk import district, log_in, settled, waiting, wrong  # noqa: F401  (district is a fixture)
from tests.district import District

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [1440, 1366, 390])
def test_what_a_key_ticks_is_approved_together(
    page: Page,
    address: str,
    district: District,  # noqa: F811
    width: int,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("service.submissions._checks", lambda found, reasons: [])
    cases = waiting(district, 2)
    for case_id in cases:
        district.decide(case_id, "unit_sign", reason="同意上报，请审核")
    log_in(page, address, district, "DEPT_REVIEWER")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/tasks/{district.open_visits(cases[0])['department_review'].id}")
    page.goto("/")
    settled(page)
    for _ in cases:
        page.keyboard.press("j")
        page.keyboard.press("x")
    assert page.locator("input[name=visit]:checked").count() == len(cases)
    page.evaluate("document.body.dispatchEvent(new Event('inbox-changed'))")
    page.wait_for_load_state("networkidle")
    assert page.locator("input[name=visit]:checked").count() == len(cases), "a newer list keeps what is ticked"
    look(page, f"inbox-{width}")

    page.click("#batch-form button")
    settled(page)
    assert page.locator("tbody input[name=visit]:disabled").count() == 1, "what was not opened does not go along"
    look(page, f"dialog-{width}")
    page.check("#grade")
    page.fill("#opinion", "符合要求，同意报送")
    page.click("main form button.btn-primary")
    settled(page)

    assert "已同意 1 件，未办成 0 件" in page.inner_text("main")
    look(page, f"result-{width}")


def test_the_pages_beside_it_are_sound(page: Page, address: str, district: District):  # noqa: F811
    (case_id,) = waiting(district, 1)
    log_in(page, address, district, "PERF_CHIEF")
    for path in ("/account/substitutions", f"/cases/{case_id}/exceptional-acts?verb=terminate"):
        page.goto(path)
        settled(page)
        look(page, path.split("?")[0].rsplit("/", 1)[-1])


def look(page: Page, name: str) -> None:
    picture(page, f"batch-{name}")
    assert wrong(page) == []
