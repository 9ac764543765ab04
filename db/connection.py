"""How do we talk to PostgreSQL? Engines, sessions and the one clock that counts: the database's."""

from datetime import UTC, datetime
from time import monotonic
from typing import Any

import orjson
import psycopg
from sqlalchemy import Engine, create_engine, event, func, select
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker

#: A command waits this long for another one on the same case, then gives up instead of piling up.
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "60s"
#: A pooled connection used this recently is taken to be alive.
TRUSTED_SECONDS = 1.0


def make_engine(url: str, *, search_path: str | None = None, pool_size: int = 8, **options: Any) -> Engine:
    """An engine with a pool for one district.

    Args:
        url: address with the role's password; `postgresql://` is read as psycopg 3.
        search_path: the district's schema; None leaves the role's own setting.
        pool_size: connections kept open; as many again are opened at a rush.
        options: further arguments of `sqlalchemy.create_engine`.
    """
    settings = {"timezone": "UTC", "lock_timeout": LOCK_TIMEOUT, "statement_timeout": STATEMENT_TIMEOUT}
    if search_path is not None:
        settings["search_path"] = search_path.replace(" ", "")
    arguments = {
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        "application_name": "jiheng",
        "connect_timeout": 5,
    }
    defaults = {
        "pool_size": pool_size,
        "max_overflow": pool_size,
        "pool_timeout": 10,
        "json_deserializer": orjson.loads,
    }
    engine = create_engine(_driver(url), connect_args=arguments, **{**defaults, **options})
    event.listen(engine, "checkout", _try_idle)
    event.listen(engine, "checkin", _note_use)
    return engine


def _note_use(_: Any, record: Any) -> None:
    record.info["used"] = monotonic()


def _try_idle(connection: Any, record: Any, _: Any) -> None:
    """A connection cut by a restart of the server shows at checkout, not in the middle of a person's decision.

    Asked only where the connection has been idle: under load it would double the way to the database.
    """
    if monotonic() - record.info.get("used", 0) < TRUSTED_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions that keep what was read after the commit, so that pages can be written from it."""
    return sessionmaker(engine, expire_on_commit=False)


def database_now(session: Session) -> datetime:
    """The instant of this transaction by the database's clock, in UTC; edges pass it on as `at`.

    Statement time, not transaction time: a command that waited for a lock is dated after the wait.
    """
    instant: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return instant.astimezone(UTC)


def _driver(url: str) -> str:
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url
