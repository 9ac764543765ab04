"""The studio in a real browser: an administrator draws a step, a second person signs, new cases take it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from db.campaign import Campaign
from service.people import day as district_day
from tests import factories
from tests.browser.conftest import Console, picture, watch
from tests.district import District, create_district

pytestmark = pytest.mark.browser


@pytest.fixture
def district(session: Session) -> District:
    made = create_district(session)
    for role, kind in (("SYS_ADMIN", "information_centre"), ("LEGAL", "justice_bureau")):
        body = factories.create_organisation(session, kind=kind, name="区司法局" if role == "LEGAL" else "信息中心")
        made.bodies[kind] = body
        made.people[role] = factories.create_person(session, username=role.lower())
        factories.create_post(session, role=role, organisation=body, person=made.people[role])
    season = session.get_one(Campaign, made.campaign.id)
    today = district_day(datetime.now(UTC))
    season.opens_on, season.closes_on = today - timedelta(days=10), today + timedelta(days=30)
    made.at = datetime.now(UTC) - timedelta(days=2)
    session.commit()
    return made


@pytest.fixture
def page_of(chromium: Browser, address: str, console: Console, session: Session, district: District) -> Iterator[Any]:
    """Opens a page of its own for the holder of a role."""
    contexts = []

    def opened(role: str) -> Page:
        context = chromium.new_context(
            base_url=address, locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1366, "height": 768}
        )
        token = factories.open_session(session, district.people[role].id)
        context.add_cookies([{"name": "jiheng", "value": token, "url": address}])
        contexts.append(context)
        page = context.new_page()
        watch(page, console)
        page.set_default_timeout(20_000)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert console.unexpected() == []


CHINESE = re.compile("[\u4e00-\u9fff]")
#: A declaration over 300 (10,000 yuan).
LARGE = {"amount_total": "380.50", "amount_fiscal": "380.50", "amount_district": "300", "amount_superior": "80.50"}
FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="x">
<process id="target_declaration" name="申报" isExecutable="true"><userTask id="draft" name="单位填报" camunda:assignee="张三"/></process>
<di:BPMNDiagram id="d"><di:BPMNPlane id="pl" bpmnElement="target_declaration">
<di:BPMNShape id="s1" bpmnElement="draft"><dc:Bounds x="200" y="100" width="100" height="80"/></di:BPMNShape>
</di:BPMNPlane></di:BPMNDiagram></definitions>"""


class Editor:
    """The editor as an administrator uses it: by mouse on the canvas and by the panel beside it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.goto("/processes/target_declaration")
        page.get_by_role("button", name="修改流程").click()
        page.wait_for_selector("body[data-studio=ready]", state="attached")
        page.get_by_role("button", name="适应窗口").click()

    def element(self, element_id: str) -> Any:
        return self.page.locator(f'#studio-canvas .djs-element[data-element-id="{element_id}"] .djs-hit').first

    def select(self, element_id: str) -> None:
        """Click an element; first beside everything, for the tools of the last one may lie over it."""
        self.page.mouse.click(400, 545)
        self.element(element_id).click(force=True)

    def select_flow(self, flow_id: str) -> None:
        """Click a line near its middle, where nothing lies over it."""
        middle = self.page.locator(f'#studio-canvas [data-element-id="{flow_id}"] .djs-hit-stroke').first.evaluate(
            "line => { const at = line.getPointAtLength(line.getTotalLength() / 2).matrixTransform(line.getScreenCTM());"
            " return [at.x, at.y]; }"
        )
        self.page.mouse.click(*middle)

    def pad(self, action: str) -> None:
        self.page.locator(f'.djs-context-pad [data-action="{action}"]').click()

    def append(self, kind: str, element_id: str, name: str = "") -> None:
        """Append an element to the one selected; a step's name is typed where it stands."""
        self.pad(f"append-bpmn:{kind}")
        if name:
            self.page.keyboard.type(name)
            self.page.keyboard.press("Enter")
        self.write("编号", element_id)

    def connect(self, target: str) -> None:
        self.pad("connect")
        self.element(target).click(force=True)
        # The click that ends a line keeps the next one from being taken for another.
        self.page.wait_for_timeout(500)

    def write(self, label: str, value: str) -> None:
        field = self.page.locator("[data-part=panel]").get_by_label(label, exact=True)
        field.fill(value)
        field.blur()

    def choose(self, label: str, value: str) -> None:
        self.page.locator("[data-part=panel]").get_by_label(label, exact=True).select_option(label=value)

    def tick(self, label: str) -> None:
        self.page.locator("[data-part=panel]").get_by_label(label, exact=True).check()

    def codes(self) -> set[str]:
        """What the check says of the drawing as it now is, by code."""
        self.page.wait_for_selector("body[data-checked=true]", state="attached")
        found = self.page.locator("[data-part=problems] li")
        return {found.nth(index).get_attribute("data-code") or "" for index in range(found.count())}

    def saved(self) -> None:
        self.page.locator("[data-part=saved][data-state=saved]").wait_for()


