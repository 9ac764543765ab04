"""Do auditors' programs get the same comparisons as the pages, and nobody else?"""


def test_two_cases_and_today(call, district):
    first, second = (district.start(project_name=name)["case_id"] for name in ("道路养护工程", "图书馆设备采购"))
    district.walk(first, "draft", "unit_sign")
    district.walk(second, "draft")
    auditor = call("AUDITOR")
    found = auditor.get(f"/cases/{first}/comparison?with={district.case(second).number}")
    assert found.status_code == 200, found.text
    assert [pair["same"] for pair in found.json["path"]] == [True, False]
    assert found.json["left"]["header"]["case_id"] == first
    assert {change["path"] for change in found.json["figures"]} >= {"project_name"}

    told = auditor.get(f"/cases/{first}/today?on=2026-11-02").json
    assert (told["result"]["verdict"], told["same_version"], told["on"]) == ("same", True, "2026-11-02")
    assert len(told["posts"]) == 9
    assert told["would_go"] is None


def test_wrong_questions_are_answered_with_what_is_wrong(call, district):
    case_id = district.start()["case_id"]
    assert call("AUDITOR").get(f"/cases/{case_id}/comparison").status_code == 422
    assert call("AUDITOR").get(f"/cases/{case_id}/comparison?with=nobody").status_code == 404
    assert call("AUDITOR").get(f"/cases/{case_id}/today?on=tomorrow").status_code == 422
    assert call("PERF_CHIEF").get(f"/cases/{case_id}/today").status_code == 403
    assert call("PERF_CHIEF").get(f"/cases/{case_id}/comparison?with={case_id}").status_code == 403
