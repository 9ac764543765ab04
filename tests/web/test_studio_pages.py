"""Can a process be read by those it concerns, changed by the administrator and put into force only by a second person?"""

import json
import re
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest

from tests import factories
from tests.district import create_district
from tests.web.page_reading import read, send

ROLES = {"SYS_ADMIN": "information_centre", "PERF_CHIEF": "performance_section", "UNIT_CLERK": "unit"}


@pytest.fixture
def district(session):
    made = create_district(session)
    centre = factories.create_organisation(session, kind="information_centre")
    made.people["SYS_ADMIN"] = factories.create_person(session, username="sys_admin")
    factories.create_post(session, role="SYS_ADMIN", organisation=centre, person=made.people["SYS_ADMIN"])
    session.commit()
    return made


@pytest.fixture
def as_role(app, session, district):
    """A client logged in as the holder of a role."""

    def opened(role: str) -> Any:
        client = app.test_client()
        factories.log_in(client, session, district.people[role])
        return client

    return opened


@pytest.fixture
def administrator(as_role):
    return as_role("SYS_ADMIN")


@pytest.fixture
def draft(administrator):
    """The address of a change just begun."""
    answer = send(administrator, "/processes", "/processes/drafts", process_id="target_declaration")
    assert answer.status_code == 303, answer.text
    return answer.location


def diagram_of(client, draft):
    return client.get(f"{draft}/diagram").text


def post_diagram(client, draft, action, text, **values):
    file = (BytesIO(text.encode() if isinstance(text, str) else text), values.pop("name", "draft.bpmn"))
    return send(client, draft, f"{draft}/{action}", diagram=file, **values)


def save(client, draft, text, version):
    return post_diagram(client, draft, "save", text, version=str(version))


def changed(text):
    """The diagram with a longer deadline for the department."""
    assert 'jh:stage="dept_review" jh:dueDays="5"' in text
    return text.replace('jh:stage="dept_review" jh:dueDays="5"', 'jh:stage="dept_review" jh:dueDays="7"')