def draw_legal_review(editor: Editor) -> None:
    """Let 法规科 see targets over 300 万元 after the fund section agreed."""
    editor.select_flow("fund_chief_yes")
    editor.page.keyboard.press("Delete")
    editor.select("fund_chief_agrees")
    editor.append("ExclusiveGateway", "large_amount")
    editor.write("名称", "超过300万元？")
    editor.append("UserTask", "legal_review", "审查合法性")
    editor.append("ExclusiveGateway", "legal_concluded")
    editor.connect("joint_signoff_opened")
    editor.select("large_amount")
    editor.connect("legal_concluded")


def say_who_reviews(editor: Editor) -> None:
    """Follow the first problem of the list to its step and fill in the panel."""
    editor.page.locator("[data-part=problems]").get_by_role("button", name="没有写明所处阶段").click()
    expect(editor.page.locator("[data-part=panel] h2")).to_have_text("办理步骤")
    editor.choose("角色", "合法性审查")
    editor.choose("单位规则", "司法局")
    editor.tick("项目支出绩效目标申报表")
    editor.choose("所处阶段", "资金科室审核")
    editor.write("办理期限（工作日）", "3")
    editor.choose("退回范围", "任一经过的步骤")
    editor.tick("同意")
    editor.tick("退回")
    editor.write("政策文件", "《钢城区重大行政决策程序规定》演示〔2026〕7号")


def say_when(editor: Editor) -> None:
    """Only large amounts take the step."""
    editor.select("fund_chief_agrees")
    editor.choose("其他情况（默认）走", "到“超过300万元？”")
    editor.select("large_amount")
    editor.choose("其他情况（默认）走", "到通往“开始会签”的判断（只走一路）")
    editor.page.locator("[data-part=panel]").get_by_role("button", name="到“审查合法性”").click()
    editor.write("条件", "draft.amount_total > 300")
    assert editor.codes() == {"condition.amount"}, "an amount is text until it is read as a number"
    editor.write("条件", "number(draft.amount_total) > 300")


def submit(page: Page, day: date) -> None:
    page.get_by_role("link", name="送审").click()
    page.fill("#document_number", "演示〔2026〕7号")
    page.fill("#document_title", "钢城区重大行政决策程序规定")
    page.fill("#article", "第八条")
    page.fill("#effective_from", day.isoformat())
    picture(page, "studio-submit")
    page.get_by_role("button", name="送校验").click()
    expect(page.locator(".test-record")).to_contain_text("随机走查 100 次，全部走到办结")
    picture(page, "studio-tested")
    page.get_by_role("button", name="送业务批准").click()
    expect(page.locator("main")).to_contain_text("已送审")


def approve(page: Page) -> None:
    page.goto("/processes")
    page.get_by_role("link", name="审批").click()
    page.wait_for_selector("body[data-compared=ready]", state="attached")
    assert page.locator(".compare-added").count() >= 1
    picture(page, "studio-judge")
    page.fill("#opinion", "同意，请按新流程办理")
    page.get_by_role("button", name="批准").click()
    expect(page.locator("main")).to_contain_text("已批准为第2版")
    picture(page, "studio-versions")


