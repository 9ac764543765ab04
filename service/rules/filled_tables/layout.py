"""Where do money, indicators and total stand on a sheet with filled self-evaluation tables?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from service.rules.filled_tables.table import Cell, FilledTable, IndicatorRow, MoneyRow
from service.rules.quantities import half_width


class Grid(Protocol):
    """The cells of a sheet or of a Word table, by row and column from 0, as a reader sees them (merged cells filled)."""

    def text(self, row: int, column: int) -> str:
        """What is seen at a place."""

    def origin(self, row: int, column: int) -> tuple[int, int]:
        """The cell that holds what is seen there."""

    def numbers(self) -> Iterator[int]:
        """The filled rows, top down."""

    @property
    def width(self) -> int:
        """Number of columns."""


#: Headings by what they may read, brackets and spaces left out.
_MONEY = {
    "initial": r"年初预算数?|年初预算金额|年初数|预算批复数",
    "adjusted": r"全年预算数?A?|调整后(?:的)?预算数?|调整预算数?",
    #: Also stands over the labels of the lines; taken for the year's budget only where nothing else is.
    "budget": r"年度预算数?|预算数A?|预算金额",
    "executed": r"全年执行数?|预算执行数|实际执行数|执行数|实际支出数?|执行数B|全年执行数B|支出数",
    "weight": r"分值|权重|标准分",
    "rate": r"执行率|预算执行率|执行率B/A|预算完成率|支出率",
    "score": r"得分|自评得分|实得分|得分\d+分\*执行率",
}
_LINES = {
    "level1": r"一级指标",
    "level2": r"二级指标",
    "name": r"三级指标|指标名称|三级指标名称|绩效指标",
    "operator": r"指标性质|运算符号?|符号|比较符号",
    "target": r"年度指标值|指标值|年初目标值A?|目标值|年初设定目标值|预期指标值|计划指标值|年初指标值|年度目标值",
    "unit": r"度量单位|计量单位|单位",
    "actual": r"实际完成值B?|全年实际值|完成值|全年完成值|实际完成指标值|全年实际完成值|实际值|实际完成情况",
    "weight": r"分值|权重|标准分",
    "score": r"得分|自评得分|实得分",
    "reason": r"偏差.*|未完成原因.*|备注|.*原因.*措施.*|扣分原因.*",
}
_MONEY_UNIT = r".*资金.*\((?:单位:)?(亿元|万元|元)\).*|.*金额单位:(亿元|万元|元).*|.*(?:预算|执行).*\((万元|元)\).*"
_NAMES = ("level1", "level2", "name")
_CLOSING = re.compile(r"^(?:合计|总计|总分|总得分|自评总分|得分合计|总分合计|综合得分)$")
_ENDINGS = re.compile(
    r"^(?:评价结论|存在问题|改进措施|填报人|填表人|项目负责人|单位负责人|注|说明|备注|联系人|偏差大或目标未完成)"
)
_BLANK_LINES = 30


@dataclass
class _Reader:
    grid: Grid
    address: Callable[[int, int], str]
    cells: dict[str, str] = field(default_factory=dict)

    def cell(self, row: int, column: int | None, path: str) -> Cell:
        """A cell's own text; None without such a column, and for the further lines of a merged cell."""
        if column is None or self.grid.origin(row, column)[0] != row:
            return None
        self.cells[path] = self.address(*self.grid.origin(row, column))
        return self.grid.text(row, column)


def find_tables(grid: Grid, name: str, address: Callable[[int, int], str]) -> list[FilledTable]:
    """Return the filled tables of a sheet, top down, with the cell each part came from; [] if there is none.

    Headings may be worded and ordered as districts do; money stands above the indicators. ``name`` becomes the tables'
    id (with a number from the second on), ``address`` names a cell (row, column) for people. A cell merged over
    several lines counts once, on its first line.
    """
    found: list[FilledTable] = []
    heads = list(_heads(grid, _LINES, {"name", "target", "actual"}, {"name", "target", "score"}))
    ends = [*(row for row, _ in heads[1:]), max(grid.numbers(), default=0) + 1]
    above = -1
    for (head, places), below in zip(heads, ends, strict=False):
        upper = [row for row in grid.numbers() if above < row < head]
        lower = [row for row in grid.numbers() if head < row < below]
        title = f"{name} ({len(found) + 1})" if found else name
        table, above = _table(_Reader(grid, address), title, upper, lower, places)
        found.append(table)
    return found


