"""Which values must be given so that a decision can be made, and which values make a difference to it?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from service.engine.dmn.faults import FeelFault
from service.engine.dmn.item_types import ItemType
from service.engine.dmn.model import Decision, Model
from service.engine.dmn.samples import samples
from service.engine.dmn.scope import TESTED, Run, Scope
from service.engine.dmn.table import DecisionTable, InputClause

#: What a column reads where that is a plain name, not an expression.
_NAME = re.compile(r"[^\W\d]\w*(?: \w+)*")


def wanted(model: Model, decision: Decision) -> Mapping[str, ItemType]:
    """Return the values a decision and those it rests on want from outside, by name.

    These are the inputs the file declares for them and the names their columns read beside these. What an expression
    reads without declaring it is not found.
    """
    found: dict[str, ItemType] = {}
    for one in _resting(model, decision):
        found |= {model.inputs[key].name: model.inputs[key].type for key in one.inputs}
        if one.supplied:
            found.setdefault(one.variable, one.type)
        made = {name for key in one.requires for name in _names(model.decisions[key])}
        for clause in one.table.inputs if one.table else ():
            if _NAME.fullmatch(clause.text) and clause.text not in made:
                found.setdefault(clause.text, clause.type)
    return found


def telling(model: Model, decision: Decision, name: str) -> tuple[Any, ...]:
    """Return values of an input on every side of the tests that read it, as far as a row admits them.

    Empty if no column reads it by its plain name.
    """
    found: list[Any] = []
    for one in _resting(model, decision):
        for place, clause in enumerate(one.table.inputs if one.table else ()):
            if one.table is not None and clause.text == name:
                found += [value for value in _samples(one.table, clause, place) if value not in found]
    return tuple(found)


def _samples(table: DecisionTable, clause: InputClause, place: int) -> Iterator[Any]:
    tests = [rule.tests[place] for rule in table.rules]
    for sample in samples(clause, [rule.texts[place] for rule in table.rules]):
        scope = Scope({TESTED: sample.value, clause.variable: sample.value}, Run())
        if any(test is None or _passes(test, scope) for test in tests):
            yield sample.value


def _passes(test: Any, scope: Scope) -> bool:
    try:
        return test(scope) is True
    except FeelFault:
        return True  # it reads more than the tested value


def _names(decision: Decision) -> set[str]:
    return {decision.variable, *decision.aliases}


def _resting(model: Model, decision: Decision) -> list[Decision]:
    """A decision and all it rests on, itself first."""
    found: dict[str, Decision] = {}
    left = [decision]
    while left:
        one = left.pop(0)
        if one.id not in found:
            found[one.id] = one
            left += [model.decisions[key] for key in one.requires if key in model.decisions]
    return list(found.values())
