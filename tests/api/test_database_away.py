"""Does every family of operations say that the database is away, with nothing half done?"""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, text

from db.connection import make_engine
from service import request
from tests.forms import samples


@pytest.fixture
def cut(app: Flask, tmp_path: Path):
    """Cuts the application off from its database until the test ends."""
    wiring = app.extensions[request.EXTENSION]

    def cutting() -> None:
        away = make_engine(f"postgresql://nobody@/none?host={tmp_path}")
        app.extensions[request.EXTENSION] = request.Wiring(wiring.config, away, request.make_sessions(away))

    yield cutting
    app.extensions[request.EXTENSION] = wiring


@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", "/cases"),
        ("GET", "/inbox"),
        ("POST", "/declarations"),
        ("POST", "/visits/x/commands"),
        ("POST", "/imports"),
        ("GET", "/processes"),
    ],
)
def test_a_call_without_a_database_is_told_to_come_back(app, call, cut, method, path):
    headers = {**call("UNIT_CLERK").headers, "Idempotency-Key": "k"}
    cut()
    answer = app.test_client().open(f"/api/v1{path}", method=method, headers=headers)

    assert (answer.status_code, answer.json["code"]) == (503, "database_away")
    assert answer.headers["Retry-After"]
    assert answer.content_type == "application/problem+json"


def test_a_database_lost_in_the_middle_of_a_decision_leaves_nothing(app, call, district, engine):
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    visit, seq = district.open_visits(case_id)["department_review"].id, district.case(case_id).seq
    district.session.commit()
    caller = call("DEPT_REVIEWER")
    form = {"target_review": samples.review(overall_grade="优", opinion="同意")}
    wanted = {"verb": "approve", "expected_seq": seq, "form": form}
    pool = app.extensions[request.EXTENSION].engine

    def cut(connection, cursor, statement, parameters, context, many):
        if "INSERT INTO event" in statement:
            event.remove(pool, "before_cursor_execute", cut)
            with engine.begin() as other:
                pid = connection.connection.driver_connection.info.backend_pid
                other.execute(text(f"SELECT pg_terminate_backend({pid})"))

    event.listen(pool, "before_cursor_execute", cut)
    lost = caller.post(f"/visits/{visit}/commands", wanted, key="once")
    assert (lost.status_code, lost.json["code"]) == (503, "database_away"), lost.json
    assert district.case(case_id).seq == seq

    again = caller.post(f"/visits/{visit}/commands", wanted, key="once")
    assert (again.status_code, "Idempotent-Replayed" in again.headers) == (200, False), again.json
    assert district.case(case_id).seq == seq + 1
