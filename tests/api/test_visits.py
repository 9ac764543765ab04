"""Can a program read a step, decide at it, keep a draft, and does it learn why not?"""

from typing import Any

import pytest
from sqlalchemy import select

from db.case import Finding
from db.event import SecurityEvent
from service import request
from tests import factories
from tests.district import District, declaration
from tests.forms import samples
from tests.statements import counted

REVIEWED = {"target_review": samples.review(overall_grade="优", opinion="同意")}
APPROVAL = {"verb": "approve", "form": REVIEWED}


@pytest.fixture
def case_id(district: District) -> str:
    return waiting(district)


def waiting(district: District) -> str:
    """A case that waits for the department's review."""
    started = district.start()["case_id"]
    district.walk(started, "draft", "unit_sign")
    return started


def visit_id(district: District, case_id: str, node: str = "department_review") -> str:
    return district.open_visits(case_id)[node].id


def approval(district: District, case_id: str, **changes: Any) -> dict[str, Any]:
    return {**APPROVAL, "expected_seq": district.case(case_id).seq, **changes}


def test_the_page_holds_everything_a_reviewer_needs(call, district, case_id):
    visit = visit_id(district, case_id)
    page = call("DEPT_REVIEWER").get(f"/visits/{visit}").json

    assert page["header"]["stage"] == "dept_review"
    assert page["header"]["amount"] == "38.5"
    assert (page["form"]["code"], page["form"]["mode"]) == ("project_target", "read")
    assert page["form"]["content"]["indicators"][0]["weight"] == "15"
    assert (page["review"]["code"], page["review"]["mode"]) == ("target_review", "edit")
    assert page["visit"]["visit_id"] == visit
    assert page["visit"]["holder"] == "group"
    assert page["visit"]["opened_at"].endswith("+00:00")
    assert page["expected_seq"] == district.case(case_id).seq
    assert [entry["verb"] for entry in page["timeline"]] == ["start", "submit", "approve"]
    assert [opinion["verb"] for opinion in page["opinions"]] == ["approve"]
    assert {problem["severity"] for problem in page["problems"]} <= {"warning", "info"}
    assert page["diagram"]["current"][0]["node_id"] == "department_review"
    assert {"findings", "attachments", "admitted", "head_hash", "previous"} <= page.keys()


def test_the_drafters_page_is_for_editing(call, district):
    visit = visit_id(district, district.start()["case_id"], "draft")
    page = call("UNIT_CLERK").get(f"/visits/{visit}").json

    assert (page["form"]["mode"], page["form"]["draft_version"], page["review"]) == ("edit", 1, None)
    assert page["form"]["context"]["campaign_year"] == 2027


def test_verbs_say_whether_and_why(call, district, case_id):
    path = f"/visits/{visit_id(district, case_id)}/commands"
    own = {verb["verb"]: verb for verb in call("DEPT_REVIEWER").get(path).json}
    others = {verb["verb"]: verb for verb in call("FUND_CHIEF").get(path).json}

    assert (own["approve"]["allowed"], own["approve"]["why"]) == (True, "")
    assert [target["node_id"] for target in own["return"]["targets"]] == ["draft", "unit_sign"]
    assert not others["approve"]["allowed"]
    assert "部门审核人" in others["approve"]["why"]


def test_a_decision_moves_the_case_and_says_where_to(call, district, case_id):
    path = f"/visits/{visit_id(district, case_id)}/commands"
    answer = call("DEPT_REVIEWER").post(path, approval(district, case_id))

    assert answer.status_code == 200, answer.json
    assert answer.json["stage"] == "fund_review"
    assert [visit["node_id"] for visit in answer.json["opened"]] == ["fund_review"]
    assert "dry_run" not in answer.json
    assert district.case(case_id).seq == answer.json["seq"]


