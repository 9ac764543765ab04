from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy.orm import Session

import forms
from forms.comparison import Change
from forms.problem import Problem
from service.comparisons import Changed, Comparison
from service.errors import Problems, Stale
from service.web import tasks as pages
from tests import factories
from tests.web import page_samples as samples


@pytest.fixture
def logged_in(client: FlaskClient, session: Session) -> FlaskClient:
    unit = factories.create_unit(session)
    person = factories.create_person(session, name="王晓燕")
    factories.create_post(session, role="UNIT_CLERK", organisation=unit, person=person)
    factories.log_in(client, session, person)
    token = html.fromstring(client.get("/account").text).xpath("//meta[@name='csrf-token']/@content")[0]
    client.environ_base["HTTP_X_CSRFTOKEN"] = token
    return client


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the use cases answer, and in `decided` what the page asked of them."""
    state: dict[str, Any] = {"page": samples.task_page(), "answer": {"message": "已办理。"}, "decided": []}

    def decide(session: Session, visit_id: str, verb: str, **asked: Any) -> dict[str, Any]:
        state["decided"].append({"verb": verb, **asked})
        if isinstance(state["answer"], Exception):
            raise state["answer"]
        return state["answer"]

    monkeypatch.setattr(pages.tasks, "page", lambda *_, **__: state["page"])
    monkeypatch.setattr(pages.tasks, "decide", decide)
    return state


def read(client: FlaskClient) -> Any:
    answer = client.get("/tasks/v1")
    assert answer.status_code == 200
    return html.fromstring(answer.text)


def send(client: FlaskClient, **fields: str) -> Any:
    return client.post("/tasks/v1/decide", data={"expected_seq": "9", "idempotency_key": "k1", **fields})


def problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source="SD3")


def test_a_closed_verb_stays_visible_and_says_why(logged_in, shown):
    button = read(logged_in).xpath("//div[@class='action']/button[@value='reject']")[0]

    assert button.get("aria-disabled") == "true"
    assert button.get("type") == "button"
    assert "等级为“差”时" in button.getparent().text_content()


def test_the_main_verb_comes_first(logged_in, shown):
    buttons = read(logged_in).xpath("//div[contains(@class, 'action-bar')]//button/@value")

    assert buttons == ["approve", "return", "reject", "save_draft"]


def test_enter_in_a_field_saves_and_never_decides(logged_in, shown):
    form = read(logged_in).xpath("//form[@id='task-form']")[0]

    assert form.xpath(".//button[not(@type)]/@value")[0] == "save_draft"


def test_a_return_offers_every_earlier_step_and_both_ways_back(logged_in, shown):
    panel = read(logged_in).get_element_by_id("panel-return")

    assert panel.xpath(".//input[@name='to']/@value") == ["draft", "unit_sign"]
    assert panel.xpath(".//input[@name='resubmit']/@value") == ["replay", "direct"]


def test_a_drafter_edits_the_form_and_sees_last_years_value(logged_in, shown):
    shown["page"] = samples.task_page(editing=True)
    page = read(logged_in)

    assert page.xpath("//input[@name='amount_total']/@value") == ["38.50"]
    assert "上年：35.00" in page.get_element_by_id("main-form").text_content()


def test_each_warning_asks_for_its_reason_and_links_to_its_cell(logged_in, shown):
    shown["page"] = samples.task_page(editing=True)
    page = read(logged_in)

    assert page.xpath("//input[@name='warning-Q17:indicators[1].target_value']")
    link = page.xpath("//*[@id='quality']//a[@data-jump='indicators[1].target_value']")[0]
    assert page.get_element_by_id(link.get("href").removeprefix("#")).get("name") == "indicators-1-target_value"


def test_a_review_names_every_field_and_row_that_can_be_asked_about(logged_in, shown):
    options = read(logged_in).xpath("//select[@name='finding-0-field']/option/@value")

    assert {"annual_goal", "indicators[2]", "indicators[2].weight"} <= set(options)


def test_a_return_carries_target_way_reason_and_findings(logged_in, shown):
    fields = {
        "finding-0-field": "annual_goal",
        "finding-0-message": "请写明受益人群",
        "finding-0-severity": "warning",
        "finding-1-field": "amount_total",
        "finding-1-message": " ",
        "reason-return": "目标不清晰，请修改",
    }
    answer = send(logged_in, verb="return", to="unit_sign", resubmit="direct", **fields)

    assert answer.status_code == 303
    asked = shown["decided"][0]
    assert asked["params"] == {"to": "unit_sign", "resubmit": "direct"}
    assert asked["reason"] == "目标不清晰，请修改"
    assert asked["findings"] == [{"field": "annual_goal", "message": "请写明受益人群", "severity": "warning"}]
    assert asked["expected_seq"] == 9


def test_a_submission_carries_form_reasons_and_answers(logged_in, shown):
    shown["page"] = samples.task_page(editing=True)
    fields = {
        "form_code": "project_target",
        "project_name": "职业技能培训",
        "indicators-0-level3_name": "培训人次",
        "warning-Q17:indicators[1].target_value": "受疫情影响",
        "answer-f1-kind": "done",
        "answer-f1-text": "已补充",
    }
    send(logged_in, verb="submit", **fields)

    asked = shown["decided"][0]
    form = asked["form"]({"project_target": forms.load("project_target")})
    assert form["project_target"]["indicators"] == [{"level3_name": "培训人次"}]
    assert asked["params"]["warnings"] == {"Q17:indicators[1].target_value": "受疫情影响"}
    assert asked["params"]["answers"] == {"f1": {"kind": "done", "text": "已补充"}}


def test_the_same_page_sent_twice_decides_once(logged_in, shown):
    send(logged_in, verb="approve")
    again = send(logged_in, verb="approve")

    assert again.status_code == 303
    assert len(shown["decided"]) == 1


def test_all_problems_stand_at_their_cells_beside_what_was_typed(logged_in, shown):
    shown["page"] = samples.task_page(editing=True)
    shown["answer"] = Problems([problem("amount_total", "年度资金总额不是数字"), problem("owner_name", "请填写负责人")])
    answer = send(logged_in, verb="submit", amount_total="三十八", owner_name="")
    page = html.fromstring(answer.text)

    assert answer.status_code == 422
    assert page.xpath("//input[@name='amount_total']/@value") == ["三十八"]
    assert page.xpath("//input[@name='owner_name']/@value") == [""]
    assert "年度资金总额不是数字" in page.get_element_by_id("amount_total-error").text_content()
    assert page.xpath("//*[@id='refusal']//a/@data-jump") == ["amount_total", "owner_name"]


def test_a_refused_return_opens_its_panel_again_with_what_was_written(logged_in, shown):
    shown["answer"] = Problems([problem("reason", "理由至少5个字")])
    fields = {"reason-return": "不行", "finding-0-message": "请改", "finding-0-field": "annual_goal"}
    answer = send(logged_in, verb="return", to="unit_sign", **fields)
    page = html.fromstring(answer.text)

    panel = page.get_element_by_id("panel-return")
    assert panel.get("data-open") is not None
    assert panel.xpath(".//textarea")[0].text == "不行"
    assert panel.xpath(".//input[@name='to'][@checked]/@value") == ["unit_sign"]
    assert page.xpath("//input[@name='finding-0-message']/@value") == ["请改"]


def test_a_stale_page_tells_what_happened_since_and_leads_back(logged_in, shown):
    since = [
        {"at": samples.NOW.isoformat(), "actor": "孙丽", "verb": "return", "verb_label": "退回", "reason": "依据不足"}
    ]
    shown["answer"] = Stale(extra={"since": since})
    answer = send(logged_in, verb="approve")

    assert answer.status_code == 409
    assert "孙丽" in answer.text
    assert "依据不足" in answer.text
    assert html.fromstring(answer.text).xpath("//a[@href='/tasks/v1']")


def test_without_scripts_a_row_is_added_by_the_server(logged_in, shown):
    shown["page"] = samples.task_page(editing=True)
    answer = send(logged_in, add_row="indicators", **{"indicators-0-level3_name": "培训人次"})
    rows = html.fromstring(answer.text).xpath("//*[@id='indicators']//tbody/tr")

    assert len(rows) == 2
    assert shown["decided"] == []


def test_a_draft_is_kept_and_the_page_told_when(logged_in, shown, monkeypatch):
    saved: list[dict[str, Any]] = []

    def save(session: Session, visit_id: str, **asked: Any) -> dict[str, Any]:
        saved.append(asked)
        return {"version": 4, "saved_at": samples.NOW.isoformat()}

    monkeypatch.setattr(pages.declarations, "save_draft", save)
    fields = {"project_name": "培训", "draft_version": "3"}
    answer = logged_in.post("/tasks/v1/draft", data=fields, headers={"Idempotency-Key": "d1"})

    assert answer.json == {"version": 4, "saved_at": samples.NOW.isoformat(), "saved_time": "15:04"}
    assert saved[0]["version"] == 3
    assert saved[0]["content"](forms.load("project_target")) == {"project_name": "培训"}


def test_the_check_answers_the_panel_with_reasons_already_written(logged_in, shown, monkeypatch):
    monkeypatch.setattr(pages.declarations, "check", lambda *_, **__: [samples.WARNING])
    answer = logged_in.post("/tasks/v1/check", data={"warning-Q17:indicators[1].target_value": "属实"})
    panel = html.fromstring(answer.text)

    assert panel.xpath("//*[@id='quality']//input/@value") == ["属实"]
    assert "没有错误；有 1 处提醒" in panel.text_content()


def test_an_open_finding_asks_the_drafter_for_an_answer_only(logged_in, shown):
    shown["page"] = samples.task_page(editing=True)
    assert read(logged_in).xpath("//select[@name='answer-f1-kind']")

    shown["page"] = samples.task_page()
    assert not read(logged_in).xpath("//select[@name='answer-f1-kind']")


def test_an_opinion_without_a_form_is_saved_under_its_own_code(logged_in, shown, monkeypatch):
    writing = {"code": "opinion", "draft_version": 2, "saved_at": samples.NOW}
    shown["page"] = samples.task_page(review=None, writing=writing, reason="同意报送")
    form = read(logged_in).get_element_by_id("task-form")
    assert form.get("data-draft") == "/tasks/v1/draft"
    assert form.xpath(".//textarea[@name='reason']")[0].text.strip() == "同意报送"

    kept = []
    monkeypatch.setattr(pages.declarations, "save_draft", lambda *_, **asked: kept.append(asked) or {"version": 3})
    fields = {name: form.fields[name] for name in ("form_code", "draft_version")}
    logged_in.post("/tasks/v1/draft", data={**fields, "reason": "同意，请补充附件", "idempotency_key": "k2"})
    assert [(one["form_code"], one["opinion"], one["version"]) for one in kept] == [("opinion", "同意，请补充附件", 2)]


def test_a_vote_shows_who_was_heard_and_what_is_missing(logged_in, shown):
    voter = {"person": "赵敏", "role": "部门审核人", "part": "vote", "part_label": "表决", "weight": 2, "state": "done"}
    voter |= {
        "vote": "approve",
        "state_label": "同意",
        "decided_at": samples.NOW,
        "opinion": "同意",
        "on_behalf_of": None,
    }
    tally = {"rule": "ratio", "rule_label": "票签：同意票须达到 60%", "yes": 2, "no": 0, "abstain": 0, "pending": 3}
    tally |= {"needed": 3, "total": 5, "certain": None, "voters": [voter]}
    shown["page"] = samples.task_page(tally=tally)
    page = read(logged_in)
    assert page.xpath("//a[@href='#tab-tally']")[0].text_content() == "会签 1/1", "people, not votes"
    assert "须同意 3 票" in page.get_element_by_id("tab-tally").text_content()


def test_a_changed_cell_shows_old_and_new_and_links_lead_to_it(logged_in, shown):
    change = Change(path="annual_goal", label="年度总体目标", old="培训900人", new="培训1200人", material=True)
    changed = Changed(change=change, person="王晓燕", at=samples.NOW, round=2)
    bases = (("seen", "自我上次查看"), ("original", "与原申报"))
    shown["page"].comparison = Comparison(base="seen", label="自我上次查看", bases=bases, changes=(changed,))
    for path in ("/tasks/v1", "/tasks/v1/comparison?with=seen"):
        page = html.fromstring(logged_in.get(path).text)
        compared = page.get_element_by_id("compared")
        assert "自我上次查看：1 处变更" in compared.text_content()
        assert compared.xpath(".//td[@data-field='annual_goal']/del")[0].text_content() == "培训900人"
        switch = compared.xpath(".//a[contains(@class, 'btn')]/@hx-get")
        assert switch == ["/tasks/v1/comparison?with=seen", "/tasks/v1/comparison?with=original"]


def test_effects_are_shown_on_the_panel_with_and_without_scripts(logged_in, shown, monkeypatch):
    step = {"node_id": "draft", "node_name": "填报绩效目标", "people": ["王晓燕"], "due_at": None}
    seen = {
        "closes": [{**step, "node_name": "会签绩效指标"}],
        "opens": [step],
        "told": ["王晓燕"],
        "lapses": [],
        "round": 3,
    }
    seen |= {"seats": [], "restores": [], "finished": False, "stage_label": ""}
    asked = []
    monkeypatch.setattr(pages.task_command, "effects", lambda visit, verb: asked.append((visit, verb)) or seen)
    assert read(logged_in).xpath("//*[@id='panel-return']//@data-effects") == ["/tasks/v1/effects"]
    part = logged_in.post("/tasks/v1/effects", data={"verb": "return", "to": "draft"}).text
    whole = send(logged_in, foresee="return", to="draft").text
    for text in (part, html.tostring(html.fromstring(whole).get_element_by_id("panel-return"), encoding="unicode")):
        assert "1 个：" in text
        assert "会签绩效指标（王晓燕）" in text
        assert "填报绩效目标（王晓燕）" in text
    assert asked == [("v1", "return"), ("v1", "return")]
    assert shown["decided"] == []


def test_a_wish_to_withdraw_is_shown_with_its_reason_and_asks_for_an_answer(logged_in, shown):
    wish = {"by": "赵敏", "at": samples.NOW, "reason": "项目方案须调整", "missing": ["会签预算安排"]}
    verbs = [samples.verb("approve", "同意"), samples.verb("agree_withdrawal", "同意撤件")]
    verbs.append(samples.verb("refuse_withdrawal", "不同意撤件"))
    shown["page"] = samples.task_page(withdrawal=wish, verbs=verbs)
    page = read(logged_in)
    (note,) = page.xpath("//div[@role='note' and contains(., '申请撤件')]")
    assert all(word in note.text_content() for word in ("赵敏", "项目方案须调整", "会签预算安排"))
    for verb in ("agree_withdrawal", "refuse_withdrawal"):
        assert page.xpath(f"//section[@id='panel-{verb}']//button[@value='{verb}']")
