"""Can programs ask for exceptional acts and agree to them, by two persons, knowing what will happen?"""

import pytest

from tests.district import District

PLACE = "fund_chief_review"
WISH = {"verb": "jump", "place": PLACE, "reason": "区政府专题会议要求"}


@pytest.fixture
def case_id(district: District) -> str:
    started = district.start()["case_id"]
    district.walk(started, "draft")
    return started


@pytest.fixture
def act_id(call, case_id) -> str:
    asked = call("PERF_CHIEF").post(f"/cases/{case_id}/exceptional-acts", WISH)
    assert asked.status_code == 201, asked.json
    return asked.json["act_id"]


def test_a_jump_is_foreseen_asked_for_and_confirmed(call, district, case_id):
    path = f"/cases/{case_id}/exceptional-acts"
    seen = call("BUREAU_LEADER").get(f"{path}/preview?verb=jump&place={PLACE}").json
    assert (seen["why"], seen["closes"], seen["opens"]) == ("", ["审签申报材料"], ["复核审核意见"])

    asked = call("PERF_CHIEF").post(path, WISH).json
    assert asked["effects"] == seen
    assert set(district.open_visits(case_id)) == {"unit_sign"}
    assert [one["id"] for one in call("BUREAU_LEADER").get("/exceptional-acts").json] == [asked["act_id"]]

    done = call("BUREAU_LEADER").post(f"/exceptional-acts/{asked['act_id']}/confirm", {})
    assert [visit["node_id"] for visit in done.json["opened"]] == [PLACE], done.json
    assert call("BUREAU_LEADER").get("/exceptional-acts").json == []
    (told,) = call("UNIT_CLERK").get(path).json
    assert (told["state"], told["decided_by"]) == ("confirmed", district.people["BUREAU_LEADER"].name)


def test_a_leader_refuses_with_a_reason_and_once(call, district, case_id, act_id):
    path = f"/exceptional-acts/{act_id}/refuse"
    unexplained = call("BUREAU_LEADER").post(path, {"reason": ""})
    assert (unexplained.status_code, unexplained.json["problems"][0]["field"]) == (422, "reason")
    assert call("BUREAU_LEADER").post(path, {"reason": "请按正常程序办理"}).status_code == 200
    again = call("BUREAU_LEADER").post(path, {"reason": "请按正常程序办理"})
    assert (again.status_code, "已经有了结论" in again.json["detail"]) == (403, True)
    assert set(district.open_visits(case_id)) == {"unit_sign"}


def test_only_those_two_posts_take_part(call, case_id, act_id):
    path = f"/cases/{case_id}/exceptional-acts"
    assert call("BUREAU_LEADER").post(path, WISH).status_code == 403
    assert call("PERF_CHIEF").post(f"/exceptional-acts/{act_id}/confirm", {}).status_code == 403
    assert call("UNIT_CLERK").get("/exceptional-acts").status_code == 403
    assert call("UNIT_CLERK").get(f"{path}/preview?verb=suspend").status_code == 403
    assert call("UNIT_CLERK").get("/cases/none/exceptional-acts").status_code == 404
    assert call("BUREAU_LEADER").post("/exceptional-acts/none/confirm", {}).status_code == 404


def test_what_is_asked_has_a_shape_and_a_key(call, district, case_id):
    path = f"/cases/{case_id}/exceptional-acts"
    refused = call("PERF_CHIEF").post(path, {**WISH, "verb": "delete", "secret": 1})
    assert {problem["field"] for problem in refused.json["problems"]} == {"verb", "secret"}
    assert call("PERF_CHIEF").post(path, WISH, key=None).status_code == 428
    first, again = (call("PERF_CHIEF").post(path, WISH, key="once") for _ in range(2))
    assert (first.json, again.headers["Idempotent-Replayed"]) == (again.json, "true")