def test_a_preview_answers_the_same_and_keeps_nothing(call, district, case_id):
    path = f"/visits/{visit_id(district, case_id)}/commands"
    before, wanted = district.case(case_id).seq, approval(district, case_id)
    seen = call("DEPT_REVIEWER").post(f"{path}?dry_run=true", wanted, key=None)

    assert seen.status_code == 200, seen.json
    assert seen.json["dry_run"] is True
    assert district.case(case_id).seq == before
    assert set(district.open_visits(case_id)) == {"department_review"}
    made = call("DEPT_REVIEWER").post(path, wanted).json
    assert [step["node_name"] for step in seen.json["effects"]["opens"]] == ["审核绩效目标"]
    assert seen.json["effects"]["told"] == [district.people["FUND_REVIEWER"].name]
    assert "effects" not in made
    unknown = {"dry_run", "opened", "effects"}
    assert {k: v for k, v in seen.json.items() if k not in unknown} == {
        k: v for k, v in made.items() if k not in unknown
    }
    assert [visit["node_name"] for visit in seen.json["opened"]] == [visit["node_name"] for visit in made["opened"]]


def test_what_changed_since_is_told_with_who_and_when(call, district, case_id):
    call("DEPT_REVIEWER").get(f"/visits/{visit_id(district, case_id)}")
    district.decide(case_id, "department_review", "return", params={"to": "draft"})
    changed = {**declaration(), "annual_goal": "完成培训 1200 人次，合格率不低于95%。"}
    district.decide(case_id, "draft", "submit", form={"project_target": changed})
    district.walk(case_id, "unit_sign")
    visit = visit_id(district, case_id)
    seen = call("DEPT_REVIEWER").get(f"/visits/{visit}").json["comparison"]
    assert (seen["base"], [change["path"] for change in seen["changes"]]) == ("seen", ["annual_goal"])
    assert (seen["changes"][0]["new"], seen["changes"][0]["round"]) == (changed["annual_goal"], 2)
    first = call("DEPT_REVIEWER").get(f"/visits/{visit}/comparison?with=original").json
    assert first["changes"] == seen["changes"]
    assert call("DEPT_REVIEWER").get(f"/visits/{visit}/comparison?with=moon").status_code == 422


def test_a_vote_shows_how_it_stands_and_an_opinion_is_kept(call, district, case_id):
    assert call("DEPT_REVIEWER").get(f"/visits/{visit_id(district, case_id)}").json["tally"] is None
    district.add("DEPT_REVIEWER", "SECOND")
    district.redraw(department_review={"countersign": "ratio", "share": "50", "outcome": "abstain"})
    other = district.start(project_name="道路养护乙工程")["case_id"]
    district.walk(other, "draft", "unit_sign")
    path = f"/visits/{visit_id(district, other)}"
    wanted = {"verb": "abstain", "reason": "与本项目有关", "expected_seq": district.case(other).seq}
    assert call("DEPT_REVIEWER").post(f"{path}/commands", wanted).status_code == 200
    tally = call("SECOND").get(path).json["tally"]
    assert (tally["rule"], tally["abstain"], tally["pending"], tally["needed"]) == ("ratio", 1, 1, 1)
    assert [voter["vote"] for voter in tally["voters"]] == ["abstain", None]


def test_a_preview_tells_every_problem(call, district, case_id):
    path = f"/visits/{visit_id(district, case_id)}/commands?dry_run=true"
    wanted = {"verb": "return", "expected_seq": district.case(case_id).seq, "findings": [{"message": ""}]}
    refused = call("DEPT_REVIEWER").post(path, wanted, key=None)

    assert refused.status_code == 422
    assert {"findings[0].message", "to", "opinion"} <= {problem["field"] for problem in refused.json["problems"]}


def test_a_return_carries_its_findings_and_answers_come_back(call, district, case_id):
    path = f"/visits/{visit_id(district, case_id)}/commands"
    asked = {"field": "annual_goal", "message": "请写明受益人群", "severity": "error"}
    review = {"target_review": samples.review(overall_grade="中", opinion="依据不足，请补充说明")}
    wanted = {"verb": "return", "form": review, "findings": [asked], "params": {"to": "draft", "resubmit": "replay"}}
    returned = call("DEPT_REVIEWER").post(path, {**wanted, "expected_seq": district.case(case_id).seq})
    assert (returned.status_code, returned.json["round"]) == (200, 2), returned.json

    draft = visit_id(district, case_id, "draft")
    page = call("UNIT_CLERK").get(f"/visits/{draft}").json
    assert [finding["label"] for finding in page["findings"]] == ["年度总体目标"]
    finding = district.session.scalars(select(Finding)).one()
    again = {
        "verb": "submit",
        "expected_seq": page["expected_seq"],
        "form": {"project_target": declaration()},
        "params": {"answers": {finding.id: {"kind": "done"}}, "warnings": _explained(page)},
    }
    submitted = call("UNIT_CLERK").post(f"/visits/{draft}/commands", again)
    assert submitted.status_code == 200, submitted.json


