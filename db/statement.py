"""How is a question put that every decision asks? Composed once; afterwards only its values go to the database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Connection, Select, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Processor = Callable[[Any], Any]


@contextmanager
def executed(
    connection: Connection, text: str, values: Any, *, numbered: bool = False
) -> Iterator[psycopg.Cursor[Any]]:
    """A cursor that has carried out a statement in the connection's transaction; listeners hear of it as of any other.

    Args:
        numbered: parameters are ``$1``, ``$2`` …: what the server reads itself, for statements too long to be
            rewritten each time.

    Raises:
        DBAPIError: the same errors SQLAlchemy raises; a connection that was cut is thrown away.
    """
    driver: Any = connection.connection.driver_connection
    try:
        with psycopg.RawCursor(driver) if numbered else driver.cursor() as cursor:
            for listener in connection.dispatch.before_cursor_execute:
                listener(connection, cursor, text, values, None, False)
            cursor.execute(text, values)
            yield cursor
    except psycopg.Error as error:
        cut = connection.dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]  # psycopg's own
        if cut:
            connection.invalidate(error)
        raise DBAPIError.instance(
            text, values, error, psycopg.Error, connection_invalidated=cut, dialect=connection.dialect
        ) from error


@dataclass(frozen=True)
class _Part:
    """Where one thing that was selected lies in a row: one value, or the columns of a mapped class."""

    start: int
    names: tuple[str, ...] = ()
    #: Makes an instance of the mapped class that no session knows; None for a plain value.
    make: Callable[[], Any] | None = None
    #: Where the primary key lies: without it an outer join found nothing.
    key: int = 0


@dataclass(frozen=True)
class _Composed:
    text: str
    constants: dict[str, Any]
    binds: dict[str, Processor]
    parts: tuple[_Part, ...]
    types: tuple[Any, ...]


class Statement:
    """A SELECT with named parameters that is asked again and again.

    SQLAlchemy writes it once and reads its types; the keys, copies and cursors it would make for every further
    question took five times as long as the question itself. What comes back are the same rows: instances of mapped
    classes, which no session watches, None where an outer join found nothing, and plain values.

    Lists are sent as arrays (``= ANY (:ids)``), for an IN would be written anew for each length.
    """

    def __init__(self, compose: Callable[[], Select[Any]]) -> None:
        self._compose = compose
        self._composed: _Composed | None = None
        self._processors: tuple[tuple[int, Processor], ...] | None = None

    def all(self, session: Session, **values: Any) -> list[tuple[Any, ...]]:
        """Every row, in the order the statement asks for.

        Args:
            values: the statement's parameters, each of them.
        """
        session.flush()  # what waits to be written is part of what is asked about
        connection = session.connection()
        composed = self._composed or self._compile(connection)
        sent = {**composed.constants, **values}
        for name, processor in composed.binds.items():
            sent[name] = processor(sent[name])
        with executed(connection, composed.text, sent) as cursor:
            if self._processors is None:
                self._processors = _processors(composed.types, connection, cursor)
            return [self._read(composed, row) for row in cursor.fetchall()]

    def first(self, session: Session, **values: Any) -> tuple[Any, ...] | None:
        """The first row; None if there is none."""
        return next(iter(self.all(session, **values)), None)

    def _read(self, composed: _Composed, row: Sequence[Any]) -> tuple[Any, ...]:
        if self._processors:
            changed = list(row)
            for place, processor in self._processors:
                changed[place] = processor(changed[place])
            row = changed
        return tuple(_value(part, row) for part in composed.parts)

    def _compile(self, connection: Connection) -> _Composed:
        statement = self._compose()
        compiled: Any = statement.compile(dialect=connection.dialect)
        self._composed = _Composed(
            text=str(compiled),
            constants=dict(compiled.params),
            binds=dict(compiled._bind_processors),
            parts=tuple(_parts(statement)),
            types=tuple(column.type for column in compiled._result_columns),
        )
        return self._composed


def _value(part: _Part, row: Sequence[Any]) -> Any:
    if part.make is None:
        return row[part.start]
    if row[part.key] is None:
        return None
    made = part.make()
    made.__dict__.update(zip(part.names, row[part.start : part.start + len(part.names)], strict=True))
    return made


def _parts(statement: Select[Any]) -> Iterator[_Part]:
    start = 0
    for described in statement.column_descriptions:
        entity = described.get("entity")
        mapper = inspect(entity).mapper if entity is not None and described["expr"] is entity else None
        if mapper is None:
            yield _Part(start)
            start += 1
            continue
        names = tuple(attribute.key for attribute in mapper.column_attrs)
        key = names.index(mapper.get_property_by_column(mapper.primary_key[0]).key)
        yield _Part(start, names, mapper.class_manager.new_instance, start + key)
        start += len(names)


def _processors(types: Sequence[Any], connection: Connection, cursor: Any) -> tuple[tuple[int, Processor], ...]:
    """What the columns' types do to what the driver gives; most give it as it is."""
    described = cursor.description
    found = (
        kind._cached_result_processor(connection.dialect, column.type_code)
        for kind, column in zip(types, described, strict=True)
    )
    return tuple((place, processor) for place, processor in enumerate(found) if processor is not None)
