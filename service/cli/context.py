"""What do the commands share? The settings of the installation at hand and a session on its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.orm import Session

from db.connection import make_engine, make_sessions
from service.config import BadSetting, Config

data_option = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="数据目录，默认 JIHENG_DATA 或 var/。Data folder."
)


def settings(data: Path | None = None) -> Config:
    """The settings, or a clear sentence and exit status 1."""
    try:
        return Config.from_environment(data=data.absolute() if data else None)
    except BadSetting as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def open_session(data: Path | None = None) -> Iterator[Session]:
    """A session on the installation's database as the application; the command commits what shall stay."""
    config = settings(data)
    engine = make_engine(config.database_url, search_path=config.schema, pool_size=1)
    try:
        with make_sessions(engine)() as session:
            yield session
    finally:
        engine.dispose()
