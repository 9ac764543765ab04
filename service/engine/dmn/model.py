"""What does a file of decisions hold, once it has been read?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.engine.dmn.item_types import ItemType
from service.engine.dmn.scope import Firing, Node
from service.engine.dmn.table import DecisionTable
from service.engine.release import LintProblem


@dataclass(frozen=True)
class InputData:
    """A value the model wants from outside."""

    id: str
    name: str
    type: ItemType


@dataclass(frozen=True)
class Knowledge:
    """A function every decision of the model may call."""

    name: str
    parameters: Mapping[str, ItemType]
    body: Node | None


@dataclass(frozen=True)
class Decision:
    """One decision: what it is called, what it needs, how it is made.

    ``table`` is set if the logic is a table; ``logic`` is ``None`` if there is none or it has errors. ``supplied``
    tells that the file gives no logic at all: a person decides, so the value must come with the inputs.
    """

    id: str
    name: str
    variable: str
    type: ItemType
    requires: tuple[str, ...] = ()
    logic: Node | None = None
    table: DecisionTable | None = None
    supplied: bool = False
    problems: tuple[LintProblem, ...] = ()
    #: Ids of the inputs the file says it needs.
    inputs: tuple[str, ...] = ()

    @property
    def aliases(self) -> frozenset[str]:
        """Return further names under which some tools let other decisions read the result: id and output names."""
        outputs = () if self.table is None else tuple(clause.name for clause in self.table.outputs)
        return frozenset(name for name in (self.id, *outputs) if name) - {self.variable}


@dataclass(frozen=True)
class Model:
    """A file of decisions. ``problems`` holds everything found while reading, errors and warnings."""

    name: str
    decisions: Mapping[str, Decision]
    inputs: Mapping[str, InputData]
    knowledge: tuple[Knowledge, ...]
    problems: tuple[LintProblem, ...] = ()

    def find(self, choice: str) -> Decision | None:
        """Return the decision of this id or, failing that, of this name; ``None`` if there is none."""
        if choice in self.decisions:
            return self.decisions[choice]
        return next(iter(self.named(choice)), None)

    def named(self, choice: str) -> tuple[Decision, ...]:
        """Return the decisions of this name; the standard allows one."""
        name = " ".join(choice.split())
        return tuple(found for found in self.decisions.values() if name in (found.name, found.variable))

    @property
    def final(self) -> tuple[Decision, ...]:
        """Return the decisions no other decision needs, in the order of the file."""
        needed = {required for decision in self.decisions.values() for required in decision.requires}
        return tuple(decision for decision in self.decisions.values() if decision.id not in needed)


@dataclass(frozen=True)
class Answer:
    """What a decision came to.

    ``value`` is a value of the language (``Decimal``, text, true/false, date, list, mapping, null). Not ``decided``
    means that the decision's own table had no matching row and no default: the value is null, not a guess. ``rows``
    are the matching rows (from 1) of its own table. ``firings`` are all tables asked on the way, in order; ``notes``
    what the person should know; ``required`` the decisions it rests on, in the order they were made.
    """

    decision_id: str
    name: str
    value: Any
    decided: bool = True
    policy: str = ""
    rows: tuple[int, ...] = ()
    firings: tuple[Firing, ...] = ()
    notes: tuple[str, ...] = ()
    required: tuple[Answer, ...] = ()
