"""Can programs run a season: prepare and open it, keep the working days, bring workbooks, read the processes?"""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from db.project import IndicatorTemplate
from service import workbooks
from service.api.imports import XLSX
from service.people import day
from tests import factories
from tests.district import District, declaration


def terms(district: District, **changes) -> dict:
    today = day(district.at)
    return {
        "title": "2027年度年中追加项目申报",
        "fiscal_year": 2027,
        "phase": "additional",
        "indicator_template": "COST_2021",
        "opens_on": (today + timedelta(days=10)).isoformat(),
        "closes_on": (today + timedelta(days=40)).isoformat(),
        "parameters": {"key_threshold": "300"},
        "units": [{"unit_id": district.bodies["unit"].id, "expected_projects": 2}],
        **changes,
    }


def test_a_season_is_prepared_changed_opened_extended_and_closed(call, district):
    officer = call("PERF_OFFICER")
    made = officer.post("/campaigns", terms(district))
    assert made.status_code == 201, made.json
    path = f"/campaigns/{made.json['id']}"
    assert officer.patch(path, {"title": "2027年度追加申报"}).status_code == 200
    shown = officer.get(path).json
    assert (shown["title"], shown["state"], shown["expected"]) == ("2027年度追加申报", "prepared", 2)
    assert officer.post(f"{path}/open").status_code == 200
    later = (day(district.at) + timedelta(days=50)).isoformat()
    assert officer.post(f"{path}/extend", {"closes_on": later, "reason": "单位申请延期"}).status_code == 200
    assert officer.get(path).json["closes_on"] == later
    assert [row["id"] for row in call("UNIT_CLERK").get("/campaigns?open_for_me=true").json].count(made.json["id"]) == 1
    assert officer.post(f"{path}/close", {"reason": "申报提前完成"}).status_code == 200
    assert officer.get(path).json["state"] == "closed"
    assert officer.patch(path, {"title": "再改"}).status_code == 422


def test_everything_wrong_with_a_season_is_named_at_once(call, district):
    wrong = terms(district, indicator_template="OLD", closes_on="2020-01-01", units=[{"unit_id": "nowhere"}])
    refused = call("PERF_CHIEF").post("/campaigns", wrong)

    assert refused.status_code == 422
    assert {problem["field"] for problem in refused.json["problems"]} == {"indicator_template", "closes_on", "units"}
    assert call("UNIT_CLERK").post("/campaigns", terms(district)).status_code == 403
    assert call("PERF_CHIEF").get("/campaigns/nowhere").status_code == 404


def test_the_units_of_a_season_are_listed_and_replaced(call, district):
    path = f"/campaigns/{district.campaign.id}/units"
    (unit,) = call("PERF_OFFICER").get(path).json
    assert (unit["code"], unit["expected_projects"], unit["declared"]) == ("101001", 1, 0)
    other = factories.create_unit(district.session, department=district.bodies["department"])
    district.session.commit()
    both = [{"unit_id": district.bodies["unit"].id, "expected_projects": 5}, {"unit_id": other.id}]
    assert call("PERF_OFFICER").put(path, {"units": both}).status_code == 200
    assert [row["expected_projects"] for row in call("PERF_OFFICER").get(path).json] == [5, None]
    assert [row["unit_id"] for row in call("UNIT_CLERK").get(f"{path}?mine=true").json] == [both[0]["unit_id"]]


def test_working_days_are_set_replaced_and_removed(call):
    officer = call("PERF_OFFICER")
    before = officer.get("/calendar/2028").json
    assert officer.put("/calendar/days/2028-01-03", {"working": False, "note": "本区安排"}).status_code == 200
    after = officer.get("/calendar/2028").json
    assert after["days"] == [{"day": "2028-01-03", "working": False, "note": "本区安排"}]
    assert after["working_days"] == before["working_days"] - 1
    assert officer.put("/calendar/2028", {"text": "2028-01-24至2028-01-26 休 春节"}).json == {"year": 2028, "days": 3}
    assert officer.delete("/calendar/days/2028-01-24").status_code == 200
    assert officer.delete("/calendar/days/2028-01-24").status_code == 404
    assert officer.delete("/calendar/days/24.1.2028").status_code == 404
    wrong = officer.put("/calendar/2028", {"text": "2028-13-01 休\n2029-01-01 休 元旦"})
    assert (wrong.status_code, len(wrong.json["problems"])) == (422, 2)
    assert officer.get("/calendar/1").status_code == 404
    assert call("UNIT_CLERK").get("/calendar/2028").status_code == 403


def book(*contents) -> bytes:
    return workbooks.write_declarations(contents, template="COST_2021")


@pytest.fixture
def good() -> bytes:
    return book(declaration(), declaration(project_name="道路养护工程", annual_goal=""))


