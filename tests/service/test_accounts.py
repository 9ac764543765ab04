"""Does log-in let the right people in, and nobody else, over any number of processes?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session, sessionmaker

from db.connection import make_sessions
from db.event import SecurityEvent
from db.person import LoginSession, Person
from service import accounts, passwords
from service.accounts import FAILURES, LoginRefused
from service.errors import NotFound, Problems, TooMany
from tests.factories import PASSWORD, create_organisation, create_person, create_post, open_session

CLIENT = {"ip": "10.0.0.1", "agent": "test"}


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return make_sessions(engine)


def kinds(session: Session) -> list[str]:
    return list(session.execute(select(SecurityEvent.kind).order_by(SecurityEvent.id)).scalars())


def test_name_and_password_open_a_session_of_which_only_a_hash_is_stored(session, sessions):
    person = create_person(session)
    session.commit()
    opened = accounts.log_in(sessions, username=person.username, password=PASSWORD, client=CLIENT)
    row = session.execute(select(LoginSession)).scalar_one()
    assert row.token_hash == accounts.fingerprint(opened.token) != opened.token
    assert kinds(session) == ["login_accepted"]
    assert accounts.recognise(session, opened.token, profile="mlps3").actor.person_id == person.id


@pytest.mark.parametrize("case", ["unknown", "wrong", "disabled", "no password", "endless"])
def test_every_refusal_reads_the_same(session, sessions, case):
    kept = None if case == "no password" else PASSWORD
    create_person(session, username="known", active=case != "disabled", password=kept)
    session.commit()
    username = "nobody" if case == "unknown" else "known"
    password = {"wrong": "Wrong-horse-42", "endless": "x" * 10_000}.get(case, PASSWORD)
    with pytest.raises(LoginRefused) as refused:
        accounts.log_in(sessions, username=username, password=password, client=CLIENT)
    assert refused.value.detail == LoginRefused.__doc__
    assert kinds(session) == ["login_failed"]


def test_five_wrong_passwords_lock_for_fifteen_minutes_even_for_the_right_one(session, sessions):
    person = create_person(session)
    session.commit()
    for _ in range(FAILURES):
        with pytest.raises(LoginRefused):
            accounts.log_in(sessions, username=person.username, password="Wrong-horse-42", client=CLIENT)
    with pytest.raises(LoginRefused):
        accounts.log_in(sessions, username=person.username, password=PASSWORD, client=CLIENT)
    assert kinds(session).count("login_locked") == 1
    person.locked_until = datetime.now(UTC) - timedelta(seconds=1)
    session.commit()
    accounts.log_in(sessions, username=person.username, password=PASSWORD, client=CLIENT)
    session.refresh(person)
    assert (person.failed_logins, person.locked_until) == (0, None)


def test_after_a_lock_has_passed_five_new_attempts_are_counted(session, sessions):
    person = create_person(session, failed_logins=5, locked_until=datetime.now(UTC) - timedelta(minutes=1))
    session.commit()
    with pytest.raises(LoginRefused):
        accounts.log_in(sessions, username=person.username, password="Wrong-horse-42", client=CLIENT)
    session.refresh(person)
    assert (person.failed_logins, person.locked_until) == (1, None)


def test_simultaneous_guesses_get_exactly_five_looks_at_the_password(session, sessions, monkeypatch):
    person = create_person(session)
    session.commit()
    looked = []
    stored = person.password_hash

    def matches(password, given):
        looked.append(given == stored)
        return False

    monkeypatch.setattr(passwords, "matches", matches)

    def guess(number):
        with pytest.raises(LoginRefused):
            accounts.log_in(sessions, username=person.username, password=f"Wrong-{number}", client=CLIENT)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(guess, range(24)))
    assert looked.count(True) == FAILURES
    assert len(looked) == 24, "those without an attempt take the same work"


def test_an_address_with_too_many_refusals_is_stopped_before_any_hashing(session, sessions, monkeypatch):
    monkeypatch.setattr(accounts, "REFUSALS_A_MINUTE", 3)
    for _ in range(3):
        with pytest.raises(LoginRefused):
            accounts.log_in(sessions, username="nobody", password="x", client=CLIENT)
    monkeypatch.setattr(passwords, "matches", lambda *_: pytest.fail("hashed"))
    with pytest.raises(TooMany):
        accounts.log_in(sessions, username="nobody", password="x", client=CLIENT)


def test_a_request_is_recognised_with_all_posts_in_one_statement(session, engine):
    person = create_person(session)
    for role in ("UNIT_CLERK", "UNIT_LEADER"):
        create_post(session, role=role, organisation=create_organisation(session, kind="budget_unit"), person=person)
    session.commit()
    token = open_session(session, person.id)
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    with Session(engine) as fresh:
        who = accounts.recognise(fresh, token, profile="mlps3")
    assert {post.role for post in who.actor.posts} == {"UNIT_CLERK", "UNIT_LEADER"}
    assert len(statements) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"ended_at": datetime.now(UTC)},
        {"expires_at": datetime.now(UTC) - timedelta(seconds=1)},
        {"last_seen_at": datetime.now(UTC) - timedelta(minutes=31)},
    ],
    ids=["ended", "twelve hours", "idle"],
)
def test_a_session_that_is_over_recognises_nobody(session, values):
    person = create_person(session)
    session.commit()
    assert accounts.recognise(session, open_session(session, person.id, **values), profile="mlps3") is None


def test_a_program_may_be_idle_until_its_token_expires(session):
    person = create_person(session)
    session.commit()
    idle = datetime.now(UTC) - timedelta(hours=5)
    token = open_session(session, person.id, api=True, last_seen_at=idle)
    assert accounts.recognise(session, token, profile="mlps3") is not None


def test_a_password_older_than_ninety_days_must_be_changed_in_one_profile_only(session):
    person = create_person(session, password_changed_at=datetime.now(UTC) - timedelta(days=91))
    session.commit()
    token = open_session(session, person.id)
    assert accounts.recognise(session, token, profile="mlps3").must_change_password
    assert not accounts.recognise(session, token, profile="asvs").must_change_password


def test_changing_the_password_ends_every_session(session):
    person = create_person(session)
    session.commit()
    token = open_session(session, person.id)
    passwords.change(
        session,
        person.id,
        old=PASSWORD,
        new="Better-horse-43",
        again="Better-horse-43",
        profile="mlps3",
        at=datetime.now(UTC),
    )
    session.commit()
    assert accounts.recognise(session, token, profile="mlps3") is None


def test_a_used_password_does_not_come_back(session):
    person = create_person(session)
    with pytest.raises(Problems) as refused:
        passwords.change(
            session, person.id, old=PASSWORD, new=PASSWORD, again=PASSWORD, profile="mlps3", at=datetime.now(UTC)
        )
    assert "最近 5 次" in refused.value.problems[0].message


def test_nobody_ends_the_session_of_another_person(session):
    owner, other = create_person(session), create_person(session)
    session.commit()
    open_session(session, owner.id)
    row = session.execute(select(LoginSession)).scalar_one()
    with pytest.raises(NotFound):
        accounts.end_session(session, row.id, person_id=other.id, at=datetime.now(UTC))
    accounts.end_session(session, row.id, person_id=owner.id, at=datetime.now(UTC))
    assert accounts.own_sessions(session, owner.id, at=datetime.now(UTC)) == []


def test_start_passwords_satisfy_both_profiles():
    from service.rules import passwords as rules

    made = passwords.start_password()
    assert [rules.problems(made, username="anyone", profile=profile) for profile in rules.PROFILES.values()] == [[], []]


def test_failed_logins_name_no_password(session, sessions):
    with pytest.raises(LoginRefused):
        accounts.log_in(sessions, username="nobody", password="My-secret-99", client=CLIENT)
    row = session.execute(select(SecurityEvent)).scalar_one()
    assert "My-secret-99" not in str(row.detail)
    assert session.execute(select(Person)).first() is None