def steps_taken(district: District, case_id: str) -> list[str]:
    """Approve a declaration as far as the fund section's chief; the steps it then stands at."""
    district.walk(case_id, "draft", "unit_sign", "department_review", "fund_review", "fund_chief_review")
    return sorted(district.open_visits(case_id))


def simulate(page: Page) -> None:
    """Play a large amount on the drawing as far as the new step, and keep it as a scenario."""
    page.get_by_role("link", name="模拟", exact=True).click()
    page.wait_for_selector("body[data-simulate=ready]", state="attached")
    draft = page.locator("[data-step=draft]")
    draft.locator("[data-fact=amount_total]").select_option(label="301")
    draft.get_by_role("button", name="提交").click()
    for step in ("unit_sign", "department_review", "fund_review", "fund_chief_review"):
        page.locator(f"[data-step={step}] .btn-primary").first.click()
        page.locator(f"[data-step={step}]").wait_for(state="detached")
    expect(page.locator("[data-part=now] fieldset")).to_have_count(1)
    page.locator("[data-step=legal_review]").wait_for()
    page.wait_for_selector("body[data-simulate=ready]", state="attached")
    expect(page.locator(".simulate-canvas .diagram-current")).to_have_count(1)
    assert page.locator('.simulate-canvas .diagram-current[data-element-id="legal_review"]').count() == 1
    page.get_by_label("情景名称").fill("大额项目送法规科")
    page.get_by_role("button", name="存为情景").click()
    expect(page.locator("#scenario-list")).to_contain_text("符合预期")
    page.wait_for_selector("body[data-simulate=ready]", state="attached")
    expect(page.locator("#coverage")).to_contain_text("% 的连线")
    page.locator("[data-simulate-missed]").check()
    assert page.locator(".simulate-canvas .simulate-missed").count() > 3
    picture(page, "studio-simulate")


def migrate(page: Page, approver: Page, staying: str) -> None:
    """Put the running cases under the new version, but for those at one step, by two persons."""
    page.goto("/processes/target_declaration")
    page.get_by_role("link", name="迁移在办事项").click()
    for step in ("budget_review", "performance_review"):
        page.locator(f"[name='move.{step}']").select_option(label=staying)
    page.get_by_role("button", name="看效果").click()
    expect(page.locator("#moved-list tbody tr")).to_have_count(1)
    expect(page.locator("#moved-list")).to_contain_text("可以退回原版本")
    picture(page, "studio-migration")
    page.fill("#reason", "在办的大额项目也须送法规科")
    page.get_by_role("button", name="送批").click()
    expect(page.locator("main")).to_contain_text("迁移计划已送批")
    approver.goto(page.url)
    approver.get_by_role("button", name="批准并执行").click()
    expect(approver.locator("main")).to_contain_text("已迁移 1 件，未迁移 0 件")
    picture(approver, "studio-migrated")


def rule_in_force(auditor: Page, case_id: str) -> str:
    """What the auditor reads of the version under which a case took its last step."""
    auditor.goto(f"/cases/{case_id}/replay")
    auditor.wait_for_selector("body[data-ready]")
    picture(auditor, "studio-audited")
    return auditor.locator("dt", has_text="流程版本").locator("xpath=following-sibling::dd[1]").inner_text()


