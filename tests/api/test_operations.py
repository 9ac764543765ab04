"""Can programs watch the running system and retry what an administrator may?"""
# ruff: noqa: F401, F811 - fixtures of other tests are used by name

from tests import factories
from tests.service.test_operations import stranded


def test_a_step_nobody_could_take_is_listed_and_retried(call, district, session, stranded):
    centre = factories.create_organisation(session, kind="information_centre")
    district.people["SYS_ADMIN"] = factories.create_person(session, username="sys_admin")
    factories.create_post(session, role="SYS_ADMIN", organisation=centre, person=district.people["SYS_ADMIN"])
    session.commit()
    admin, chief = call("SYS_ADMIN"), call("PERF_CHIEF")
    assert chief.get("/operations").json["scheduler"] == "missing"
    assert chief.get("/operations/stuck-cases").json == []
    (found,) = chief.get("/operations/incidents").json
    assert found["visit_id"] == stranded.id
    known = {one["process_id"]: one for one in chief.get("/operations/versions").json}
    versions = known["target_declaration"]
    assert [(one["version"], one["state"], one["open_cases"]) for one in versions["versions"]] == [(1, "in_force", 1)]
    assert [(one["node_id"], one["open_cases"]) for one in versions["steps"]] == [("department_review", 1)]
    path = f"/operations/incidents/{stranded.id}/retry"
    assert chief.post(path).status_code == 403
    assert admin.post(path).json["case_id"] == stranded.case_id
    assert admin.get("/operations/incidents").json == []
    assert call("UNIT_CLERK").get("/operations").status_code == 403
    assert admin.post("/operations/incidents/nothing/retry").status_code == 404