def _table(
    reader: _Reader, name: str, upper: Sequence[int], lower: Sequence[int], places: Mapping[str, int]
) -> tuple[FilledTable, int]:
    """The table with these rows above and below its indicator headings, and the last row that belongs to it."""
    indicators, closing, end = _indicators(reader, lower, places)
    table = FilledTable(
        id=name,
        kind=_first(reader.grid, upper, r"(.*(?:自评|评价).*)"),
        year=int(year) if (year := _first(reader.grid, upper, r".*?(20\d{2})年.*")) else None,
        money_unit=_first(reader.grid, upper, _MONEY_UNIT) or "万元",
        money=_money(reader, upper),
        indicators=indicators,
        total_weight=closing.get("weight"),
        total_score=closing.get("score"),
        cells=reader.cells,
        project=_beside(reader.grid, upper, r"项目名称"),
        unit=_beside(reader.grid, upper, r"(?:项目)?(?:实施|填报|预算)?单位(?:名称)?"),
    )
    return table, end


def _heads(grid: Grid, headings: Mapping[str, str], *wanted: set[str]) -> Iterator[tuple[int, dict[str, int]]]:
    """Rows that hold the headings of a table, and the column of each."""
    for row in grid.numbers():
        places: dict[str, int] = {}
        for column in range(grid.width):
            if grid.origin(row, column) != (row, column):
                continue
            found = _meaning(headings, grid.text(row, column))
            if found:
                places.setdefault(found, column)
        if any(names <= set(places) for names in wanted):
            yield row, places


def _meaning(headings: Mapping[str, str], text: str) -> str:
    key = _key(text)
    return next((name for name, words in headings.items() if key and re.fullmatch(words, key)), "")


def _key(text: str) -> str:
    """A heading without spaces, brackets' contents that name a unit, and colons."""
    plain = re.sub(r"\s+", "", half_width(text))
    plain = re.sub(r"\((?:单位:)?(?:亿元|万元|元|分|盖章|章|\d+分|%|即.*)\)", "", plain)
    return re.sub(r"[():：]", "", plain)


def _money(reader: _Reader, upper: Sequence[int]) -> tuple[MoneyRow, ...]:
    heads = [
        found for found in _heads(reader.grid, _MONEY, {"executed", "rate"}, {"executed", "score"}) if found[0] in upper
    ]
    if not heads:
        return ()
    head, places = heads[-1]
    budget = places.pop("budget", None)
    if budget is not None and "adjusted" not in places:
        places["adjusted"] = budget
    rows: list[MoneyRow] = []
    first = min(places.values())
    for row in (number for number in upper if number > head):
        label = _label(reader.grid, row, first)
        if not label or not re.search(r"额|合计|拨款|资金|结转|其他|总计|预算", label):
            break
        path = f"money[{len(rows)}]"
        cells = {name: reader.cell(row, places.get(name), f"{path}.{name}") for name in _MONEY if name != "budget"}
        rows.append(MoneyRow(label=label, **cells))
    return tuple(rows)


def _label(grid: Grid, row: int, before: int) -> str:
    """What stands nearest to the left of the amounts: 年度资金总额, not the 项目资金 merged beside all lines."""
    return next((text for column in range(before - 1, -1, -1) if (text := grid.text(row, column))), "")


def _indicators(
    reader: _Reader, lower: Sequence[int], places: Mapping[str, int]
) -> tuple[tuple[IndicatorRow, ...], dict[str, Cell], int]:
    """The lines below the headings, the closing line's cells, and the last row that was read."""
    rows: list[IndicatorRow] = []
    previous = min(lower, default=0)
    for row in lower:
        texts = [text for column in range(reader.grid.width) if (text := reader.grid.text(row, column))]
        if row - previous > _BLANK_LINES or not texts or _ENDINGS.match(_key(texts[0])):
            break
        previous = row
        if any(_CLOSING.match(_key(text)) for text in texts[:2]):
            names = ("weight", "score")
            closing = {name: reader.cell(row, places.get(name), f"totals.{name}") for name in names}
            return tuple(rows), closing, row
        rows.append(_line(reader, row, places, f"indicators[{len(rows)}]"))
    return tuple(rows), {}, previous


def _line(reader: _Reader, row: int, places: Mapping[str, int], path: str) -> IndicatorRow:
    cells = {own: reader.cell(row, places.get(own), f"{path}.{own}") for own in _LINES if own not in _NAMES}
    level1, level2, name = (reader.grid.text(row, places[own]) if own in places else "" for own in _NAMES)
    return IndicatorRow(level1=level1, level2=level2, name=name, **cells)


def _first(grid: Grid, rows: Iterable[int], words: str) -> str:
    """What the first cell that reads like this says in its (only filled) group, "" if none does."""
    for row in rows:
        for column in range(grid.width):
            match = re.fullmatch(words, re.sub(r"\s+", "", half_width(grid.text(row, column))))
            if match:
                return next(found for found in match.groups() if found)
    return ""


def _beside(grid: Grid, rows: Iterable[int], words: str) -> str:
    """What stands to the right of a label."""
    for row in rows:
        for column in range(grid.width):
            if not re.fullmatch(words, _key(grid.text(row, column))):
                continue
            places = (
                place for place in range(column + 1, grid.width) if grid.origin(row, place) != grid.origin(row, column)
            )
            return next((text for place in places if (text := grid.text(row, place))), "")
    return ""
