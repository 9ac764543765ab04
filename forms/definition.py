"""What does a form ask, of whom, and how is it printed? Definitions are JSON, checked, versioned and hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from forms.definition_check import check
from forms.problem import Problem

SHIPPED = (
    "project_target",
    "target_review",
    "monitoring_report",
    "monitoring_review",
    "self_evaluation",
    "self_evaluation_review",
    "rectification_notice",
    "rectification_review",
    "process_change",
    "ex_ante_assessment",
    "ex_ante_materials",
    "ex_ante_experts",
    "ex_ante_opinion",
    "target_adjustment",
    "department_budget",
    "budget_reply",
    "overall_target",
)
Permission = Literal["edit", "read", "hidden"]


class DefinitionError(ValueError):
    """A definition cannot be used; ``problems`` says, in Chinese and all at once, what to correct and where."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("；".join(problem.message for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One option. ``when`` is an expression over the row, the form and the context; empty means always."""

    value: str
    label: str
    label_en: str = ""
    group: str = ""
    when: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A condition that must hold: ``test`` is the expression, ``at`` the field where its message is shown."""

    test: str
    message: str
    at: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field, table column or section heading. Expressions are texts; empty means not given.

    ``auto`` fields are filled by the system (from the context, else by ``value``) and never by a client.
    ``previous`` names the column of last year's matching row that fills this auto column.
    ``given`` tables have the rows the system put there: people fill in cells and neither add nor remove rows.
    ``follows`` names the choice beside it that decides, by ``formats``, whether a text is a number or a date.
    """

    id: str
    type: str
    label: str
    label_en: str = ""
    help: str = ""
    unit: str = ""
    required: bool = False
    required_if: str = ""
    show_if: str = ""
    auto: bool = False
    value: str = ""
    previous: str = ""
    formula: str = ""
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    pattern_message: str = ""
    minimum: str = ""
    maximum: str = ""
    places: int = 2
    half_width: bool = False
    follows: str = ""
    formats: Mapping[str, str] | None = None
    choices: tuple[Choice, ...] = ()
    choices_from: str = ""
    columns: tuple[Field, ...] = ()
    rules: tuple[Rule, ...] = ()
    key: str = ""
    fixed_rows: tuple[Mapping[str, Any], ...] = ()
    given: bool = False
    min_rows: int = 0
    max_rows: int = 60
    totals: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    max_files: int = 10
    max_mb: int = 20
    material: bool = False
    fact: bool = False
    source: str = ""
    rows: int = 3
    width: Literal["narrow", "medium", "wide"] = "medium"

    @property
    def fillable(self) -> bool:
        """Whether a person may ever write here."""
        return not self.auto and self.type not in ("computed", "section")

    @cached_property
    def computed_columns(self) -> tuple[Field, ...]:
        """Columns of a table that follow from the other cells of their row."""
        return tuple(column for column in self.columns if column.type == "computed")

    @cached_property
    def given_numbers(self) -> tuple[Field, ...]:
        """Columns of numbers and days the system fills in: kept as it wrote them, expressions calculate with them."""
        return tuple(
            column for column in self.columns if column.auto and column.type in ("decimal", "integer", "month", "date")
        )

    @property
    def row_constants(self) -> tuple[str, ...]:
        """Names the fixed rows of a table offer to its expressions beside the columns."""
        names = {name for row in self.fixed_rows for name in row}
        return tuple(sorted(names - {column.id for column in self.columns}))

    @cached_property
    def row_names(self) -> frozenset[str]:
        """Names by which the expressions of a table ask about its row."""
        return frozenset(column.id for column in self.columns) | frozenset(self.row_constants)

    @cached_property
    def printed(self) -> Mapping[str, Mapping[str, Any]]:
        """What the fixed rows of a table hold, by the text of their key, as expressions read it."""
        return {
            str(row.get(self.key)): {name: _constant(value) for name, value in row.items()} for row in self.fixed_rows
        }

    def column(self, name: str) -> Field | None:
        """Return the column of that name, nothing if the table has none."""
        return next((column for column in self.columns if column.id == name), None)


@dataclass(frozen=True, kw_only=True, eq=False)
class FormDefinition:
    """A checked definition. ``hash`` is sha256 over its canonical JSON; content refers to it by that."""

    code: str
    official_code: str
    title: str
    title_en: str
    version: int
    source: str
    hash: str
    raw: Mapping[str, Any]
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    context: Mapping[str, Any]
    permissions: Mapping[str, Mapping[str, str]]
    layout: tuple[Mapping[str, Any], ...]

    def field(self, name: str) -> Field | None:
        """Return the field of that name, nothing if the form has none."""
        return next((field for field in self.fields if field.id == name), None)

    @cached_property
    def questions(self) -> tuple[Field, ...]:
        """All fields except section headings, in the order of the form."""
        return tuple(field for field in self.fields if field.type != "section")


def _constant(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def permission(definition: FormDefinition, node: str, field: str) -> Permission:
    """Tell what a person at a node may do with a field: ``edit``, ``read`` or ``hidden``.

    A node the definition does not mention may read. Computed and automatic fields are never editable.
    """
    rules = definition.permissions.get(node) or definition.permissions.get("*") or {}
    granted = rules.get(field) or rules.get("*") or "read"
    found = definition.field(field)
    if granted == "edit" and (found is None or not found.fillable):
        return "read"
    return granted  # type: ignore[return-value]


def canonical(raw: Mapping[str, Any]) -> bytes:
    """Return the one byte form of a JSON mapping that hashes are taken of: sorted names, no spaces, UTF-8."""
    return json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def parse(raw: Mapping[str, Any]) -> FormDefinition:
    """Check a definition and make it usable. Raises ``DefinitionError`` with every problem at once."""
    problems = check(raw)
    if problems:
        raise DefinitionError(problems)
    return FormDefinition(
        code=raw["code"],
        official_code=raw["official_code"],
        title=raw["title"],
        title_en=raw.get("title_en", ""),
        version=raw["version"],
        source=raw["source"],
        hash=hashlib.sha256(canonical(raw)).hexdigest(),
        raw=raw,
        fields=tuple(_field(field) for field in raw["fields"]),
        rules=tuple(Rule(**rule) for rule in raw.get("rules", ())),
        context=raw.get("context", {}),
        permissions=raw.get("permissions", {}),
        layout=tuple(raw.get("layout", ())),
    )


@lru_cache(maxsize=32)
def load(code: str) -> FormDefinition:
    """Return a definition shipped with the product, such as ``project_target`` (F01) or ``monitoring_report`` (F05).

    Raises ``KeyError`` for any other code.
    """
    if code not in SHIPPED:
        raise KeyError(code)
    return parse(json.loads((Path(__file__).parent / f"{code}.json").read_text(encoding="utf-8")))


def _field(raw: Mapping[str, Any]) -> Field:
    members = dict(raw)
    members["choices"] = tuple(Choice(**choice) for choice in raw.get("choices", ()))
    members["columns"] = tuple(_field(column) for column in raw.get("columns", ()))
    members["rules"] = tuple(Rule(**rule) for rule in raw.get("rules", ()))
    for name in ("fixed_rows", "totals", "accept"):
        members[name] = tuple(raw.get(name, ()))
    return Field(**members)
