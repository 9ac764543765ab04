"""How many statements and commits does something cost? Listens to the engine of the application."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event


@dataclass
class Counted:
    """What was sent to the database."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0
    rollbacks: int = 0


@contextmanager
def counted(engine: Engine) -> Iterator[Counted]:
    """Count statements and commits on an engine until the block ends."""
    found = Counted()

    def execute(_c: Any, _cursor: Any, statement: str, _p: Any, _context: Any, _many: bool) -> None:
        found.statements.append(statement)

    def commit(_connection: Any) -> None:
        found.commits += 1

    def rollback(_connection: Any) -> None:
        found.rollbacks += 1

    listeners = (("before_cursor_execute", execute), ("commit", commit), ("rollback", rollback))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield found
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)
