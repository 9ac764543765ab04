"""What can be asked of a running process? Each command is plain data that stands in the event log and can be repeated."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from service.engine.release import EngineError

# Whole numbers beyond this lose digits in a browser.
_MAX_NUMBER = 2**53


def plain(value: Any) -> Any:
    """Return a value as JSON keeps it: amounts and dates as text, lists of such, nothing nested deeper.

    Raises ``EngineError`` for anything else: what is not plain would read differently when it is read again.
    """
    if isinstance(value, list | tuple):
        return [_scalar(item) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < _MAX_NUMBER:
        return int(value)
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and (value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)):
        return str(value)
    raise EngineError(f"流程数据只能是文字、整数、真假值、日期或金额，不能是 {type(value).__name__}")


def facts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return flat facts as plain data. Raises ``EngineError`` for names or values that are none."""
    if not all(isinstance(name, str) for name in values):
        raise EngineError("流程数据的名称必须是文字")
    return {plain(name): plain(value) for name, value in values.items()}


class Command(ABC):
    """Anything that can happen to an instance."""

    kind: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """Return the command as flat JSON, its kind under ``type``."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}  # type: ignore[arg-type]
        return {"type": self.kind} | {
            name: list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
            for name, value in values.items()
        }

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> Command:
        """Return the command of a document made by ``to_json``. Raises ``EngineError`` if it is none."""
        return command_from_json(document)


@dataclass(frozen=True)
class Start(Command):
    """Begin an instance. ``facts`` of the case do not change while it runs; conditions read them as ``case.name``."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    kind: ClassVar[str] = "start"

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", facts(self.facts))


@dataclass(frozen=True)
class Complete(Command):
    """A step has been decided: ``decision`` holds the outcome and flat facts, kept under the step's own id."""

    task: int
    decision: Mapping[str, Any]
    kind: ClassVar[str] = "complete"

    def __post_init__(self) -> None:
        object.__setattr__(self, "decision", facts(self.decision))


@dataclass(frozen=True)
class Tick(Command):
    """Nothing but time has passed: fire the timers that are due."""

    kind: ClassVar[str] = "tick"


@dataclass(frozen=True)
class Message(Command):
    """A message of this name has come from outside; ``payload`` holds flat facts, kept under the message's name."""

    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    kind: ClassVar[str] = "message"

    def __post_init__(self) -> None:
        object.__setattr__(self, "payload", facts(self.payload))


@dataclass(frozen=True)
class Signal(Command):
    """A signal of this name has been given."""

    name: str
    kind: ClassVar[str] = "signal"


@dataclass(frozen=True)
class Move(Command):
    """Put a token on a step and withdraw exactly what that makes void: return, recall, jump.

    ``cancel`` names the open tasks the caller saw would close; if they are others by now, the move is refused. ``scope``
    is the task that called the process the step lies in, ``None`` for the case's own process.
    """

    cancel: tuple[int, ...]
    place: str
    scope: int | None = None
    kind: ClassVar[str] = "move"

    def __post_init__(self) -> None:
        object.__setattr__(self, "cancel", tuple(sorted(self.cancel)))


@dataclass(frozen=True)
class Cancel(Command):
    """Withdraw everything: the process ends without reaching an end event."""

    kind: ClassVar[str] = "cancel"


@dataclass(frozen=True)
class Migrate(Command):
    """Go on under another release. ``moves`` says for open steps (by node id) to which step their token goes instead.

    Open tasks keep their id, their data and their running timers.
    """

    release_hash: str
    moves: Mapping[str, str] = field(default_factory=dict)
    kind: ClassVar[str] = "migrate"

    def __post_init__(self) -> None:
        object.__setattr__(self, "moves", dict(self.moves))


_KINDS: Mapping[str, type[Command]] = {
    command.kind: command for command in (Start, Complete, Tick, Message, Signal, Move, Cancel, Migrate)
}


def command_from_json(document: Mapping[str, Any]) -> Command:
    """Return the command of a document made by ``to_json``. Raises ``EngineError`` if it is none."""
    values = dict(document)
    command = _KINDS.get(values.pop("type", ""))
    try:
        if command is None:
            raise TypeError("type")
        return command(**values)
    except (TypeError, AttributeError, ValueError) as fault:
        raise EngineError(f"不认识的流程命令：{fault}") from fault
