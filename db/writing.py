"""How are rows written in one statement, without composing it anew for every decision?"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, TextClause, bindparam, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from db.base import Base

_quoted = postgresql.dialect().identifier_preparer.quote  # type: ignore[no-untyped-call]


def add(session: Session, rows: Sequence[Base]) -> None:
    """Insert rows of one table in one statement; members that were not set are written as empty.

    The rows are not attached to the session.
    """
    _write(session, rows, replace=False)


def upsert(session: Session, rows: Sequence[Base]) -> None:
    """Insert new rows and overwrite known ones of one table, in one statement and in the given order.

    The rows are not attached to the session; members that were not set are written as empty.
    """
    _write(session, rows, replace=True)


def _write(session: Session, rows: Sequence[Base], *, replace: bool) -> None:
    if not rows:
        return
    names = [(prop.key, prop.columns[0].key) for prop in inspect(type(rows[0])).column_attrs]
    values = {f"{key}_{number}": getattr(row, name) for number, row in enumerate(rows) for name, key in names}
    session.execute(_statement(inspect(type(rows[0])).local_table, len(rows), replace), values)


@lru_cache(maxsize=256)
def _statement(table: Table, count: int, replace: bool) -> TextClause:
    """The statement for so many rows.

    SQLAlchemy never keeps PostgreSQL's INSERT … ON CONFLICT; composing it took longer than the server needs for it.
    """
    columns = list(table.columns)
    rows = (f"({', '.join(f':{column.key}_{number}' for column in columns)})" for number in range(count))
    statement = f"INSERT INTO {_quoted(table.name)} ({_listed(columns)}) VALUES {', '.join(rows)}"  # noqa: S608 - our own tables
    if replace:
        keys = list(table.primary_key)
        news = ", ".join(f"{name} = excluded.{name}" for name in map(_name, columns) if name not in map(_name, keys))
        statement += f" ON CONFLICT ({_listed(keys)}) DO UPDATE SET {news}"
    numbered = ((column, number) for number in range(count) for column in columns)
    return text(statement).bindparams(*(bindparam(f"{column.key}_{n}", type_=column.type) for column, n in numbered))


def _name(column: Any) -> str:
    return str(_quoted(column.name))


def _listed(columns: Sequence[Any]) -> str:
    return ", ".join(map(_name, columns))
