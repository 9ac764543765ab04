"""Do programs get in by bearer tokens, with the rights of their person and nothing more?"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from db.person import AccessToken, Person, Post
from service import tokens
from tests.factories import (
    PASSWORD,
    bearer,
    create_administrators,
    create_organisation,
    create_person,
    create_post,
    log_in,
)


def key(value: str = "k1") -> dict[str, str]:
    return {"Idempotency-Key": value}


def test_a_program_logs_in_and_learns_who_it_is(client, session):
    person = create_person(session)
    unit = create_organisation(session, kind="budget_unit")
    create_post(session, role="UNIT_CLERK", organisation=unit, person=person)
    session.commit()
    answer = client.post("/api/v1/session", json={"username": person.username, "password": PASSWORD})
    assert answer.status_code == 201, answer.json
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {answer.json['token']}"}).json
    assert me["username"] == person.username
    assert me["posts"][0]["organisation_id"] == unit.id
    assert "declaration.write" in me["permissions"]


def test_a_wrong_password_is_a_problem_document(client, session):
    create_person(session, username="known")
    session.commit()
    answer = client.post("/api/v1/session", json={"username": "known", "password": "x"})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.json["code"] == "login_refused"


def test_the_api_counts_towards_the_same_lock(client, session):
    person = create_person(session)
    session.commit()
    for _ in range(5):
        client.post("/api/v1/session", json={"username": person.username, "password": "x"})
    assert client.post("/api/v1/session", json={"username": person.username, "password": PASSWORD}).status_code == 401


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer jht_nonsense", "Basic eDp5", "Bearer"])
def test_a_wrong_header_is_nobody_even_beside_a_good_cookie(client, session, header):
    log_in(client, session, create_person(session))
    assert client.get("/api/v1/me", headers={"Authorization": header}).status_code == 401


def test_a_token_is_made_shown_once_used_and_revoked(client, session):
    headers = bearer(session, create_person(session))
    wanted = {"name": "报表", "days": 30}
    made = client.post("/api/v1/tokens", json=wanted, headers={**headers, **key()})
    again = client.post("/api/v1/tokens", json=wanted, headers={**headers, **key()})
    assert made.status_code == 201
    assert (again.json["id"], again.json["token"]) == (made.json["id"], None)
    assert again.headers["Idempotent-Replayed"] == "true"
    own = {"Authorization": f"Bearer {made.json['token']}"}
    assert client.get("/api/v1/me", headers=own).status_code == 200
    assert [row["name"] for row in client.get("/api/v1/tokens", headers=own).json] == ["报表"]
    gone = client.delete(f"/api/v1/tokens/{made.json['id']}", headers={**headers, **key()})
    assert gone.status_code == 204
    assert client.get("/api/v1/me", headers=own).status_code == 401


def test_a_change_without_a_key_is_refused(client, session):
    headers = bearer(session, create_person(session))
    assert client.post("/api/v1/tokens", json={"name": "x"}, headers=headers).status_code == 428


def test_the_same_key_with_another_content_is_refused(client, session):
    headers = {**bearer(session, create_person(session)), **key()}
    client.post("/api/v1/tokens", json={"name": "x"}, headers=headers)
    assert client.post("/api/v1/tokens", json={"name": "y"}, headers=headers).status_code == 422


def test_a_token_cannot_make_another(client, session):
    person = create_person(session)
    secret = tokens.new_secret()
    tokens.create(session, person_id=person.id, name="x", days=1, secret=secret, at=datetime.now(UTC))
    session.commit()
    headers = {"Authorization": f"Bearer {secret}", **key()}
    assert client.post("/api/v1/tokens", json={"name": "y"}, headers=headers).status_code == 403


@pytest.mark.parametrize("wanted", [{"name": "", "days": 1}, {"name": "x", "days": 366}, {"name": "x", "days": 0}, {}])
def test_a_token_needs_a_name_and_at_most_a_year(client, session, wanted):
    headers = {**bearer(session, create_person(session)), **key()}
    answer = client.post("/api/v1/tokens", json=wanted, headers=headers)
    assert answer.status_code == 422
    assert answer.json["problems"]


def test_an_expired_token_recognises_nobody(client, session):
    person = create_person(session)
    secret = tokens.new_secret()
    long_ago = datetime.now(UTC) - timedelta(days=2)
    tokens.create(session, person_id=person.id, name="x", days=1, secret=secret, at=long_ago)
    session.commit()
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_only_a_hash_of_a_token_is_stored(client, session):
    headers = {**bearer(session, create_person(session)), **key()}
    secret = client.post("/api/v1/tokens", json={"name": "x"}, headers=headers).json["token"]
    assert secret not in str(session.execute(select(AccessToken.__table__)).all())


def test_a_cookie_needs_the_form_token_in_the_api_too(client, session):
    log_in(client, session, create_person(session))
    assert client.post("/api/v1/tokens", json={"name": "x"}, headers=key()).status_code == 400


def test_a_post_is_asked_for_by_one_administrator_and_granted_by_another(client, session):
    admins = create_administrators(session)
    unit = create_organisation(session, kind="budget_unit")
    headers = {role: bearer(session, person) for role, person in admins.items()}
    made = client.post(
        "/api/v1/people", json={"username": "new.clerk", "name": "新人"}, headers={**headers["SYS_ADMIN"], **key()}
    )
    assert made.json["start_password"]
    wanted = {
        "person_id": made.json["id"],
        "role": "UNIT_CLERK",
        "organisation_id": unit.id,
        "valid_from": "2020-01-01",
        "reason": "任命文件",
    }
    asked = client.post("/api/v1/post-requests", json=wanted, headers={**headers["SEC_ADMIN"], **key()})
    assert asked.status_code == 201, asked.json
    decision = f"/api/v1/post-requests/{asked.json['id']}/decision"
    refused = client.post(decision, json={"approve": True}, headers={**headers["SEC_ADMIN"], **key()})
    assert refused.status_code == 403
    granted = client.post(decision, json={"approve": True}, headers={**headers["AUDIT_ADMIN"], **key()})
    assert granted.status_code == 200, granted.json
    assert session.execute(select(Post.role).where(Post.person_id == made.json["id"])).scalars().all() == ["UNIT_CLERK"]
    person = session.get(Person, made.json["id"])
    assert person.must_change_password


def test_the_description_lists_every_operation_and_reads_as_a_page(client):
    described = client.get("/api/openapi.json").json
    assert described["openapi"].startswith("3.1")
    page = client.get("/api/")
    assert page.status_code == 200
    for path in described["paths"]:
        assert path in page.text