def _explained(page: dict[str, Any]) -> dict[str, str]:
    return {
        f"{one['rule']}:{one['field']}": "情况属实，已核对" for one in page["problems"] if one["severity"] == "warning"
    }


def test_a_stale_page_is_told_what_happened_since(call, district, case_id):
    wanted, visit = approval(district, case_id), visit_id(district, case_id)
    district.decide(case_id, "department_review")
    refused = call("DEPT_REVIEWER").post(f"/visits/{visit}/commands", wanted)

    assert (refused.status_code, refused.json["code"]) == (409, "stale")
    assert [event["verb"] for event in refused.json["since"]] == ["approve"]
    assert "刷新" in refused.json["detail"]


def test_the_wrong_post_is_refused_and_logged(call, district, case_id):
    path = f"/visits/{visit_id(district, case_id)}/commands"
    refused = call("BUDGET_REVIEWER").post(path, approval(district, case_id))

    assert (refused.status_code, refused.json["code"]) == (403, "not_allowed")
    assert "部门审核人" in refused.json["detail"]
    lines = district.session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "command_refused")).all()
    assert [(line.actor, line.detail["code"]) for line in lines] == [
        (district.people["BUDGET_REVIEWER"].id, "not_allowed")
    ]


def test_a_foreign_step_does_not_exist(call, district, case_id):
    stranger = factories.create_person(district.session)
    unit = factories.create_unit(district.session)
    factories.create_post(district.session, role="UNIT_LEADER", organisation=unit, person=stranger)
    district.people["STRANGER"] = stranger
    visit = visit_id(district, case_id)

    assert call("STRANGER").get(f"/visits/{visit}").status_code == 404
    assert call("STRANGER").get(f"/visits/{visit}/commands").status_code == 404
    assert call("STRANGER").post(f"/visits/{visit}/commands", approval(district, case_id)).status_code == 404
    draft = {"form_code": "target_review", "content": {}}
    assert call("STRANGER").put(f"/visits/{visit}/draft", draft).status_code == 404
    assert call("STRANGER").post(f"/visits/{visit}/check", {"content": {}}).status_code == 404


def test_a_repeated_decision_has_one_effect_and_the_first_answer(call, district, case_id):
    path, wanted = f"/visits/{visit_id(district, case_id)}/commands", approval(district, case_id)
    first = call("DEPT_REVIEWER").post(path, wanted, key="once")
    again = call("DEPT_REVIEWER").post(path, wanted, key="once")
    other = call("DEPT_REVIEWER").post(path, {**wanted, "reason": "另一个理由"}, key="once")

    assert again.json == first.json
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert (other.status_code, other.json["code"]) == (422, "idempotency_conflict")
    assert district.case(case_id).seq == first.json["seq"]


def test_a_check_tells_all_problems_and_keeps_nothing(call, district):
    visit = visit_id(district, district.start()["case_id"], "draft")
    answer = call("UNIT_CLERK").post(f"/visits/{visit}/check", {"content": {"annual_goal": "目标"}}, key=None)

    assert answer.status_code == 200
    assert len(answer.json["problems"]) > 5
    assert call("UNIT_CLERK").get(f"/visits/{visit}").json["form"]["draft_version"] == 1


def test_one_approval_costs_twelve_statements_and_one_commit(app, call, district, case_id):
    """The budget of the design: one decision over HTTP with a bearer token."""
    path, wanted = f"/visits/{visit_id(district, case_id)}/commands", approval(district, case_id)
    caller = call("DEPT_REVIEWER")

    with counted(app.extensions[request.EXTENSION].engine) as count:
        answer = caller.post(path, wanted)

    assert answer.status_code == 200, answer.json
    assert len(count.statements) <= 12, "\n\n".join(count.statements)
    assert count.commits == 1
