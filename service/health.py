"""Can this installation serve? Looks at everything a decision needs, by doing it."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db import schema
from db.connection import database_now
from db.event import Heartbeat

#: Less free space than this share of the disk stops the service from claiming that it can serve.
LEAST_FREE = 0.05
#: A scheduler without a sign of life for so long is late.
LATE = timedelta(seconds=60)
SCHEDULER = "scheduler"


@dataclass(frozen=True, kw_only=True)
class Health:
    """The findings; `serves` is True only if every decision could be taken and kept."""

    database: str
    migrations: str
    disk_free: float
    scheduler_age: float | None

    @property
    def serves(self) -> bool:
        """Whether the database takes writes, its tables are this release's and the disk has room."""
        return self.database == "ok" and self.migrations == "ok" and self.disk_free > LEAST_FREE

    def to_json(self) -> dict[str, object]:
        """The answer of /health."""
        age = self.scheduler_age
        state = "missing" if age is None else "late" if age > LATE.total_seconds() else "ok"
        return {
            "status": "ok" if self.serves else "failing",
            "database": self.database,
            "migrations": self.migrations,
            "disk_free": round(self.disk_free, 3),
            "scheduler": {"status": state, "age_seconds": None if age is None else round(age, 1)},
        }


def check(engine: Engine, data: Path) -> Health:
    """The state of the installation right now; never raises for what it looks for.

    The write is real (a row goes through the application's rights to the log of the database) but rolled back.

    Args:
        engine: the pool that requests use.
        data: the data folder, for the space on its disk.
    """
    database, migrations, age = "away", "unknown", None
    try:
        with Session(engine) as session:
            now = database_now(session)
            age = _scheduler_age(session, now)
            migrations = "ok" if schema.current(session.connection()) == _newest() else "behind"
            database = _write(session, now)
            session.rollback()
    except SQLAlchemyError:
        pass  # the findings so far say it
    return Health(database=database, migrations=migrations, disk_free=_free(data), scheduler_age=age)


def beat(session: Session, at: datetime, name: str = SCHEDULER) -> None:
    """Note that the process of this name lives at this instant."""
    row = insert(Heartbeat).values(name=name, at=at)
    session.execute(row.on_conflict_do_update(index_elements=[Heartbeat.name], set_={"at": at}))


@cache
def _newest() -> str | None:
    return schema.newest()


def _scheduler_age(session: Session, now: datetime) -> float | None:
    if session.execute(text("SELECT to_regclass('heartbeat')")).scalar() is None:
        return None
    last = session.get(Heartbeat, SCHEDULER)
    return None if last is None else (now - last.at.astimezone(UTC)).total_seconds()


def _write(session: Session, now: datetime) -> str:
    try:
        beat(session, now, "health")
    except SQLAlchemyError:
        return "read_only"
    return "ok"


def _free(data: Path) -> float:
    try:
        usage = shutil.disk_usage(data)
    except OSError:
        return 0.0
    return usage.free / usage.total
