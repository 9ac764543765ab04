"""Can a clerk's program start a declaration, attach files, and delete a draft?"""

import io

import pytest
from sqlalchemy import func, select

from db.case import CaseFile
from db.form import Attachment
from tests.district import District, declaration

PDF = b"%PDF-1.7 content"


def wanted(district: District, **changes) -> dict:
    content = {"project_name": "职业技能培训", "amount_total": "38.5"}
    return {"campaign_id": district.campaign.id, "unit_id": district.bodies["unit"].id, "content": content, **changes}


@pytest.fixture
def draft(call, district) -> dict:
    answer = call("UNIT_CLERK").post("/declarations", wanted(district))
    assert answer.status_code == 201, answer.json
    return answer.json


def test_a_clerk_starts_and_submits_a_declaration(call, draft):
    page = call("UNIT_CLERK").get(f"/visits/{draft['visit_id']}").json
    assert page["header"]["case_id"] == draft["case_id"]
    content = declaration()
    found = call("UNIT_CLERK").post(f"/visits/{draft['visit_id']}/check", {"content": content}).json["problems"]
    reasons = {f"{one['rule']}:{one['field']}": "情况属实" for one in found if one["severity"] == "warning"}
    asked = {"verb": "submit", "expected_seq": page["expected_seq"], "form": {"project_target": content}}
    answer = call("UNIT_CLERK").post(
        f"/visits/{draft['visit_id']}/commands", {**asked, "params": {"warnings": reasons}}
    )
    assert (answer.status_code, answer.json["stage"]) == (200, "unit_signing"), answer.json


def test_all_problems_of_a_submission_come_at_once(call, draft):
    asked = {"verb": "submit", "expected_seq": 1, "form": {"project_target": {"annual_goal": "好"}}}
    refused = call("UNIT_CLERK").post(f"/visits/{draft['visit_id']}/commands", asked)

    assert (refused.status_code, refused.json["code"]) == (422, "problems")
    assert len(refused.json["problems"]) > 5
    assert all(problem["source"] and problem["message"] for problem in refused.json["problems"])


def test_a_repeated_start_makes_one_case(call, district):
    first = call("UNIT_CLERK").post("/declarations", wanted(district), key="same")
    again = call("UNIT_CLERK").post("/declarations", wanted(district), key="same")

    assert again.json == first.json
    assert district.session.scalar(select(func.count()).select_from(CaseFile)) == 1


def test_only_the_units_own_clerks_start(call, district):
    assert call("DEPT_CLERK").post("/declarations", wanted(district)).status_code == 403
    assert call("UNIT_CLERK").post("/declarations", wanted(district, unit_id="nowhere")).status_code == 404
    refused = call("UNIT_CLERK").post("/declarations", wanted(district, content={}))
    assert (refused.status_code, refused.json["problems"][0]["field"]) == (422, "project_name")


def test_a_draft_is_deleted_and_a_submitted_one_is_not(call, district, draft):
    gone = call("UNIT_CLERK").delete(f"/declarations/{draft['visit_id']}")
    assert (gone.status_code, gone.json["message"]) == (200, "草稿已删除。")
    assert district.case(draft["case_id"]).stage == "discarded"

    case_id = district.start(project_name="道路养护工程")["case_id"]
    visit = district.open_visits(case_id)["draft"].id
    district.walk(case_id, "draft")
    assert call("UNIT_CLERK").delete(f"/declarations/{visit}").status_code == 409


def test_approved_projects_can_be_copied(call, district):
    assert call("UNIT_CLERK").get("/declarations/copyable").json == []
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign", "department_review", "fund_review", "fund_chief_review")
    district.walk(case_id, "budget_review", "performance_review", "performance_chief_review")

    (earlier,) = call("UNIT_CLERK").get("/declarations/copyable").json
    assert (earlier["name"], earlier["amount"]) == ("职业技能培训", "38.5")


def test_a_file_is_attached_and_read_by_who_may_see_the_case(call, district, draft):
    path = f"/visits/{draft['visit_id']}/attachments"
    kept = call("UNIT_CLERK").post(path, data={"file": (io.BytesIO(PDF), "立项文件.pdf")})
    assert (kept.status_code, kept.json["filename"], kept.json["size"]) == (201, "立项文件.pdf", len(PDF)), kept.json

    file = call("AUDITOR").get(f"/attachments/{kept.json['id']}")
    assert (file.status_code, file.data) == (200, PDF)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert call("UNIT_CLERK").get(f"/visits/{draft['visit_id']}").json["attachments"][0]["id"] == kept.json["id"]


def test_a_file_that_is_not_what_it_says_is_refused(call, district, draft):
    path = f"/visits/{draft['visit_id']}/attachments"
    refused = call("UNIT_CLERK").post(path, data={"file": (io.BytesIO(b"MZ"), "立项文件.pdf")})
    assert (refused.status_code, refused.json["problems"][0]["field"]) == (422, "attachments")
    missing = call("UNIT_CLERK").post(path, data={"other": "x"})
    assert (missing.status_code, missing.json["problems"][0]["field"]) == (422, "file")
    foreign = call("PERF_CHIEF").post(path, data={"file": (io.BytesIO(PDF), "x.pdf")})
    assert foreign.status_code == 404
    assert district.session.scalar(select(func.count()).select_from(Attachment)) == 0


def test_the_same_key_for_another_file_is_refused(call, draft):
    path = f"/visits/{draft['visit_id']}/attachments"
    call("UNIT_CLERK").post(path, data={"file": (io.BytesIO(PDF), "x.pdf")}, key="file")
    other = call("UNIT_CLERK").post(path, data={"file": (io.BytesIO(PDF + b"2"), "x.pdf")}, key="file")

    assert (other.status_code, other.json["code"]) == (422, "idempotency_conflict")
