"""Do programs read the board of monitoring, and bring figures to it?"""

import pytest

from tests import factories, monitoring_district


@pytest.fixture
def district(session):
    return monitoring_district.create(session)


def test_board_and_projects_are_exact_texts(client, district):
    case = district.red()
    headers = factories.bearer(district.session, district.base.people["PERF_CHIEF"])
    address = f"/api/v1/monitoring/{district.season.id}"
    found = client.get(address, headers=headers).get_json()
    assert (found["sums"]["red"], found["sums"]["executed"], found["sums"]["rate"]) == (1, "1.00", "2.60")
    (project,) = client.get(f"{address}/projects?light=red", headers=headers).get_json()
    assert (project["annual_budget"], project["disposal"]) == ("38.50", "continue")
    assert project["rectification"]["case_id"] == case.id


def test_figures_are_taken_all_or_none(client, district):
    headers = factories.bearer(district.session, district.base.people["TREASURY"]) | {"Idempotency-Key": "figures-1"}
    address = f"/api/v1/monitoring/{district.season.id}/execution-figures"
    row = {"project_code": district.project.project_code, "annual_budget": "38.5", "executed": "99"}
    answer = client.put(address, json={"rows": [row]}, headers=headers)
    assert answer.status_code == 422
    assert "rows[0]" in answer.text
    headers["Idempotency-Key"] = "figures-2"
    answer = client.put(address, json={"rows": [row | {"executed": "12.5"}]}, headers=headers)
    assert (answer.status_code, answer.get_json()["imported"]) == (200, 1)
