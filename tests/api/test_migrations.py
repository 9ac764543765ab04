"""Can programs plan, preview, confirm and take back the migration of running cases, by two persons?"""

import pytest

from tests import factories
from tests.district import District
from tests.service.test_dry_run import with_legal
from tests.service.test_publishing import published


@pytest.fixture
def release_id(session, district: District) -> str:
    centre = factories.create_organisation(session, kind="information_centre")
    district.people["SYS_ADMIN"] = factories.create_person(session, username="sys_admin")
    factories.create_post(session, role="SYS_ADMIN", organisation=centre, person=district.people["SYS_ADMIN"])
    session.commit()
    district.start()
    return published(district, with_legal())["release_id"]


def test_a_plan_is_previewed_prepared_confirmed_and_taken_back(call, district, release_id):
    admin, chief = call("SYS_ADMIN"), call("PERF_CHIEF")
    wish = {"release_id": release_id}
    assert {one["process_id"]: one["release_id"] for one in admin.get("/processes").json}[
        "target_declaration"
    ] == release_id
    seen = admin.post("/migrations/preview", wish)
    assert (len(seen.json["moved"]), seen.json["moved"][0]["reversible"]) == (1, True), seen.json
    plan = admin.post("/migrations", {**wish, "reason": "法规科审核自本月起执行"}).json["plan_id"]
    assert admin.post(f"/migrations/{plan}/confirm").status_code == 403
    assert chief.get(f"/migrations/{plan}").json["state"] == "prepared"
    assert len(chief.post(f"/migrations/{plan}/confirm").json["moved"]) == 1
    assert district.case(district.started[0]["case_id"]).release_id == release_id
    assert [one["state"] for one in admin.get("/migrations").json] == ["done"]
    (back,) = admin.post(f"/migrations/{plan}/take-back", {"reason": "法规科暂缓审核"}).json["plan_ids"]
    assert len(chief.post(f"/migrations/{back}/confirm").json["moved"]) == 1
    assert admin.post(f"/migrations/{back}/drop").status_code == 409


def test_everybody_else_and_everything_else_is_refused(call, release_id):
    wish = {"release_id": release_id}
    assert call("UNIT_CLERK").post("/migrations/preview", wish).status_code == 403
    assert call("PERF_CHIEF").post("/migrations", {**wish, "reason": "法规科审核"}).status_code == 403
    assert call("SYS_ADMIN").post("/migrations/preview", {"release_id": "nothing"}).status_code == 404
    gone = call("SYS_ADMIN").post("/migrations/preview", {**wish, "stay": ["draft"]})
    assert (gone.status_code, gone.json["problems"][0]["field"]) == (422, "moves")
    unknown = call("SYS_ADMIN").post("/migrations", {**wish, "moves": {"draft": "x"}, "reason": "法规科审核"})
    assert unknown.status_code == 422
