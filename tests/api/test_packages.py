"""Can programs begin assessments and adjustments, and read how the year stands?"""

import pytest
from lxml import html

from tests import factories
from tests.assessment_district import AssessedDistrict, money

WHOLE = (
    "draft", "unit_sign", "department_review", "fund_review", "fund_chief_review", "budget_review",
    "performance_review", "performance_chief_review",
)  # fmt: skip


@pytest.fixture
def major(district) -> AssessedDistrict:
    """A new major project, its declaration drafted."""
    district.start(project_attribute="new", **money("300"))
    made = AssessedDistrict(district, "300")
    made.save()
    return made


def test_an_assessment_is_begun_once_by_its_unit_and_stands_on_the_board(call, major):
    path = f"/ex-ante/projects/{major.project.id}"
    assert call("DEPT_REVIEWER").post(path).status_code == 403
    begun = call("UNIT_CLERK").post(path)
    assert begun.status_code == 200, begun.json
    again = call("UNIT_CLERK").post(path)
    assert (again.status_code, "正在办理" in again.json["problems"][0]["message"]) == (422, True)
    assert call("UNIT_CLERK").post("/ex-ante/projects/nothing").status_code == 404

    board = call("AUDITOR").get("/ex-ante?fiscal_year=2027").json
    assert (board["sums"]["total"], board["sums"]["share"], board["sums"]["drafting"]) == (1, "0", 1)
    assert board["projects"][0]["number"] == begun.json["number"]
    assert call("AUDITOR").get("/ex-ante?fiscal_year=x").status_code == 422


def test_an_adjustment_is_begun_for_an_approved_target_only(call, district):
    district.start()
    made = AssessedDistrict(district, "38.5")
    path = f"/adjustments/projects/{made.project.id}"
    early = call("UNIT_CLERK").post(path)
    assert (early.status_code, "还没有批准的绩效目标" in early.json["problems"][0]["message"]) == (422, True)
    district.walk(made.declaration, *WHOLE)
    assert call("PERF_OFFICER").post(path).status_code == 403
    begun = call("UNIT_CLERK").post(path)
    assert begun.status_code == 200, begun.json
    board = call("PERF_OFFICER").get("/adjustments?fiscal_year=2027").json
    assert (board["projects"], board["adjusted"], [row["number"] for row in board["rows"]]) == (
        1,
        0,
        [begun.json["number"]],
    )


def test_pages_begin_them_and_show_what_stands_beside_a_case(client, call, major):
    factories.log_in(client, major.session, major.base.people["UNIT_CLERK"])
    page = html.fromstring(client.get(f"/cases/{major.declaration}").text)
    (form,) = page.xpath("//form[contains(@action, '/ex-ante/projects/')]")
    fields = {field.name: field.value for field in form.xpath(".//input[@type='hidden']")}
    begun = client.post(form.get("action"), data=fields)
    assert (begun.status_code, begun.headers["Location"].startswith("/tasks/")) == (303, True)
    task = html.fromstring(client.get(begun.headers["Location"]).text)
    assert "绩效目标申报" in task.xpath("string(//section[contains(@class, 'companions')])")
    assert "事前绩效评估表" in task.xpath("string(//main)")
    board = html.fromstring(client.get("/ex-ante?year=2027").text)
    assert board.xpath("string(//*[@id='ex-ante-share'])") == "0%"
    assert major.project.name in board.xpath("string(//*[@id='ex-ante-missing'])")
    printed = client.get(f"/cases/{major.declaration}").text
    assert "项目支出绩效目标申报表" in printed
    assert client.get("/ex-ante/export.xlsx?year=2027").status_code == 200
    assert client.get("/adjustments/export.xlsx?year=2027").status_code == 200
    assert "本年度还没有目标调整" in client.get("/adjustments?year=2027").text
    sent = client.post(f"/adjustments/projects/{major.project.id}", data=fields)
    assert (sent.status_code, sent.headers["Location"]) == (303, "/adjustments")
