"""How does anything change, once and only once? One transaction a command, recalled when repeated, logged when refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from db.connection import database_now
from db.event import IdempotencyKey
from service import security_log
from service.errors import IdempotencyConflict, IdempotencyMissing, Refused
from service.people import Actor

Action = Callable[[Session, datetime], dict[str, Any]]
LONGEST_KEY = 200


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
        detail = {"route": route, "code": error.code, "text": error.detail}
        security_log.record(sessions, "command_refused", actor=actor.person_id, detail=detail, client=client)
        raise


def _run(
    sessions: sessionmaker[Session], action: Action, names: dict[str, str], digest: str, at: datetime | None
) -> Answer:
    with sessions() as session:
        known = _recall(session, names, digest)
        if known is not None:
            return known
        instant = at or database_now(session)
        reserve = insert(IdempotencyKey).values(**names, body_hash=digest, status=0, response={}, created_at=instant)
        # A twin sent at the same moment waits here until this one is through.
        kept = session.execute(reserve.on_conflict_do_nothing().returning(IdempotencyKey.key)).first()
        if kept is None:
            session.rollback()
            again = _recall(session, names, digest)
            if again is not None:
                return again
            raise Refused("同一请求正在办理，请稍后重试。")
        answered = action(session, instant)
        row = session.get_one(IdempotencyKey, tuple(names.values()))
        row.status, row.response = 200, answered
        session.commit()
        return Answer(answered, False)


def _digest(body: Mapping[str, Any]) -> str:
    return sha256(orjson.dumps(dict(body), option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


def _recall(session: Session, names: Mapping[str, str], digest: str) -> Answer | None:
    row = session.execute(select(IdempotencyKey).filter_by(**names)).scalar_one_or_none()
    if row is None:
        return None
    if row.body_hash != digest:
        raise IdempotencyConflict
    return Answer(row.response, True)
