"""What does a self-evaluation table filled in elsewhere hold, cell by cell?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from service.rules.filled_tables.figures import Figure, figure_of, is_blank
from service.rules.quantities import half_width, number_of, plain

#: A cell's text; "" was left empty, None where the table has no such column (or the cell is part of a merged one).
Cell = str | None

_TOTAL = re.compile(r"总额|合计|总计|小计")
_PART = re.compile(r"其中|拨款|结转|结余|其他|财政|单位资金|自有|自筹|专户|中央|省级|市级|区级|县级|上级|本级")
_SUM_ROW = re.compile(r"^(?:合计|总计|总分|总得分|自评总分|得分合计|总分合计|自评得分合计|分值合计|综合得分)[::]?$")
_PLACEHOLDER = re.compile(r"^(?:指标(?:名称)?\d*[::.、]?|[.…·]+|[/—-]+|无)$")
_EXECUTION = re.compile(r"^(?:项目)?(?:预算|资金|财政资金|预算资金)(?:支出)?执行(?:率|情况|进度)?(?:\(.*\))?$")


@dataclass(frozen=True, kw_only=True)
class MoneyRow:
    """One line of the money table (年度资金总额, 其中：本年财政拨款 …); amounts in the table's money unit."""

    label: str = ""
    initial: Cell = None
    adjusted: Cell = None
    executed: Cell = None
    weight: Cell = None
    rate: Cell = None
    score: Cell = None

    @property
    def is_total(self) -> bool:
        return bool(_TOTAL.search(_squeezed(self.label)))

    @property
    def is_part(self) -> bool:
        return bool(_PART.search(_squeezed(self.label))) and not self.is_total


@dataclass(frozen=True, kw_only=True)
class IndicatorRow:
    """One indicator line as written."""

    level1: str = ""
    level2: str = ""
    name: str = ""
    operator: Cell = None
    target: Cell = None
    unit: Cell = None
    actual: Cell = None
    weight: Cell = None
    score: Cell = None
    reason: Cell = None

    @property
    def is_named(self) -> bool:
        """An indicator stands here, no empty line of the template (指标2, ……)."""
        return bool(self.name.strip()) and not _PLACEHOLDER.match(_squeezed(self.name))

    @property
    def is_used(self) -> bool:
        """Something was filled in beside what the template prints."""
        cells = (self.target, self.actual, self.score, self.weight)
        return (self.is_named and not all(map(is_blank, cells))) or not (
            is_blank(self.target) and is_blank(self.actual)
        )

    @property
    def is_sum(self) -> bool:
        """The closing line of a table (合计, 总分)."""
        return any(_SUM_ROW.match(_squeezed(text)) for text in (self.level1, self.level2, self.name))

    @property
    def is_subtotal(self) -> bool:
        """A sum on the way, which counts nowhere."""
        return any(_squeezed(text) == "小计" for text in (self.level1, self.level2, self.name))

    @property
    def is_execution(self) -> bool:
        """The execution rate, listed among the indicators."""
        return any(_EXECUTION.match(_squeezed(text)) for text in (self.level1, self.level2, self.name))


@dataclass(frozen=True, kw_only=True)
class FilledTable:
    """A self-evaluation table as it was filled in; nothing is corrected, nothing computed.

    ``complete`` is False where only the beginning of the table is at hand. ``cells`` maps paths (``money[0].rate``,
    ``indicators[3].score``, ``totals.score``) to cell names (``F8``), empty for tables that had none.
    """

    id: str = ""
    kind: str = ""
    year: int | None = None
    unit: str = ""
    project: str = ""
    money_unit: str = "万元"
    money: tuple[MoneyRow, ...] = ()
    goal: Cell = None
    goal_actual: Cell = None
    indicators: tuple[IndicatorRow, ...] = ()
    total_weight: Cell = None
    total_score: Cell = None
    complete: bool = True
    cells: Mapping[str, str] = field(default_factory=dict)

    def amount(self, row: MoneyRow, name: str) -> Figure | None:
        """Return an amount of a money line in the table's money unit, None if there is no number."""
        return figure_of(getattr(row, name), self.money_unit)

    @property
    def total_row(self) -> int | None:
        """The number of the money line that holds the sum, None if the table has only parts."""
        named = next((number for number, row in enumerate(self.money) if row.is_total), None)
        if named is None and self.money and not self.money[0].is_part:
            return 0
        return named

    @property
    def rows(self) -> list[tuple[int, IndicatorRow]]:
        """The indicator lines with their numbers, without sums."""
        return [(number, row) for number, row in enumerate(self.indicators) if not (row.is_sum or row.is_subtotal)]


