"""How does one project stand on a sheet? In the official table layout, as the form's definition draws it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from forms.definition import FormDefinition
from forms.presentation import view
from forms.view import Block, Cell, Row
from service.workbooks.columns import Column, Columns, Labels
from service.workbooks.drawing import CellValue, Look, cell_value, heighten, look_of, on_paper, put_merged, widen
from service.workbooks.dropdowns import Dropdowns

KIND = "一张工作表填一个项目，栏目名称在左、填写处在右；指标表一行填一个三级指标，不够时在“合计”之前插入行。"
#: Columns of the printed sheet; what the official table does not print (levels, months …) stands to the right of them.
_WIDTH = 12
_COLUMN = 13.0
_TOTAL = "合计"


class FormSheet:
    """Writes the blocks of one form one below the other."""

    def __init__(self, sheet: Worksheet, definition: FormDefinition, columns: Columns, dropdowns: Dropdowns) -> None:
        self.sheet = sheet
        self.definition = definition
        self.columns = columns
        self.dropdowns = dropdowns
        self.labels = Labels(columns)
        self.content: Mapping[str, Any] = {}
        self.line = 0

    def write(self, content: Mapping[str, Any]) -> None:
        """Write a project; rows of tables that hold nothing (``{}``) are places to fill in."""
        self.content = content
        shown = view(self.definition, content, mode="read")
        year = content.get("fiscal_year") or "    "
        self._across(shown.title, "title", 30)
        self._across(f"（{year}年度）", "note", 18)
        self._across("金额单位：万元", "note", 18)
        for block in shown.blocks:
            if block.kind == "grid":
                self._grid(block)
            elif block.kind == "table":
                self._table(block)
            else:
                self._across("　　　　".join(_signatures(block)), "note", 36)
        self._page()

    def _across(self, text: str, look: Look, height: float) -> None:
        put_merged(self.sheet, (self.line, 0, self.line, _WIDTH - 1), text, look)
        self.sheet.row_dimensions[self.line + 1].height = height
        self.line += 1

    def _grid(self, block: Block) -> None:
        count = max(sum(cell.columns for cell in row) for row in block.grid)
        step = _WIDTH // count
        reserved: set[tuple[int, int]] = set()
        for row in block.grid:
            place = 0
            for cell in row:
                while (self.line, place) in reserved:
                    place += 1
                end = place + cell.columns - 1
                reserved |= {(self.line + down, at) for down in range(cell.rows) for at in range(place, end + 1)}
                area = (self.line, place * step, self.line + cell.rows - 1, (end + 1) * step - 1)
                self._cell(area, cell)
                place = end + 1
            self.line += 1

    def _cell(self, area: tuple[int, int, int, int], cell: Cell) -> None:
        top, left, _, right = area
        if cell.kind == "heading":
            field = self.definition.field(cell.name)
            put_merged(self.sheet, area, cell.text, "required" if field is not None and field.required else "heading")
            return
        value = self._value(cell)
        column = self._column(cell.name)
        look = look_of(column.field, value) if column else "text"
        put_merged(self.sheet, area, self.labels.guarded(value) if isinstance(value, str) else value, look)
        heighten(self.sheet, top, value, (right - left + 1) * _COLUMN)
        if column:
            self.dropdowns.offer(self.sheet, column, f"{get_column_letter(left + 1)}{top + 1}")

    def _value(self, cell: Cell) -> CellValue:
        column = self._column(cell.name)
        if column is None:
            return cell.text or None
        value = self.content.get(cell.name)
        # A name with its code in brackets is put together by the view; there are no other joined cells.
        return cell.text if cell.text.endswith("）") and column.field.auto else cell_value(column.field, value)

    def _column(self, path: str) -> Column | None:
        return next((column for column in self.columns.project if column.path == path), None)

    def _table(self, block: Block) -> None:
        table = {column.name: column for column in self.columns.tables[block.name]}
        headings = {cell.column: cell for cell in block.headings}
        spans = _spans(headings, self._printed(block.name))
        for name, (left, right) in spans.items():
            look: Look = "required" if table[name].field.required else "heading"
            put_merged(self.sheet, (self.line, left, self.line, right), table[name].label, look)
        self.sheet.row_dimensions[self.line + 1].height = 30
        self.line += 1
        first = self.line
        rows = [row for row in self.content.get(block.name) or () if isinstance(row, Mapping)]
        for shown, row in zip(block.rows, rows, strict=True):
            self._row(shown, row, table, spans)
        for name, (left, _) in spans.items():
            letter = get_column_letter(left + 1)
            self.dropdowns.offer(self.sheet, table[name], f"{letter}{first + 1}:{letter}{max(self.line, first + 1)}")
        self._totals(block, spans)

    def _row(
        self, shown: Row, row: Mapping[str, Any], table: Mapping[str, Column], spans: Mapping[str, tuple[int, int]]
    ) -> None:
        for cell in shown.cells:
            column = table[cell.column]
            left, right = spans[cell.column]
            value = cell_value(column.field, row.get(cell.column), row)
            down = cell.rows - 1 if value is not None else 0
            put_merged(self.sheet, (self.line, left, self.line + down, right), value, look_of(column.field, value))
            heighten(self.sheet, self.line, value if not down else "", (right - left + 1) * _COLUMN)
        self.line += 1

    def _totals(self, block: Block, spans: Mapping[str, tuple[int, int]]) -> None:
        """A last row that ends the table for readers of the sheet, people and program."""
        totals = {cell.column: cell.text for cell in block.totals if cell.column}
        for number, (name, (left, right)) in enumerate(spans.items()):
            text = _TOTAL if number == 0 else totals.get(name, "")
            put_merged(self.sheet, (self.line, left, self.line, right), text or None, "heading")
        self.line += 1

    def _printed(self, table: str) -> Sequence[str]:
        return next((spec.get("print", ()) for spec in self.definition.layout if spec.get("table") == table), ())

    def _page(self) -> None:
        widen(self.sheet, dict.fromkeys(range(_WIDTH), _COLUMN))
        on_paper(self.sheet)
        self.sheet.print_area = f"A1:{get_column_letter(_WIDTH)}{self.line}"


def _spans(headings: Mapping[str, Cell], printed: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the first and last column of each column of a table: the printed ones share the sheet, others follow."""
    inside = [name for name in printed if name in headings] or list(headings)
    extra = dict.fromkeys(inside, 0)
    wide = [name for name in inside if headings[name].size == "wide"] or inside
    for number in range(max(_WIDTH - len(inside), 0)):
        extra[wide[number % len(wide)]] += 1
    spans, left = {}, 0
    for name in [*inside, *(name for name in headings if name not in inside)]:
        right = left + extra.get(name, 0)
        spans[name] = (left, right)
        left = right + 1
    return spans


def _signatures(block: Block) -> Iterator[str]:
    for signature in block.signatures:
        yield f"{signature.text}：{signature.person or '　　　　'}　日期：{signature.day or '　　　　'}"
