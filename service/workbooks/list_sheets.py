"""How are sheets read that hold many projects: one row a project, one row an indicator, or both in one?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from service.rules.quantities import half_width
from service.workbooks.cells import CellReader
from service.workbooks.columns import Columns, money_unit, noted_unit
from service.workbooks.escaping import unescaped
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
        table: places
        for table, places in found.tables.items()
        if all(path in places for path in _MARKERS.get(table, ()))
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
    yield from filter(None, (noted_unit(sheet.text(row, place)) for place in sheet.rows.get(row, {})))


def _size(found: Headings) -> int:
    return len(found.project) + sum(len(places) for places in found.tables.values())


class ListReader:
    """Collects the projects of list sheets and hands each row of a table to its project."""

    def __init__(self, columns: Columns, reading: WorkbookReading) -> None:
        self.columns = columns
        self.reading = reading
        self._by_code: dict[str, DeclarationRow] = {}
        self._by_name: dict[str, list[DeclarationRow]] = {}
        self._by_unit: dict[tuple[str, str], list[DeclarationRow]] = {}
        self._first: dict[tuple[tuple[str, ...], bool], DeclarationRow] = {}

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
                unescaped(sheet.text(line, headings.project[name])) if name in headings.project else ""
                for name in _REFERENCES
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
        code, name = reference.get("project_code", ""), reference.get("project_name", "")
        if code in self._by_code:
            return self._by_code[code]
        found = self._by_name.get(_bare(name), [])
        if len(found) > 1:
            units = [reference[part] for part in ("unit_code", "unit_name") if reference.get(part)]
            found = next(
                (self._by_unit[_bare(name), unit] for unit in units if (_bare(name), unit) in self._by_unit), found
            )
        if len(found) == 1 and not (code and found[0].content.get("project_code")):
            return found[0]
        if len(found) > 1:
            return f"有{len(found)}个项目名称为“{name}”，请填写项目代码或单位以便区分"
        return f"本行所属的项目“{code or name or '（空）'}”不在项目信息中，请核对项目代码或项目名称"

    def _add(self, row: DeclarationRow) -> None:
        code, name = str(row.content.get("project_code", "")), str(row.content.get("project_name", ""))
        first = self._by_code.get(code) if code else None
        first = first or self._repeated(row, code, name)
        if first is not None and name:
            row.note("project_name", f"项目“{name}”与工作表“{first.sheet}”第{first.row}行重复，请删去其中一个")
        if code:
            self._by_code.setdefault(code, row)
        self._by_name.setdefault(_bare(name), []).append(row)
        for unit in {str(row.content.get(part, "")) for part in ("unit_code", "unit_name")}:
            self._by_unit.setdefault((_bare(name), unit), []).append(row)
        self.reading.rows.append(row)

    def _repeated(self, row: DeclarationRow, code: str, name: str) -> DeclarationRow | None:
        """The earlier project of the same name, unit and year, unless codes tell the two apart."""
        identity = (
            _bare(name),
            *(str(row.content.get(part, "")) for part in ("unit_code", "unit_name", "fiscal_year")),
        )
        first = self._first.setdefault((identity, bool(code)), row)
        without_code = self._first.get((identity, False))
        if code:
            return without_code
        return first if first is not row else self._first.get((identity, True))

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
            texts = (sheet.text(line, place) for place in sorted(sheet.rows[line]))
            first = next((text for text in texts if text), "")
            if line > headings.row and first and first not in _TOTALS:
                yield line


def _bare(name: str) -> str:
    """A project's name as it is compared: signs plain, without spaces; （一期） and （二期） stay apart."""
    return re.sub(r"\s+", "", half_width(name))
