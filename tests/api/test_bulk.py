"""Can a program do one thing to many, and see who has what?"""

from db.person import Person
from tests import factories


def test_rows_fail_alone_and_the_batch_is_named(call, district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    visit = district.latest(case_id, "department_review").id
    answer = call("DEPT_REVIEWER").post("/bulk", {"verb": "claim", "visits": [visit, "nothing"]})
    assert answer.status_code == 200, answer.json
    assert (answer.json["done"], answer.json["failed"]) == (1, 1)
    assert [row["ok"] for row in answer.json["rows"]] == [True, False]
    assert call("DEPT_REVIEWER").post("/bulk", {"verb": "approve", "visits": [visit]}).status_code == 422


def test_a_chief_reads_who_has_what(call, district):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft")
    found = call("UNIT_LEADER").get("/bulk/holders")
    assert found.status_code == 200
    assert call("UNIT_CLERK").get("/bulk/holders").status_code == 403
    leader: Person = district.people["DEPT_CLERK"]
    factories.create_post(
        district.session, role="DEPT_LEADER", organisation=district.bodies["department"], person=leader
    )
    district.session.commit()
    district.walk(case_id, "unit_sign")
    (pool,) = call("DEPT_CLERK").get("/bulk/holders").json
    assert (pool["person_id"], pool["open"], pool["overdue"]) == (None, 1, 0)
