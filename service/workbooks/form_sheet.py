"""How is a sheet read that holds one project in the official layout (labels beside their cells, tables below)?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from service.rules.quantities import half_width
from service.workbooks.cells import CellReader
from service.workbooks.columns import Columns, Labels, heading_key, money_unit, noted_unit
from service.workbooks.grid import Sheet, address
from service.workbooks.reading import DeclarationRow

#: Labels whose text often stands below instead of beside them.
_BELOW = {"annual_goal", "midterm_goal"}
#: What stands below a table: alone in its cell, or before a colon.
_ENDINGS = {"填报人", "单位负责人", "填表人", "填报单位", "审核人", "填报日期", "填表说明"}
_NOTES = {"注", "说明", "备注", "联系人"}
_TOTALS = ("合计", "总计", "小计")
#: The row of the execution rate belongs to the self-evaluation; its ten points are no indicator of the target.
_EXECUTION = {"预算执行率", "资金执行率", "执行率"}
_BLANK_ROWS = 40
#: More filled rows than any form has.
_LONGEST_FORM = 1000
_SPLIT = re.compile(r"^(?P<name>.+?)\s*[(（\[](?P<code>[0-9A-Za-z]{2,12})[)）\]]$")
_YEAR = re.compile(r"[(（]?\s*(\d{4})\s*年度?\s*[)）]?")


@dataclass
class _Table:
    """A table inside the form: its heading row, its columns, and the rows below that belong to it."""

    name: str
    row: int
    places: dict[str, int] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    end: int = 0


def is_form(sheet: Sheet, columns: Columns) -> bool:
    """Return whether a sheet looks like one project in the official layout."""
    if len(sheet.rows) > _LONGEST_FORM:
        return False
    labels = {columns.match(sheet.text(row, place)) for row in sheet.numbers() for place in sheet.rows[row]}
    return len(labels - {""}) >= 3 and "project_name" in labels


def read_form(sheet: Sheet, columns: Columns) -> DeclarationRow | None:
    """Return the project of a form sheet, None if nothing is filled in."""
    tables = list(_tables(sheet, columns))
    taken = {line for table in tables for line in range(table.row, table.end)}
    row = DeclarationRow(sheet=sheet.name, row=1)
    reader = CellReader(columns, sheet, row, Labels(columns))
    note = _money_note(sheet)
    for line in sheet.numbers():
        if line not in taken:
            _read_labels(sheet, columns, reader, line, note)
    for table in tables:
        row.cells.setdefault(table.name, f"{sheet.name}!{address(table.row, min(table.places.values()))}")
        for line in range(table.row + 1, table.end):
            if sheet.text(line, min(table.places.values())) not in _EXECUTION:
                reader.line(table.name, table.places, line, table.units)
    _read_year(sheet, row)
    _split_names(row)
    own = {name for name in row.content if name not in columns.tables and name != "fiscal_year"}
    if not own and not any(row.content.get(name) for name in columns.tables):
        return None
    if "project_name" in row.cells:
        row.row = int(re.sub(r"\D", "", row.cells["project_name"].rpartition("!")[2]))
    return row


def _tables(sheet: Sheet, columns: Columns) -> Iterator[_Table]:
    previous_end = 0
    for line in sheet.numbers():
        if line < previous_end:
            continue
        for name in columns.tables:
            table = _heading(sheet, columns, name, line)
            if table is not None:
                table.end = previous_end = _end(sheet, columns, table)
                yield table
                break


def _heading(sheet: Sheet, columns: Columns, name: str, line: int) -> _Table | None:
    table = _Table(name, line)
    for place in sorted(sheet.rows.get(line, {})):
        heading = sheet.text(line, place)
        path = columns.match(heading, name) if heading else ""
        if path:
            # The official form of several years has two halves; the right one is the year's.
            table.places[path] = place
            table.units[path] = money_unit(heading)
    wanted = {"indicators": {"indicators.level3_name", "indicators.target_value"}}.get(
        name, {f"{name}.item", f"{name}.planned_amount"}
    )
    return table if wanted <= set(table.places) else None


def _end(sheet: Sheet, columns: Columns, table: _Table) -> int:
    last = max(sheet.rows)
    blank = 0
    for line in range(table.row + 1, last + 1):
        found = ((place, sheet.text(line, place)) for place in sorted(sheet.rows.get(line, {})))
        texts = {place: text for place, text in found if text}
        blank = 0 if texts else blank + 1
        if blank > _BLANK_ROWS or (texts and _closes(sheet, columns, table, line, texts)):
            return line
    return last + 1


def _closes(sheet: Sheet, columns: Columns, table: _Table, line: int, texts: Mapping[int, str]) -> bool:
    place, first = next(iter(texts.items()))
    if _ends(first):
        return True
    if any(_heading(sheet, columns, name, line) for name in columns.tables if name != table.name):
        return True
    if place == table.places.get("indicators.level3_name") or not columns.match(first):
        return False  # an indicator may be called like a field: 完成时间
    in_table = {place for path, place in table.places.items() if sheet.text(line, place)}
    return len(in_table) <= len(texts) // 2 + 1


def _ends(text: str) -> bool:
    """A total, a signature or a note; never an indicator that merely begins like one (审核人次)."""
    label, colon, _ = half_width(text[:200]).partition(":")
    key = heading_key(label)
    return key in _TOTALS or key in _ENDINGS or bool(colon and key in _NOTES)


def _read_labels(sheet: Sheet, columns: Columns, reader: CellReader, line: int, note: str) -> None:
    for place in sorted(sheet.rows[line]):
        label = sheet.text(line, place)
        path = columns.match(label) if label else ""
        if not path:
            continue
        beside = sheet.right_end(line, place) + 1
        if beside < max(sheet.width, place + 2) and not columns.match(sheet.text(line, beside)):
            if sheet.text(line, beside) or path not in _BELOW or not _goal_below(sheet, columns, line, place):
                reader.project(path, line, beside, money_unit(label) or note)
        elif path in _BELOW and _goal_below(sheet, columns, line, place):
            reader.project(path, line + 1, place)


def _goal_below(sheet: Sheet, columns: Columns, line: int, place: int) -> bool:
    text = sheet.text(line + 1, place)
    return bool(text) and sheet.origin(line + 1, place) == (line + 1, place) and not Labels(columns).is_label(text)


def _money_note(sheet: Sheet) -> str:
    for line in sheet.numbers():
        for place in sheet.rows[line]:
            text = sheet.text(line, place)
            unit = money_unit(text) if heading_key(text).startswith("项目资金") else noted_unit(text)
            if unit:
                return unit
    return ""


def _read_year(sheet: Sheet, row: DeclarationRow) -> None:
    """The year often stands only below the title, in brackets."""
    if "fiscal_year" in row.content:
        return
    for line in [number for number in sheet.numbers() if number < 4]:
        for place in sheet.rows[line]:
            match = _YEAR.fullmatch(sheet.text(line, place))
            if match:
                row.content["fiscal_year"] = int(match[1])
                row.cells["fiscal_year"] = f"{sheet.name}!{address(line, place)}"
                return


def _split_names(row: DeclarationRow) -> None:
    """主管部门 and 实施单位 carry their code in brackets."""
    for name, code in (("department_name", "department_code"), ("unit_name", "unit_code")):
        match = _SPLIT.match(str(row.content.get(name, "")))
        if match:
            row.content[name] = match["name"]
            row.content.setdefault(code, match["code"])
            row.cells.setdefault(code, row.cells[name])
