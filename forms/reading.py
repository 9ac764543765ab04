"""One form before one reader: what its cells hold, whether they may be edited, and which problems belong to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from forms.comparison import shown
from forms.content import coerce, compute, computed, evaluate, scopes, visible
from forms.definition import Field, FormDefinition, permission
from forms.problem import Problem
from forms.view import Cell, Mode, Option

_CONTROLS = {"decimal": "number", "integer": "number", "month": "number", "boolean": "choice"}


class Reading:
    """The content of a form as one reader meets it at one step."""

    def __init__(
        self,
        definition: FormDefinition,
        content: Mapping[str, Any],
        *,
        mode: Mode,
        node: str,
        context: Mapping[str, Any],
        problems: Iterable[Problem],
        previous: Mapping[str, Any],
        english: bool,
        spare_empty: bool = False,
    ) -> None:
        self.definition = definition
        whole = compute(definition, content, context)
        self.content = {**whole, **content, **_computed_rows(definition, content, whole)}
        self.context = context
        self.mode = mode
        self.node = node
        self.previous = previous
        self.english = english
        self.spare_empty = spare_empty
        self.where = scopes(definition, computed(definition, coerce(definition, content), context), context)
        self.shown_fields = visible(definition, content, context)
        self.placed: set[Problem] = set()
        self._at: dict[str, list[Problem]] = {}
        self.problems = tuple(problems)
        for problem in self.problems:
            self._at.setdefault(problem.field, []).append(problem)

    def label(self, field: Field) -> str:
        """Return the field's name in the reader's language."""
        return field.label_en if self.english and field.label_en else field.label

    def may(self, field: str) -> str:
        """Return what the reader may do with a field here: edit, read or hidden."""
        granted = permission(self.definition, self.node, field)
        return "read" if granted == "edit" and self.mode != "edit" else granted

    def present(self, field: Field) -> bool:
        """Tell whether the field is shown: not hidden here, and asked for; a form being edited shows all."""
        if self.may(field.id) == "hidden":
            return False
        return field.id in self.shown_fields or (self.mode == "edit" and field.fillable)

    def needed(self, field: Field) -> bool:
        """Tell whether the field must be answered, as far as the form says so far."""
        if field.id not in self.shown_fields and self.definition.field(field.id) is field:
            return False
        return field.required or bool(field.required_if and evaluate(field.required_if, *self.where) is True)

    def problems_at(self, path: str) -> tuple[Problem, ...]:
        """Return the problems of one path and remember that they were shown."""
        found = tuple(self._at.get(path, ()))
        self.placed.update(found)
        return found

    def value(
        self,
        field: Field,
        *,
        name: str,
        given: Any,
        path: str,
        edit: bool,
        previous: Any = None,
        inside: tuple[Mapping[str, Any], ...] = (),
    ) -> Cell:
        """Return the cell that shows or asks for one value; ``inside`` is its row where that decides on the options."""
        numeric = field.type in ("decimal", "integer", "month", "computed")
        text = shown(field, given, english=self.english)
        last = shown(field, previous, english=self.english)
        last = "" if last == text else last
        problems = self.problems_at(path)
        if not edit:
            return Cell(kind="value", text=text, name=name, numeric=numeric, column=field.id, unit=field.unit,
                        label=self.label(field), problems=problems)  # fmt: skip
        return Cell(
            kind="control",
            name=name,
            value=_raw(given),
            text=text,
            control=_CONTROLS.get(field.type, field.type),
            label=self.label(field),
            help=field.help,
            unit=field.unit,
            required=self.needed(field),
            lines=field.rows,
            limit=field.max_length,
            options=self._options(field, given, inside),
            files=tuple(item for item in given if isinstance(item, Mapping)) if isinstance(given, list) else (),
            accept=",".join(field.accept),
            previous=last,
            problems=problems,
            numeric=numeric,
            column=field.id,
        )

    def _options(self, field: Field, given: Any, inside: tuple[Mapping[str, Any], ...]) -> tuple[Option, ...]:
        if field.type == "boolean":
            words = (("true", "Yes"), ("false", "No")) if self.english else (("true", "是"), ("false", "否"))
            return tuple(Option(value=v, label=w, group="", chosen=_raw(given) == v) for v, w in words)
        offered = self.where[-1].get(field.choices_from) if field.choices_from else None
        if offered:
            return tuple(Option(value=o[0], label=o[1], group="", chosen=given == o[0]) for o in offered)
        return tuple(
            Option(
                value=choice.value,
                label=choice.label_en if self.english and choice.label_en else choice.label,
                group="" if self.english else choice.group,
                chosen=choice.value == given,
            )
            for choice in field.choices
            if not inside or self.holds(choice.when, *inside)
        )

    def holds(self, condition: str, *inside: Mapping[str, Any]) -> bool:
        """Tell whether a display condition holds; one that cannot be decided yet does."""
        return not condition or evaluate(condition, *inside, *self.where) is not False


def _raw(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or isinstance(value, list | dict) else str(value)


def _computed_rows(
    definition: FormDefinition, content: Mapping[str, Any], whole: Mapping[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """The rows as they were written, unreadable cells included, with the cells that follow from the others."""
    found = {}
    for table in definition.questions:
        written, made = content.get(table.id), whole.get(table.id)
        if not table.computed_columns or not isinstance(written, list) or not isinstance(made, list):
            continue
        if len(written) != len(made):  # a row that is no row was left out
            continue
        names = [column.id for column in table.computed_columns]
        found[table.id] = [
            {**row, **{name: result[name] for name in names if name in result}}
            for row, result in zip(written, made, strict=True)
        ]
    return found
