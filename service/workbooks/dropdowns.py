"""Which answers may be chosen in a cell? Lists kept on a hidden sheet, which reading passes over."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from forms.definition import Field
from service.workbooks.columns import Column
from service.workbooks.drawing import Book, put
from service.workbooks.terms import term_of

_SHEET = "选项"
_TRUTH = ("是", "否")
_CONCLUSIONS = ("support", "support_after_adjustment", "not_support")


class Dropdowns:
    """Offers a field's answers in its cells. ``measure_units`` are proposed, others may be typed.

    ``without_cost``: the season's template counts cost inside output, so there is no level 1 group of cost.
    """

    def __init__(self, book: Book, *, measure_units: Sequence[str] = (), without_cost: bool = False) -> None:
        self._book = book
        self._measure_units = tuple(measure_units)
        self._without_cost = without_cost
        self._places: dict[str, str] = {}
        self._lists: Worksheet | None = None

    def offer(self, sheet: Worksheet, column: Column, area: str) -> None:
        """Offer the answers of a field in an area such as ``C4:C5003``; nothing happens for a field without any."""
        answers = self._answers(column.field)
        if not answers:
            return
        strict = column.name != "measure_unit"
        rule = DataValidation(
            type="list",
            formula1=self._listed(column.path, answers),
            allow_blank=True,
            showErrorMessage=strict,
            errorTitle=column.field.label,
            error="请从下拉列表中选择",
        )
        rule.add(area)
        sheet.add_data_validation(rule)

    def _answers(self, field: Field) -> tuple[str, ...]:
        if field.type == "boolean":
            return _TRUTH
        if field.id == "measure_unit":
            return self._measure_units
        if field.id == "ex_ante_conclusion":
            return tuple(term_of(field.id, code) for code in _CONCLUSIONS)
        choices = field.choices
        if field.id == "level1_code" and self._without_cost:
            choices = tuple(choice for choice in choices if choice.value != "cost")
        return tuple(choice.label for choice in choices)

    def _listed(self, path: str, answers: Sequence[str]) -> str:
        if path not in self._places:
            if self._lists is None:
                self._lists = self._book.sheet(_SHEET)
                self._lists.sheet_state = "hidden"
            place = len(self._places)
            put(self._lists, 0, place, path)
            for line, answer in enumerate(answers, 1):
                put(self._lists, line, place, answer)
            letter = get_column_letter(place + 1)
            self._places[path] = f"{_SHEET}!${letter}$2:${letter}${len(answers) + 1}"
        return self._places[path]
