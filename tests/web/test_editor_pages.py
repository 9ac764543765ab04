"""Do the table editor and the form designer keep, check, try and refuse what they should, and for whom?"""

import copy
import json
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

import forms
from db.release import FormRelease, ProcessRelease
from db.studio import ProcessDraft, ProcessDraftVersion
from service import releases
from tests.engine.dmn.models import column, decision, definitions, result, rule, table
from tests.web import test_studio_pages as studio
from tests.web.page_reading import read, send

district, as_role = studio.district, studio.as_role
administrator, draft = studio.administrator, studio.draft


def lights(*rows, policy="UNIQUE"):
    made = [rule(cells[:-1], cells[-1:], rule_id=f"r{number}") for number, cells in enumerate(rows, 1)]
    columns = [column("ratio", "number", label="完成比例")]
    logic = table(columns, [result("light", "string", label="结果")], made, policy)
    return definitions(decision("预警灯", logic, decision_id="lights"))


SOUND = lights((">= 0.97", '"绿灯"'), ("[0.90..0.97)", '"黄灯"'), ("< 0.90", '"红灯"'))


def post_table(client, draft, action, text, **values):
    file = (BytesIO(text), values.pop("filename", "light.dmn"))
    return send(client, draft, f"{draft}/tables/light.dmn/{action}", table=file, **values)


def post_form(client, draft, action, raw, code="target_review", **values):
    content = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    file = (BytesIO(content), "definition")
    return send(client, draft, f"{draft}/forms/{code}/{action}", definition=file, **values)


@pytest.fixture
def begun(administrator, draft):
    """A draft with a table called light.dmn, at version 2."""
    answer = send(administrator, f"{draft}/tables", f"{draft}/tables", name="light", title="预警灯", version="0")
    assert answer.status_code == 303, answer.text
    assert post_table(administrator, draft, "save", SOUND, version="1").status_code == 200
    return draft


def review():
    return copy.deepcopy(dict(forms.load("target_review").raw))


def with_visit(raw):
    """The review form with a finding of the site visit that only the performance section sees and fills in."""
    raw["fields"].append({"id": "site_visit", "type": "textarea", "label": "现场核查结论", "required": True})
    raw["rules"].append(
        {"test": "site_visit is None or len(site_visit) >= 5", "at": "site_visit", "message": "不少于5字"}
    )
    for node, rules in raw["permissions"].items():
        if node != "performance_review":
            rules["site_visit"] = "hidden"
    raw["layout"][2]["rows"].append([{"label_of": "site_visit"}, {"field": "site_visit", "cols": 3}])
    return raw


def test_a_table_is_made_edited_listed_and_taken_away(administrator, begun, session):
    page = read(administrator.get(f"{begun}/tables"))
    assert "预警灯" in page.xpath("//table[@id='table-list']")[0].text_content()
    assert administrator.get(f"{begun}/tables/light.dmn/text").data.count(b"<rule") == 3
    row = session.scalars(select(ProcessDraft)).one()
    kept = session.scalars(select(ProcessDraftVersion).where(ProcessDraftVersion.version == 2)).one()
    assert kept.decisions == row.decisions
    assert post_table(administrator, begun, "save", SOUND, version="1").status_code == 409
    answer = send(administrator, f"{begun}/tables", f"{begun}/tables/light.dmn/remove", version="2")
    assert answer.status_code == 303
    assert administrator.get(f"{begun}/tables/light.dmn").status_code == 404


def test_a_table_without_a_usable_name_is_refused_at_its_field(administrator, begun):
    refused = [
        ("", "表", "编号只能用"),
        ("../x", "表", "编号只能用"),
        ("Light", "表", "编号只能用"),
        ("ok", " ", "请填写决策表的名称"),
        ("light", "表", "已有编号"),
    ]
    for name, title, words in refused:
        answer = send(administrator, f"{begun}/tables", f"{begun}/tables", name=name, title=title, version="2")
        assert answer.status_code == 422
        assert words in answer.text


def test_the_check_names_row_and_cell_of_every_fault(administrator, begun):
    faulty = lights((">= 0.9", '"绿灯"'), ("<= 0.9", '"红灯"'), ('"低"', "5"))
    found = post_table(administrator, begun, "check", faulty).json
    assert [(one["code"], one["element_id"]) for one in found["problems"]] == [
        ("dmn.misfit", "r3"),
        ("dmn.misfit", "r3"),
    ]
    assert "第3行“完成比例”列：这一列是数字" in found["problems"][0]["message"]
    overlap = post_table(administrator, begun, "check", lights((">= 0.9", '"绿灯"'), ("<= 0.9", '"红灯"'))).json
    assert [one["element_id"] for one in overlap["problems"]] == ["r2"]
    asked = {"name": "ratio", "label": "完成比例", "type": "number"}
    assert overlap["outline"] == [{"id": "lights", "name": "预警灯", "inputs": [asked]}]


