"""Is a change made once and only once, remembered with its answer, and a refusal written down?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from db.connection import database_now, make_sessions
from db.event import Heartbeat, IdempotencyKey, SecurityEvent
from forms.problem import Problem
from service import commands
from service.errors import IdempotencyConflict, IdempotencyMissing, NotAllowed, Problems
from service.people import Actor
from tests.statements import counted

WHO = Actor("p1", "p1", "甲", "zh_CN", ())
PROBLEM = Problem(field="name", message="请填写名称", severity="error", source="试验")


@pytest.fixture
def sessions(engine: Engine):
    return make_sessions(engine)


def beat(name: str = "x"):
    def action(session: Session, at: datetime) -> dict[str, str]:
        session.add(Heartbeat(name=name, at=at))
        return {"name": name, "at": at.isoformat()}

    return action


def run(sessions, action=None, *, key="k", body=None, **more):
    return commands.run(
        sessions, action or beat(), actor=WHO, route="test.beat", key=key, body=body or {}, client={"ip": "::1"}, **more
    )


def beats(session: Session) -> list[str]:
    return list(session.scalars(select(Heartbeat.name)))


def refusals(session: Session) -> list[dict]:
    kind = SecurityEvent.kind == "command_refused"
    return list(session.scalars(select(SecurityEvent.detail).where(kind)))


def test_a_change_is_made_and_its_answer_remembered(sessions, session):
    answer = run(sessions)

    assert beats(session) == ["x"]
    assert not answer.replayed
    kept = session.scalars(select(IdempotencyKey)).one()
    assert (kept.status, kept.response) == (200, answer.body)


def test_a_repeated_change_gets_the_first_answer_and_has_no_second_effect(sessions, session):
    first = run(sessions)
    again = run(sessions, beat("other"))

    assert (again.body, again.replayed) == (first.body, True)
    assert beats(session) == ["x"]


def test_keys_count_per_person_and_route(sessions, session):
    run(sessions)
    commands.run(sessions, beat("y"), actor=WHO, route="test.other", key="k", body={}, client={})
    other = Actor("p2", "p2", "乙", "zh_CN", ())
    commands.run(sessions, beat("z"), actor=other, route="test.beat", key="k", body={}, client={})

    assert sorted(beats(session)) == ["x", "y", "z"]


def test_the_same_key_with_another_content_is_refused_and_logged(sessions, session):
    run(sessions, body={"a": 1})

    with pytest.raises(IdempotencyConflict):
        run(sessions, body={"a": 2})
    assert [line["code"] for line in refusals(session)] == ["idempotency_conflict"]


@pytest.mark.parametrize("key", [None, "", "k" * 201])
def test_a_change_without_a_proper_key_is_not_made(sessions, session, key):
    with pytest.raises(IdempotencyMissing):
        run(sessions, key=key)
    assert beats(session) == []


def test_contents_no_database_holds_are_told_apart_all_the_same(sessions):
    run(sessions, body={"n": 10**40, "text": "\ud800"})

    with pytest.raises(IdempotencyConflict):
        run(sessions, body={"n": 10**40 + 1, "text": "\ud800"})


def test_the_instant_is_the_databases_or_the_callers_own(sessions, session):
    before = database_now(session)
    at = datetime.fromisoformat(run(sessions).body["at"])
    assert before < at < before + timedelta(minutes=1)
    assert at.tzinfo is UTC or at.utcoffset() == timedelta(0)

    own = datetime(2026, 3, 1, tzinfo=UTC)
    assert run(sessions, beat("y"), key="k2", at=own).body["at"] == own.isoformat()


def test_a_refused_change_keeps_nothing_but_a_line_in_the_log(sessions, session):
    def refusing(session: Session, at: datetime) -> dict[str, str]:
        beat()(session, at)
        raise NotAllowed("您不是该单位负责人。")

    with pytest.raises(NotAllowed):
        run(sessions, refusing)

    assert beats(session) == []
    assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0
    line = session.scalars(select(SecurityEvent)).one()
    assert (line.kind, line.actor, line.client) == ("command_refused", "p1", {"ip": "::1"})
    assert line.detail == {"route": "test.beat", "code": "not_allowed", "text": "您不是该单位负责人。"}
    run(sessions)
    assert beats(session) == ["x"]


def test_twins_sent_at_the_same_moment_have_one_effect_and_one_answer(sessions, session):
    start = Barrier(4)

    def twin(_: int):
        start.wait()
        return run(sessions)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(twin, range(4)))

    assert beats(session) == ["x"]
    assert len({answer.body["at"] for answer in answers}) == 1
    assert sorted(answer.replayed for answer in answers) == [False, True, True, True]


def test_a_twin_of_a_change_that_fails_takes_its_place(sessions, session):
    began, waiting = Event(), Event()

    def failing(session: Session, at: datetime) -> dict[str, str]:
        began.set()
        waiting.wait(5)
        # The twin has had the time to reach the key and wait for it.
        session.execute(text("SELECT pg_sleep(0.3)"))
        raise NotAllowed

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run, sessions, failing)
        began.wait(5)
        second = pool.submit(run, sessions, beat("second"))
        waiting.set()
        with pytest.raises(NotAllowed):
            first.result()
        assert not second.result().replayed
    assert beats(session) == ["second"]


def test_one_change_needs_two_statements_of_its_own(sessions, engine, session):
    with counted(engine) as count:
        run(sessions, lambda session, at: {})

    assert (len(count.statements), count.commits) == (2, 1)


def test_a_preview_answers_as_the_change_would_and_keeps_nothing(sessions, session):
    seen = commands.preview(sessions, beat(), actor=WHO, route="test.beat", client={})

    assert seen["name"] == "x"
    assert beats(session) == []
    assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0


def test_a_preview_logs_what_is_forbidden_but_not_what_is_only_unfinished(sessions, session):
    def raising(error: Exception):
        def action(session: Session, at: datetime) -> dict[str, str]:
            raise error

        return action

    for error in (Problems([PROBLEM]), NotAllowed()):
        with pytest.raises(type(error)):
            commands.preview(sessions, raising(error), actor=WHO, route="test.beat", client={})
    assert [line["code"] for line in refusals(session)] == ["not_allowed"]
