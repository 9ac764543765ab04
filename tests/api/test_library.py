"""Do programs read the library and the coverage board as their person would?"""

import pytest

from tests.district import District

FORWARD = ("draft", "unit_sign", "department_review", "fund_review", "fund_chief_review")
JOINT = ("budget_review", "performance_review", "performance_chief_review")


@pytest.fixture
def two(district: District) -> District:
    """One project in the library, one still drafted."""
    district.walk(district.start()["case_id"], *FORWARD, *JOINT)
    district.start(project_name="道路养护工程")
    return district


def test_the_library_lists_projects_with_their_sums(call, two):
    found = call("PERF_CHIEF").get("/library?fiscal_year=2027").json

    assert (found["total"], found["admitted"], found["amount"], found["admitted_amount"]) == (2, 1, "38.5", "38.5")
    first = found["rows"][0]
    assert (first["library_no"], first["amount"], first["stage"]) == ("库〔2027〕0001", "38.5", "in_library")
    department = two.bodies["department"]
    assert found["departments"] == [{"id": department.id, "name": department.name}]
    query = f"/library?fiscal_year=2027&department={department.id}&stage=in_library&q=培训&unit=101001&size=1"
    assert call("PERF_CHIEF").get(query).json["total"] == 1
    assert call("PERF_CHIEF").get("/library?fiscal_year=2026").json["total"] == 0
    assert call("PERF_CHIEF").get("/library").status_code == 422


def test_the_board_tells_who_is_missing(call, two):
    board = call("PERF_CHIEF").get("/coverage?fiscal_year=2027").json

    assert (board["units"], board["units_declared"], board["units_complete"]) == (1, 1, 0)
    assert (board["tally"]["expected"], board["tally"]["admitted"], board["tally"]["drafting"]) == (2, 1, 1)
    (department,) = board["departments"]
    assert [unit["code"] for unit in department["units"]] == ["101001"]
    assert department["tally"]["amount"] == "38.5"
    assert call("PERF_CHIEF").get("/coverage?fiscal_year=20270").status_code == 422
