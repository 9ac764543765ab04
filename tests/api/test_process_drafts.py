"""Can programs set the rules of a drafted process, play it, keep scenarios and try it on recorded cases?"""

import pytest

from tests import factories
from tests.district import District
from tests.service.test_dry_run import with_legal
from tests.service.test_publishing import begun

UPWARD = ("unit_sign", "department_review", "fund_review", "legal_review")


@pytest.fixture
def drafted(session, district: District) -> str:
    """A draft of the declaration with a further review; its address."""
    district.people |= factories.create_administrators(session)
    draft_id = begun(district, with_legal())
    district.start()
    session.commit()
    return f"/process-drafts/{draft_id}"


def submit() -> dict[str, object]:
    return {"step": "draft", "verb": "submit", "facts": {"is_key_project": False, "is_finance_own": False}}


def test_limits_of_rules_are_read_set_and_refused_all_at_once(call, drafted):
    admin = call("SYS_ADMIN")
    (listed,) = admin.get("/process-drafts").json
    assert (listed["process_id"], listed["state"]) == ("target_declaration", "draft")
    before = admin.get(f"{drafted}/rules").json
    values = {one["name"]: one for one in before["parameters"]}
    goal = values["quality.goal_min_characters"]
    assert (goal["unit"], goal["minimum"], goal["maximum"]) == ("字", "0", "800")
    assert (values["quality.vague_words"]["maximum"], before["version"]) == (None, listed["version"])
    wish = {"version": before["version"], "values": {"quality.goal_min_characters": "60"}}
    changed = admin.put(f"{drafted}/rules", wish)
    assert changed.json == {"version": before["version"] + 1}
    after = {one["name"]: one["value"] for one in admin.get(f"{drafted}/rules").json["parameters"]}
    assert {name for name in after if after[name] != values[name]["value"]} == {"quality.goal_min_characters"}
    assert admin.put(f"{drafted}/rules", wish).status_code == 409
    wrong = {"quality.goal_min_characters": "很多", "quality.weight_total": "-1", "quality.weight_min": "1e-999999"}
    refused = admin.put(f"{drafted}/rules", {"version": before["version"] + 1, "values": wrong})
    assert {one["field"] for one in refused.json["problems"]} == set(wrong)
    unknown = admin.put(f"{drafted}/rules", {"version": before["version"] + 1, "values": {"quality.nothing": "1"}})
    assert (unknown.status_code, unknown.json["problems"][0]["field"]) == (422, "quality.nothing")


def test_a_story_is_played_and_kept_as_a_scenario(call, drafted):
    admin = call("SYS_ADMIN")
    played = admin.post(f"{drafted}/simulation", {"decisions": [submit()]})
    assert ([one["step"] for one in played.json["open"]], played.json["problem"]) == (["unit_sign"], ""), played.json
    astray = admin.post(f"{drafted}/simulation", {"decisions": [{"step": "fund_review", "verb": "approve"}]})
    assert (astray.status_code, astray.json["completed"]) == (200, False)
    assert "审核" in astray.json["problem"]
    story = {"name": "法规科审核", "decisions": [submit(), *({"step": one, "verb": "approve"} for one in UPWARD)]}
    kept = admin.post(f"{drafted}/scenarios", {**story, "version": admin.get(f"{drafted}/rules").json["version"]})
    assert kept.status_code == 201, kept.json
    judged = call("PERF_CHIEF").get(f"{drafted}/scenarios").json
    found = next(one for one in judged["scenarios"] if one["name"] == "法规科审核")
    assert (found["passed"], [one["step"] for one in found["path"]]) == (True, ["draft", *UPWARD])
    assert (judged["walks"]["count"], judged["walks"]["stuck"]) == (100, [])
    assert admin.post(f"{drafted}/scenarios", {**story, "version": 0}).status_code == 409


def test_recorded_cases_of_a_season_are_run_under_the_draft(call, district, drafted):
    tried = call("PERF_CHIEF").get(f"{drafted}/dry-run?campaign_id={district.campaign.id}")
    assert sum(tried.json[name] for name in ("same", "differ", "cannot_run")) == len(district.started)
    assert call("PERF_CHIEF").get(f"{drafted}/dry-run?campaign_id=nothing").status_code == 404
    assert call("PERF_CHIEF").get(f"{drafted}/dry-run").status_code == 422


def test_who_neither_prepares_nor_approves_sees_and_changes_nothing(call, drafted):
    clerk, chief = call("UNIT_CLERK"), call("PERF_CHIEF")
    for path in ("/rules", "/scenarios", "/dry-run?campaign_id=x"):
        assert clerk.get(f"{drafted}{path}").status_code == 403, path
    assert clerk.post(f"{drafted}/simulation", {}).status_code == 403
    assert chief.put(f"{drafted}/rules", {"version": 1, "values": {}}).status_code == 403
    assert chief.post(f"{drafted}/scenarios", {"version": 1, "name": "某"}).status_code == 403
    assert call("SYS_ADMIN").get("/process-drafts/nothing/rules").status_code == 404
