"""How do we talk to PostgreSQL? Engines, sessions and the one clock that counts: the database's."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session, sessionmaker

#: A command waits this long for another one on the same case, then gives up instead of piling up.
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "60s"


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
    # A connection cut by a restart of the server shows at checkout, not in the middle of a person's decision.
    defaults = {"pool_pre_ping": True, "pool_size": pool_size, "max_overflow": pool_size, "pool_timeout": 10}
    return create_engine(_driver(url), connect_args=arguments, **{**defaults, **options})


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
