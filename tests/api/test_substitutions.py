"""Can programs set, read and end substitutions, each for those whose they are?"""

from datetime import UTC, datetime, timedelta

import pytest

from service.people import day
from tests import factories


@pytest.fixture
def wanted(district):
    district.add("DEPT_REVIEWER", "STAND_IN")
    today = day(datetime.now(UTC))
    return {
        "principal_id": district.id("DEPT_REVIEWER"),
        "substitute_id": district.id("STAND_IN"),
        "begins_on": (today + timedelta(days=1)).isoformat(),
        "ends_before": (today + timedelta(days=11)).isoformat(),
        "reason": "外出学习两周",
        "greatest_amount": "50.50",
    }


def test_a_substitution_is_set_read_by_both_and_ended(call, wanted):
    made, again = (call("DEPT_REVIEWER").post("/substitutions", wanted, key="once") for _ in range(2))
    assert (made.status_code, again.status_code) == (201, 201), made.json
    assert made.json == again.json
    assert {name: made.json[name] for name in ("begins_on", "ends_before")} == {
        name: wanted[name] for name in ("begins_on", "ends_before")
    }
    assert (made.json["greatest_amount"], made.json["state"], made.json["processes"]) == ("50.5", "coming", [])
    assert call("STAND_IN").get("/substitutions").json == [made.json]
    assert call("AUDITOR").get("/substitutions/running").json == [made.json]

    path = f"/substitutions/{made.json['id']}/end"
    assert call("FUND_CHIEF").post(path).status_code == 404
    assert call("STAND_IN").post(path).status_code == 200
    assert call("STAND_IN").post(path).status_code == 403
    assert call("AUDITOR").get("/substitutions/running").json == []


def test_one_sets_ones_own_and_the_administrator_anybodys(call, district, wanted):
    district.people |= factories.create_administrators(district.session)
    assert call("STAND_IN").post("/substitutions", wanted).status_code == 403
    assert call("SYS_ADMIN").post("/substitutions", wanted).status_code == 201
    assert call("DEPT_REVIEWER").get("/substitutions/running").status_code == 403


def test_everything_against_it_is_told(call, wanted):
    wrong = {**wanted, "reason": "短", "ends_before": "2099-01-01", "processes": ["none"], "greatest_amount": 0}
    refused = call("DEPT_REVIEWER").post("/substitutions", wrong)
    assert refused.status_code == 422
    fields = {problem["field"] for problem in refused.json["problems"]}
    assert fields == {"reason", "ends_before", "processes", "greatest_amount"}
    assert call("DEPT_REVIEWER").post("/substitutions", {**wanted, "begins_on": "明天"}).status_code == 422
    assert call("DEPT_REVIEWER").post("/substitutions", {**wanted, "secret": 1}).status_code == 422
    assert call("DEPT_REVIEWER").post("/substitutions", wanted, key=None).status_code == 428
