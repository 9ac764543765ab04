"""Do errors say what happened, in one form, and does an error keep nothing of the request's work?"""

from collections.abc import Callable

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from forms.problem import Problem
from service import errors, permission, request

PROBLEM = Problem(
    field="indicators[2].weight", message="第3行权重应大于0。", severity="error", source="Q02", rule="Q02"
)


@pytest.fixture
def view(app: Flask) -> Callable[[str, Callable[[], object]], None]:
    """Adds a public view to the application under test."""

    def add(address: str, function: Callable[[], object]) -> None:
        app.add_url_rule(address, address, permission.public(function), methods=["GET", "POST"])

    return add


def _raise(error: Exception) -> Callable[[], object]:
    def raising() -> object:
        request.session().execute(text("INSERT INTO heartbeat VALUES ('lost', now())"))
        raise error

    return raising


def _kinds(kind: type[errors.Refused] = errors.Refused) -> list[type[errors.Refused]]:
    return [kind, *(deeper for below in kind.__subclasses__() for deeper in _kinds(below))]


@pytest.mark.parametrize(
    "kind", [kind for kind in _kinds() if kind is not errors.Problems], ids=lambda kind: kind.__name__
)
def test_each_error_answers_with_its_status_and_a_chinese_sentence(view, client: FlaskClient, kind):
    view("/api/refused", _raise(kind("这里说明原因。")))
    answer = client.get("/api/refused")
    assert answer.status_code == kind.status
    assert answer.content_type == "application/problem+json"
    assert {"title", "detail", "code", "problems"} <= answer.json.keys()
    assert answer.json["detail"] == "这里说明原因。"


def test_all_problems_come_at_once(view, client: FlaskClient):
    view("/api/problems", _raise(errors.Problems([PROBLEM, PROBLEM])))
    answer = client.get("/api/problems")
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json["problems"]] == ["indicators[2].weight"] * 2


def test_what_happened_since_is_part_of_the_answer(view, client: FlaskClient):
    view("/api/stale", _raise(errors.Stale(extra={"since": ["张三已提交"]})))
    assert client.get("/api/stale").json["since"] == ["张三已提交"]


def test_people_read_the_same_sentence_on_a_page(view, client: FlaskClient):
    view("/page", _raise(errors.NotAllowed("您不是该单位负责人。")))
    answer = client.get("/page", headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert "您不是该单位负责人。" in answer.text


def test_an_unexpected_error_tells_its_number_and_nothing_else(view, client: FlaskClient):
    view("/api/broken", _raise(RuntimeError("secret detail")))
    answer = client.get("/api/broken")
    assert answer.status_code == 500
    assert answer.json["number"] in answer.json["detail"]
    assert "secret" not in answer.text


def test_nothing_of_a_refused_request_stays(view, client: FlaskClient, session: Session):
    view("/api/refused", _raise(errors.NotAllowed()))
    client.post("/api/refused")
    assert session.execute(text("SELECT count(*) FROM heartbeat")).scalar() == 0


def test_the_work_of_a_successful_request_stays(view, client: FlaskClient, session: Session):
    def write() -> str:
        request.session().execute(text("INSERT INTO heartbeat VALUES ('kept', now())"))
        return "ok"

    view("/api/write", write)
    assert client.post("/api/write").status_code == 200
    assert session.execute(text("SELECT name FROM heartbeat")).scalar() == "kept"


def test_a_separate_transaction_stays_when_the_request_fails(view, client: FlaskClient, session: Session):
    def write() -> str:
        with request.separate_session() as own:
            own.execute(text("INSERT INTO heartbeat VALUES ('refusal', now())"))
        raise errors.NotAllowed

    view("/api/logged", write)
    assert client.post("/api/logged").status_code == 403
    assert session.execute(text("SELECT name FROM heartbeat")).scalar() == "refusal"


def test_an_answer_is_no_success_if_the_commit_fails(view, client: FlaskClient, owner_engine):
    with owner_engine.begin() as connection:
        connection.execute(text("CREATE TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
        connection.execute(text("GRANT ALL ON late TO jiheng_app"))

    def write() -> str:
        request.session().execute(text("INSERT INTO late VALUES (1), (1)"))
        return "saved"

    view("/api/late", write)
    answer = client.post("/api/late")
    assert answer.status_code == 500
    assert "saved" not in answer.text


@pytest.mark.parametrize(
    ("status", "code"), [(400, "bad_request"), (413, "too_large"), (415, "wrong_kind"), (429, "too_many")]
)
def test_errors_of_the_framework_take_the_same_form(view, client: FlaskClient, status: int, code: str):
    view("/api/abort", lambda: abort(status))
    answer = client.get("/api/abort")
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_wrong_method_says_which_are_right(view, client: FlaskClient):
    view("/api/read", lambda: "x")
    answer = client.delete("/api/read")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
