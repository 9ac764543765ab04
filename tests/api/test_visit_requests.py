"""Is a request at a step that has another shape, no key or no permission refused in words?"""

import pytest

from tests import factories
from tests.api.test_visits import approval, visit_id, waiting


@pytest.fixture
def case_id(district):
    return waiting(district)


def test_a_decision_without_a_key_is_not_made(call, district, case_id):
    path = f"/visits/{visit_id(district, case_id)}/commands"
    refused = call("DEPT_REVIEWER").post(path, approval(district, case_id), key=None)

    assert (refused.status_code, refused.json["code"]) == (428, "idempotency_missing")


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"verb": None}, "verb"),
        ({"expected_seq": "9"}, "expected_seq"),
        ({"form": {"target_review": [1]}}, "form.target_review.value"),
        ({"params": {"warnings": ["x"]}}, "params.warnings"),
        ({"params": {"resubmit": "twice"}}, "params.resubmit"),
        ({"findings": [{"message": "x", "severity": "fatal"}]}, "findings[0].severity"),
        ({"secret": 1}, "secret"),
    ],
)
def test_a_body_of_another_shape_is_named_in_chinese(call, district, case_id, wrong, field):
    path = f"/visits/{visit_id(district, case_id)}/commands"
    refused = call("DEPT_REVIEWER").post(path, approval(district, case_id, **wrong))

    assert refused.status_code == 422
    problems = {problem["field"]: problem["message"] for problem in refused.json["problems"]}
    assert not problems[field].isascii()


@pytest.mark.parametrize("value", ['"\\u0000"', '"\\ud83d"', "NaN", "1e999"])
def test_what_no_database_holds_is_refused(call, client, district, case_id, value):
    path = f"/api/v1/visits/{visit_id(district, case_id)}/commands"
    headers = {**call("DEPT_REVIEWER").headers, "Content-Type": "application/json", "Idempotency-Key": "k"}
    refused = client.post(path, headers=headers, data=f'{{"verb":"approve","form":{{"x":{{"y":{value}}}}}}}')

    assert (refused.status_code, refused.json["code"]) == (400, "bad_request")


def test_addresses_and_pages_are_guarded_alike(call, client, district, case_id):
    factories.log_in(client, district.session, district.people["PERF_CHIEF"])
    assert client.get("/cases?unit=%00").status_code == 400
    sent = client.post("/declarations/new", data={"unit_id": "a\0"}, headers=call("UNIT_CLERK").headers)
    assert (sent.status_code, "不能保存的字符" in sent.text) == (400, True)
    assert call("PERF_CHIEF").get("/cases?unit=%00").status_code == 400
    assert call("PERF_CHIEF").get("/cases/%00").status_code == 400


def test_a_part_of_a_form_without_a_name_breaks_nothing(call, client, district, case_id):
    path, headers = f"/api/v1/visits/{visit_id(district, case_id)}/attachments", call("DEPT_REVIEWER").headers
    body = "--x\r\nContent-Disposition: form-data\r\n\r\n值\r\n--x--\r\n"
    answer = client.post(path, headers=headers, data=body.encode(), content_type="multipart/form-data; boundary=x")

    assert (answer.status_code, answer.json["problems"][0]["field"]) == (422, "file")


def test_a_content_nested_without_measure_is_refused(call, client, district, case_id):
    path = f"/api/v1/visits/{visit_id(district, case_id)}/check"
    headers = {**call("UNIT_CLERK").headers, "Content-Type": "application/json"}
    for depth in (100, 100_000):
        answer = client.post(path, headers=headers, data='{"content":' + '{"a":' * depth + "1" + "}" * depth + "}")
        assert (answer.status_code, "嵌套" in answer.json["detail"]) == (400, True)


def test_a_draft_is_kept_and_not_overwritten_unseen(call, district):
    visit = visit_id(district, district.start()["case_id"], "draft")
    path, content = f"/visits/{visit}/draft", {"annual_goal": "完成培训三百人次", "amount_total": "三十"}
    kept = call("UNIT_CLERK").put(path, {"form_code": "project_target", "content": content, "version": 1})
    assert (kept.status_code, kept.json["version"]) == (200, 2), kept.json
    assert [problem["field"] for problem in kept.json["problems"]] == ["amount_total"]

    late = call("UNIT_CLERK").put(path, {"form_code": "project_target", "content": {}, "version": 1})
    assert late.status_code == 409
    page = call("UNIT_CLERK").get(f"/visits/{visit}").json
    assert page["form"]["content"]["annual_goal"] == "完成培训三百人次"
