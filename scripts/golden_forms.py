"""Golden contents: every shipped form filled in by chance, sound and unsound, recorded with what the form made of it."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

from golden_histories import DIGITS, GOLDEN

import forms
from forms.definition import SHIPPED, Field, FormDefinition, canonical, parse

SAMPLES = 24
FOLDER = GOLDEN / "forms"
_TEXTS = (
    "职业技能培训",
    "\uff11\uff12\uff13\uff4d\uff12 道路",
    "  两端有空白  ",
    "第一行\r\n第二行",
    "=1+1",
    "x" * 30,
    "",
)
_NUMBERS = ("12", "1,860.50", "38万元", "\uff10\uff0e\uff15", "-3", "0.0001", 7, 2.5, "十二", "")
_DAYS = ("2027-03-31", "2027年3月1日", "2027/2/30", "明天", "")
_TRUTHS = (True, False, "是", "否", "1", "也许", None)
_FILES = ([], [{"id": "abc", "filename": "批复.pdf"}], [{"id": "abc", "filename": "批复.exe"}], "abc")


def samples(definition: FormDefinition) -> list[dict[str, Any]]:
    """Contents as a client might send them with what came of each; equal definitions give equal samples."""
    dice = Random(definition.code)
    nodes = sorted(name for name in definition.permissions if name != "*") or ["draft"]
    fullest = max(nodes, key=lambda node: sum(_edits(definition, node)))
    asked = [_asked(definition, dice, fullest) for _ in range(SAMPLES)]
    asked += [_asked(definition, dice, node) for node in nodes]
    return [{**one, **outcome(definition, one)} for one in asked]


def outcome(definition: FormDefinition, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the form makes of a sample today: hash of the content taken in, problems, facts and computed cells."""
    content, problems = forms.accept(
        definition,
        asked["raw"],
        node=asked["node"],
        context=asked["context"],
        current=asked.get("current"),
        complete=asked["complete"],
    )
    # Which field, not in which words: wording may improve.
    told = [[problem.field, problem.severity] for problem in problems]
    read = {"facts": forms.facts(definition, content), "computed": forms.compute(definition, content)}
    return {
        "content": _digest(content),
        "problems": _digest(told),
        "first": told[0][0] if told else "",
        **{name: _digest(value) for name, value in read.items()},
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical({"value": json.loads(json.dumps(value, default=str))})).hexdigest()


def _asked(definition: FormDefinition, dice: Random, node: str) -> dict[str, Any]:
    chosen = [field for field in definition.questions if field.fillable and dice.random() < 0.9]
    context = {name: _value(field, dice) for name in definition.context if (field := definition.field(name))}
    asked = {
        "node": node,
        "complete": dice.random() < 0.7,
        "context": context,
        "raw": {field.id: _value(field, dice) for field in chosen},
    }
    given = {field.id: [_given(field, dice, n) for n in range(3)] for field in definition.questions if field.given}
    return {**asked, "current": given} if given else asked


def _given(table: Field, dice: Random, number: int) -> dict[str, Any]:
    cells = {column.id: _value(column, dice) for column in table.columns if column.auto}
    return {"row_id": f"r{number}", **{name: value for name, value in cells.items() if isinstance(value, str)}}


def _edits(definition: FormDefinition, node: str) -> list[bool]:
    return [forms.permission(definition, node, field.id) == "edit" for field in definition.questions]


def _value(field: Field, dice: Random) -> Any:
    if field.type == "table":
        return [_row(field, dice, number) for number in range(dice.randint(0, 4) or len(field.fixed_rows))]
    if field.choices:
        return dice.choice([choice.value for choice in field.choices] + [field.choices[0].label, "没有这一项"])
    if field.type in ("decimal", "integer", "month") or field.follows:
        return dice.choice(_NUMBERS)
    values: Mapping[str, Any] = {"date": _DAYS, "boolean": _TRUTHS, "files": _FILES}
    if field.type in values:
        return dice.choice(values[field.type])
    return dice.choice(_TEXTS) * dice.choice((1, 1, 6, 20))


def _row(table: Field, dice: Random, number: int) -> dict[str, Any]:
    row = {column.id: _value(column, dice) for column in table.columns if column.fillable and dice.random() < 0.9}
    key = table.fixed_rows[number % len(table.fixed_rows)].get(table.key) if table.fixed_rows and table.key else None
    return {**row, table.key: key} if key else row


def record(code: str) -> Path:
    """Write the golden contents of a shipped form; those of its earlier versions stay."""
    definition = forms.load(code)
    target = place(definition)
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in samples(definition))
    head = canonical({"code": code, "hash": definition.hash, "definition": dict(definition.raw)}).decode()
    target.write_text(f'{head[:-1]},\n"samples":[\n{lines}\n]}}\n')
    return target


def read(path: Path) -> tuple[FormDefinition, list[dict[str, Any]]]:
    """A definition as it was shipped, and its golden contents."""
    kept = json.loads(path.read_text())
    return parse(kept["definition"]), kept["samples"]


def place(definition: FormDefinition) -> Path:
    """The file of a form's golden contents."""
    return FOLDER / f"{definition.code}-{definition.hash[:DIGITS]}.json"


def codes() -> tuple[str, ...]:
    """The shipped forms."""
    return SHIPPED