def test_a_hostile_table_is_refused_with_its_place(administrator, begun):
    text = lights((">= 0", '"绿灯"'), ("> __import__('os')", '"绿灯"'))
    (problem,) = post_table(administrator, begun, "check", text).json["problems"]
    assert (problem["element_id"], "第2行“完成比例”列写错了" in problem["message"]) == ("r2", True)
    assert (
        post_table(administrator, begun, "save", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", version="2").status_code
        == 400
    )


def test_values_are_tried_on_the_table_as_edited(administrator, begun):
    decided = post_table(administrator, begun, "try", SOUND, decision="lights", inputs='{"ratio": 0.905}').json
    assert (decided["status"], decided["result"], decided["matched"]) == ("decided", "黄灯", [2])
    wrong = post_table(administrator, begun, "try", SOUND, decision="lights", inputs='{"ratio": "高"}').json
    assert wrong["status"] == "undecided"
    assert "应为数字" in wrong["problems"][0]
    assert post_table(administrator, begun, "try", SOUND, decision="lights", inputs="[]").status_code == 400
    assert (
        post_table(administrator, begun, "try", SOUND, decision="lights", inputs='{"ratio": 1, "ratio": 2}').status_code
        == 400
    )


def test_an_endless_table_is_given_up_in_time(administrator, begun):
    slow = definitions(
        decision(
            "慢", "<literalExpression><text>count(for a in 1..5000, b in 1..5000 return a)</text></literalExpression>"
        )
    )
    began = datetime.now(UTC)
    answer = post_table(administrator, begun, "try", slow, decision="慢", inputs="{}")
    assert datetime.now(UTC) - began < timedelta(seconds=15)
    assert answer.status_code == 400 or answer.json["status"] == "undecided"


def test_another_tools_table_comes_without_what_is_foreign(administrator, begun):
    text = SOUND.replace(
        b'id="lights"', b'id="lights" xmlns:camunda="http://camunda.org/schema/1.0/dmn" camunda:x="1"', 1
    )
    answer = post_table(administrator, begun, "read", text, filename="其他.dmn").json
    assert "camunda" not in answer["xml"]
    assert any(one["code"] == "xml.foreign" for one in answer["problems"])
    assert post_table(administrator, begun, "read", b"<x/>", filename="x.dmn").status_code == 400


def test_approvers_read_parts_and_clerks_see_no_draft(as_role, begun):
    chief = as_role("PERF_CHIEF")
    assert "绿灯" in chief.get(f"{begun}/tables/light.dmn").text
    assert "绩效目标审核表" in chief.get(f"{begun}/forms").text
    for mode in ("edit", "read", "print"):
        assert chief.get(f"{begun}/forms/target_review?mode={mode}&node=fund_review").status_code == 200
    assert chief.get(f"{begun}/forms/target_review?mode=other").status_code == 400
    for address in (f"{begun}/tables", f"{begun}/tables/light.dmn", f"{begun}/forms", f"{begun}/forms/target_review"):
        assert as_role("UNIT_CLERK").get(address).status_code == 403
    for action in ("check", "save", "preview", "reset"):
        assert post_form(chief, begun, action, review(), version="2").status_code == 403


def test_a_form_is_redesigned_saved_and_given_up(administrator, draft, session):
    assert administrator.get(f"{draft}/forms/target_review/definition").json["definition"] == review()
    assert post_form(administrator, draft, "save", with_visit(review()), version="0").json["version"] == 1
    assert "本次有修改" in administrator.get(f"{draft}/forms").text
    assert list(session.scalars(select(ProcessDraft)).one().form_changes) == ["target_review"]
    assert post_form(administrator, draft, "save", review(), version="1").json["version"] == 2
    session.expire_all()
    assert session.scalars(select(ProcessDraft)).one().form_changes == {}, "what is released already is no change"
    post_form(administrator, draft, "save", with_visit(review()), version="2")
    assert send(administrator, f"{draft}/forms", f"{draft}/forms/target_review/reset", version="3").status_code == 303
    assert "本次有修改" not in administrator.get(f"{draft}/forms").text


def test_the_preview_is_the_form_as_each_step_sees_it(administrator, draft):
    raw = with_visit(review())
    shown = post_form(administrator, draft, "preview", raw, preview_mode="edit", preview_node="performance_review").text
    assert 'name="site_visit"' in shown
    hidden = post_form(administrator, draft, "preview", raw, preview_mode="edit", preview_node="fund_review").text
    assert "现场核查结论" not in hidden
    asked = {"preview_mode": "edit", "preview_node": "performance_review", "preview_try": "1", "site_visit": "好"}
    tried = read(post_form(administrator, draft, "preview", raw, **asked))
    assert "不少于5字" in tried.xpath("//*[@id='site_visit-error']")[0].text_content()
    broken = post_form(administrator, draft, "preview", {**raw, "rules": [{"test": "nobody > 1", "message": "x"}]})
    assert "引用了不存在的字段“nobody”" in broken.text


def test_what_is_no_definition_is_not_even_checked(administrator, draft):
    for shape in ({"fields": [1]}, {"rules": 5}):
        version = administrator.get(draft).text.split('data-version="')[1].split('"')[0]
        assert post_form(administrator, draft, "save", {**review(), **shape}, version=version).status_code == 200
        for address in ("compare", "forms", "forms/target_review"):
            assert administrator.get(f"{draft}/{address}").status_code == 200, (shape, address)
        assert "还有错误" in administrator.get(f"{draft}/compare").text or shape == {"rules": 5}
    for content in (b"[", b"[]", b'"x"', b"[" * 100_000):
        assert post_form(administrator, draft, "check", content).status_code == 400
        assert post_form(administrator, draft, "save", content, version="2").status_code == 400


def test_an_unsound_part_keeps_a_change_from_being_submitted(administrator, begun):
    post_table(administrator, begun, "save", lights((">= 0", '"绿灯"'), ("<= 0", '"红灯"')), version="2")
    answer = studio.submitted(administrator, begun, version="3")
    assert answer.status_code == 422
    assert "第1行与第2行重叠" in answer.text
    post_table(administrator, begun, "save", SOUND, version="3")
    post_form(administrator, begun, "save", {**review(), "rules": [{"test": "nobody", "message": "x"}]}, version="4")
    answer = studio.submitted(administrator, begun, version="5")
    assert answer.status_code == 422
    assert "引用了不存在的字段“nobody”" in answer.text


def test_a_published_form_is_asked_of_new_cases_and_read_by_auditors(as_role, administrator, begun, district, session):
    running = district.start()["case_id"]
    post_form(administrator, begun, "save", with_visit(review()), version="2")
    assert studio.submitted(administrator, begun, version="3").status_code == 303
    chief = as_role("PERF_CHIEF")
    judged = chief.get(f"{begun}/judge").text
    assert "新增决策表“预警灯”（3行规则）" in judged
    assert "新增字段“现场核查结论”（多行文字，必填）" in judged
    answer = send(chief, f"{begun}/judge", f"{begun}/judge", decision="approve", opinion="同意")
    assert answer.status_code == 303, answer.text
    session.expire_all()
    newest = session.scalars(select(ProcessRelease).order_by(ProcessRelease.version.desc())).first()
    released = session.get_one(FormRelease, newest.forms["target_review"])
    assert (released.version, released.definition["version"]) == (2, 2)
    assert "1. 新增决策表“预警灯”（3行规则）。" in newest.change_note
    district.at = datetime.now(UTC)
    fresh = district.start(project_name="职业技能培训二期")["case_id"]
    pinned = [
        releases.bundle(session, district.case(one).release_id).definitions["target_review"] for one in (running, fresh)
    ]
    assert [form.version for form in pinned] == [1, 2]
    auditor = as_role("AUDITOR")
    parts = auditor.get("/processes/target_declaration/versions/2/parts")
    assert "绿灯" in parts.text
    assert newest.hash in parts.text
    form = auditor.get(
        "/processes/target_declaration/versions/2/parts/forms/target_review?mode=print&node=performance_review"
    )
    assert "现场核查结论" in form.text
    assert (
        auditor.get("/processes/target_declaration/versions/2/parts/light.dmn").data
        == newest.decisions["light.dmn"].encode()
    )
    parts = "/processes/target_declaration/versions/2/parts"
    tried = send(auditor, parts, f"{parts}/light.dmn/try", decision="lights", inputs='{"ratio": 0.5}')
    assert tried.json["result"] == "红灯"
    for missing in ("versions/9/parts", "versions/2/parts/x.dmn", "versions/2/parts/forms/x"):
        assert auditor.get(f"/processes/target_declaration/{missing}").status_code == 404
