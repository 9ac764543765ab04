"""Which cells does a workbook hold? Read in a limited process, given back as plain values."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from service.workbooks.container import WorkbookRefused, inspect

Value = str | Decimal | bool | date
#: Inspecting takes the rest of the five seconds a refusal may take.
TIMEOUT = 4.0
_EXTRACTION = Path(__file__).with_name("extraction.py")
_DECODER = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal)
_BROKEN = "工作簿内容已损坏或过大，无法读取，请重新另存为 .xlsx 后上传"


@dataclass
class Sheet:
    """A sheet's filled cells by row and column, both counted from 0."""

    name: str
    visible: bool = True
    rows: dict[int, dict[int, Value]] = field(default_factory=dict)
    merged: tuple[tuple[int, int, int, int], ...] = ()

    @cached_property
    def _origins(self) -> Mapping[tuple[int, int], tuple[int, int]]:
        """Cells inside merged ranges and the cell that holds their value."""
        found = {}
        for top, left, bottom, right in self.merged:
            cells = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
            found.update(dict.fromkeys(cells, (top, left)))
        return found

    def own(self, row: int, column: int) -> Value | None:
        """The value written in exactly this cell."""
        return self.rows.get(row, {}).get(column)

    def value(self, row: int, column: int) -> Value | None:
        """The value a reader sees there: that of the merged range the cell belongs to."""
        return self.own(*self._origins.get((row, column), (row, column)))

    def origin(self, row: int, column: int) -> tuple[int, int]:
        """The cell that holds what is seen at a place."""
        return self._origins.get((row, column), (row, column))

    def right_end(self, row: int, column: int) -> int:
        """The last column of the merged range a cell belongs to, in its row."""
        origin = self.origin(row, column)
        end = column
        while (row, end + 1) in self._origins and self._origins[row, end + 1] == origin:
            end += 1
        return end

    def text(self, row: int, column: int) -> str:
        """What is seen at a place, as trimmed text."""
        value = self.value(row, column)
        return "" if value is None else str(value).strip()

    @cached_property
    def width(self) -> int:
        """Number of columns up to the last filled one."""
        return max((max(cells) for cells in self.rows.values() if cells), default=-1) + 1

    def numbers(self) -> Iterator[int]:
        """The filled rows, top down."""
        return iter(sorted(self.rows))


def address(row: int, column: int) -> str:
    """Return the A1 name of a cell counted from 0: (6, 1) is B7."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def place_of(cell: str) -> tuple[int, int]:
    """Return row and column of an A1 name, counted from 0: B7 is (6, 1)."""
    letters = cell.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(cell[len(letters) :]) - 1, column - 1


def extract(data: bytes) -> list[Sheet]:
    """Return the sheets of an uploaded workbook, hidden ones too.

    Refuses (WorkbookRefused, within five seconds) what ``inspect`` refuses, and what the reading process cannot read
    with 256 MiB of memory and three seconds of computing. Formulas give the values Excel last computed.
    """
    inspect(data)
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the upload is only its input
            [sys.executable, "-I", str(_EXTRACTION)],
            input=data,
            capture_output=True,
            timeout=TIMEOUT,
            env={"RUST_BACKTRACE": "0"},
            check=False,
        )
    except subprocess.TimeoutExpired as fault:
        raise WorkbookRefused("工作簿过于复杂，未能在规定时间内读完，请删去多余的行、列或分批上传") from fault
    return _sheets(done.stdout)


def _sheets(output: bytes) -> list[Sheet]:
    lines = output.splitlines()
    end = _decoded(lines[-1]) if lines else {}
    if "refused" in end:
        raise WorkbookRefused(end["refused"])
    if "end" not in end:
        raise WorkbookRefused(_BROKEN)
    sheets: list[Sheet] = []
    for line in lines[:-1]:
        given = _decoded(line)
        if isinstance(given, list):
            sheets[-1].rows[int(given[0])] = {int(column): _value(value) for column, value in given[1]}
        else:
            ranges = tuple((int(a), int(b), int(c), int(d)) for a, b, c, d in given["merged"])
            sheets.append(Sheet(given["sheet"], bool(given["visible"]), {}, ranges))
    return sheets


def _decoded(line: bytes) -> Any:
    """One line of the reading process; it may have been killed in the middle of one."""
    try:
        return _DECODER.decode(line.decode("utf-8"))
    except ValueError as fault:
        raise WorkbookRefused(_BROKEN) from fault


def _value(value: Any) -> Value:
    return date.fromisoformat(value["day"]) if isinstance(value, dict) else value
