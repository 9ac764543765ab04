"""Do programs read exactly the cases their person may see, with a history anybody can check?"""

import orjson
import pytest
from sqlalchemy import select

from db.event import SecurityEvent
from service import history
from tests import factories
from tests.district import District


@pytest.fixture
def case_id(district: District) -> str:
    started = district.start()["case_id"]
    district.walk(started, "draft", "unit_sign")
    return started


def test_the_list_is_filtered_and_paged(call, district, case_id):
    district.start(project_name="道路养护工程")
    whole = call("PERF_CHIEF").get("/cases").json
    assert (whole["total"], whole["page"], whole["size"]) == (2, 1, 50)

    found = call("PERF_CHIEF").get("/cases?stage=dept_review&stage=fund_review&amount_from=38.5&size=1").json
    assert [row["case_id"] for row in found["rows"]] == [case_id]
    assert (found["rows"][0]["amount"], found["rows"][0]["node_name"]) == ("38.5", "初审绩效目标")
    assert call("PERF_CHIEF").get("/cases?q=道路").json["total"] == 1
    assert call("PERF_CHIEF").get("/cases?amount_to=38.49").json["total"] == 0


@pytest.mark.parametrize(
    "query", ["page=0", "size=501", "stage=nowhere", "amount_from=1e999", "amount_to=NaN", "q=" + "x" * 101]
)
def test_a_query_nobody_can_mean_is_named(call, query):
    refused = call("PERF_CHIEF").get(f"/cases?{query}")

    assert refused.status_code == 422
    assert (problem := refused.json["problems"][0])["field"].startswith(query.split("=")[0])
    assert not problem["message"].isascii()


def test_the_file_holds_all_parts(call, district, case_id):
    file = call("PERF_CHIEF").get(f"/cases/{case_id}").json

    assert file["header"]["number"] == district.case(case_id).number
    assert file["form"]["content"]["project_name"] == "职业技能培训"
    assert [entry["seq"] for entry in file["timeline"]] == [1, 2, 3]
    assert file["diagram"]["done"] == ["draft", "unit_sign"]
    assert file["my_visit"] is None
    mine = call("DEPT_REVIEWER").get(f"/cases/{case_id}").json["my_visit"]
    assert mine == district.open_visits(case_id)["department_review"].id


def test_an_auditors_reading_is_logged(call, district, case_id):
    call("AUDITOR").get(f"/cases/{case_id}")
    call("AUDITOR").get(f"/cases/{case_id}/events")

    lines = district.session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "case_read"))
    assert [(line.case_id, line.detail["what"]) for line in lines] == [(case_id, "api"), (case_id, "events")]


def test_the_history_can_be_checked_by_anybody(call, district, case_id):
    told = call("AUDITOR").get(f"/cases/{case_id}/events").json

    before = history.GENESIS
    for number, event in enumerate(told, 1):
        covered = {name: event[name] for name in history.COVERED}
        covered["at"] = (
            event["at"].replace("+00:00", "Z") if "." in event["at"] else event["at"].replace("+00:00", ".000000Z")
        )
        assert (event["seq"], event["prev_hash"]) == (number, before)
        assert history.sha256(orjson.dumps(covered, option=orjson.OPT_SORT_KEYS)).hexdigest() == event["hash"]
        before = event["hash"]
    assert before == district.case(case_id).head_hash


def test_addresses_of_others_are_for_auditors_alone(call, case_id):
    assert "client" in call("AUDITOR").get(f"/cases/{case_id}/events").json[0]
    assert "client" not in call("UNIT_CLERK").get(f"/cases/{case_id}/events").json[0]


def test_the_diagram_says_who_holds_the_case(call, district, case_id):
    shown = call("UNIT_LEADER").get(f"/cases/{case_id}/diagram").json

    assert shown["xml"].startswith("<?xml")
    (place,) = shown["current"]
    assert (place["node_id"], place["role_name"]) == ("department_review", "部门审核人")
    assert place["names"] == [district.people["DEPT_REVIEWER"].name]


def test_a_foreign_case_does_not_exist(call, district, case_id):
    stranger = factories.create_person(district.session)
    unit = factories.create_unit(district.session)
    factories.create_post(district.session, role="UNIT_CLERK", organisation=unit, person=stranger)
    district.people["STRANGER"] = stranger

    for path in ("", "/events", "/diagram"):
        assert call("STRANGER").get(f"/cases/{case_id}{path}").status_code == 404
    assert call("STRANGER").get("/cases").json["total"] == 0


def test_nobody_and_administrators_read_no_case(call, district, case_id):
    district.people |= factories.create_administrators(district.session)

    assert call.nobody().get(f"/cases/{case_id}").status_code == 401
    assert call("SYS_ADMIN").get(f"/cases/{case_id}").status_code == 404
    assert call("SYS_ADMIN").get("/cases").json["total"] == 0
    for role in ("SEC_ADMIN", "AUDIT_ADMIN"):
        assert call(role).get(f"/cases/{case_id}").status_code == 403
        assert call(role).get("/cases").status_code == 403


def test_the_performance_section_records_the_ex_ante_conclusion(call, district, case_id):
    path = f"/cases/{case_id}/ex-ante"
    wanted = {"conclusion": "support", "score": "87.5", "reason": "会议纪要〔2026〕12号"}
    recorded = call("PERF_OFFICER").post(path, wanted)
    assert (recorded.status_code, recorded.json["seq"]) == (200, 4), recorded.json

    assert call("UNIT_CLERK").post(path, wanted).status_code == 403
    refused = call("PERF_OFFICER").post(path, {"conclusion": "yes", "score": "NaN", "reason": "无"})
    assert {problem["field"] for problem in refused.json["problems"]} == {"conclusion", "score", "reason"}
