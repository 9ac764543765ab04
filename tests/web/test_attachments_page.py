from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from forms.problem import Problem
from service.attachments import Loaded
from service.errors import Problems
from service.web import attachments as pages
from tests import factories
from tests.web.test_tasks_page import logged_in  # noqa: F401  (a fixture)


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []

    def store(session: Session, visit_id: str, *, filename: str, content: bytes, **_: Any) -> dict[str, Any]:
        if filename.endswith(".exe"):
            raise Problems(
                [Problem(field="attachments", message="不接受这种类型", severity="error", source="附件要求")]
            )
        kept.append({"visit": visit_id, "filename": filename, "content": content})
        return {"id": str(len(kept))}

    monkeypatch.setattr(pages.attachments, "store", store)
    return kept


def send(client: FlaskClient, *files: tuple[str, bytes]) -> Any:
    uploads = [(BytesIO(content), name) for name, content in files]
    return client.post("/tasks/v1/attachments", data={"idempotency_key": "k", "upload": uploads})


def messages(client: FlaskClient) -> list[str]:
    with client.session_transaction() as session:
        return [text for _, text in session.get("_flashes", [])]


def test_each_good_file_is_kept_and_each_bad_one_named(logged_in, stored):  # noqa: F811
    answer = send(logged_in, ("方案.pdf", b"%PDF-"), ("run.exe", b"MZ"), ("预算.xlsx", b"PK"))

    assert answer.headers["Location"] == "/tasks/v1#tab-attachments"
    assert [file["filename"] for file in stored] == ["方案.pdf", "预算.xlsx"]
    assert messages(logged_in) == ["已上传：方案.pdf", "run.exe：不接受这种类型", "已上传：预算.xlsx"]


def test_the_same_upload_sent_twice_is_kept_once(logged_in, stored):  # noqa: F811
    send(logged_in, ("方案.pdf", b"%PDF-"))
    send(logged_in, ("方案.pdf", b"%PDF-"))

    assert len(stored) == 1


def test_no_file_chosen_says_so(logged_in, stored):  # noqa: F811
    send(logged_in)

    assert messages(logged_in) == ["请先选择要上传的文件。"]


def test_a_file_is_never_opened_inside_our_pages(logged_in, monkeypatch):  # noqa: F811
    monkeypatch.setattr(pages.attachments, "load", lambda *_, **__: Loaded("方案.pdf", "application/pdf", b"%PDF-"))
    answer = logged_in.get("/attachments/a1")

    assert answer.data == b"%PDF-"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_drafter_gets_suggestions_from_the_library(logged_in, session):  # noqa: F811
    answer = logged_in.get("/indicators/suggest?q=培训&level2=qty")

    assert answer.json == []


def test_the_public_gets_no_suggestions(client, session):
    factories.create_person(session)

    assert client.get("/indicators/suggest", headers={"Accept": "application/json"}).status_code == 401


def test_a_script_gets_the_ids_of_what_was_kept_and_what_was_not(logged_in, stored):  # noqa: F811
    uploads = [(BytesIO(b"%PDF-"), "方案.pdf"), (BytesIO(b"MZ"), "run.exe")]
    answer = logged_in.post(
        "/tasks/v1/attachments",
        data={"upload": uploads},
        headers={"Accept": "application/json", "Idempotency-Key": "from-a-script"},
    )
    assert answer.get_json() == {"files": [{"id": "1"}], "problems": ["run.exe：不接受这种类型"]}
