"""What came of a command? The new state of the instance and everything that happened on the way to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal


@dataclass(frozen=True)
class OpenTask:
    """A step waiting for a person. ``task`` is unique within the instance and never used again."""

    task: int
    node_id: str


@dataclass(frozen=True)
class ClosedTask:
    """A step that waits no longer, because it was decided or because it was withdrawn."""

    task: int
    node_id: str
    how: Literal["completed", "cancelled"]


@dataclass(frozen=True)
class Effect:
    """A service task was passed: the use case carries out the effect of this name."""

    name: str
    node_id: str


@dataclass(frozen=True, kw_only=True)
class AskedTable:
    """A step asked a decision table: with which inputs, what it answered, and which rows (from 1) of which tables matched."""

    node_id: str
    name: str
    table: str
    decision: str
    inputs: Mapping[str, Any]
    result: Mapping[str, Any]
    matched: tuple[tuple[str, tuple[int, ...]], ...]

    def to_json(self) -> dict[str, Any]:
        """Return what was asked as plain JSON."""
        return {
            "node": self.node_id,
            "name": self.name,
            "table": self.table,
            "decision": self.decision,
            "inputs": dict(self.inputs),
            "result": dict(self.result),
            "matched": [{"table": title, "rows": list(rows)} for title, rows in self.matched],
        }


@dataclass(frozen=True)
class ThrownEvent:
    """A message, signal, error or escalation that nothing in the instance waited for."""

    kind: str
    name: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Result:
    """The outcome of one command.

    ``snapshot`` is the new state, ``digest`` its SHA-256 (hex). ``due`` is when the earliest timer wants a tick, ``None``
    without timers. ``reached`` names the ends of the case's own process reached by this command. ``notes`` tells people
    what a migration changed. ``flows`` are the arrows tokens went along, as (from, to) by node id.
    """

    snapshot: bytes
    digest: str
    opened: tuple[OpenTask, ...]
    closed: tuple[ClosedTask, ...]
    due: datetime | None
    effects: tuple[Effect, ...]
    reached: tuple[str, ...]
    completed: bool
    #: Reads the decisions out of the snapshot, for the few who ask.
    decisions: Callable[[], Mapping[str, Any]] = field(repr=False, compare=False)
    thrown: tuple[ThrownEvent, ...] = ()
    notes: tuple[str, ...] = ()
    flows: tuple[tuple[str, str], ...] = ()
    #: The decision tables asked on the way, in order.
    asked: tuple[AskedTable, ...] = ()

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """The decisions by node id as they now stand, and the facts under ``case``."""
        return self.decisions()