def test_an_administrator_adds_a_review_and_new_cases_take_it(page_of, district, session):
    running, waiting = (district.start(**LARGE, project_name=f"职业技能培训{name}期") for name in ("一", "二"))
    district.walk(waiting["case_id"], "draft", "unit_sign", "department_review", "fund_review")
    page = page_of("SYS_ADMIN")
    editor = Editor(page)
    mark = page.locator("#studio-canvas .bjs-powered-by").bounding_box()
    middle = [mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2]
    # The licence: nothing may cover the mark.
    assert page.evaluate("([x, y]) => !!document.elementFromPoint(x, y).closest('.bjs-powered-by')", middle)

    draw_legal_review(editor)
    assert editor.codes() == {"step.stage", "step.outcomes", "gateway.default", "gateway.condition"}
    picture(page, "studio-problems")
    say_who_reviews(editor)
    say_when(editor)
    assert editor.codes() == set(), page.locator("[data-part=problems]").inner_text()
    picture(page, "studio-sound")
    editor.saved()
    assert page.locator("body").get_attribute("data-untranslated") is None

    simulate(page)
    page.get_by_role("link", name="比较").click()
    page.wait_for_selector("body[data-compared=ready]", state="attached")
    expect(page.locator(".compare-sentences")).to_contain_text("新增 资金科室审查合法性")
    picture(page, "studio-compare")
    page.get_by_role("link", name="试运行").click()
    page.get_by_role("button", name="试运行").click()
    expect(page.locator("#dry-run-numbers")).to_contain_text("件走向相同")
    picture(page, "studio-dry-run")
    today = district_day(datetime.now(UTC))
    submit(page, today)
    approver = page_of("PERF_CHIEF")
    approve(approver)

    district.at = datetime.now(UTC)
    fresh = district.start(**LARGE, project_name="职业技能培训三期")
    assert steps_taken(district, fresh["case_id"]) == ["legal_review"]
    assert steps_taken(district, running["case_id"]) == ["budget_review", "performance_review"]

    migrate(page, approver, "不迁移，留在原版本")
    district.at = datetime.now(UTC)
    district.walk(waiting["case_id"], "fund_chief_review")
    assert list(district.open_visits(waiting["case_id"])) == ["legal_review"]
    auditor = page_of("AUDITOR")
    versions = [rule_in_force(auditor, one["case_id"]) for one in (running, waiting, fresh)]
    assert ["第1版" in versions[0], "第2版" in versions[1], "第2版" in versions[2]] == [True, True, True], versions


def test_an_undone_stroke_is_gone_and_comes_back(page_of):
    editor = Editor(page_of("SYS_ADMIN"))
    editor.select("fund_chief_agrees")
    editor.append("UserTask", "legal_review", "审查合法性")
    editor.page.get_by_role("button", name="撤销").click()
    editor.page.get_by_role("button", name="撤销").click()
    editor.page.get_by_role("button", name="撤销").click()
    assert editor.codes() == set()
    for _ in range(3):
        editor.page.get_by_role("button", name="重做").click()
    assert "step.stage" in editor.codes()
    editor.saved()


def test_every_tool_speaks_chinese_and_offers_only_what_a_process_may_hold(page_of):
    editor = Editor(page_of("SYS_ADMIN"))
    page = editor.page
    editor.select("department_agrees")
    editor.pad("replace")
    menu = page.locator(".djs-popup")
    expect(menu).to_contain_text("并行（同时走各路）")
    assert menu.locator(".entry").count() == 2
    page.keyboard.press("Escape")
    editor.select("department_review")
    page.keyboard.press("Control+f")
    page.locator(".djs-search-input input").fill("会签")
    page.locator(".djs-search-input input").press("End")
    expect(page.locator(".djs-search-results")).to_contain_text("会签绩效指标")
    picture(page, "studio-search")
    page.keyboard.press("Escape")
    page.locator(".djs-minimap .toggle").click()
    titles = page.locator("#studio-canvas [title]").evaluate_all("all => all.map(one => one.title).filter(Boolean)")
    assert [title for title in titles if not CHINESE.search(title) and "bpmn" not in title.lower()] == []
    assert page.locator("body").get_attribute("data-untranslated") is None


def test_a_file_of_another_tool_is_imported_without_what_is_foreign(page_of):
    editor = Editor(page_of("SYS_ADMIN"))
    editor.page.locator("input[type=file]").set_input_files(
        {"name": "camunda.bpmn", "mimeType": "application/xml", "buffer": FOREIGN.encode()}
    )
    told = editor.page.locator("[data-part=imported]")
    expect(told).to_contain_text("有 1 处其他软件的扩展没有保留")
    expect(told).to_contain_text("camunda:assignee")
    assert "step.stage" in editor.codes()
    picture(editor.page, "studio-imported")
    with editor.page.expect_download() as download:
        editor.page.get_by_role("button", name="导出").click()
    assert "camunda" not in download.value.path().read_text(encoding="utf-8")