def submitted(client, draft, **values):
    stated = {
        "document_number": "演示〔2027〕3号",
        "document_title": "钢城区预算绩效管理办法",
        "article": "第八条",
        "version": "1",
    }
    day = (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()
    answer = send(client, f"{draft}/submit", f"{draft}/submit", **{**stated, "effective_from": day, **values})
    if answer.status_code != 303:
        return answer
    assert "检查通过" in client.get(f"{draft}/judge").text
    return send(client, f"{draft}/judge", f"{draft}/test", test_note="")


def test_a_clerk_reads_the_process_and_finds_no_way_to_change_it(as_role, district):
    clerk = as_role("UNIT_CLERK")
    page = clerk.get("/processes")
    assert page.status_code == 200
    assert "项目绩效目标申报审核入库" in page.text
    assert "修改流程" not in page.text
    shown = clerk.get("/processes/target_declaration")
    assert "随系统交付" in shown.text
    assert clerk.get("/processes/target_declaration/versions/1.bpmn").data.startswith(b"<?xml")


def test_open_cases_are_counted_at_their_step_and_version(as_role, district):
    district.start()
    page = read(as_role("UNIT_CLERK").get("/processes/target_declaration"))
    (row,) = page.xpath("//tr[td/small='draft']")
    assert "第1版 1件" in row.text_content()
    diagram = as_role("UNIT_CLERK").get("/processes/target_declaration/diagram").json
    assert [(place["node_id"], place["names"]) for place in diagram["current"]] == [("draft", ["1件"])]


@pytest.mark.parametrize("address", ["/processes/nothing", "/processes/target_declaration/versions/9.bpmn"])
def test_an_unknown_process_or_version_is_not_found(as_role, address):
    assert as_role("UNIT_CLERK").get(address).status_code == 404


@pytest.mark.parametrize("asked", ["", "?old=1&new=x", "?old=1&new=2", "?old=99999999999&new=1"])
def test_a_comparison_needs_two_versions_that_exist(as_role, asked):
    assert as_role("UNIT_CLERK").get(f"/processes/target_declaration/compare{asked}").status_code == 404


@pytest.mark.parametrize("role", ["UNIT_CLERK", "PERF_CHIEF"])
def test_only_the_administrator_draws(as_role, draft, role):
    client = as_role(role)
    for address in ("", "/diagram", "/submit"):
        assert client.get(f"{draft}{address}").status_code == 403
    assert send(client, "/processes", "/processes/drafts", process_id="target_declaration").status_code == 403


@pytest.mark.parametrize("address", ["/rules", "/simulate", "/simulate/diagram", "/compare", "/dry-run", "/judge"])
def test_a_change_in_preparation_is_not_for_everybody(as_role, draft, address):
    assert as_role("UNIT_CLERK").get(f"{draft}{address}").status_code == 403
    assert as_role("PERF_CHIEF").get(f"{draft}{address}").status_code == 200


def test_the_editor_learns_its_words_and_saves_what_is_drawn(administrator, draft):
    assert administrator.get(f"{draft}/words").json["descriptor"]["prefix"] == "jh"
    answer = save(administrator, draft, changed(diagram_of(administrator, draft)), 0)
    assert answer.status_code == 200
    assert answer.json["version"] == 1
    assert 'jh:dueDays="7"' in diagram_of(administrator, draft)
    assert save(administrator, draft, diagram_of(administrator, draft), 0).status_code == 409


def test_a_faulty_drawing_is_checked_and_kept_but_not_submitted(administrator, draft):
    text = diagram_of(administrator, draft).replace(' jh:stage="dept_review"', "")
    problems = post_diagram(administrator, draft, "check", text).json["problems"]
    assert [(found["code"], found["element_id"]) for found in problems] == [("step.stage", "department_review")]
    assert problems[0]["remedy"]
    assert save(administrator, draft, text, 0).status_code == 200
    page = read(administrator.get(f"{draft}/submit"))
    assert page.xpath("//button[@disabled]")
    assert submitted(administrator, draft).status_code == 422


def test_what_other_tools_add_is_named_and_kept_out(administrator, draft):
    text = diagram_of(administrator, draft).replace(
        'id="draft"', 'id="draft" camunda:assignee="张三" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"', 1
    )
    answer = post_diagram(administrator, draft, "import", text, name="其他软件.bpmn").json
    assert "camunda" not in answer["xml"]
    assert any("camunda" in found["message"] for found in answer["problems"])


def test_an_import_that_is_no_diagram_is_refused_in_words(administrator, draft):
    answer = post_diagram(administrator, draft, "import", b"%PDF-1.4", name="x.pdf")
    assert answer.status_code == 400


def test_a_change_needs_its_basis_and_a_day_that_is_to_come(administrator, draft):
    save(administrator, draft, changed(diagram_of(administrator, draft)), 0)
    answer = submitted(administrator, draft, document_number="", effective_from="2020-01-01")
    assert answer.status_code == 422
    page = read(answer)
    wrong = {box.get("id") for box in page.xpath("//input[contains(@class, 'is-invalid')]")}
    assert wrong == {"document_number", "effective_from"}
    assert page.get_element_by_id("document_title").value == "钢城区预算绩效管理办法"
    assert submitted(administrator, draft, effective_from="下周").status_code == 422


def test_a_second_person_puts_a_change_into_force(administrator, as_role, draft):
    save(administrator, draft, changed(diagram_of(administrator, draft)), 0)
    note = "主管部门初审绩效目标 的办理期限由“5个工作日”改为“7个工作日”"
    assert note in administrator.get(f"{draft}/submit").text
    assert submitted(administrator, draft).status_code == 303

    chief = as_role("PERF_CHIEF")
    assert note in chief.get(f"{draft}/judge").text
    refused = send(chief, f"{draft}/judge", f"{draft}/judge", decision="return", opinion="不行")
    assert refused.status_code == 422
    assert "至少 5 个字" in refused.text
    assert send(administrator, "/processes", f"{draft}/judge", decision="approve").status_code == 403
    answer = send(chief, f"{draft}/judge", f"{draft}/judge", decision="approve", opinion="同意")
    assert answer.status_code == 303, answer.text

    page = read(chief.get("/processes/target_declaration"))
    first = page.get_element_by_id("version-list").xpath(".//tbody/tr")[0].text_content()
    assert "第2版" in first
    assert "现行" in first
    assert "《钢城区预算绩效管理办法》（演示〔2027〕3号）第八条" in first
    assert note in first
    assert note in chief.get("/processes/target_declaration/compare?old=1&new=2").text


def test_a_change_sent_back_says_why_and_is_drawn_again(administrator, as_role, draft):
    save(administrator, draft, changed(diagram_of(administrator, draft)), 0)
    submitted(administrator, draft)
    chief = as_role("PERF_CHIEF")
    send(chief, f"{draft}/judge", f"{draft}/judge", decision="return", opinion="期限过长，请改为6天")
    assert "期限过长，请改为6天" in administrator.get(draft).text


def test_an_earlier_version_comes_back_as_a_new_one(administrator, as_role, draft, session):
    save(administrator, draft, changed(diagram_of(administrator, draft)), 0)
    submitted(administrator, draft)
    send(as_role("PERF_CHIEF"), f"{draft}/judge", f"{draft}/judge", decision="approve")
    page = read(administrator.get("/processes/target_declaration"))
    (earlier,) = page.xpath("//input[@name='release_id']/@value")
    answer = send(administrator, "/processes", "/processes/drafts", process_id="target_declaration", release_id=earlier)
    assert answer.location.endswith("/submit")
    assert "由“7个工作日”改为“5个工作日”" in administrator.get(answer.location).text


def test_a_change_given_up_is_gone_from_the_list(administrator, draft):
    assert send(administrator, draft, f"{draft}/discard").status_code == 303
    assert "draft-list" not in administrator.get("/processes").text


def test_a_dry_run_counts_the_cases_of_a_season(administrator, as_role, draft, district):
    district.start()
    page = administrator.get(f"{draft}/dry-run?season={district.campaign.id}")
    assert page.status_code == 200
    numbers = read(page).get_element_by_id("dry-run-numbers").xpath(".//span/text()")
    assert [number.strip() for number in numbers] == ["1", "0", "0"]
    assert administrator.get(f"{draft}/dry-run?season=nothing").status_code == 404
    streamed = administrator.get(f"{draft}/dry-run/stream?season={district.campaign.id}")
    first, last = map(json.loads, streamed.text.splitlines())
    assert (first, last["done"]) == ({"done": 0, "all": 1}, 1)
    assert 'id="dry-run-numbers"' in last["html"]
    assert administrator.get(f"{draft}/dry-run/stream?season=nothing").status_code == 404


def test_a_draft_with_errors_cannot_be_tried_and_says_so(administrator, draft, district):
    save(administrator, draft, diagram_of(administrator, draft).replace(' jh:stage="dept_review"', ""), 0)
    page = administrator.get(f"{draft}/dry-run?season={district.campaign.id}")
    assert page.status_code == 200
    assert "没有写明所处阶段" in page.text


def send_json(client, draft, action, **content):
    token = read(client.get(f"{draft}/simulate")).xpath("//meta[@name='csrf-token']/@content")[0]
    headers = {"X-CSRFToken": token, "Idempotency-Key": uuid4().hex, "Accept": "application/json"}
    return client.post(f"{draft}/simulate/{action}", json=content, headers=headers)


FORWARD = [{"step": "draft", "verb": "submit", "facts": {}}, {"step": "unit_sign", "verb": "approve"}]


def test_a_case_is_played_on_the_drawing_and_kept_as_a_scenario(administrator, draft):
    assert "随机办理 100 次" in administrator.get(f"{draft}/simulate").text
    first = send_json(administrator, draft, "play", facts={}, decisions=[]).json
    assert [one["step"] for one in first["open"]] == ["draft"]
    played = send_json(administrator, draft, "play", facts={}, decisions=FORWARD).json
    assert ["draft", "unit_sign"] in played["moments"][1]["flows"]
    (now,) = played["open"]
    assert (now["step"], [one["step"] for one in now["back"]]) == ("department_review", ["unit_sign", "draft"])
    kept = send_json(administrator, draft, "keep", facts={}, decisions=FORWARD, name="送到部门", version=0)
    assert (kept.status_code, kept.json["version"]) == (200, 1)
    page = administrator.get(f"{draft}/simulate").text
    assert "送到部门" in page
    assert "符合预期" in page


@pytest.mark.parametrize(
    ("story", "status"),
    [
        ({"facts": [], "decisions": []}, 400),
        ({"facts": {"x": {"y": 1}}, "decisions": []}, 400),
        ({"facts": {}, "decisions": "draft"}, 400),
        ({"facts": {}, "decisions": [{"step": "draft"}]}, 400),
        ({"facts": {}, "decisions": [{"step": "draft", "verb": "submit", "who": "x"}]}, 400),
        ({"facts": {}, "decisions": [{"step": "x" * 999, "verb": "submit"}]}, 400),
        ({"facts": {}, "decisions": [{"step": "draft", "verb": "submit"}] * 201}, 400),
        ({"facts": {}, "decisions": [{"step": "nowhere", "verb": "return"}]}, 200),
    ],
)
def test_a_story_that_cannot_be_read_is_refused_and_one_that_cannot_be_is_said(administrator, draft, story, status):
    answer = send_json(administrator, draft, "play", **story)
    assert answer.status_code == status
    assert CHINESE.search(answer.json["problem"] if status == 200 else answer.json["detail"])
    if status == 200:
        assert send_json(administrator, draft, "keep", name="不可能", version=0, **story).status_code == 422


def test_a_scenario_that_fails_stands_in_the_way_until_it_is_changed(administrator, draft):
    send_json(administrator, draft, "keep", facts={}, decisions=FORWARD, name="送到部门", version=0)
    text = diagram_of(administrator, draft).replace(
        'sourceRef="draft" targetRef="unit_sign"', 'sourceRef="draft" targetRef="department_review"'
    )
    problems = post_diagram(administrator, draft, "check", text).json["problems"]
    assert "scenario.failed" not in {found["code"] for found in problems}, "a drawing with errors is not run"
    text = diagram_of(administrator, draft).replace('<jh:outcome verb="approve"', '<jh:outcome verb="reject"', 1)
    text = text.replace('<jh:outcome verb="reject" label="同意报送"', '<jh:outcome verb="reject" label="不同意"')
    (failed,) = [
        found
        for found in post_diagram(administrator, draft, "check", text).json["problems"]
        if found["code"] == "scenario.failed"
    ]
    assert (failed["element_id"], failed["severity"]) == ("unit_sign", "error")
    assert "送到部门" in failed["message"]
    assert save(administrator, draft, text, 1).status_code == 200
    assert submitted(administrator, draft, version="2").status_code == 422
    change = f"{draft}/simulate/change"
    accepted = send(administrator, f"{draft}/simulate", change, act="accept", name="送到部门", version="2")
    assert accepted.status_code == 422, "what cannot be decided any more cannot be expected"
    assert send(administrator, f"{draft}/simulate", change, act="drop", name="送到部门", version="2").status_code == 303
    assert "还没有情景" in administrator.get(f"{draft}/simulate").text


def test_scenarios_are_added_until_every_arrow_is_taken(administrator, draft):
    change = f"{draft}/simulate/change"
    assert send(administrator, f"{draft}/simulate", change, act="supplement", version="0").status_code == 303
    page = administrator.get(f"{draft}/simulate")
    assert "这些情景走过 100.0% 的连线" in page.text
    stories = read(page).xpath("//table[@id='scenario-list']/tbody/tr")
    assert 2 <= len(stories) <= 12
    assert "coverage-alarm" not in page.text
    assert "supplement" not in page.text
    assert send(administrator, f"{draft}/simulate", change, act="supplement", version="1").status_code == 422


def test_the_approver_looks_at_scenarios_and_changes_none(administrator, as_role, draft):
    chief = as_role("PERF_CHIEF")
    assert send_json(chief, draft, "play", facts={}, decisions=FORWARD).status_code == 200
    assert send_json(chief, draft, "keep", facts={}, decisions=FORWARD, name="x", version=0).status_code == 403


def test_the_administrator_sets_rules_of_the_next_version(administrator, as_role, draft):
    rules = f"{draft}/rules"
    assert send(as_role("PERF_CHIEF"), rules, rules, version="0").status_code == 403
    wrong = send(administrator, rules, rules, version="0", **{"quality.weight_min": "很小"})
    assert (wrong.status_code, "应为 0 至 100分 之间的数字" in wrong.text) == (422, True)
    assert send(administrator, rules, rules, version="0", **{"quality.weight_min": "3"}).status_code == 303
    assert read(administrator.get(rules)).xpath("//input[@name='quality.weight_min']/@value") == ["3"]
    assert "单项指标权重下限由“2分”改为“3分”" in administrator.get(f"{draft}/compare").text
    assert send(administrator, rules, rules, version="0").status_code == 409
    assert send(administrator, rules, rules).status_code == 400


CHINESE = re.compile("[\u4e00-\u9fff]")


def test_pages_speak_english_to_who_reads_english(administrator, draft, district, session):
    """Names of the process and what the lint and the comparison say stay Chinese: they are the district's own words."""
    district.people["SYS_ADMIN"].locale = "en"
    session.commit()
    with_names = ("项目绩效目标申报审核入库", "流程变更发布")
    for address in (
        "/processes",
        draft,
        f"{draft}/simulate",
        f"{draft}/compare",
        f"{draft}/dry-run",
        f"{draft}/submit",
    ):
        page = read(administrator.get(address))
        for place in page.xpath("//main//*[self::h1 or self::h2 or self::th or self::label or self::button]"):
            text = place.text_content()
            for name in with_names:
                text = text.replace(name, "")
            assert not CHINESE.search(text), (address, text)


def test_a_drawing_in_another_encoding_is_refused_or_imported(administrator, draft):
    text = diagram_of(administrator, draft).replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    refused = save(administrator, draft, text, 0)
    assert (refused.status_code, "UTF-8" in refused.text) == (400, True)
    taken = post_diagram(administrator, draft, "import", text, name="other.bpmn")
    assert "填报绩效目标" in taken.json["xml"]
    assert save(administrator, draft, taken.json["xml"], 0).status_code == 200


def test_a_drawing_too_complex_to_be_read_is_said_on_every_page_and_stops_none(administrator, draft):
    names = [f"g{number}" for number in range(1500)]
    flows = "".join(
        f'<bpmn:sequenceFlow id="{one}_{other}" sourceRef="{one}" targetRef="{other}" />'
        for at, one in enumerate(names)
        for other in names[at + 1 : at + 4]
    )
    gateways = "".join(f'<bpmn:parallelGateway id="{name}" />' for name in names)
    text = diagram_of(administrator, draft).replace("</bpmn:process>", f"{gateways}{flows}</bpmn:process>")
    assert save(administrator, draft, text, 0).status_code == 200
    began = time.perf_counter()
    for page in ("simulate", "compare", "dry-run", "submit"):
        assert administrator.get(f"{draft}/{page}").status_code in (200, 422), page
    assert time.perf_counter() - began < 20
