"""Are the tables those of this release? Migrates them and says which step they are at."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.schema import CreateSchema

from db import roles
from db.models import Base

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, *, application: str | None, district: str | None = None) -> None:
    """Bring the tables to this release and give the application's role its rights on them.

    Args:
        engine: connects as the owner.
        application: role that the web and scheduler processes use; None if they use the owner's.
        district: schema of the district, made if need be; the engine's search path must name it. None for the
            role's own.
    """
    with engine.begin() as connection:
        if district is not None:
            connection.execute(CreateSchema(district, if_not_exists=True))
        command.upgrade(settings(connection), "head")
        if application is not None:
            roles.grant(connection, application)


def current(connection: Connection) -> str | None:
    """The migration step the tables are at; None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The migration step this release needs."""
    return ScriptDirectory.from_config(settings(None)).get_current_head()


def settings(connection: Connection | None) -> Config:
    """Alembic's settings without a file, on the given connection."""
    config = Config(toml_file=None)
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def make_step(engine: Engine, message: str) -> list[str]:
    """Write a migration from the tables as they are to the models; returns the files written."""
    with engine.begin() as connection:
        made = command.revision(settings(connection), message=message, autogenerate=True)
    steps = made if isinstance(made, list) else [made]
    return [step.path for step in steps if step is not None]


def differences(engine: Engine) -> list[str]:
    """What the models have that the migrations do not make, or the other way round; empty if they agree."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, Base.metadata)]
