"""The table editor and the form designer in a real browser, as an administrator who is no programmer uses them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from service.people import day as district_day
from tests.browser import test_studio
from tests.browser.conftest import picture

pytestmark = pytest.mark.browser
district, page_of = test_studio.district, test_studio.page_of
AXE = Path(__file__).parents[2] / "service" / "ui" / "node_modules" / "axe-core" / "axe.min.js"
REVIEW_STEP = "绩效科会签绩效指标"
FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:camunda="http://camunda.org/schema/1.0/dmn" id="d" name="等级" namespace="x">
<decision id="grade" name="评价等级" camunda:historyTimeToLive="5"><decisionTable id="t" hitPolicy="FIRST"><input id="i" label="得分">
<inputExpression id="e" typeRef="number"><text>score</text></inputExpression></input><output id="o" label="等级" name="grade" typeRef="string"/>
<rule id="r1"><inputEntry id="c1"><text>&gt;= 90</text></inputEntry><outputEntry id="c2"><text>"优"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def begin(page: Page) -> str:
    """Begin a change of the process; the address of it."""
    page.goto("/processes/target_declaration")
    with page.expect_navigation(wait_until="commit"):
        page.get_by_role("button", name="修改流程").click()
    return page.url


def ready(page: Page) -> None:
    page.wait_for_selector("body[data-studio=ready]", state="attached")


def codes(page: Page) -> list[str]:
    """What the check says of the part as it now is, by code."""
    page.wait_for_selector("body[data-checked=true]", state="attached")
    found: list[str] = page.locator("[data-part=problems] li").evaluate_all("all => all.map(one => one.dataset.code)")
    return found


def saved(page: Page) -> None:
    page.locator("[data-part=saved][data-state=saved]").wait_for()


def accessible(page: Page) -> None:
    """Nothing axe-core objects to; what bpmn.io draws is not ours."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    run = "axe.run({exclude: [['#table-canvas']]}, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa']})"
    found = page.evaluate(f"{run}.then(all => all.violations.map(one => [one.id, one.nodes.map(node => node.html)]))")
    assert found == []


class Table:
    """The decision table that is open in the editor."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def cell(self, row: int, column: int) -> Locator:
        return self.page.locator(f"#table-canvas tbody tr:nth-child({row}) td.cell").nth(column)

    def write(self, row: int, column: int, text: str) -> None:
        self.cell(row, column).click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        self.page.mouse.click(600, 560)

    def add_row(self) -> None:
        self.page.locator("#table-canvas .add-rule-add").click()


def test_a_decision_table_is_made_checked_tried_and_kept(page_of):
    page = page_of("SYS_ADMIN")
    address = begin(page)
    page.get_by_role("link", name="决策表", exact=True).click()
    page.get_by_label("名称", exact=True).fill("监控预警灯")
    page.get_by_label("编号").fill("monitoring_light")
    page.get_by_role("button", name="新建").click()
    ready(page)
    table = Table(page)
    table.write(1, 0, ">= 0.9")
    table.write(1, 1, '"绿灯"')
    table.add_row()
    table.write(2, 0, "<= 0.9")
    table.write(2, 1, '"红灯"')
    assert codes(page) == ["dmn.overlap"]
    problem = page.locator("[data-part=problems] li button")
    expect(problem).to_contain_text("第1行与第2行重叠：“条件”为 0.9时两行都相符")
    problem.click()
    shadow = table.cell(2, 0).evaluate("cell => getComputedStyle(cell).boxShadow")
    assert shadow != "none", "the row at fault is marked"
    picture(page, "table-overlap")
    table.write(2, 0, "< 0.9")
    assert codes(page) == []
    page.get_by_label("条件（value）").fill("0.85")
    page.get_by_role("button", name="试算").click()
    expect(page.locator("[data-part=answer]")).to_contain_text("结论：红灯", timeout=20_000)
    expect(page.locator("[data-part=answer]")).to_contain_text("监控预警灯：第2行相符")
    page.get_by_label("条件（value）").fill("很好")
    page.get_by_role("button", name="试算").click()
    expect(page.locator("[data-part=answer]")).to_contain_text("应为数字", timeout=20_000)
    picture(page, "table-tried")
    saved(page)
    assert page.locator("body").get_attribute("data-untranslated") is None
    mark = page.locator("#table-canvas .bjs-powered-by").bounding_box()
    middle = [mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2]
    # The licence: nothing may cover the mark.
    assert page.evaluate("([x, y]) => !!document.elementFromPoint(x, y).closest('.bjs-powered-by')", middle)
    titles = page.locator("#table-canvas [title]").evaluate_all("all => all.map(one => one.title).filter(Boolean)")
    assert [one for one in titles if not test_studio.CHINESE.search(one) and "bpmn" not in one.lower()] == []
    accessible(page)
    page.goto(f"{address}/compare")
    expect(page.locator(".compare-sentences")).to_contain_text("新增决策表“监控预警灯”（2行规则）")


def test_a_table_of_another_tool_is_brought_along_without_what_is_foreign(page_of):
    page = page_of("SYS_ADMIN")
    address = begin(page)
    page.goto(f"{address}/tables")
    file = {"name": "Grade Table.dmn", "mimeType": "application/xml", "buffer": FOREIGN.encode()}
    page.locator("#table").set_input_files(file)
    page.get_by_role("button", name="导入").click()
    ready(page)
    expect(page.locator("main")).to_contain_text("有 1 处其他软件的扩展没有保留")
    assert codes(page) == ["dmn.gap"]
    expect(page.locator("[data-part=try] select")).to_have_value("grade")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出").click()
    assert download.value.suggested_filename == "grade_table.dmn"
    assert "camunda" not in download.value.path().read_text(encoding="utf-8")
    reader = page_of("PERF_CHIEF")
    reader.goto(f"{address}/tables/grade_table.dmn")
    expect(reader.locator(".rule-table")).to_contain_text(">= 90")
    accessible(reader)
    picture(reader, "table-read")


class Designer:
    """The form designer as an administrator uses it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.panel = page.locator("[data-part=panel]")
        page.goto(f"{address}/forms/target_review")
        ready(page)

    def write(self, label: str, value: str) -> None:
        field = self.panel.get_by_label(label, exact=True)
        field.fill(value)
        field.blur()

    def preview(self, mode: str, step: str) -> Locator:
        sheet = self.page.locator("[data-part=preview]")
        shown = sheet.get_attribute("data-shown")
        self.page.get_by_label("预览方式").select_option(label=mode)
        self.page.get_by_label("步骤", exact=True).select_option(label=step)
        self.page.wait_for_selector(f"[data-part=preview]:not([data-shown='{shown}'])")
        return sheet


def test_a_field_with_a_rule_is_made_visible_at_one_step_only(page_of, district):
    running = district.start()["case_id"]
    page = page_of("SYS_ADMIN")
    address = begin(page)
    designer = Designer(page, address)
    page.locator("[data-part=tree]").get_by_role("button", name="总体意见", exact=False).first.click()
    page.get_by_role("button", name="添加字段").click()
    designer.write("名称", "现场核查结论")
    designer.write("编号", "site_visit")
    designer.panel.get_by_label("必须填写").check()
    designer.panel.get_by_label("怎样").select_option(label="字数不少于")
    designer.write("数值", "5")
    designer.panel.get_by_role("button", name="添加规则").click()
    designer.panel.get_by_role("button", name=f"只在{REVIEW_STEP}").click()
    assert codes(page) == []
    picture(page, "designer-field")
    expect(designer.preview("填写", f"{REVIEW_STEP}（填写）")).to_contain_text("现场核查结论")
    page.locator("[data-part=preview] [name=site_visit]").fill("合格")
    page.get_by_role("button", name="试填检查").click()
    expect(page.locator("[data-part=preview]")).to_contain_text("“现场核查结论”不得少于5字，请补充")
    expect(designer.preview("填写", "主管部门初审绩效目标（填写）")).not_to_contain_text("现场核查结论")
    expect(designer.preview("打印", f"{REVIEW_STEP}（填写）")).to_contain_text("现场核查结论")
    picture(page, "designer-print")
    saved(page)
    accessible(page)
    page.goto(f"{address}/compare")
    expect(page.locator(".compare-sentences")).to_contain_text("新增字段“现场核查结论”（单行文字，必填）")
    picture(page, "designer-compare")
    test_studio.submit(page, district_day(datetime.now(UTC)))
    chief = page_of("PERF_CHIEF")
    chief.goto(f"{address}/judge")
    expect(chief.locator(".compare-sentences")).to_contain_text("其他步骤和查阅页不可见")
    chief.get_by_role("button", name="批准").click()
    expect(chief.locator("main")).to_contain_text("已批准为第2版")
    district.at = datetime.now(UTC)
    fresh = district.start(project_name="职业技能培训二期")["case_id"]
    steps = ("draft", "unit_sign", "department_review", "fund_review", "fund_chief_review", "budget_review")
    for case_id, asked in ((fresh, True), (running, False)):
        district.walk(case_id, *steps)
        officer = page_of("PERF_OFFICER")
        officer.goto(f"/tasks/{district.open_visits(case_id)['performance_review'].id}")
        assert officer.locator("[name=site_visit]").count() == int(asked)


def test_a_form_is_designed_by_keyboard_and_undone(page_of):
    page = page_of("SYS_ADMIN")
    designer = Designer(page, begin(page))
    page.locator("[data-part=tree]").get_by_role("button", name="总体意见", exact=False).first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+ArrowDown")
    names = page.locator("[data-part=tree] [data-place*=field]").all_inner_texts()
    assert [name.split()[0] for name in names].index("总体意见") > [name.split()[0] for name in names].index("退回节点")
    assert page.evaluate("document.activeElement.textContent").startswith("总体意见")
    designer.write("最多字数", "3")
    designer.write("最少字数", "9")
    assert codes(page) == ["form.definition"]
    expect(page.locator("[data-part=problems]")).to_contain_text("最少字数大于最多字数")
    page.get_by_role("button", name="撤销").click()
    assert codes(page) == []
    assert page.get_by_role("button", name="删去“总体意见”").count() == 0, "what the rules read stays"
    page.get_by_role("button", name="权限", exact=False).click()
    picture(page, "designer-permissions")
    accessible(page)
