"""Can an administrator or a section's chief hand over by program what a leaver leaves behind?"""

import pytest

from tests import factories

NODE = "department_review"


@pytest.fixture
def wanted(district):
    """A reviewer with one claimed case is leaving; a colleague stays."""
    district.people |= factories.create_administrators(district.session)
    district.add("DEPT_REVIEWER", "SECOND")
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    district.decide(case_id, NODE, "claim")
    names = {"leaver_id": district.id("DEPT_REVIEWER"), "to_id": district.id("SECOND")}
    return {**names, "reason": "岗位调整，统一移交"}


def test_everything_open_moves_in_one_act(call, district, wanted):
    done, again = (call("SYS_ADMIN").post("/handovers", wanted, key="once") for _ in range(2))
    assert done.status_code == 200, done.json
    (started,) = district.started
    visit = district.open_visits(started["case_id"])[NODE].id
    assert done.json["moved"] == [{"case_id": started["case_id"], "visit_id": visit}]
    assert (done.json["put_back"], done.json["kept"], again.json) == ([], [], done.json)
    assert call("SYS_ADMIN").post("/handovers", wanted).status_code == 403


def test_without_a_successor_it_goes_back_to_the_post(call, wanted):
    done = call("SYS_ADMIN").post("/handovers", {**wanted, "to_id": None})
    assert (len(done.json["put_back"]), done.json["moved"]) == (1, []), done.json


def test_the_chief_of_the_section_may_as_well(call, district, wanted):
    chief = factories.create_person(district.session)
    factories.create_post(
        district.session, role="DEPT_LEADER", organisation=district.bodies["department"], person=chief
    )
    district.people["CHIEF"] = chief
    district.session.commit()
    done = call("CHIEF").post("/handovers", wanted)
    assert (done.status_code, len(done.json["moved"])) == (200, 1), done.json


def test_others_may_not_and_a_reason_is_needed(call, wanted):
    assert call("DEPT_REVIEWER").post("/handovers", wanted).status_code == 403
    assert call("FUND_CHIEF").post("/handovers", wanted).status_code == 403
    unexplained = call("SYS_ADMIN").post("/handovers", {**wanted, "reason": " "})
    assert (unexplained.status_code, unexplained.json["problems"][0]["field"]) == (422, "reason")
    assert call("SYS_ADMIN").post("/handovers", wanted, key=None).status_code == 428
    assert call("SYS_ADMIN").post("/handovers", {**wanted, "secret": 1}).status_code == 422
