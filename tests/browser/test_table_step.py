"""An administrator who is no programmer makes a table, draws the step that asks it, and routes cases on its answer."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from service.people import day as district_day
from tests.browser import test_studio
from tests.browser.conftest import picture
from tests.browser.test_editors import Table, codes, ready, saved
from tests.browser.test_studio import LARGE, Editor, approve, say_who_reviews, submit

pytestmark = pytest.mark.browser
district, page_of = test_studio.district, test_studio.page_of


def make_table(page):
    page.get_by_role("link", name="决策表", exact=True).click()
    page.get_by_label("名称", exact=True).fill("法审范围")
    page.get_by_label("编号").fill("legal_scope")
    page.get_by_role("button", name="新建").click()
    ready(page)
    table = Table(page)
    table.write(1, 0, "<= 300")
    table.write(1, 1, '"无需法审"')
    table.add_row()
    table.write(2, 0, "> 300")
    table.write(2, 1, '"法审"')
    assert codes(page) == []
    saved(page)


def draw(editor):
    page = editor.page
    editor.select_flow("fund_chief_yes")
    page.keyboard.press("Delete")
    editor.select("fund_chief_agrees")
    editor.append("BusinessRuleTask", "legal_scope", "判定法审范围")
    assert "table.missing" in editor.codes()
    picture(page, "table-step-missing")
    page.locator("[data-part=problems]").get_by_role("button", name="没有选定决策表").click()
    editor.choose("决策表", "法审范围")
    assert "table.input" in editor.codes()
    page.locator("[data-source=value]").select_option(label="填报绩效目标：年度资金总额")
    assert "table.input" not in editor.codes()
    expect(page.locator("[data-part=panel]")).to_contain_text("之后的条件可以用：legal_scope.result（结果）")
    picture(page, "table-step")
    editor.select("legal_scope")
    editor.append("ExclusiveGateway", "needs_legal")
    editor.append("UserTask", "legal_review", "审查合法性")
    editor.append("ExclusiveGateway", "legal_done")
    editor.connect("joint_signoff_opened")
    editor.select("needs_legal")
    editor.connect("legal_done")
    say_who_reviews(editor)
    editor.select("fund_chief_agrees")
    editor.choose("其他情况（默认）走", "到“判定法审范围”")
    editor.select("needs_legal")
    editor.choose("其他情况（默认）走", "到通往“开始会签”的判断（只走一路）")
    page.locator("[data-part=panel]").get_by_role("button", name="到“审查合法性”").click()
    editor.choose("可用的内容", "判定法审范围：结果")
    condition = page.locator("[data-condition]")
    condition.fill(condition.input_value() + ' == "法审"')
    condition.blur()
    assert editor.codes() == set()
    picture(page, "table-step-routed")
    editor.saved()


@pytest.mark.long
def test_a_table_made_and_drawn_in_the_browser_routes_the_next_case(page_of, district):
    page = page_of("SYS_ADMIN")
    editor = Editor(page)
    make_table(page)
    page.get_by_role("link", name="编辑", exact=True).click()
    page.wait_for_selector("body[data-studio=ready]", state="attached")
    page.get_by_role("button", name="适应窗口").click()
    draw(editor)
    submit(page, district_day(datetime.now(UTC)))
    approve(page_of("PERF_CHIEF"))
    district.at = datetime.now(UTC)
    for name, content, opened in (("小额培训", {}, "budget_review"), ("大额培训", LARGE, "legal_review")):
        case_id = district.start(project_name=name, **content)["case_id"]
        district.walk(case_id, "draft", "unit_sign", "department_review", "fund_review", "fund_chief_review")
        assert opened in district.open_visits(case_id)
        district.sound(case_id)
    auditor = page_of("AUDITOR")
    auditor.goto(f"/cases/{case_id}")
    expect(auditor.locator("body")).to_contain_text("判定法审范围：法审（“法审范围”第 2 行）")
    picture(auditor, "table-step-case")
    auditor.goto("/processes/target_declaration/versions/2/parts")
    auditor.get_by_label("条件（value）").fill("301")
    auditor.get_by_role("button", name="试算").click()
    expect(auditor.locator("[data-part=answer]")).to_contain_text("结论：法审", timeout=20_000)
    expect(auditor.locator("tr.row-matched")).to_have_count(1)
    picture(auditor, "table-tried-read")
