"""What can only the owner of the tables do for a demo district? Put its processes in force earlier; clear what is left."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Connection, text, update

from db import roles
from db.connection import make_engine
from db.models import Base
from db.release import ProcessRelease
from service import installation
from service.config import Config


def put_in_force(config: Config, first: date) -> None:
    """Let the processes that came with the product be in force from a day before the demo district's first season."""
    with _as_owner(config) as connection, _unguarded(connection, [ProcessRelease.__tablename__]):
        connection.execute(update(ProcessRelease).values(effective_from=first))


def forget_everything(config: Config) -> None:
    """Empty every table, histories too, and publish the shipped processes again, as in a new installation."""
    names = [table.name for table in Base.metadata.sorted_tables if table.name not in roles.READ_ONLY]
    with _as_owner(config) as connection, _unguarded(connection, names) as quoted:
        connection.execute(text(f"TRUNCATE {', '.join(quoted)} RESTART IDENTITY"))
    installation.migrate(config)


@contextmanager
def _unguarded(connection: Connection, names: Sequence[str]) -> Iterator[list[str]]:
    """Without the triggers that keep history and releases as they are; yields the names quoted."""
    quoted = [connection.dialect.identifier_preparer.quote(name) for name in names]
    for name in quoted:
        connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
    yield quoted
    for name in quoted:
        connection.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))


@contextmanager
def _as_owner(config: Config) -> Iterator[Connection]:
    engine = make_engine(config.owner_database_url, search_path=config.schema, pool_size=1)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
