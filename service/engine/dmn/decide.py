"""How is a decision of a model made? First the decisions it rests on, then itself; nothing is guessed on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.engine.dmn.faults import FeelFault, MissingName, Undecided
from service.engine.dmn.item_types import ItemType, fitted, plain_value
from service.engine.dmn.model import Answer, Decision, Model
from service.engine.dmn.scope import Function, Node, Run, Scope
from service.engine.dmn.table import TableAnswer
from service.engine.dmn.tokens import plain


def choose(model: Model, choice: str | None) -> Decision:
    """Return the decision of this id or name; without a choice the one decision no other rests on.

    Raises ``Undecided`` if there is no such decision, or several and none was chosen.
    """
    if choice:
        found = model.find(choice)
        if found is None:
            raise Undecided(f"没有决策“{choice}”，文件中有：{_names(model.decisions.values())}")
        if choice not in model.decisions and len(model.named(choice)) > 1:
            raise Undecided(f"有几个决策名为“{choice}”，请用标识指定：{_names(model.named(choice))}")
        return found
    final = model.final
    if len(final) != 1:
        raise Undecided(f"文件中有几个决策，请指定其中一个：{_names(model.decisions.values())}")
    return final[0]


def _names(decisions: Any) -> str:
    return "、".join(f"{decision.name}（{decision.id}）" for decision in decisions)


def decide(model: Model, choice: str | None, inputs: Mapping[str, Any]) -> Answer:
    """Make a decision.

    ``inputs`` are plain data by name: text, numbers, true/false, null, lists, mappings; dates and durations as ISO
    text where the model declares such a type. A value given under the name of a decision the chosen one rests on is
    taken instead of making that decision, and noted. Raises ``Undecided``, in Chinese, for everything that keeps the
    decision from being made; no matching row is no error but an answer that says so.
    """
    decision = choose(model, choice)
    try:
        return _Making(model, inputs).make(decision)
    except RecursionError:
        raise Undecided(f"决策“{decision.name}”的计算嵌套过深") from None


class _Making:
    """One evaluation: the answers so far and the record of work."""

    def __init__(self, model: Model, inputs: Mapping[str, Any]) -> None:
        self.model = model
        self.run = Run()
        self.given = self._inputs(inputs)
        self.answers: dict[str, Answer] = {}
        self.functions: dict[str, Any] = {}
        self.outermost = Scope(self.functions, self.run)
        self.begun: set[str] = set()
        for found in model.knowledge:
            body = found.body or _broken(found.name)
            prepare = _preparer(found.name, found.parameters)
            self.functions[found.name] = Function(found.name, tuple(found.parameters), body, self.outermost, prepare)

    def _inputs(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        types = {found.name: found.type for found in self.model.inputs.values()}
        types |= {found.variable: found.type for found in self.model.decisions.values()}
        given = {}
        for key, value in inputs.items():
            name = plain(str(key))
            try:
                where = f"输入“{name}”"
                given[name] = fitted(value, types[name], where) if name in types else plain_value(value, where)
            except FeelFault as fault:
                raise Undecided(str(fault)) from fault
        return given

    def make(self, decision: Decision) -> Answer:
        """Make a decision once, after those it rests on."""
        if decision.id not in self.answers:
            if decision.id in self.begun:
                raise Undecided(f"决策“{decision.name}”间接依赖它自己，无法确定先后")
            self.begun.add(decision.id)
            self.answers[decision.id] = self._made(decision)
        return self.answers[decision.id]

    def _made(self, decision: Decision) -> Answer:
        broken = [problem for problem in decision.problems if problem.severity == "error"]
        if broken:
            raise Undecided("；".join(problem.message.rstrip("。") for problem in broken))
        if decision.supplied:
            return self._supplied(decision)
        earlier = len(self.run.notes), len(self.run.firings)
        scope = self._scope(decision)
        try:
            answer = self._worked_out(decision, scope)
        except MissingName as fault:
            raise Undecided(f"决策“{decision.name}”{fault}，请给出它的值") from fault
        except FeelFault as fault:
            raise Undecided(f"决策“{decision.name}”：{fault}") from fault
        return Answer(
            decision_id=decision.id,
            name=decision.name,
            value=self._typed(answer.value, decision),
            decided=answer.decided,
            policy="" if decision.table is None else decision.table.policy,
            rows=answer.rows,
            firings=tuple(self.run.firings[earlier[1] :]),
            notes=tuple(self.run.notes[earlier[0] :]),
            required=tuple(self.answers.values()),
        )

    def _worked_out(self, decision: Decision, scope: Scope) -> TableAnswer:
        if decision.table is not None:
            return decision.table.ask(scope)
        if decision.logic is None:
            raise Undecided(f"决策“{decision.name}”没有可以计算的逻辑")
        return TableAnswer(decision.logic(scope), (), True)

    def _supplied(self, decision: Decision) -> Answer:
        if decision.variable not in self.given:
            raise Undecided(f"决策“{decision.name}”在文件中没有逻辑，请在输入中给出它的结果")
        return Answer(decision.id, decision.name, self.given[decision.variable])

    def _scope(self, decision: Decision) -> Scope:
        names: dict[str, Any] = {}
        aliases: dict[str, Any] = {}
        for required in (self.model.decisions[key] for key in decision.requires):
            if required.variable in self.given and not required.supplied:
                self.run.note(f"决策“{required.name}”的结果取自输入，没有计算")
                names[required.variable] = self.given[required.variable]
                continue
            value = self.make(required).value
            names[required.variable] = value
            aliases |= {alias: _part(value, alias) for alias in required.aliases}
        declared = {found.name for found in self.model.inputs.values()}
        first = {name: value for name, value in self.given.items() if name in declared}
        undeclared = {name: value for name, value in self.given.items() if name not in declared}
        return self.outermost.inner(undeclared).inner(aliases).inner(first).inner(names)

    def _typed(self, value: Any, decision: Decision) -> Any:
        """What does not fit the declared type is kept and said: the table is right more often than its label."""
        try:
            return fitted(value, decision.type, f"决策“{decision.name}”的结果")
        except FeelFault as fault:
            self.run.note(f"{fault}，与声明不符")
            return value


def _part(value: Any, alias: str) -> Any:
    return value[alias] if isinstance(value, dict) and alias in value else value


def _broken(name: str) -> Node:
    def run(scope: Scope) -> Any:
        raise FeelFault(f"函数“{name}”本身有错误，不能调用")

    return run


def _preparer(name: str, parameters: Mapping[str, ItemType]) -> Any:
    def prepare(parameter: str, value: Any) -> Any:
        return fitted(value, parameters[parameter], f"函数“{name}”的参数“{parameter}”")

    return prepare
