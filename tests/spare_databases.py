"""Databases for one test after the other: copying 600 files for every test would take longer than most tests do.

A database is handed on only if nothing but rows was changed in it; the rows are removed, and numbers start from one.
"""

import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from db import server as embedded

#: So often a database is handed on: removed rows leave holes behind that make reading slower.
MOST = 20
#: A database that has grown to so many bytes is dropped, not emptied.
LARGEST = 24 * 1024 * 1024
#: Looks, a fiftieth of a second apart, until the last connection is gone.
PATIENCE = 15
#: What a change of anything but rows leaves behind: other versions of the catalogues' own rows.
SHAPE = """
    SELECT concat_ws('/', (SELECT xmin FROM pg_database WHERE datname = current_database()),
        (SELECT count(*) FROM pg_db_role_setting),
        (SELECT sum(hashtext(concat(oid, xmin))) FROM pg_class WHERE relpersistence <> 't'),
        (SELECT sum(hashtext(concat(attrelid, attnum, xmin))) FROM pg_attribute WHERE attnum > 0),
        (SELECT sum(hashtext(concat(oid, xmin))) FROM pg_trigger), (SELECT sum(hashtext(concat(oid, xmin))) FROM pg_proc),
        (SELECT sum(hashtext(concat(oid, xmin))) FROM pg_constraint),
        (SELECT sum(hashtext(concat(oid, xmin))) FROM pg_namespace),
        (SELECT string_agg(version_num, ',') FROM alembic_version))
"""


class Spares:
    """The databases of one test process that may be used again, each with its shape and how often it was used."""

    def __init__(self, server: embedded.Server, template: str) -> None:
        self._server, self._template = server, template
        self._spare: list[tuple[str, str, int]] = []
        self._used: dict[str, tuple[str, int]] = {}
        self._tables: Sequence[str] = ()

    def take(self) -> str:
        """An empty migrated database: one that was given back, or a new copy."""
        if self._spare:
            name, shape, uses = self._spare.pop()
        else:
            name, uses = f"test_{uuid4().hex}", 0
            with self._server.connect() as connection:
                embedded.make_database(connection, name, self._template)
            with self._server.connect(name) as connection:
                shape = _shape(connection)
                self._tables = self._tables or _tables(connection)
        self._used[name] = (shape, uses + 1)
        return name

    def give_back(self, name: str, *, as_new: bool) -> None:
        """Empty a database for the next test, or drop it where that cannot be done for certain.

        Args:
            as_new: False where something may still write into it.
        """
        shape, uses = self._used.pop(name)
        if as_new and uses < MOST and self._emptied(name, shape):
            self._spare.append((name, shape, uses))
            return
        with self._server.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _emptied(self, name: str, shape: str) -> bool:
        try:
            if self._is_in_use(name):
                return False
            with self._server.connect(name) as connection:
                size = connection.execute("SELECT pg_database_size(current_database())").fetchone()
                if _shape(connection) != shape or size is None or size[0] > LARGEST:
                    return False
                _remove_rows(connection, self._tables)
                return True
        except psycopg.Error:
            return False  # a test may have shut its database, or broken it

    def _is_in_use(self, name: str) -> bool:
        """Whether somebody is still connected, which ends in a moment where a test has closed all it opened."""
        with self._server.connect() as connection:
            for _ in range(PATIENCE):
                found = connection.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [name]
                ).fetchone()
                if found is not None and not found[0]:
                    return False
                time.sleep(0.02)
        return True


def _shape(connection: psycopg.Connection[Any]) -> str:
    found = connection.execute(SHAPE).fetchone()
    assert found is not None
    return str(found[0])


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    own = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1"
    return [name for (name,) in connection.execute(own)]


def _remove_rows(connection: psycopg.Connection[Any], tables: Sequence[str]) -> None:
    """Without triggers: some tables refuse to lose rows, and foreign keys would prescribe an order."""
    filled = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(name), sql.Identifier(name))
        for name in tables
    )
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        for (name,) in connection.execute(filled).fetchall():
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        connection.execute(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences"
        )
