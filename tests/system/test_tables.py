"""Are the tables made by the migrations those of the models, and may the application do only what it should?"""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from db import roles, schema


def test_models_and_migrations_agree(owner_engine: Engine):
    assert schema.newest() is not None, "there is no migration yet"
    assert schema.differences(owner_engine) == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "ALTER TABLE person ADD COLUMN more text",
        "DROP TABLE person",
        "CREATE SCHEMA mine",
        "UPDATE alembic_version SET version_num = 'x'",
        "SET ROLE jiheng_owner",
        "SET session_replication_role = replica",
        "ALTER TABLE event DISABLE TRIGGER ALL",
    ],
)
def test_the_application_cannot_change_tables(engine: Engine, statement: str):
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        connection.execute(text(statement))


@pytest.mark.parametrize("table", roles.APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_cannot_rewrite_history(engine: Engine, table: str, statement: str):
    with engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(text(statement.format(table)))


@pytest.mark.parametrize("table", roles.APPEND_ONLY)
def test_not_even_the_owner_rewrites_history(owner_engine: Engine, table: str):
    with owner_engine.connect() as connection, pytest.raises(DBAPIError, match=table):
        connection.execute(text(f"TRUNCATE {table}"))


@pytest.mark.parametrize("table", roles.PUBLISHED)
def test_nobody_changes_what_was_published(engine: Engine, owner_engine: Engine, table: str):
    change = text(f"UPDATE {table} SET title = 'x'")
    with engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(change)
    with owner_engine.connect() as connection, pytest.raises(DBAPIError, match=table):
        connection.execute(change)
