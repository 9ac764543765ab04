"""What do the conditions of a release read, and which values would make them come out differently?"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
)

from forms.expression import ExpressionError, compile_expression
from service.engine.commands import plain
from service.engine.dmn import telling
from service.engine.release import CASE, Release, TableStep
from service.engine.specs import ExclusiveGateway, InclusiveGateway

_MOST_VALUES = 20
#: What a timer may be set to by a fact: a day long gone and one to come, a while, a repetition.
_TIMES: Mapping[type, tuple[str, ...]] = {
    TimeDateEventDefinition: ("1990-01-01", "2040-01-01"),
    DurationTimerEventDefinition: ("P1D",),
    CycleTimerEventDefinition: ("R2/P1D",),
}


def conditions(release: Release) -> Iterator[tuple[str, str]]:
    """Yield every condition of a release with the id of its gateway, in drawn order."""
    for net in release.flow_nets.values():
        for gateway, node in net.nodes.items():
            if isinstance(node, ExclusiveGateway | InclusiveGateway):
                for condition, _ in node.cond_task_specs:
                    text = getattr(condition, "args", (None,))[0]
                    if isinstance(text, str):
                        yield gateway, text


def _timers(release: Release) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the expression of every timer with what the facts it reads may be."""
    for net in release.flow_nets.values():
        for node in net.nodes.values():
            event: Any = getattr(node, "event_definition", None)
            if type(event) in _TIMES:
                yield str(event.expression), _TIMES[type(event)]


def reads(text: str) -> list[tuple[str, str]]:
    """Return what a condition reads as (step, fact), in order, each once; facts of the case itself are left out."""
    found = [read for read in map(_read, ast.walk(_tree(text))) if read is not None and read[0] != CASE]
    return list(dict.fromkeys(found))


def plain_read(text: str) -> tuple[str, str] | None:
    """Return what an expression reads as (step, fact) if it does nothing else."""
    tree = _tree(text)
    return _read(tree.body) if isinstance(tree, ast.Expression) else None


def unread_amounts(text: str, amounts: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the amounts, as (step, fact), a condition orders or computes with without ``number(…)``, each once.

    Amounts are kept exact, as text; a text has no order with a number, so such a condition stops the case.
    """
    found: list[tuple[str, str] | None] = []
    for node in ast.walk(_tree(text)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            ordered = any(isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for operator in node.ops)
            found += map(_read, sides) if ordered or any(map(_is_number, sides)) else []
        elif isinstance(node, ast.BinOp):
            found += [_read(node.left), _read(node.right)]
    return [read for read in dict.fromkeys(found) if read is not None and read in amounts]


def inputs(release: Release) -> Iterator[tuple[TableStep, str, str]]:
    """Yield every input of the steps that ask a decision table: the step, the input's name, and where it comes from."""
    for step in release.table_steps.values():
        for name, text in step.inputs:
            yield step, name, text


def telling_values(release: Release) -> Mapping[tuple[str, str], tuple[Any, ...]]:
    """Return, for every fact a condition compares, values on either side of the comparison.

    Steps go by their id, the facts a case begins with by ``case``. A number is taken one below, at and above; a text
    and something else; a fact used as a truth value true and false; one a timer is set by an instant gone and one to come.
    For what a decision table is given, values on every side of its tests.
    """
    found: dict[tuple[str, str], dict[Any, None]] = {}
    for _, text in conditions(release):
        for node in ast.walk(_tree(text)):
            read = _read(node)
            if read is not None:
                found.setdefault(read, {})
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                values = [value for side in sides for value in _around(side)]
                for inner in ast.walk(node):
                    if (read := _read(inner)) is not None:
                        found.setdefault(read, {}).update(dict.fromkeys(values))
    for read, asked in _told_by_tables(release):
        found.setdefault(read, {}).update(dict.fromkeys(asked))
    known = {read: tuple(values)[:_MOST_VALUES] or (True, False) for read, values in found.items()}
    return {read: times for text, times in _timers(release) for read in reads(text)} | known


def _told_by_tables(release: Release) -> Iterator[tuple[tuple[str, str], Iterator[Any]]]:
    for step, name, text in inputs(release):
        for node in ast.walk(_tree(text)):
            if (read := _read(node)) is not None:
                yield read, _asked_for(release, step, name)


def _asked_for(release: Release, step: TableStep, name: str) -> Iterator[Any]:
    """Values of an input that make a difference to the table, as facts hold them."""
    model = release.tables.get(step.file)
    decision = None if model is None else model.decisions.get(step.decision)
    if model is None or decision is None:
        return
    for value in telling(model, decision, name):
        if isinstance(value, Decimal) and value == value.to_integral_value():
            yield int(value)
        elif isinstance(value, Decimal | str | bool) or type(value) is date:
            yield plain(value)


def _tree(text: str) -> ast.AST:
    """Return a condition as a tree; nothing for one the language does not allow."""
    try:
        compile_expression(text)
        return ast.parse(text, mode="eval")
    except (ExpressionError, SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _read(node: ast.AST) -> tuple[str, str] | None:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id, node.attr
    return None


def _around(side: ast.expr) -> tuple[Any, ...]:
    if isinstance(side, ast.List | ast.Tuple):
        return tuple(value for item in side.elts for value in _around(item))
    value = side.value if isinstance(side, ast.Constant) else None
    if isinstance(value, bool):
        return (value, not value)
    if isinstance(value, int | float):
        exact = Decimal(str(value))
        return tuple(format(number, "f") if number % 1 else int(number) for number in (exact - 1, exact, exact + 1))
    return (value, "其他") if isinstance(value, str) else ()
