"""How does anything change, once and only once? One transaction a command, recalled when repeated, logged when refused."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session, sessionmaker

from db.connection import database_now
from db.event import IdempotencyKey
from service import security_log
from service.errors import IdempotencyConflict, IdempotencyMissing, Problems, Refused
from service.people import Actor

Action = Callable[[Session, datetime], dict[str, Any]]
LONGEST_KEY = 200
#: Plain text, because SQLAlchemy composes every INSERT … ON CONFLICT anew.
_RESERVE = text(
    "INSERT INTO idempotency_key (person_id, route, key, body_hash, status, response, created_at) "
    "VALUES (:person_id, :route, :key, :body_hash, 0, '{}', coalesce(:at, clock_timestamp())) "
    "ON CONFLICT DO NOTHING RETURNING clock_timestamp()"
).bindparams(bindparam("at", type_=IdempotencyKey.created_at.type))

_REMEMBER = text(
    "UPDATE idempotency_key SET status = 200, response = :answered "
    "WHERE person_id = :person_id AND route = :route AND key = :key"
).bindparams(bindparam("answered", type_=IdempotencyKey.response.type))


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
) -> Answer:
    """Carry out one change: recall the first answer if it was made before, else act, remember and commit.

    Args:
        action: the use case; its answer is kept for repetitions, so it holds no secrets.
        route: name of the operation; keys count per person and route.
        key: the caller's idempotency key.
        body: what was asked; the same key with another content is refused.
        client: address and program, for the log of refusals.
        at: instant of the command; the database's clock if not given.

    Raises:
        IdempotencyMissing: no key was sent.
        IdempotencyConflict: the key was used for another content.
        Refused: whatever the action raises; nothing is kept but a line in the security log.
    """
    if not key or len(key) > LONGEST_KEY:
        raise IdempotencyMissing
    names = {"person_id": actor.person_id, "route": route, "key": key}
    try:
        return _run(sessions, action, names, _digest(body), at)
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


def _run(
    sessions: sessionmaker[Session], action: Action, names: dict[str, str], digest: str, at: datetime | None
) -> Answer:
    with sessions() as session:
        instant = _reserve(session, names, digest, at)
        if instant is None:
            session.rollback()
            return _recall(session, names, digest)
        answered = action(session, instant)
        session.execute(_REMEMBER, {**names, "answered": answered})
        session.commit()
        return Answer(answered, False)


def _reserve(session: Session, names: dict[str, str], digest: str, at: datetime | None) -> datetime | None:
    """Take the key and learn the command's instant, in one statement; None if the key was used before.

    A twin sent at the same moment waits here until this one is through; the instant is read after the wait.
    """
    taken = session.execute(_RESERVE, {**names, "body_hash": digest, "at": at}).scalar()
    return None if taken is None else at or taken.astimezone(UTC)


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
