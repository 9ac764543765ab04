"""Do the log-in pages keep strangers out and say plainly what happens?"""

import re
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from db.event import SecurityEvent
from db.person import AccessToken, LoginSession, Person, Post
from service import administrators
from tests.factories import (
    PASSWORD,
    create_administrators,
    create_organisation,
    create_person,
    create_post,
    log_in,
    open_session,
)

NEW = "Better-horse-43"


def hidden_fields(page: str) -> dict[str, str]:
    """Form token and idempotency key of the first form of a page that has both."""
    return {
        name: re.search(rf'name="{name}" value="([^"]+)"', page).group(1) for name in ("csrf_token", "idempotency_key")
    }


def send(client: FlaskClient, page: str, to: str, **values: str):
    fields = hidden_fields(client.get(page).text)
    return client.post(to, data={**fields, **values})


def test_a_stranger_is_sent_to_the_login_page_and_back(client, session):
    person = create_person(session)
    session.commit()
    sent = client.get("/account")
    assert (sent.status_code, sent.location) == (303, "/login?next=/account")
    answer = send(client, sent.location, "/login", username=person.username, password=PASSWORD, next="/account")
    assert (answer.status_code, answer.location) == (303, "/account")
    assert person.name in client.get("/account").text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client, session):
    person = create_person(session)
    session.commit()
    answer = send(client, "/login", "/login", username=person.username, password=PASSWORD)
    cookie = next(text for text in answer.headers.getlist("Set-Cookie") if text.startswith("jiheng="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_a_wrong_password_says_so_and_shows_the_form_again(client, session):
    person = create_person(session)
    session.commit()
    answer = send(client, "/login", "/login", username=person.username, password="Wrong-horse-42")
    assert answer.status_code == 401
    assert "用户名或口令不正确" in answer.text
    assert client.get("/account").status_code == 303


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:x"])
def test_log_in_never_leads_to_another_site(client, session, elsewhere):
    person = create_person(session)
    session.commit()
    answer = send(client, "/login", "/login", username=person.username, password=PASSWORD, next=elsewhere)
    assert answer.location == "/"


def test_a_form_without_its_token_changes_nothing(client, session):
    person = create_person(session)
    log_in(client, session, person)
    answer = client.post("/account/tokens", data={"name": "x", "days": "9", "idempotency_key": "k"})
    assert answer.status_code == 400
    assert "页面已过期" in answer.text
    assert session.execute(select(func.count()).select_from(AccessToken)).scalar_one() == 0


def test_the_log_in_makes_a_new_session_even_if_the_browser_brought_one(client, session):
    person = create_person(session)
    session.commit()
    client.set_cookie("jiheng", "chosen-by-somebody-else", domain="localhost")
    send(client, "/login", "/login", username=person.username, password=PASSWORD)
    assert client.get_cookie("jiheng").value != "chosen-by-somebody-else"


def test_after_log_out_the_old_cookie_is_worthless(client, session):
    person = create_person(session)
    log_in(client, session, person)
    kept = client.get_cookie("jiheng").value
    send(client, "/account", "/logout")
    client.set_cookie("jiheng", kept, domain="localhost")
    assert client.get("/account").status_code == 303


def test_disabling_an_account_ends_its_session_at_once(app, client, session):
    boss = create_administrators(session)["SYS_ADMIN"]
    person = create_person(session)
    log_in(client, session, person)
    other = app.test_client()
    log_in(other, session, boss)
    assert send(other, f"/people/{person.id}", f"/people/{person.id}/active", active="0").status_code == 303
    assert client.get("/account").status_code == 303


def test_whoever_must_change_the_password_reaches_nothing_else(client, session):
    person = create_person(session, must_change_password=True)
    log_in(client, session, person)
    assert client.get("/account").location == "/account/password"
    answer = send(client, "/account/password", "/account/password", old_password=PASSWORD, new_password=NEW, again=NEW)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert client.get("/account").status_code == 200


def test_all_that_is_wrong_with_a_new_password_is_said_at_once(client, session):
    person = create_person(session)
    log_in(client, session, person)
    answer = send(client, "/account/password", "/account/password", old_password="no", new_password="abc", again="abd")
    assert answer.status_code == 422
    for text in ("原口令不正确", "两次输入的新口令不一致", "至少 10 个字符", "至少 3 类"):
        assert text in answer.text


def test_every_page_carries_the_protecting_headers(client):
    headers = client.get("/login").headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"].split("script-src")[1].split(";")[0]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_a_token_is_shown_once_and_its_repetition_makes_no_second(client, session):
    person = create_person(session)
    log_in(client, session, person)
    fields = hidden_fields(client.get("/account").text)
    first = client.post("/account/tokens", data={**fields, "name": "报表", "days": "30"})
    again = client.post("/account/tokens", data={**fields, "name": "报表", "days": "30"})
    assert "jht_" in first.text
    assert "jht_" not in again.text
    assert session.execute(select(func.count()).select_from(AccessToken)).scalar_one() == 1


def test_a_person_ends_another_own_session(client, session):
    person = create_person(session)
    log_in(client, session, person)
    elsewhere = open_session(session, person.id)
    other = session.execute(select(LoginSession).order_by(LoginSession.created_at.desc())).scalars().first()
    assert send(client, "/account", f"/account/sessions/{other.id}/end").status_code == 303
    client.set_cookie("jiheng", elsewhere, domain="localhost")
    assert client.get("/account").status_code == 303


def test_the_first_administrators_are_made_with_a_token_that_works_once(client, session):
    token = administrators.new_token(session, at=datetime.now(UTC))
    session.commit()
    entered = {}
    for role, name in (("SYS_ADMIN", "甲"), ("SEC_ADMIN", "乙"), ("AUDIT_ADMIN", "丙")):
        username = role.lower().replace("_", "-")
        entered |= {f"{role}.username": username, f"{role}.name": name}
        entered |= {f"{role}.password": PASSWORD, f"{role}.again": PASSWORD}
    page = f"/setup?token={token}"
    same = {**entered, "SEC_ADMIN.username": "sys-admin"}
    assert "必须是另一个人" in send(client, page, "/setup", token=token, **same).text
    assert send(client, page, "/setup", token=token, **entered).status_code == 303
    assert set(session.execute(select(Post.role)).scalars()) == {"SYS_ADMIN", "SEC_ADMIN", "AUDIT_ADMIN"}
    assert client.get(page).status_code == 404
    assert session.execute(select(func.count()).select_from(Person)).scalar_one() == 3
    assert "设立三员" not in client.get("/login").text


def test_nobody_is_made_administrator_without_the_token(client, session):
    assert send(client, "/login", "/setup", token="guessed").status_code == 404
    assert session.execute(select(Person)).first() is None


@pytest.mark.parametrize("page", ["/people", "/organisations", "/posts", "/security-log"])
def test_a_business_user_is_refused_by_the_administrators_pages_and_that_is_logged(client, session, page):
    person = create_person(session)
    create_post(
        session, role="UNIT_CLERK", organisation=create_organisation(session, kind="budget_unit"), person=person
    )
    log_in(client, session, person)
    assert client.get(page).status_code == 403
    row = session.execute(select(SecurityEvent)).scalar_one()
    assert (row.kind, row.actor, row.detail["path"]) == ("access_refused", person.id, page)


def test_asking_for_something_absent_is_logged_too(client, session):
    boss = create_administrators(session)["SYS_ADMIN"]
    log_in(client, session, boss)
    assert client.get("/people/nobody").status_code == 404
    assert session.execute(select(SecurityEvent.kind)).scalars().all() == ["access_refused"]
