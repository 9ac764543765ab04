"""Can a program pass steps on, ask others, send copies and take a decision back, and does it learn whom to name?"""

import pytest

from tests.district import District

REVIEW = "department_review"


@pytest.fixture
def case_id(district: District) -> str:
    """A case that waits for the department's review, where two may sit."""
    district.add("DEPT_REVIEWER", "SECOND")
    started = district.start()["case_id"]
    district.walk(started, "draft", "unit_sign")
    return started


@pytest.fixture
def path(district, case_id) -> str:
    return f"/visits/{district.open_visits(case_id)[REVIEW].id}"


@pytest.fixture
def act(call, district, case_id, path):
    def sent(role, verb, *, reason="请协助核对有关材料", **params):
        wanted = {"verb": verb, "expected_seq": district.case(case_id).seq, "reason": reason, "params": params}
        return call(role).post(f"{path}/commands", wanted)

    return sent


def test_people_to_choose_from_are_listed_and_a_step_is_passed_on(call, district, act, path):
    assert act("DEPT_REVIEWER", "claim").status_code == 200
    listed = call("DEPT_REVIEWER").get(f"{path}/people").json
    assert district.id("SECOND") in {one["person_id"] for one in listed["transfer"]}
    assert district.id("DEPT_REVIEWER") not in {one["person_id"] for one in listed["cc"]}

    passed = act("DEPT_REVIEWER", "transfer", person=district.id("SECOND"))
    assert (passed.status_code, passed.json["message"]) == (200, "已转办给SECOND同志。")
    refused = act("SECOND", "transfer")
    assert (refused.status_code, [problem["field"] for problem in refused.json["problems"]]) == (422, ["person"])


def test_a_seat_is_added_in_a_named_way_and_dropped(call, district, act, path):
    act("DEPT_REVIEWER", "claim")
    asked = {"person": district.id("BUDGET_REVIEWER")}
    refused = act("DEPT_REVIEWER", "add_seat", **asked, kind="sideways")
    assert (refused.status_code, refused.json["problems"][0]["field"]) == (422, "params.kind")

    assert act("DEPT_REVIEWER", "add_seat", **asked, kind="before").status_code == 200
    (added,) = call("DEPT_REVIEWER").get(f"{path}/people").json["drop_seat"]
    dropped = act("DEPT_REVIEWER", "drop_seat", seat=added["person_id"])
    assert dropped.status_code == 200, dropped.json
    assert act("DEPT_REVIEWER", "drop_seat", seat=added["person_id"]).status_code == 403


def test_a_copy_is_sent_read_and_receipted(call, district, act, case_id):
    assert act("UNIT_CLERK", "cc", people=[district.id("FUND_CHIEF")]).status_code == 200
    (sent,) = call("UNIT_CLERK").get(f"/cases/{case_id}/copies").json
    assert (sent["person"], sent["read_at"]) == (district.people["FUND_CHIEF"].name, None)

    assert act("FUND_CHIEF", "read").status_code == 200
    (read,) = call("UNIT_CLERK").get(f"/cases/{case_id}/copies").json
    assert read["read_at"] is not None
    assert call("UNIT_CLERK").get("/cases/none/copies").status_code == 404


def test_a_decision_taken_back_names_the_step_that_is_open_again(district, act, case_id):
    district.decide(case_id, REVIEW)
    back = act("DEPT_REVIEWER", "recall")
    assert back.status_code == 200, back.json
    assert back.json["visit_id"] == district.open_visits(case_id)[REVIEW].id
