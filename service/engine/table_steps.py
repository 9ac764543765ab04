"""What does a decision table answer at a step of a process? Its inputs taken from decisions made before, strictly.

Nothing is guessed: an input that cannot be worked out, no matching row, rows that contradict each other and results that
are no flat facts all stop the case where it is, with a sentence that names step, table and place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from forms.expression import ExpressionError
from service.engine.commands import facts
from service.engine.dmn import Answer, Decision, Model, Undecided, decide, to_json
from service.engine.dmn.item_types import ItemType
from service.engine.release import EngineError, TableStep
from service.engine.result import AskedTable

_KINDS: Mapping[tuple[type, ...], str] = {(Decimal,): "number", (str,): "string", (bool,): "boolean"}
#: Under which name an answer stands that has none of its own.
RESULT = "result"


def answer(step: TableStep, tables: Mapping[str, Model], evaluate: Callable[[str], Any]) -> AskedTable:
    """Return what the table of a step answers now; ``evaluate`` works an expression out over the decisions made.

    Raises ``EngineError`` for whatever keeps the table from answering.
    """
    where = f"步骤“{step.name or step.node_id}”"
    model = tables.get(step.file)
    decision = None if model is None else model.decisions.get(step.decision)
    if model is None or decision is None:
        raise EngineError(f"{where}要查的决策表“{step.file}”不在流程版本中")
    inputs = {name: _input(where, name, text, evaluate) for name, text in step.inputs}
    try:
        made = decide(model, decision.id, inputs)
    except Undecided as fault:
        raise EngineError(f"{where}查不出结论：{fault}") from fault
    if not made.decided:
        given = "、".join(f"{name}={'空' if value is None else value}" for name, value in facts(inputs).items())
        raise EngineError(f"{where}查不出结论：决策表“{made.name}”没有一行与输入相符（{given}），也没有默认结果")
    return AskedTable(
        node_id=step.node_id,
        name=step.name,
        table=step.file,
        decision=decision.id,
        inputs=facts(inputs),
        result=_result(where, decision, made),
        matched=tuple((firing.title, firing.rows) for firing in made.firings),
    )


def _input(where: str, name: str, text: str, evaluate: Callable[[str], Any]) -> Any:
    try:
        return evaluate(text)
    except ExpressionError as fault:
        raise EngineError(f"{where}的输入“{name}”算不出来：{fault}") from fault


def _result(where: str, decision: Decision, made: Answer) -> dict[str, Any]:
    """Return an answer as flat facts: every result column under its name, a single unnamed one as ``result``."""
    try:
        value = to_json(made.value)
        return facts(value if isinstance(value, dict) else {single(decision): value})
    except (ValueError, EngineError) as fault:
        raise EngineError(f"{where}：决策表“{made.name}”的结果不能用于流程：{fault}") from fault


def single(decision: Decision) -> str:
    """Return the name under which the answer of a decision with one result stands."""
    outputs = () if decision.table is None else decision.table.outputs
    name = outputs[0].name if len(outputs) == 1 else ""
    return name if name.isidentifier() else RESULT


def results(decision: Decision) -> Mapping[str, str] | None:
    """Return the facts a decision leaves with the kind of each: number, string, boolean or "" where it is open.

    ``None`` where nobody can tell beforehand. A list of rows with several columns leaves nothing conditions could read.
    """
    table = decision.table
    if table is None:
        return None if decision.type.components else {single(decision): _kind(decision.type)}
    if table.aggregation:
        return {single(decision): "number"}
    if len(table.outputs) == 1:
        return {single(decision): "" if table.several else _kind(table.outputs[0].type)}
    return {} if table.several else {clause.name: _kind(clause.type) for clause in table.outputs}


def _kind(item: ItemType) -> str:
    return "" if item.collection else _KINDS.get(item.base.kinds, "")
