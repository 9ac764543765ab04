"""What does one decision table answer? Strictly by the standard; what it cannot answer it says, with row and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.engine.dmn.faults import FeelFault, MissingName, Undecided
from service.engine.dmn.hit_policies import BY_PRIORITY, MULTIPLE, POLICIES, Hit, aggregate
from service.engine.dmn.item_types import ItemType, check_allowed, fitted
from service.engine.dmn.scope import TESTED, Firing, Node, Run, Scope
from service.engine.dmn.values import is_one_of, show


@dataclass(frozen=True)
class InputClause:
    """A column of conditions: its label, the expression whose value is tested (and as written), its type and allowed values."""

    label: str
    expression: Node
    type: ItemType
    allowed: Node | None = None
    allowed_text: str = ""
    variable: str = TESTED
    text: str = ""


@dataclass(frozen=True)
class OutputClause:
    """A column of results; ``order`` lists its values from the highest priority down."""

    name: str
    label: str
    type: ItemType
    allowed: Node | None = None
    allowed_text: str = ""
    order: tuple[Any, ...] = ()
    default: Node | None = None


@dataclass(frozen=True)
class Rule:
    """A row: its number from 1, its tests (``None`` admits anything) and results (``None`` was left empty).

    ``texts`` are the tests as written, ``cells`` the ids of all its cells, tests first.
    """

    number: int
    id: str
    tests: tuple[Node | None, ...]
    results: tuple[Node | None, ...]
    annotation: str = ""
    texts: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableAnswer:
    """What a table answered. Not ``decided`` means that no row matched and there is no default: the value is null."""

    value: Any
    rows: tuple[int, ...]
    decided: bool


@dataclass(frozen=True)
class DecisionTable:
    """A table that has been read without errors."""

    title: str
    policy: str
    aggregation: str
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]

    @property
    def several(self) -> bool:
        """Whether the answer is a list, one entry for every matching row."""
        return self.policy in MULTIPLE and not self.aggregation

    def ask(self, scope: Scope) -> TableAnswer:
        """Return the answer for the names in scope and record which rows gave it.

        Rows are counted from 1. No matching row gives the default results, or null with a note. Raises ``Undecided``
        for a missing input, a value of the wrong type or outside the allowed values, rows that contradict the hit
        policy, and results that are empty, of the wrong type or not allowed.
        """
        values = [self._value(clause, scope) for clause in self.inputs]
        matching = self._matching(values, scope)
        if not matching:
            scope.run.firings.append(Firing(self.title, ()))
            return self._without_rows(scope)
        kept = self._kept([self._hit(rule, scope) for rule in matching])
        rows = tuple(hit.row for hit in kept)
        fired = [rule for rule in self.rules if rule.number in rows]
        scope.run.firings.append(
            Firing(self.title, rows, tuple(rule.id for rule in fired), tuple(rule.annotation for rule in fired))
        )
        return TableAnswer(self._combined(kept), rows, True)

    def _value(self, clause: InputClause, scope: Scope) -> Any:
        where = self._where(f"输入“{clause.label}”")
        run = Run(steps=scope.run.steps, calls=scope.run.calls, firings=scope.run.firings)
        try:
            value = fitted(clause.expression(scope.under(run)), clause.type, "值")
        except MissingName as fault:
            raise Undecided(f"{where}：{fault}，请给出它的值") from fault
        except FeelFault as fault:
            raise Undecided(f"{where}：{fault}") from fault
        if value is None and run.notes:
            raise Undecided(f"{where}算不出来：{'；'.join(run.notes)}")
        scope.run.steps = run.steps
        for note in run.notes:
            scope.note(note)
        self._check_input(clause, value, scope)
        return value

    def _check_input(self, clause: InputClause, value: Any, scope: Scope) -> None:
        if value is None:
            scope.note(f"{self._where(f'输入“{clause.label}”')}是空值")
            return
        try:
            check_allowed(value, clause.allowed, clause.allowed_text, f"输入“{clause.label}”")
        except FeelFault as fault:
            if not self._names(clause, value, scope):
                raise Undecided(f"{self._where('')}{fault}") from fault
            scope.note(f"{self._where('')}{fault}，但有规则检查了这个值")

    def _names(self, clause: InputClause, value: Any, scope: Scope) -> bool:
        """Does a rule test for this very value although the column's list of allowed values lacks it?"""
        column = self.inputs.index(clause)
        inside = scope.inner({TESTED: value, clause.variable: value})
        try:
            return any((test := rule.tests[column]) is not None and test(inside) for rule in self.rules)
        except FeelFault:
            return False

    def _matching(self, values: Sequence[Any], scope: Scope) -> list[Rule]:
        matching: list[Rule] = []
        insides = [
            scope.inner({TESTED: value, clause.variable: value})
            for clause, value in zip(self.inputs, values, strict=True)
        ]
        for rule in self.rules:
            if self._matches(rule, insides):
                matching.append(rule)
                if self.policy == "FIRST":
                    break
        return matching

    def _matches(self, rule: Rule, insides: Sequence[Scope]) -> bool:
        for clause, test, inside in zip(self.inputs, rule.tests, insides, strict=True):
            inside.run.step()
            try:
                if test is not None and not test(inside):
                    return False
            except FeelFault as fault:
                where = self._where(f"第{rule.number}行“{clause.label}”列")
                raise Undecided(f"{where}：{fault}{_hint(fault)}") from fault
        return True

    def _hit(self, rule: Rule, scope: Scope) -> Hit:
        values = tuple(
            self._result(clause, node, scope, f"第{rule.number}行“{clause.label}”列")
            for clause, node in zip(self.outputs, rule.results, strict=True)
        )
        ranks: tuple[int, ...] = ()
        if self.policy in BY_PRIORITY:
            pairs = zip(self.outputs, values, strict=True)
            ranks = tuple(self._rank(clause, value, rule) for clause, value in pairs if clause.order)
        return Hit(rule.number, values, ranks)

    def _result(self, clause: OutputClause, node: Node | None, scope: Scope, place: str) -> Any:
        where = self._where(place)
        if node is None:
            raise Undecided(f"{where}是空的，没有结果")
        try:
            value = fitted(node(scope), clause.type, "结果")
            if value is not None:
                check_allowed(value, clause.allowed, clause.allowed_text, "结果")
        except FeelFault as fault:
            raise Undecided(f"{where}：{fault}{_hint(fault)}") from fault
        return value

    def _rank(self, clause: OutputClause, value: Any, rule: Rule) -> int:
        for rank, listed in enumerate(clause.order):
            if is_one_of(value, [listed]):
                return rank
        place = f"第{rule.number}行“{clause.label}”列"
        raise Undecided(f"{self._where(place)}的结果{show(value)}不在输出值列表中，无法确定优先级")

    def _kept(self, hits: Sequence[Hit]) -> Sequence[Hit]:
        try:
            return POLICIES[self.policy](hits)
        except FeelFault as fault:
            raise Undecided(f"{self._where('')}{fault}") from fault

    def _combined(self, hits: Sequence[Hit]) -> Any:
        values = [self._joined(hit.values) for hit in hits]
        if self.policy not in MULTIPLE:
            return values[0]
        if not self.aggregation:
            return values
        try:
            return aggregate(self.aggregation, values)
        except FeelFault as fault:
            raise Undecided(f"{self._where('')}{fault}") from fault

    def _joined(self, values: Sequence[Any]) -> Any:
        if len(self.outputs) == 1:
            return values[0]
        return {clause.name: value for clause, value in zip(self.outputs, values, strict=True)}

    def _without_rows(self, scope: Scope) -> TableAnswer:
        if any(clause.default is not None for clause in self.outputs):
            scope.note(f"{self._where('')}没有一行与输入相符，取默认结果")
            defaults = [
                None
                if clause.default is None
                else self._result(clause, clause.default, scope, f"“{clause.label}”默认值")
                for clause in self.outputs
            ]
            return TableAnswer(self._joined(defaults), (), True)
        if self.aggregation == "COUNT":
            scope.note(f"{self._where('')}没有一行与输入相符，计数为 0")
            return TableAnswer(aggregate("COUNT", []), (), True)
        scope.note(f"{self._where('')}没有一行与输入相符，结果为空值")
        return TableAnswer(None, (), False)

    def _where(self, place: str) -> str:
        return f"决策表“{self.title}”{place}"


def _hint(fault: FeelFault) -> str:
    return "；如果是文字，须用双引号括起来" if isinstance(fault, MissingName) else ""
