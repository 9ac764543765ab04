"""The scripts of inbox and task page in a real browser, on made-up use cases."""

from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

import forms
from service.errors import Problems
from service.web import cases, inbox, tasks
from tests import factories
from tests.browser.conftest import picture
from tests.web import page_samples as samples
from tests.web.test_tasks_page import problem

pytestmark = pytest.mark.browser

DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" targetNamespace="x"><process id="p">
<userTask id="draft" name="单位填报"/><userTask id="department_review" name="主管部门审核"/></process>
<di:BPMNDiagram id="d"><di:BPMNPlane id="pl" bpmnElement="p">
<di:BPMNShape id="s1" bpmnElement="draft"><dc:Bounds x="0" y="0" width="100" height="80"/></di:BPMNShape>
<di:BPMNShape id="s2" bpmnElement="department_review"><dc:Bounds x="160" y="0" width="100" height="80"/></di:BPMNShape>
</di:BPMNPlane></di:BPMNDiagram></definitions>"""
HOLDER = {
    "node_id": "department_review",
    "node_name": "主管部门审核",
    "names": ["赵敏"],
    "role_name": "部门审核人",
    "since": samples.NOW.isoformat(),
}
SHEET = (
    "一级指标\t二级指标\t指标名称\t目标值\t单位\t分值（%）\n"
    "产出指标\t数量指标\t开班期数\t12\t期\t0.1\n"
    "\t质量指标\t优秀率\t30\t%\t0.2\n"
)
PASTE = """text => { const data = new DataTransfer(); data.setData('text/plain', text);
document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})) }"""


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    made: dict[str, Any] = {"page": samples.task_page(), "saved": [], "decided": []}
    made["page"].diagram = {"xml": DIAGRAM, "current": [HOLDER], "done": ["draft"], "returned": []}

    def save(session: Session, visit_id: str, **asked: Any) -> dict[str, Any]:
        made["saved"].append(asked)
        return {"version": asked["version"] + 1, "saved_at": samples.NOW.isoformat()}

    def decide(session: Session, visit_id: str, verb: str, **asked: Any) -> dict[str, Any]:
        made["decided"].append({"verb": verb, **asked})
        if verb == "return" and len(asked["reason"] or "") < 5:
            raise Problems([problem("reason", "退回理由至少5个字")])
        return {"message": "已办理。"}

    monkeypatch.setattr(tasks.tasks, "page", lambda *_, **__: made["page"])
    monkeypatch.setattr(tasks.tasks, "decide", decide)
    monkeypatch.setattr(tasks.declarations, "save_draft", save)
    monkeypatch.setattr(tasks.declarations, "check", lambda *_, **__: [samples.WARNING])
    monkeypatch.setattr(cases.cases, "page", lambda *_, **__: made["page"])
    monkeypatch.setattr(cases.cases, "diagram", lambda *_, **__: made["page"].diagram)
    made["rows"] = [samples.row()]
    monkeypatch.setattr(inbox.inbox, "counts", lambda *_, **__: {"todo": len(made["rows"])})
    monkeypatch.setattr(inbox.inbox, "fingerprint", lambda *_, **__: str(len(made["rows"])))
    monkeypatch.setattr(inbox.inbox, "page", lambda *_, **__: samples.inbox_page(made["rows"]))
    return made


@pytest.fixture
def opened(page: Page, session: Session, address: str, state: dict[str, Any]) -> Page:
    """The page of a person who is logged in."""
    person = factories.create_person(session)
    factories.create_post(session, role="UNIT_CLERK", organisation=factories.create_unit(session), person=person)
    session.commit()
    token = factories.open_session(session, person.id)
    page.context.add_cookies([{"name": "jiheng", "value": token, "url": address}])
    return page


def visit(page: Page, address: str = "/tasks/v1") -> None:
    page.goto(address)
    page.wait_for_selector("body[data-ready]", state="attached")


def cell(page: Page, row: int, column: str) -> Any:
    return page.locator(f'[name="indicators-{row}-{column}"]')


def test_rows_copied_from_a_spreadsheet_land_in_their_columns(opened, state):
    state["page"] = samples.task_page(editing=True)
    visit(opened)
    opened.locator("#indicators [data-act=add]").click()
    cell(opened, 5, "level3_name").focus()
    opened.evaluate(PASTE, SHEET)

    columns = ("level1_code", "level2_code", "level3_name", "target_value", "measure_unit", "weight")
    pasted = [[cell(opened, row, column).input_value() for column in columns] for row in (5, 6)]
    assert pasted == [
        ["output", "qty", "开班期数", "12", "期", "0.1"],
        ["output", "qual", "优秀率", "30", "%", "0.2"],
    ]
    # 90 + 0.1 + 0.2 without a rounding error
    assert opened.locator("td[data-sum=weight]").inner_text() == "90.3"
    picture(opened, "rows")


def test_rows_move_by_keyboard_and_keep_the_cursor(opened, state):
    state["page"] = samples.task_page(editing=True)
    visit(opened)
    cell(opened, 1, "level3_name").focus()
    opened.keyboard.press("Alt+ArrowUp")

    assert cell(opened, 0, "level3_name").input_value() == "培训合格率"
    assert opened.evaluate("document.activeElement.name") == "indicators-0-level3_name"


def test_a_draft_saves_itself_and_the_checks_follow(opened, state):
    state["page"] = samples.task_page(editing=True)
    visit(opened)
    opened.locator("[name=owner_name]").fill("李四")
    opened.locator("#saved", has_text="已保存 15:04").wait_for()

    assert state["saved"][0]["content"](forms.load("project_target"))["owner_name"] == "李四"
    assert opened.locator("[name=draft_version]").input_value() == "4"
    assert "没有错误" in opened.locator("#quality").inner_text()


def test_a_problem_leads_to_its_cell(opened, state):
    state["page"] = samples.task_page(editing=True)
    visit(opened)
    opened.locator("#quality [data-jump='indicators[1].target_value']").click()

    assert opened.evaluate("document.activeElement.name") == "indicators-1-target_value"


def test_a_reviewer_clicks_cells_to_ask_and_returns_with_the_findings(opened, state, console):
    console.expected.append("422")
    visit(opened)
    opened.locator("td[data-field=annual_goal]").click()
    opened.keyboard.type("请写明受益人群")
    opened.locator("#indicators tr[data-row='2'] td[data-column=target_value]").click()
    opened.keyboard.type("请说明依据")
    opened.locator(".action-bar [value=return]").click()
    assert opened.locator("#panel-return [data-finding-count]").inner_text() == "2"

    opened.locator("#panel-return textarea").fill("不行")
    opened.locator("#panel-return [name=verb][value=return]").click()
    opened.locator("#panel-return", has_text="退回理由至少5个字").wait_for()
    picture(opened, "return")
    opened.locator("#panel-return textarea").fill("目标不清晰，请修改")
    opened.locator("#panel-return [name=verb][value=return]").click()
    opened.wait_for_url("**/")

    asked = state["decided"][-1]
    assert [found["field"] for found in asked["findings"]] == ["annual_goal", "indicators[2].target_value"]
    assert asked["params"] == {"to": "draft", "resubmit": "replay"}


def test_the_diagram_shows_who_holds_the_step_and_whose_viewer_it_is(opened, state):
    visit(opened, "/tasks/v1#tab-diagram")
    opened.locator(".diagram-holder").wait_for()

    assert opened.locator(".diagram-holder").inner_text() == "赵敏"
    assert opened.locator(".diagram-current").count() == 1
    mark = opened.locator(".bjs-powered-by")
    box = mark.bounding_box()
    assert mark.is_visible()
    # The licence: nothing may cover the mark.
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert opened.evaluate("([x, y]) => !!document.elementFromPoint(x, y).closest('.bjs-powered-by')", middle)
    picture(opened, "diagram")


def test_a_new_task_appears_with_its_count_without_reloading(opened, state):
    opened.clock.install()
    visit(opened, "/")
    badge = opened.locator(".count-badge[data-count=todo]", has_text="1")
    badge.wait_for()
    opened.evaluate("window.untouched = true")
    state["rows"].append(samples.row(title="农村公路养护"))
    opened.clock.fast_forward(10_000)

    opened.locator("#inbox-list", has_text="农村公路养护").wait_for()
    assert opened.locator(".count-badge[data-count=todo]").inner_text() == "2"
    assert opened.evaluate("window.untouched") is True


def test_searching_changes_list_and_address_and_keeps_the_cursor(opened, state):
    visit(opened, "/")
    state["rows"].clear()
    opened.locator("#q").press_sequentially("公路")
    opened.locator("#inbox-list", has_text="没有符合条件的事项").wait_for()

    assert "q=%E5%85%AC%E8%B7%AF" in opened.url
    assert opened.evaluate("document.activeElement.id") == "q"


@pytest.mark.parametrize("path", ["/", "/tasks/v1", "/cases/c1"])
def test_a_phone_scrolls_down_only(opened, state, path):
    opened.set_viewport_size({"width": 390, "height": 844})
    visit(opened, path)

    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    picture(opened, f"phone{path.replace('/', '-')}")
