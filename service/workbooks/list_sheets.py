"""How are sheets read that hold many projects: one row a project, one row an indicator, or both in one?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from service.workbooks.cells import CellReader
from service.workbooks.columns import Columns, heading_key, money_unit
from service.workbooks.grid import Sheet, address
from service.workbooks.reading import DeclarationRow, WorkbookReading

#: Headings are looked for in the first rows only; titles, notes and units stand above them.
_HEADING_ROWS = 12
_REFERENCES = ("project_code", "project_name", "unit_code", "unit_name")
_TOTALS = {"合计", "总计", "小计"}
_MARKERS = {"indicators": ("indicators.level3_name",), "schedule": ("schedule.item", "schedule.planned_amount")}


@dataclass
class Headings:
    """Where the headings of a list stand: the row, and the column of each project field and of each table's fields."""

    row: int
    project: dict[str, int] = field(default_factory=dict)
    tables: dict[str, dict[str, int]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    @property
    def lists_projects(self) -> bool:
        """A row describes a project, not only refers to one."""
        own = set(self.project) - set(_REFERENCES) - {"department_code", "department_name", "fiscal_year"}
        return "project_name" in self.project and len(own) >= 2


def headings_of(sheet: Sheet, columns: Columns) -> Headings | None:
    """Return the headings of a list sheet, None if the sheet is no list of projects or of their rows."""
    best: Headings | None = None
    for row in [number for number in sheet.numbers() if number < _HEADING_ROWS]:
        found = _headings_in(sheet, columns, row)
        if found and (best is None or _size(found) > _size(best)):
            best = found
    return best


def _headings_in(sheet: Sheet, columns: Columns, row: int) -> Headings | None:
    found = Headings(row)
    note = next((unit for above in range(row) for unit in _noted_units(sheet, above)), "")
    for place in range(sheet.width):
        heading = sheet.text(row, place)
        for table in ("", *columns.tables):
            path = columns.match(heading, table) if heading else ""
            if path:
                (found.tables.setdefault(table, {}) if table else found.project).setdefault(path, place)
                found.units[path] = money_unit(heading) or note
    found.tables = {
        table: places for table, places in found.tables.items() if all(path in places for path in _MARKERS.get(table, ()))
    }
    _share_out(found)
    refers = any(name in found.project for name in ("project_name", "project_code"))
    return found if refers and (found.lists_projects or found.tables) else None


def _share_out(found: Headings) -> None:
    """A heading that means a column of the indicator table there (单位 as its unit) is no field of the project."""
    for places in found.tables.values():
        taken = {place: path for path, place in places.items()}
        for path, place in list(found.project.items()):
            if place in taken and path not in ("project_name", "project_code"):
                del found.project[path]


def _noted_units(sheet: Sheet, row: int) -> Iterator[str]:
    for place in sheet.rows.get(row, {}):
        text = heading_key(sheet.text(row, place))
        if text.startswith(("单位:", "金额单位", "资金单位")):
            yield money_unit(text)


def _size(found: Headings) -> int:
    return len(found.project) + sum(len(places) for places in found.tables.values())


class ListReader:
    """Collects the projects of list sheets and hands each row of a table to its project."""

    def __init__(self, columns: Columns, reading: WorkbookReading) -> None:
        self.columns = columns
        self.reading = reading
        self._by_code: dict[str, DeclarationRow] = {}
        self._by_name: dict[str, list[DeclarationRow]] = {}

    def read_projects(self, sheet: Sheet, headings: Headings) -> None:
        """Read a sheet with one row a project; where indicators stand in it too, blank project cells mean the one above."""
        current: DeclarationRow | None = None
        name, code = headings.project["project_name"], headings.project.get("project_code")
        previous = ""
        for line in self._lines(sheet, headings):
            text = sheet.text(line, name)
            key = f"{text}\n{sheet.text(line, code) if code is not None else ''}"
            if headings.tables and current is not None and (not text or key == previous):
                self._add_lines(sheet, headings, line, current)
                continue
            if not text and not any(sheet.text(line, place) for place in headings.project.values()):
                continue
            current, previous = DeclarationRow(sheet=sheet.name, row=line + 1), key
            reader = CellReader(self.columns, sheet, current)
            for path, place in headings.project.items():
                reader.project(path, line, place, headings.units.get(path, ""))
            self._add(current)
            self._add_lines(sheet, headings, line, current)

    def read_lines(self, sheet: Sheet, headings: Headings) -> None:
        """Read a sheet whose rows (indicators, schedule) name their project by code or name."""
        seen: tuple[str, ...] = ()
        for line in self._lines(sheet, headings):
            given = tuple(
                sheet.text(line, headings.project[name]) if name in headings.project else "" for name in _REFERENCES
            )
            seen = given if any(given) else seen
            owner = self._owner(dict(zip(_REFERENCES, seen, strict=False)))
            if isinstance(owner, str):
                place = headings.project.get("project_code", headings.project.get("project_name", 0))
                if any(sheet.text(line, place) for places in headings.tables.values() for place in places.values()):
                    self.reading.note(sheet.name, line + 1, address(line, place), owner)
                continue
            self._add_lines(sheet, headings, line, owner)

    def _owner(self, reference: Mapping[str, str]) -> DeclarationRow | str:
        by_code = self._by_code.get(reference.get("project_code", ""))
        if by_code is not None:
            return by_code
        name = reference.get("project_name", "")
        found = self._by_name.get(heading_key(name) or name, [])
        narrowed = [row for row in found if _same_unit(row, reference)] if len(found) > 1 else found
        if len(narrowed) == 1 and not reference.get("project_code"):
            return narrowed[0]
        if len(narrowed) == 1 and not narrowed[0].content.get("project_code"):
            return narrowed[0]
        if len(found) > 1:
            return f"有{len(found)}个项目名称为“{name}”，请填写项目代码或单位以便区分"
        shown = reference.get("project_code") or name or "（空）"
        return f"本行所属的项目“{shown}”不在项目信息中，请核对项目代码或项目名称"

    def _add(self, row: DeclarationRow) -> None:
        code, name = str(row.content.get("project_code", "")), str(row.content.get("project_name", ""))
        key = heading_key(name) or name
        first = self._by_code.get(code) if code else None
        first = first or next((other for other in self._by_name.get(key, []) if _repeats(row, other)), None)
        if first is not None and name:
            row.note("project_name", f"项目“{name}”与工作表“{first.sheet}”第{first.row}行重复，请删去其中一个")
        if code:
            self._by_code.setdefault(code, row)
        self._by_name.setdefault(key, []).append(row)
        self.reading.rows.append(row)

    def add_form(self, row: DeclarationRow) -> None:
        """Add a project read from a form sheet."""
        self._add(row)

    def _add_lines(self, sheet: Sheet, headings: Headings, line: int, owner: DeclarationRow) -> None:
        reader = CellReader(self.columns, sheet, owner)
        for table, places in headings.tables.items():
            owner.cells.setdefault(table, f"{sheet.name}!{address(headings.row, min(places.values()))}")
            reader.line(table, places, line, headings.units)

    def _lines(self, sheet: Sheet, headings: Headings) -> Iterator[int]:
        for line in sheet.numbers():
            texts = {sheet.text(line, place) for place in sheet.rows[line]}
            if line > headings.row and texts - {""} and not texts & _TOTALS:
                yield line


def _repeats(row: DeclarationRow, other: DeclarationRow) -> bool:
    """Same name, unit and year, and not told apart by codes."""
    cells: Callable[[DeclarationRow, str], str] = lambda found, name: str(found.content.get(name, ""))  # noqa: E731
    if cells(row, "project_code") and cells(other, "project_code"):
        return cells(row, "project_code") == cells(other, "project_code")
    return all(cells(row, name) == cells(other, name) for name in ("unit_code", "unit_name", "fiscal_year"))


def _same_unit(row: DeclarationRow, reference: Mapping[str, str]) -> bool:
    return any(
        reference.get(name) and reference[name] == row.content.get(name) for name in ("unit_code", "unit_name")
    )
