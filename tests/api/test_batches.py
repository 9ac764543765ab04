"""Can a program approve several cases at once, and does it learn what became of each?"""

import pytest

from tests.forms import samples

NODE = "department_review"
FORM = {"target_review": samples.review(overall_grade="优", opinion="符合要求，同意报送")}


@pytest.fixture
def visits(district, monkeypatch) -> list[str]:
    """Two cases about which the quality rules have nothing to say."""
    monkeypatch.setattr("service.submissions._checks", lambda found, reasons: [])
    started = [district.start(project_name=name)["case_id"] for name in ("技能培训甲项目", "道路养护乙工程")]
    for case_id in started:
        district.walk(case_id, "draft", "unit_sign")
    return [district.open_visits(case_id)[NODE].id for case_id in started]


def test_what_was_opened_goes_along_and_the_rest_is_told_why(call, visits):
    caller, (opened, unopened) = call("DEPT_REVIEWER"), visits
    assert caller.get(f"/visits/{opened}").status_code == 200
    seen = caller.post("/batches/preview", {"visits": visits}, key=None)
    assert seen.status_code == 200, seen.json
    assert (seen.json["allowed"], seen.json["amount"]) == (1, "38.5")
    assert [bool(row["why"]) for row in seen.json["rows"]] == [False, True]

    wanted = {"visits": visits, "form": FORM, "viewed": {opened: 35}}
    done, again = (caller.post("/batches", wanted, key="once") for _ in range(2))
    assert (done.status_code, done.json["done"], done.json["failed"]) == (200, 1, 1), done.json
    assert [(row["visit_id"], row["ok"]) for row in done.json["rows"]] == [(opened, True), (unopened, False)]
    assert "还没有打开看过" in done.json["rows"][1]["message"]
    assert again.json == done.json


def test_an_empty_or_misshapen_batch_is_refused(call, district):
    caller = call("DEPT_REVIEWER")
    assert caller.post("/batches", {"visits": []}).status_code == 400
    assert caller.post("/batches", {"visits": ["x"]}, key=None).status_code == 428
    wrong = caller.post("/batches", {"visits": "x", "viewed": {"x": -1}, "secret": 1})
    assert {problem["field"].split(".")[0] for problem in wrong.json["problems"]} == {"visits", "viewed", "secret"}
    assert call("AUDITOR").post("/batches", {"visits": ["x"]}).status_code == 403
