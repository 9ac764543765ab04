"""Which names does an expression see, and how much work may it still do?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.engine.dmn.faults import MissingName, TooMuch

MAX_STEPS = 500_000
MAX_CALLS = 25
MAX_NOTES = 50

_ABSENT = object()

#: The name of the value a cell tests.
TESTED = "?"


@dataclass(frozen=True)
class Firing:
    """One table that was asked: its title, the rows (from 1) that matched, their ids and annotations."""

    title: str
    rows: tuple[int, ...]
    rule_ids: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()


@dataclass
class Run:
    """What one evaluation has done so far: notes for the person, tables asked, work spent."""

    notes: list[str] = field(default_factory=list)
    firings: list[Firing] = field(default_factory=list)
    steps: int = 0
    calls: int = 0

    def note(self, text: str) -> None:
        """Remember a remark, once."""
        if text not in self.notes and len(self.notes) < MAX_NOTES:
            self.notes.append(text)

    def step(self, work: int = 1) -> None:
        """Count units of work; raises ``TooMuch`` when the limit is reached."""
        self.steps += work
        if self.steps > MAX_STEPS:
            raise TooMuch(f"计算超过{MAX_STEPS}步，已停止")


class Scope:
    """Names and their values; inner scopes hide the names of outer ones."""

    __slots__ = ("_names", "_outer", "run")

    def __init__(self, names: Mapping[str, Any], run: Run, outer: Scope | None = None) -> None:
        self._names = names
        self._outer = outer
        self.run = run

    def inner(self, names: Mapping[str, Any]) -> Scope:
        """Return a scope with further names."""
        return Scope(names, self.run, self)

    def under(self, run: Run) -> Scope:
        """Return the same names with another record of what is done."""
        return Scope({}, run, self)

    def get(self, name: str) -> Any:
        """Return the value of a name; raises ``MissingName`` if nothing gives it one."""
        self.run.step()
        found = self.find(name, _ABSENT)
        if found is _ABSENT:
            raise MissingName(name)
        return found

    def find(self, name: str, default: Any = None) -> Any:
        """Return the value of a name, the default if nothing gives it one."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope._names:
                return scope._names[name]
            scope = scope._outer
        return default

    def note(self, text: str) -> None:
        """Remember a remark for the person who asked."""
        self.run.note(text)


#: A compiled expression.
Node = Callable[[Scope], Any]


@dataclass(frozen=True)
class Function:
    """A function of the model or of an expression: parameter names, body and the scope it was written in."""

    name: str
    parameters: tuple[str, ...]
    body: Node
    home: Scope | None
    prepare: Callable[[str, Any], Any] | None = None

    def call(self, scope: Scope, arguments: Mapping[str, Any]) -> Any:
        """Work the function out; raises ``FeelFault`` when functions call each other too deeply."""
        run = scope.run
        if run.calls >= MAX_CALLS:
            raise TooMuch(f"函数“{self.name}”层层调用超过{MAX_CALLS}层")
        if self.prepare is not None:
            arguments = {name: self.prepare(name, value) for name, value in arguments.items()}
        home = self.home or Scope({}, run)
        run.calls += 1
        try:
            return self.body(Scope(arguments, run, home))
        finally:
            run.calls -= 1
