"""Who acts in which post on which day, and how are accounts kept?"""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select

from db.event import SecurityEvent
from db.person import AccessToken, LoginSession, Person
from service import people, personnel, security_log, tokens
from service.errors import NotFound, Problems
from tests.factories import (
    cheap_hash,
    create_person,
    create_post,
    create_unit,
    open_session,
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_a_post_counts_from_its_first_to_its_last_day_in_the_district(session):
    person, unit = create_person(session), create_unit(session)
    create_post(
        session,
        role="UNIT_CLERK",
        organisation=unit,
        person=person,
        valid_from=date(2026, 11, 24),
        valid_to=date(2026, 11, 24),
    )
    # Midnight in the district is 16:00 UTC of the day before.
    first, last = datetime(2026, 11, 23, 16, 0, tzinfo=UTC), datetime(2026, 11, 24, 15, 59, tzinfo=UTC)
    for at, held in ((first, 1), (last, 1), (first - timedelta(minutes=1), 0), (last + timedelta(minutes=1), 0)):
        assert len(people.actor(session, person.id, at=at).posts) == held, at


def test_a_disabled_person_cannot_act(session):
    person = create_person(session, active=False)
    with pytest.raises(NotFound):
        people.actor(session, person.id, at=NOW)


def test_a_post_at_an_organisation_out_of_use_carries_no_rights(session):
    person = create_person(session)
    create_post(session, role="UNIT_CLERK", organisation=create_unit(session, active=False), person=person)
    assert people.actor(session, person.id, at=NOW).posts == ()


def test_an_actor_is_read_in_one_statement(session, engine):
    person = create_person(session)
    for _ in range(3):
        create_post(session, role="UNIT_CLERK", organisation=create_unit(session), person=person)
    session.commit()
    session.expunge_all()
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    assert len(people.actor(session, person.id, at=NOW).organisations("UNIT_CLERK")) == 3
    assert len(statements) == 1


def test_holders_name_everybody_who_can_act_and_say_where_nobody_does(session):
    unit, other = create_unit(session), create_unit(session)
    zhao = create_person(session, username="zhao", name="赵")
    qian = create_person(session, username="qian", name="钱")
    for person in (zhao, qian, create_person(session, active=False)):
        create_post(session, role="UNIT_LEADER", organisation=unit, person=person)
    found = people.holders(session, [("UNIT_LEADER", unit.id), ("UNIT_LEADER", other.id)], at=NOW)
    assert [person.name for person in found["UNIT_LEADER", unit.id]] == ["钱", "赵"]
    assert found["UNIT_LEADER", other.id] == []
    assert people.holders(session, [], at=NOW) == {}


def test_a_new_person_must_change_the_start_password(session):
    made = personnel.create(
        session, {"username": "li.si", "name": "李四"}, password_hash=cheap_hash("Start-123456"), by=None, at=NOW
    )
    assert session.get(Person, made).must_change_password


def test_all_that_is_wrong_with_a_person_is_said_at_once(session):
    create_person(session, username="taken")
    wrong = {"username": "A b", "name": "", "phone": "x", "email": "x", "locale": "fr"}
    with pytest.raises(Problems) as refused:
        personnel.create(session, wrong, password_hash="", by=None, at=NOW)
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["username", "name", "phone", "email", "locale"]
    with pytest.raises(Problems) as refused:
        personnel.create(session, {"username": "taken", "name": "某"}, password_hash="", by=None, at=NOW)
    assert "已被使用" in refused.value.problems[0].message


def test_disabling_ends_sessions_and_tokens(session):
    boss, person = create_person(session), create_person(session)
    session.commit()
    open_session(session, person.id)
    tokens.create(session, person_id=person.id, name="x", days=9, secret=tokens.new_secret(), at=NOW)
    personnel.set_active(session, person.id, False, by=boss.id, at=NOW)
    assert session.execute(select(LoginSession.ended_at)).scalar_one() == NOW
    assert session.execute(select(AccessToken.revoked_at)).scalar_one() == NOW


def test_nobody_disables_the_own_account(session):
    person = create_person(session)
    with pytest.raises(Problems):
        personnel.set_active(session, person.id, False, by=person.id, at=NOW)


def test_people_are_found_by_part_of_the_name(session):
    create_person(session, username="wang", name="王五")
    create_person(session, username="zhang", name="张三", active=False)
    assert [row.username for row in personnel.page(session, q="王").rows] == ["wang"]
    assert [row.username for row in personnel.page(session, active=False).rows] == ["zhang"]
    assert personnel.page(session, size=1).total == 2


def test_the_security_log_keeps_a_hash_that_can_be_computed_again(session):
    person = create_person(session)
    security_log.write(session, "logout", actor=person.id, detail={"b": 1, "a": "中"}, client={"ip": "::1"}, at=NOW)
    session.commit()
    session.expire_all()
    row = session.execute(select(SecurityEvent)).scalar_one()
    values = {name: getattr(row, name) for name in ("at", "kind", "actor", "case_id", "detail", "client")}
    assert security_log.row_hash(values) == row.hash
    assert security_log.row_hash({**values, "actor": None}) != row.hash


def test_only_known_kinds_are_logged(session):
    with pytest.raises(KeyError):
        security_log.write(session, "something", at=NOW)


def test_the_log_is_filtered_by_kind_person_and_day(session):
    person = create_person(session, username="sun", name="孙")
    security_log.write(session, "logout", actor=person.id, at=NOW)
    security_log.write(session, "login_failed", detail={"username": "sun"}, at=NOW + timedelta(days=1))
    security_log.write(session, "login_failed", detail={"username": "li"}, at=NOW + timedelta(days=2))
    assert security_log.page(session, kind="login_failed").total == 2
    assert [entry.kind for entry in security_log.page(session, q="sun").entries] == ["login_failed", "logout"]
    assert security_log.page(session, since=NOW, until=NOW + timedelta(days=1)).total == 1