def read(given: Mapping[str, Any]) -> FilledTable:
    """Return the table of a JSON object in the shape of ``db/demo/filled_tables_sample.json``.

    "" means left empty, null (or a missing name) that there is no such column. Numbers may be texts or numbers.
    Raises ValueError, naming the part, where money or indicators are no lists of objects.
    """
    totals = given.get("totals")
    totals = totals if isinstance(totals, Mapping) else {}
    indicators = tuple(_indicator(row) for row in _rows(given, "indicators"))
    closing = next((row for row in indicators if row.is_sum), IndicatorRow())
    year = re.search(r"\d{4}", str(given.get("year") or ""))
    return FilledTable(
        id=str(given.get("id") or ""),
        kind=_text(given, "kind"),
        year=int(year[0]) if year else None,
        unit=_text(given, "unit"),
        project=_text(given, "project"),
        money_unit=_text(given, "money_unit") or "万元",
        money=tuple(_money(row) for row in _rows(given, "money")),
        goal=_cell(given.get("goal")),
        goal_actual=_cell(given.get("goal_actual")),
        indicators=indicators,
        total_weight=_first(_cell(totals.get("weight")), closing.weight),
        total_score=_first(_cell(totals.get("score")), closing.score),
        complete=given.get("indicators_complete", True) is not False,
    )


def in_points(table: FilledTable) -> FilledTable:
    """Return the table with weights in points where cells formatted as percentages hold fractions (0.1 is 10)."""
    weights = [found for _, row in table.rows if (found := figure_of(row.weight)) is not None]
    if (
        not weights
        or any(weight.percent or weight.value >= 1 for weight in weights)
        or sum(own.value for own in weights) > 1
    ):
        return table
    return replace(
        table,
        money=tuple(replace(row, weight=_hundredfold(row.weight)) for row in table.money),
        indicators=tuple(replace(row, weight=_hundredfold(row.weight)) for row in table.indicators),
        total_weight=_hundredfold(table.total_weight),
    )


def _hundredfold(weight: Cell) -> Cell:
    figure = figure_of(weight)
    return weight if figure is None or figure.percent or figure.value > 1 else plain(figure.value * 100)


def _rows(given: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = given.get(name)
    if rows is None:
        return []
    if isinstance(rows, str) or not isinstance(rows, Sequence) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError(f"“{name}”应为对象的列表")
    return list(rows)


def _money(row: Mapping[str, Any]) -> MoneyRow:
    names = ("initial", "adjusted", "executed", "weight", "rate", "score")
    return MoneyRow(label=_text(row, "label"), **{name: _cell(row.get(name)) for name in names})


def _indicator(row: Mapping[str, Any]) -> IndicatorRow:
    names = ("operator", "target", "unit", "actual", "weight", "score", "reason")
    return IndicatorRow(
        level1=_text(row, "level1"),
        level2=_text(row, "level2"),
        name=_text(row, "name"),
        **{name: _cell(row.get(name)) for name in names},
    )


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        number = number_of(value)
        return str(value) if number is None else plain(number)
    return str(value).strip()


def _text(given: Mapping[str, Any], name: str) -> str:
    return _cell(given.get(name)) or ""


def _first(*cells: Cell) -> Cell:
    """The first cell with something in it, else the first that exists."""
    return next((cell for cell in cells if cell), next((cell for cell in cells if cell is not None), None))


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", half_width(text))
