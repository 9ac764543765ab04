"""Do the operators' commands on accounts do what they print?"""

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from db.person import AccessToken, LoginSession, Person, SetupToken
from service.accounts import fingerprint
from service.cli.accounts import command
from tests.factories import create_administrators, create_person, open_session


@pytest.fixture
def run(database, monkeypatch, tmp_path):
    monkeypatch.setenv("JIHENG_DATABASE_URL", database.url)
    monkeypatch.setenv("JIHENG_DATA", str(tmp_path))
    monkeypatch.setenv("JIHENG_ADDRESS", "http://127.0.0.1:8000")
    return lambda *arguments: CliRunner().invoke(command, arguments)


def test_an_empty_installation_gets_a_set_up_address_and_only_the_last_one_works(run, session):
    first = run("setup-token").output.split("token=")[1].strip()
    second = run("setup-token").output.split("token=")[1].strip()
    assert "http://127.0.0.1:8000/setup?token=" in run("setup-token").output
    kept = session.execute(select(SetupToken.token_hash)).scalars().all()
    assert len(kept) == 1
    assert fingerprint(first) not in kept
    assert fingerprint(second) not in kept


def test_where_there_are_administrators_no_token_is_printed(run, session):
    create_administrators(session)
    session.commit()
    assert run("setup-token").output == ""


def test_a_reset_password_is_printed_once_and_ends_the_sessions(run, session):
    person = create_person(session, username="li.si")
    session.commit()
    open_session(session, person.id)
    done = run("reset-password", "li.si")
    assert done.exit_code == 0, done.output
    session.expire_all()
    assert session.get(Person, person.id).must_change_password
    assert session.execute(select(LoginSession.ended_at)).scalar_one() is not None


def test_an_unknown_name_is_said_to_be_unknown(run):
    done = run("reset-password", "nobody")
    assert done.exit_code == 1
    assert "nobody" in done.output


def test_a_token_for_a_program_is_printed_and_kept_as_a_hash(run, session):
    create_person(session, username="li.si")
    session.commit()
    secret = run("token", "li.si", "--days", "7").output.strip()
    assert session.execute(select(AccessToken.token_hash)).scalar_one() == fingerprint(secret)


def test_the_list_names_everybody_with_the_state_of_the_account(run, session):
    create_person(session, username="on", name="在")
    create_person(session, username="off", name="停", active=False)
    session.commit()
    lines = run("list").output.splitlines()
    assert lines == ["off\t停\t停用 disabled", "on\t在\t在用 active"]
