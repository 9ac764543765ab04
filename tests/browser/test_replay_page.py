"""An auditor at work: find the case with two returns, play it, see the figure that changed, check it, take the proof away."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from db.connection import database_now
from service.config import Config
from service.seals import copies, keys, sealing
from tests import factories
from tests.browser.conftest import picture
from tests.district import create_district, declaration

pytestmark = pytest.mark.browser
CHANGED = {"amount_total": "48.50", "amount_fiscal": "48.50", "amount_district": "40"}


@pytest.fixture
def case_id(session: Session, config: Config, page: Page, address: str) -> str:
    """Returned twice, with another amount the second time; the auditor is logged in."""
    district = create_district(session)
    made: str = district.start(project_name="道路养护工程")["case_id"]
    district.start(project_name="图书馆设备采购")
    district.walk(made, "draft", "unit_sign")
    district.decide(made, "department_review", "return")
    district.decide(
        made, "draft", "submit", form={"project_target": declaration(project_name="道路养护工程", **CHANGED)}
    )
    district.walk(made, "unit_sign")
    district.decide(made, "department_review", "return")
    district.decide(
        made, "draft", "submit", form={"project_target": declaration(project_name="道路养护工程", **CHANGED)}
    )
    district.walk(made, "unit_sign", "department_review")
    signer = keys.signer(config.data)
    sealing.seal(session, signer, at=database_now(session))
    session.commit()
    copies.export(session, config.data, signer, at=database_now(session))
    session.commit()
    token = factories.open_session(session, district.people["AUDITOR"].id)
    page.context.add_cookies([{"name": "jiheng", "value": token, "url": address}])
    return made


def test_an_auditor_finds_plays_checks_and_takes_the_proof_away(
    page: Page, case_id: str, config: Config, tmp_path: Path
):
    page.goto("/audit?returns=2")
    expect(page.locator("td.title a")).to_have_count(1)
    picture(page, "audit")
    page.locator("td.title a").click()
    page.wait_for_selector("body[data-ready]")
    expect(page.locator("#replay-diagram .diagram-current")).to_have_count(1)

    page.click("a[data-step=first]")
    expect(page.locator("nav strong")).to_have_text("事件 1/10")
    page.keyboard.press("ArrowRight")
    expect(page.locator("nav strong")).to_have_text("事件 2/10")
    assert page.url.endswith("event=2")
    page.click("nav a[data-step=figures]")
    expect(page.locator("nav strong")).to_have_text("事件 5/10")
    expect(page.locator("#replay-changes")).to_contain_text("48.5")
    expect(page.locator("#replay-form .replay-changed").first).to_contain_text("48.5")
    expect(page.locator("#replay-diagram .diagram-returned")).to_have_count(1)
    expect(page.locator("#replay-diagram .heat-figure").first).to_have_text("2×")
    assert page.locator("#replay-diagram .diagram-walked").count() > 1
    picture(page, "replay")
    page.click("nav a[data-step=previous]")
    expect(page.locator("#replay-diagram .diagram-earlier")).to_have_count(1)

    page.click("[data-play-button]")
    expect(page.locator("nav strong")).to_have_text("事件 7/10", timeout=20_000)
    page.click("[data-play-button]")
    stopped = page.locator("nav strong").inner_text()
    page.wait_for_timeout(2_000)
    assert page.locator("nav strong").inner_text() == stopped

    page.click("text=验证")
    expect(page.locator("#verdict strong")).to_have_text("一致")
    page.goto(f"/cases/{case_id}/replay")
    with page.expect_download() as download:
        page.click("text=证据包")
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(tmp_path / "outside")
    command = [sys.executable, "-I", "verifier.py", ".", "--key", keys.signer(config.data).public_key]
    done = subprocess.run(command, cwd=tmp_path / "outside", capture_output=True, text=True, check=False)
    assert (done.returncode, "一致" in done.stdout) == (0, True)


def test_the_heatmap_colours_steps_by_count_and_time(page: Page, case_id: str):
    page.goto("/audit/process")
    expect(page.locator("#heatmap .heat-5").first).to_be_attached()
    counted = page.locator(".heat-figure").all_inner_texts()
    assert "4" in counted
    page.check("input[value=time]")
    expect(page.locator(".heat-figure").first).to_contain_text(".")
    picture(page, "heatmap")


def test_the_approval_sheet_is_printed_as_pdf(page: Page, case_id: str):
    page.goto(f"/cases/{case_id}/print/approval")
    expect(page.locator("article")).to_contain_text("审批单")
    assert page.pdf().startswith(b"%PDF-")
