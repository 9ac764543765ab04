"""What does a file of decisions answer for given values? For the command line and the page where tables are tried."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from service.engine import LintProblem, ReleaseError
from service.engine.dmn import (
    Answer,
    Decision,
    Firing,
    Model,
    Undecided,
    choose,
    decide,
    number_text,
    read_model,
    to_json,
)
from service.errors import BadRequest

Status = Literal["decided", "undecided", "unreadable"]
_MAX_NUMBER = 1_000


@dataclass(frozen=True, kw_only=True)
class AskedTable:
    """A table that was asked on the way: its title, the matching rows (from 1), their ids and annotations."""

    title: str
    rows: tuple[int, ...]
    rule_ids: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the table as plain JSON data."""
        return {
            "table": self.title,
            "matched": list(self.rows),
            "rule_ids": list(self.rule_ids),
            "annotations": list(self.annotations),
        }


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What came of asking a decision.

    ``decided``: ``result`` is the answer. ``undecided``: ``result`` is null and ``problems`` says why (no matching row,
    missing input, wrong type, rows that contradict each other). ``unreadable``: the file is no decision file.
    ``result`` is plain JSON data, numbers ``Decimal`` and unrounded. ``matched`` are the matching rows (from 1) of the
    decision's own table, ``tables`` all tables asked on the way, ``required`` the results of the decisions it rests
    on, by name. ``notes`` are remarks that do not stand in the way; both lists are Chinese sentences.
    """

    status: Status
    decision_id: str = ""
    name: str = ""
    hit_policy: str = ""
    result: Any = None
    matched: tuple[int, ...] = ()
    tables: tuple[AskedTable, ...] = ()
    required: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the trial as plain JSON data."""
        return {
            "decision": {"id": self.decision_id, "name": self.name},
            "status": self.status,
            "decided": self.status == "decided",
            "result": self.result,
            "matched": list(self.matched),
            "hit_policy": self.hit_policy,
            "tables": [table.to_json() for table in self.tables],
            "required": dict(self.required or {}),
            "notes": list(self.notes),
            "problems": list(self.problems),
        }


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table, or a value the file wants: its label and the Chinese name of its type."""

    label: str
    type: str


@dataclass(frozen=True, kw_only=True)
class DecisionOutline:
    """A decision of a file. ``hit_policy`` and the columns are empty unless its logic is a sound table."""

    id: str
    name: str
    hit_policy: str = ""
    inputs: tuple[Column, ...] = ()
    outputs: tuple[Column, ...] = ()
    rows: int = 0


@dataclass(frozen=True, kw_only=True)
class Outline:
    """What a decision file holds: its decisions, the values it declares as inputs, and everything wrong with it."""

    decisions: tuple[DecisionOutline, ...] = ()
    inputs: tuple[Column, ...] = ()
    problems: tuple[LintProblem, ...] = ()


def outline(text: bytes, filename: str = "") -> Outline:
    """Return what a DMN file holds, to offer its decisions and fields for trying them.

    Never raises for what is wrong with the file: an unreadable one has no decisions, and ``problems`` says why.
    """
    try:
        model = read_model(text, filename)
    except ReleaseError as fault:
        return Outline(problems=fault.problems)
    return Outline(
        decisions=tuple(_outlined(decision) for decision in model.decisions.values()),
        inputs=tuple(Column(label=found.name, type=found.type.shown) for found in model.inputs.values()),
        problems=model.problems,
    )


def _outlined(decision: Decision) -> DecisionOutline:
    table = decision.table
    if table is None:
        return DecisionOutline(id=decision.id, name=decision.name)
    return DecisionOutline(
        id=decision.id,
        name=decision.name,
        hit_policy=f"{table.policy} {table.aggregation}".strip(),
        inputs=tuple(Column(label=clause.label, type=clause.type.shown) for clause in table.inputs),
        outputs=tuple(Column(label=clause.label, type=clause.type.shown) for clause in table.outputs),
        rows=len(table.rules),
    )


def read_tables(text: bytes, filename: str) -> Model:
    """A DMN file whose every decision can be made.

    Raises:
        BadRequest: it is no DMN file, or a decision of it is wrong; the sentence names each.
    """
    try:
        model = read_model(text, filename)
    except ReleaseError as fault:
        raise BadRequest("".join(_sentences(fault.problems))) from fault
    wrong = [found for found in model.problems if found.severity == "error"]
    if wrong:
        raise BadRequest("".join(_sentences(wrong)))
    return model


def try_decision(text: bytes, filename: str, choice: str | None, inputs: Mapping[str, Any]) -> Trial:
    """Ask a decision of a DMN file.

    ``choice`` is the decision's id or name; without it the one decision no other rests on is asked. ``inputs`` are
    plain data by name (see ``read_inputs``). Never raises for what is wrong with the file or the values: the trial
    says it. Source: OMG Decision Model and Notation 1.1 to 1.5, chapters 8 and 10.
    """
    try:
        model = read_model(text, filename)
    except ReleaseError as fault:
        return Trial(status="unreadable", problems=_sentences(fault.problems))
    decision_id = name = ""
    try:
        decision = choose(model, choice)
        decision_id, name = decision.id, decision.name
        answer = decide(model, decision.id, inputs)
        return _trial(answer)
    except (Undecided, ValueError) as fault:
        return Trial(status="undecided", decision_id=decision_id, name=name, problems=(f"{fault}。",))


def _trial(answer: Answer) -> Trial:
    unmatched = f"决策表“{answer.name}”没有一行与输入相符，也没有默认结果，因此没有结论。"
    return Trial(
        status="decided" if answer.decided else "undecided",
        decision_id=answer.decision_id,
        name=answer.name,
        hit_policy=answer.policy,
        result=to_json(answer.value),
        matched=answer.rows,
        tables=tuple(_asked(firing) for firing in answer.firings),
        required={made.name: to_json(made.value) for made in answer.required},
        notes=tuple(f"{note}。" for note in answer.notes),
        problems=() if answer.decided else (unmatched,),
    )


def _asked(firing: Firing) -> AskedTable:
    return AskedTable(title=firing.title, rows=firing.rows, rule_ids=firing.rule_ids, annotations=firing.annotations)


def _sentences(problems: Sequence[LintProblem]) -> tuple[str, ...]:
    return tuple(f"{problem.message}{problem.remedy}" for problem in problems)


def read_inputs(text: bytes) -> Mapping[str, Any]:
    """Read the values to ask with from a JSON object; numbers become exact ``Decimal``.

    Raises ``BadRequest`` if it is not a JSON object, repeats a name, or holds a number beyond all measure.
    """
    try:
        given = json.loads(
            text, parse_float=_number, parse_int=_number, parse_constant=_no_number, object_pairs_hook=_object
        )
    except (ValueError, RecursionError) as fault:
        reason = str(fault) if isinstance(fault, _Unclear) else "不是 JSON"
        raise BadRequest(f"输入{reason}，应为 {{“名称”: 值}} 形式的 JSON 对象。") from fault
    if not isinstance(given, dict):
        raise BadRequest("输入应为 {“名称”: 值} 形式的 JSON 对象。")
    return given


class _Unclear(ValueError):
    """The JSON has no one meaning."""


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _Unclear("含有无法表示的数字") from None
    if len(text) > _MAX_NUMBER:
        raise _Unclear("含有过长的数字")
    return number


def _no_number(text: str) -> Decimal:
    raise _Unclear(f"含有 {text}，不是数字")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Unclear("中同一名称出现了两次")
    return found


def json_text(value: Any, indent: int = 0) -> str:
    """Return plain data as JSON text, one member a line, numbers with all their digits."""
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, Mapping):
        members = [
            f"{json.dumps(str(key), ensure_ascii=False)}: {json_text(part, indent + 1)}" for key, part in value.items()
        ]
        return _block("{", members, "}", indent)
    if isinstance(value, list):
        return _block("[", [json_text(part, indent + 1) for part in value], "]", indent)
    return json.dumps(value, ensure_ascii=False)


def _block(opening: str, members: list[str], closing: str, indent: int) -> str:
    if not members:
        return opening + closing
    step = "\n" + " " * (indent + 1)
    return opening + step + f",{step}".join(members) + "\n" + " " * indent + closing
