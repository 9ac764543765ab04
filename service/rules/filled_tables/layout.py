"""Where do money, indicators and total stand on a sheet that holds one filled self-evaluation table?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
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
    "adjusted": r"全年预算数?|调整后预算数?|调整预算数|年度预算数|预算数|全年预算数A|预算数A",
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


def find_table(grid: Grid, name: str, address: Callable[[int, int], str]) -> FilledTable | None:
    """Return the filled table of a sheet, with the cell each part came from; None if there is none.

    Headings may be worded and ordered as districts do; the money table stands above the indicators. ``name`` becomes
    the table's id, ``address`` names a cell (row, column) for people. A cell merged over several lines counts once, on its first line.
    """
    heads = list(_heads(grid, _LINES, {"name", "target", "actual"}, {"name", "target", "score"}))
    if not heads:
        return None
    row, places = heads[0]
    reader = _Reader(grid, address)
    money = _money(reader, row)
    indicators, closing = _indicators(reader, row, places)
    title = _title(grid, row)
    return FilledTable(
        id=name,
        kind=title,
        year=_year(grid, row),
        money_unit=_money_unit(grid, row),
        money=money,
        indicators=indicators,
        total_weight=closing.get("weight"),
        total_score=closing.get("score"),
        cells=reader.cells,
        project=_beside(grid, row, r"项目名称"),
        unit=_beside(grid, row, r"实施单位|项目实施单位|项目单位|预算单位|填报单位"),
    )


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
    plain = re.sub(r"\((?:单位:)?(?:亿元|万元|元|分|\d+分|%|即.*)\)", "", plain)
    return re.sub(r"[():：]", "", plain)


def _money(reader: _Reader, before: int) -> tuple[MoneyRow, ...]:
    heads = [
        found for found in _heads(reader.grid, _MONEY, {"executed", "rate"}, {"executed", "score"}) if found[0] < before
    ]
    if not heads:
        return ()
    head, places = heads[0]
    rows: list[MoneyRow] = []
    first = min(places.values())
    for row in (number for number in reader.grid.numbers() if head < number < before):
        label = _label(reader.grid, row, first)
        if not label or not re.search(r"额|合计|拨款|资金|结转|其他|总计|预算", label):
            break
        path = f"money[{len(rows)}]"
        cells = {name: reader.cell(row, places.get(name), f"{path}.{name}") for name in _MONEY}
        rows.append(MoneyRow(label=label, **cells))
    return tuple(rows)


def _label(grid: Grid, row: int, before: int) -> str:
    """What stands nearest to the left of the amounts: 年度资金总额, not the 项目资金 merged beside all lines."""
    return next((text for column in range(before - 1, -1, -1) if (text := grid.text(row, column))), "")


def _indicators(
    reader: _Reader, head: int, places: Mapping[str, int]
) -> tuple[tuple[IndicatorRow, ...], dict[str, Cell]]:
    rows: list[IndicatorRow] = []
    previous = head
    for row in (number for number in reader.grid.numbers() if number > head):
        texts = [text for column in range(reader.grid.width) if (text := reader.grid.text(row, column))]
        if row - previous > _BLANK_LINES or not texts:
            break
        previous = row
        if any(_CLOSING.match(_key(text)) for text in texts[:2]):
            names = ("weight", "score")
            return tuple(rows), {name: reader.cell(row, places.get(name), f"totals.{name}") for name in names}
        if _ENDINGS.match(_key(texts[0])) or _repeats_heading(reader.grid, row, places):
            break
        rows.append(_line(reader, row, places, f"indicators[{len(rows)}]"))
    return tuple(rows), {}


def _line(reader: _Reader, row: int, places: Mapping[str, int], path: str) -> IndicatorRow:
    cells = {own: reader.cell(row, places.get(own), f"{path}.{own}") for own in _LINES if own not in _NAMES}
    level1, level2, name = (reader.grid.text(row, places[own]) if own in places else "" for own in _NAMES)
    return IndicatorRow(level1=level1, level2=level2, name=name, **cells)


def _repeats_heading(grid: Grid, row: int, places: Mapping[str, int]) -> bool:
    return all(_meaning(_LINES, grid.text(row, places[name])) == name for name in ("name", "target"))


def _title(grid: Grid, before: int) -> str:
    for row in (number for number in grid.numbers() if number < before):
        for column in range(grid.width):
            if re.search(r"自评|评价", grid.text(row, column)):
                return grid.text(row, column)
    return ""


def _year(grid: Grid, before: int) -> int | None:
    for row in (number for number in grid.numbers() if number < min(before, 6)):
        for column in range(grid.width):
            match = re.search(r"(20\d{2})\s*年", half_width(grid.text(row, column)))
            if match:
                return int(match[1])
    return None


def _money_unit(grid: Grid, before: int) -> str:
    for row in (number for number in grid.numbers() if number < before):
        for column in range(grid.width):
            match = re.search(
                r"资金.*\((?:单位:)?(亿元|万元|元)\)|单位:(亿元|万元|元)|\((万元)\)", _squeezed(grid, row, column)
            )
            if match:
                return next(found for found in match.groups() if found)
    return "万元"


def _squeezed(grid: Grid, row: int, column: int) -> str:
    return re.sub(r"\s+", "", half_width(grid.text(row, column)))


def _beside(grid: Grid, before: int, words: str) -> str:
    for row in (number for number in grid.numbers() if number < before):
        for column in range(grid.width - 1):
            if grid.origin(row, column) == (row, column) and re.fullmatch(words, _key(grid.text(row, column))):
                return next(
                    (
                        text
                        for place in range(column + 1, grid.width)
                        if (text := grid.text(row, place)) and grid.origin(row, place) != (row, column)
                    ),
                    "",
                )
    return ""
