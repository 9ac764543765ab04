"""An auditor at work: find the case with two returns, play it, see the figure that changed, check it, take the proof away."""

import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.connection import database_now
from service import substitutions
from service.config import Config
from service.people import day
from service.seals import copies, keys, sealing
from service.substitutions import Wanted
from tests import factories
from tests.browser.conftest import picture
from tests.district import create_district, declaration

pytestmark = pytest.mark.browser
CHANGED = {"amount_total": "48.50", "amount_fiscal": "48.50", "amount_district": "40"}


@pytest.fixture
def case_id(session: Session, config: Config, page: Page, address: str) -> str:
    """Returned twice, with another amount the second time, once by a substitute; the auditor is logged in."""
    district = create_district(session)
    district.add("DEPT_CLERK", "STAND_IN")
    wanted = Wanted(
        principal_id=district.id("DEPT_REVIEWER"),
        substitute_id=district.id("STAND_IN"),
        begins_on=day(district.at),
        ends_before=day(district.at) + timedelta(days=5),
        reason="外出学习两周",
    )
    substitutions.put(session, wanted, actor=district.actor("DEPT_REVIEWER"), at=district.later())
    session.commit()
    made: str = district.start(project_name="道路养护工程")["case_id"]
    district.start(project_name="图书馆设备采购")
    district.walk(made, "draft", "unit_sign")
    district.decide(made, "department_review", "return")
    district.decide(
        made, "draft", "submit", form={"project_target": declaration(project_name="道路养护工程", **CHANGED)}
    )
    district.walk(made, "unit_sign")
    district.decide(made, "department_review", "return", role="STAND_IN")
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
    page.goto("/audit?returns=2&person=STAND_IN同志")
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

    page.goto(f"/cases/{case_id}/replay?event=7")
    page.wait_for_selector("body[data-ready]")
    expect(page.locator("li[aria-current=step]")).to_contain_text("STAND_IN同志")
    expect(page.locator("li[aria-current=step]")).to_contain_text("代 ")
    page.click("nav a[data-step=previous]")
    expect(page.locator("nav strong")).to_have_text("事件 6/10")
    page.click("nav a[data-step=previous]")
    expect(page.locator("nav strong")).to_have_text("事件 5/10")
    page.click("nav a[data-step=previous]")

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
    assert (done.returncode, "一致" in done.stdout) == (0, True), done.stdout + done.stderr


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
    expect(page.locator("article")).to_contain_text("STAND_IN同志")
    picture(page, "approval")
    assert page.pdf().startswith(b"%PDF-")


@pytest.mark.parametrize("size", [(1440, 900), (1366, 768), (390, 844)], ids=["1440", "1366", "390"])
def test_comparisons_fit_every_screen(page: Page, case_id: str, session: Session, size: tuple[int, int]):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    numbers = list(session.scalars(select(CaseFile.number).order_by(CaseFile.number)))
    pages = {
        "compare": f"/audit/compare?left={numbers[0]}&right={numbers[1]}",
        "today": f"/cases/{case_id}/today",
        "acts": "/audit/acts?group=work",
    }
    for name, where in pages.items():
        page.goto(where)
        page.wait_for_selector("body[data-ready]")
        picture(page, f"{name}-{size[0]}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, (name, wide)
