"""Runs Alembic on a connection given by `db.schema`, or on the database of the settings for developers."""

from alembic import context
from sqlalchemy import Connection

from db.connection import make_engine
from db.models import Base


def run(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=Base.metadata, compare_type=True, transaction_per_migration=False
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    # The alembic command is a developer's tool; service.config is imported here only so that it finds the database.
    from service.config import Config

    with make_engine(Config.from_environment().owner_database_url).connect() as connection:
        run(connection)
        connection.commit()