@pytest.mark.parametrize("raw", [True, False])
def test_a_workbook_is_checked_then_its_good_rows_are_imported(call, district, good, raw):
    clerk, path = call("UNIT_CLERK"), f"/imports?campaign_id={district.campaign.id}&filename=a.xlsx"
    sent = {"data": good, "content_type": XLSX} if raw else {"data": {"file": (io.BytesIO(good), "a.xlsx")}}
    uploaded = clerk.post(path, **sent)
    assert uploaded.status_code == 201, uploaded.json
    assert uploaded.json["counts"]["good"] == 1

    shown = clerk.get(f"/imports/{uploaded.json['import_id']}").json
    assert ([row["good"] for row in shown["rows"]], shown["filename"]) == ([True, False], "a.xlsx")
    assert {"annual_goal"} <= {problem["field"] for problem in shown["problems"]}
    assert all(problem["sheet"] and problem["row"] for problem in shown["problems"])
    sheet = clerk.get(f"/imports/{shown['id']}/problems.xlsx")
    assert load_workbook(io.BytesIO(sheet.data)).sheetnames

    confirmed = clerk.post(f"/imports/{shown['id']}/confirm")
    assert (confirmed.status_code, confirmed.json["imported"]) == (200, 1), confirmed.json
    assert clerk.get("/inbox?tab=drafts").json["total"] == 1
    assert clerk.post(f"/imports/{shown['id']}/confirm").status_code == 422
    assert [row["state"] for row in clerk.get("/imports").json] == ["confirmed"]


def test_an_import_belongs_to_its_uploader_and_can_be_given_up(call, district, good):
    path = f"/imports?campaign_id={district.campaign.id}"
    made = call("UNIT_CLERK").post(path, data=good, content_type=XLSX).json["import_id"]

    assert call("PERF_OFFICER").get(f"/imports/{made}").status_code == 404
    assert call("PERF_OFFICER").post(f"/imports/{made}/confirm").status_code == 404
    assert call("BUREAU_LEADER").get(f"/imports/{made}").status_code == 403
    assert call("UNIT_CLERK").post(f"/imports/{made}/discard").status_code == 200
    assert call("UNIT_CLERK").post(f"/imports/{made}/confirm").status_code == 422


def test_what_is_no_workbook_is_refused(call, district):
    path = f"/imports?campaign_id={district.campaign.id}"
    broken = call("UNIT_CLERK").post(path, data=b"PK\x03\x04 nothing", content_type=XLSX)
    assert (broken.status_code, broken.json["code"]) == (422, "workbook_refused")
    assert call("UNIT_CLERK").post(path, {"file": "x"}).status_code == 415
    assert call("UNIT_CLERK").post("/imports", data=b"x", content_type=XLSX).status_code == 422


def test_templates_and_declarations_are_downloaded(call, district):
    district.walk(district.start()["case_id"], "draft")
    path = f"/campaigns/{district.campaign.id}"
    for query in ("", "?layout=form"):
        empty = call("UNIT_CLERK").get(f"{path}/template.xlsx{query}")
        assert (empty.status_code, empty.mimetype) == (200, XLSX)
        assert load_workbook(io.BytesIO(empty.data)).sheetnames
    filled = call("AUDITOR").get(f"{path}/declarations.xlsx")
    assert [row.name for row in workbooks.read_declarations(filled.data, template="COST_2021").rows] == ["职业技能培训"]


def test_processes_tell_their_steps_and_their_diagram(call):
    processes = {one["process_id"]: one for one in call("UNIT_CLERK").get("/processes").json}
    process = processes["target_declaration"]
    assert (process["version"], len(process["hash"])) == (1, 64)
    steps = {step["node_id"]: step for step in process["steps"]}
    assert (steps["department_review"]["role"], steps["department_review"]["form"]) == (
        "DEPT_REVIEWER",
        "target_review",
    )
    assert {outcome["verb"] for outcome in steps["unit_sign"]["outcomes"]} == {"approve", "return"}
    assert {form["code"] for form in process["forms"]} == {"project_target", "target_review"}

    diagram = call("UNIT_CLERK").get("/processes/target_declaration/bpmn")
    assert (diagram.status_code, diagram.mimetype) == (200, "application/xml")
    assert "urn:jiheng:process:1.0" in diagram.text
    assert call("UNIT_CLERK").get("/processes/nothing/bpmn").status_code == 404
    form = call("UNIT_CLERK").get("/processes/target_declaration/parts/target_review.json")
    assert (form.mimetype, form.json["official_code"]) == ("application/json", "F03")
    assert call("UNIT_CLERK").get("/processes/target_declaration/parts/light.dmn").status_code == 404
    asked = {"inputs": {"ratio": 1}}
    trial = call("UNIT_CLERK").post("/processes/target_declaration/decisions/light.dmn/trial", asked)
    assert trial.status_code == 404


def test_indicators_are_suggested(call, district):
    named = {"level1_name": "产出指标", "level2_code": "qty", "level2_name": "数量指标", "level3_name": "培训人次"}
    kinds = {"library_code": "ZB1", "scope": "kind", "scope_name": "业务保障类", "operator": "ge", "used_by": 3}
    district.session.add(IndicatorTemplate(**named, **kinds))
    district.session.commit()

    (found,) = call("UNIT_CLERK").get("/indicators/suggestions?q=培训").json
    assert (found["level1_code"], found["level2_code"], found["level3_name"]) == ("output", "qty", "培训人次")
    assert call("UNIT_CLERK").get("/indicators/suggestions?limit=99").status_code == 422
