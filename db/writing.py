"""How are rows written, all that one command changes in one statement, without composing it anew each time?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect
from sqlalchemy.orm import Session

from db.base import Base
from db.statement import executed

_DIALECT = psycopg_dialect()  # type: ignore[no-untyped-call]
_quoted = postgresql.dialect().identifier_preparer.quote  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class _Table:
    """A mapped table: its columns, their attributes and what turns a value into what the driver sends."""

    name: str
    columns: tuple[str, ...]
    keys: frozenset[str]
    attributes: tuple[str, ...]
    processors: tuple[tuple[int, Callable[[Any], Any]], ...]


def add(session: Session, rows: Sequence[Base]) -> None:
    """Insert rows of one table in one statement; members that were not set are written as empty.

    The rows are not attached to the session.
    """
    write(session, (rows, False))


def upsert(session: Session, rows: Sequence[Base]) -> None:
    """Insert new rows and overwrite known ones of one table, in one statement and in the given order.

    The rows are not attached to the session; members that were not set are written as empty.
    """
    write(session, (rows, True))


def write(session: Session, *groups: tuple[Sequence[Base], bool]) -> None:
    """Write rows of several tables in one statement; nothing is sent if there are none.

    What the rows refer to among each other is looked at by the database when the statement is through, so the order of
    the groups does not matter; no row may be in two of them.

    Args:
        groups: rows of one table each, and whether known ones are overwritten.
    """
    filled = [(rows, replace) for rows, replace in groups if rows]
    if not filled:
        return
    values: list[Any] = []
    for rows, _ in filled:
        table = _table(type(rows[0]))
        for row in rows:
            values.extend(_values(table, row))
    text = _statement(tuple((type(rows[0]), len(rows), replace) for rows, replace in filled))
    session.flush()  # what waits to be written may be what the rows refer to
    with executed(session.connection(), text, values, numbered=True):
        pass


def _values(table: _Table, row: Base) -> list[Any]:
    found = [getattr(row, name) for name in table.attributes]
    for place, processor in table.processors:
        found[place] = processor(found[place])
    return found


@lru_cache(maxsize=64)
def _table(kind: type[Base]) -> _Table:
    attributes = list(inspect(kind).column_attrs)
    columns = [attribute.columns[0] for attribute in attributes]
    processors = ((place, column.type._cached_bind_processor(_DIALECT)) for place, column in enumerate(columns))
    return _Table(
        name=str(_quoted(inspect(kind).local_table.name)),  # type: ignore[attr-defined]
        columns=tuple(str(_quoted(column.name)) for column in columns),
        keys=frozenset(str(_quoted(column.name)) for column in columns if column.primary_key),
        attributes=tuple(attribute.key for attribute in attributes),
        processors=tuple((place, processor) for place, processor in processors if processor is not None),
    )


@lru_cache(maxsize=512)
def _statement(groups: tuple[tuple[type[Base], int, bool], ...]) -> str:
    """The statement for so many rows of these tables; all but the last group stand before it, in a WITH."""
    number = count(1)
    parts = [_insert(group, number) for group in groups]
    before = ", ".join(f"written_{place} AS ({part})" for place, part in enumerate(parts[:-1]))
    return f"WITH {before} {parts[-1]}" if before else parts[-1]


def _insert(group: tuple[type[Base], int, bool], number: Iterator[int]) -> str:
    kind, many, replace = group
    table = _table(kind)
    rows = ", ".join(f"({', '.join(f'${next(number)}' for _ in table.columns)})" for _ in range(many))
    names = ", ".join(table.columns)
    text = f"INSERT INTO {table.name} ({names}) VALUES {rows}"  # noqa: S608 - our own tables
    if not replace:
        return text
    keys = ", ".join(name for name in table.columns if name in table.keys)
    return f"{text} ON CONFLICT ({keys}) DO UPDATE SET {', '.join(_news(table))}"


def _news(table: _Table) -> Iterator[str]:
    return (f"{name} = excluded.{name}" for name in table.columns if name not in table.keys)
