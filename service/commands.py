"""How does anything change, once and only once? One transaction a command, recalled when repeated, logged when refused."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from db.connection import database_now
from db.event import IdempotencyKey
from db.statement import executed
from service import security_log
from service.errors import IdempotencyConflict, IdempotencyMissing, Problems, Refused
from service.people import Actor

Action = Callable[[Session, datetime], dict[str, Any]]
LONGEST_KEY = 200
#: Plain text, because SQLAlchemy composes every INSERT … ON CONFLICT anew.
_RESERVE = (
    "INSERT INTO idempotency_key (person_id, route, key, body_hash, status, response, created_at) "
    "VALUES (%(person_id)s, %(route)s, %(key)s, %(body_hash)s, 0, '{}', "
    "coalesce(%(at)s::timestamptz, clock_timestamp())) "
    "ON CONFLICT DO NOTHING RETURNING clock_timestamp()"
)
_REMEMBER = (
    "UPDATE idempotency_key SET status = 200, response = %(answered)s "
    "WHERE person_id = %(person_id)s AND route = %(route)s AND key = %(key)s"
)


@dataclass(frozen=True)
class Answer:
    """What a command answered, now or the first time it was sent."""

    body: dict[str, Any]
    replayed: bool


def run(
    sessions: sessionmaker[Session],
    action: Action,
    *,
    actor: Actor,
    route: str,
    key: str | None,
    body: Mapping[str, Any],
    client: Mapping[str, Any],
    at: datetime | None = None,
    opened: Session | None = None,
) -> Answer:
    """Carry out one change: recall the first answer if it was made before, else act, remember and commit.

    Args:
        action: the use case; its answer is kept for repetitions, so it holds no secrets.
        route: name of the operation; keys count per person and route.
        key: the caller's idempotency key.
        body: what was asked; the same key with another content is refused.
        client: address and program, for the log of refusals.
        at: instant of the command; the database's clock if not given.
        opened: a session that has only been read with; the command goes on in its transaction. Else one of its own.

    Raises:
        IdempotencyMissing: no key was sent.
        IdempotencyConflict: the key was used for another content.
        Refused: whatever the action raises; nothing is kept but a line in the security log.
    """
    if not key or len(key) > LONGEST_KEY:
        raise IdempotencyMissing
    names = {"person_id": actor.person_id, "route": route, "key": key}
    try:
        with sessions() if opened is None else _kept(opened) as session:
            return _run(session, action, names, _digest(body), at)
    except Refused as error:
        _log_refusal(sessions, error, actor, route, client)
        raise


def preview(
    sessions: sessionmaker[Session],
    action: Action,
    *,
    actor: Actor,
    route: str,
    client: Mapping[str, Any],
    at: datetime | None = None,
) -> dict[str, Any]:
    """What a change would answer: it is carried out in full and then undone, so nothing of it is kept.

    Ids and numbers in the answer are given anew when the change is really made. No idempotency key is needed.

    Raises:
        Refused: whatever the action raises. What is wrong with the content is the preview's purpose; a refusal for
            any other reason is logged as if the change had been tried.
    """
    try:
        with sessions() as session:
            try:
                answered = action(session, at or database_now(session))
                session.flush()
                return answered
            finally:
                session.rollback()
    except Problems:
        raise
    except Refused as error:
        _log_refusal(sessions, error, actor, route, client)
        raise


@contextmanager
def _kept(opened: Session) -> Iterator[Session]:
    """A session somebody else closes; what was not committed is undone, so that its connection is free."""
    try:
        yield opened
    finally:
        opened.rollback()


def _run(session: Session, action: Action, names: dict[str, str], digest: str, at: datetime | None) -> Answer:
    instant = _reserve(session, names, digest, at)
    if instant is None:
        session.rollback()
        return _recall(session, names, digest)
    answered = action(session, instant)
    session.flush()
    with executed(session.connection(), _REMEMBER, {**names, "answered": Jsonb(answered)}):
        session.commit()
    return Answer(answered, False)


def _reserve(session: Session, names: dict[str, str], digest: str, at: datetime | None) -> datetime | None:
    """Take the key and learn the command's instant, in one statement; None if the key was used before.

    A twin sent at the same moment waits here until this one is through; the instant is read after the wait.
    """
    with executed(session.connection(), _RESERVE, {**names, "body_hash": digest, "at": at}) as cursor:
        taken = cursor.fetchone()
    return None if taken is None else at or taken[0].astimezone(UTC)


def _recall(session: Session, names: Mapping[str, str], digest: str) -> Answer:
    row = session.execute(select(IdempotencyKey).filter_by(**names)).scalar_one_or_none()
    if row is None:
        # What was remembered was cleared away at this very moment.
        raise Refused("同一请求正在办理，请稍后重试。")
    if row.body_hash != digest:
        raise IdempotencyConflict
    return Answer(row.response, True)


def _log_refusal(
    sessions: sessionmaker[Session], error: Refused, actor: Actor, route: str, client: Mapping[str, Any]
) -> None:
    detail = {"route": route, "code": error.code, "text": error.detail}
    security_log.record(sessions, "command_refused", actor=actor.person_id, detail=detail, client=client)


def _digest(body: Mapping[str, Any]) -> str:
    # The standard library's writer takes whatever its reader gave, also numbers no database would hold.
    return sha256(json.dumps(dict(body), sort_keys=True, default=str).encode()).hexdigest()
