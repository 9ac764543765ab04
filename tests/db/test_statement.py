"""Do composed statements read and write exactly what SQLAlchemy's own way does?"""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import ARRAY, Text, bindparam, event, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from db.campaign import Holiday
from db.event import Event, Heartbeat
from db.organisation import Organisation
from db.project import Project
from db.statement import Statement
from db.writing import add, upsert, write

AT = datetime(2026, 11, 2, 1, 2, 3, 456789, tzinfo=UTC)


def _unit(code: str, **values: object) -> Organisation:
    return Organisation(
        id=code, code=code, name=f"单位{code}", kind="budget_unit", finance_own=False, active=True, **values
    )


def _plain(row: object) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if name != "_sa_instance_state"}


@pytest.fixture
def units(session: Session) -> Session:
    for unit in (_unit("u1"), _unit("u2", parent_id="u1"), _unit("u3")):
        session.add(unit)
        session.flush()
    session.add(Holiday(day=date(2026, 10, 1), working=False, note="国庆"))
    session.flush()
    return session


def _parents() -> Statement:
    above = Organisation.__table__.alias()
    return Statement(
        lambda: (
            select(Organisation, above.c.name, Holiday)
            .outerjoin(above, above.c.id == Organisation.parent_id)
            .outerjoin(Holiday, Organisation.code == "u2")
            .where(Organisation.code == func.any(bindparam("codes", type_=ARRAY(Text))))
            .order_by(Organisation.code)
        )
    )


def test_rows_are_those_sqlalchemy_reads(units):
    codes = ["u1", "u2"]
    found = _parents().all(units, codes=codes)
    expected = units.execute(select(Organisation).where(Organisation.code.in_(codes)).order_by(Organisation.code))
    assert [_plain(row[0]) for row in found] == [_plain(row) for row in expected.scalars()]
    assert [row[1] for row in found] == [None, "单位u1"]
    assert found[0][2] is None
    assert (found[1][2].day, found[1][2].working) == (date(2026, 10, 1), False)


def test_no_session_watches_what_was_read(units):
    (row, *_), *_ = _parents().all(units, codes=["u1"])
    row.name = "别的名称"
    units.flush()
    assert units.scalar(select(Organisation.name).where(Organisation.code == "u1")) == "单位u1"


def test_another_list_and_no_list_at_all_are_the_same_statement(units):
    statement = _parents()
    assert [len(statement.all(units, codes=codes)) for codes in (["u1"], ["u1", "u2", "u3"], [])] == [1, 3, 0]
    assert statement.first(units, codes=[]) is None


def test_what_waits_to_be_written_is_read(session):
    session.add(_unit("u9"))
    assert len(_parents().all(session, codes=["u9"])) == 1


def test_listeners_hear_of_every_statement(units):
    heard: list[str] = []
    event.listen(units.get_bind(), "before_cursor_execute", lambda *told: heard.append(told[2]))
    _parents().all(units, codes=["u1"])
    upsert(units, [_unit("u7")])
    assert [text.split()[0] for text in heard] == ["SELECT", "INSERT"]


def test_an_error_is_sqlalchemys_and_names_the_cause(units):
    with pytest.raises(IntegrityError):
        add(units, [_unit("u1")])
    units.rollback()
    assert units.scalar(select(func.count()).select_from(Organisation)) == 0


def test_a_connection_that_was_cut_is_thrown_away(session, engine):
    pid = session.connection().connection.driver_connection.info.backend_pid
    with engine.begin() as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(DBAPIError) as lost:
        _parents().all(session, codes=[])
    assert lost.value.connection_invalidated
    session.rollback()
    assert _parents().all(session, codes=[]) == []


def test_rows_of_several_tables_go_in_one_statement_whatever_refers_to_what(session):
    heard: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *told: heard.append(told[2]))
    parent, child = _unit("u1"), _unit("u2", parent_id="u1")
    beats = [Heartbeat(name="tick", at=AT), Heartbeat(name="seal", at=AT)]
    write(session, (beats, True), ([child, parent], False), ([], True))
    write(session, ([Heartbeat(name="tick", at=AT.replace(year=2027))], True))
    assert len(heard) == 2
    assert session.scalar(select(Organisation.parent_id).where(Organisation.id == "u2")) == "u1"
    assert session.scalar(select(Heartbeat.at).where(Heartbeat.name == "tick")) == AT.replace(year=2027)
    assert session.scalar(select(Heartbeat.at).where(Heartbeat.name == "seal")) == AT


def test_every_kind_of_value_comes_back_as_it_went(session):
    values = {"kind": "form_submitted", "verb": "submit", "round": 1, "release_hash": "r", "engine_digest": "d"}
    chain = {"prev_hash": "0", "hash": "1", "simulated": True}
    changes = [{"type": "x", "说明": "“引号” \\ %s %(name)s $1", "n": None, "数": [1, 2.5, True]}]
    sent = Event(case_id="c", seq=1, at=AT, changes=changes, command=None, post={}, **values, **chain)
    add(session, [sent])
    (found,) = session.scalars(select(Event)).all()
    assert (found.changes, found.command, found.post, found.at) == (changes, None, {}, AT)
    assert found.simulated is True
    assert found.reason is None


def test_money_stays_exact(session):
    statement = Statement(lambda: select(Project.amount_total))
    assert statement.all(session) == []
    exact = Statement(lambda: select(bindparam("amount", type_=Project.amount_total.type)))
    assert exact.all(session, amount=Decimal("12345678.123456")) == [(Decimal("12345678.123456"),)]
