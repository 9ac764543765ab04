"""What was read from a workbook, and in which cell does each problem lie?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from forms.problem import Problem
from service.workbooks.grid import Sheet

SOURCE = "工作簿填写要求"


@dataclass(frozen=True, kw_only=True)
class PlacedProblem:
    """A problem and where it lies: sheet, row (from 1, 0 if none) and cell in A1 notation ("" if the whole row)."""

    sheet: str
    row: int
    cell: str
    problem: Problem
    #: Name of the project concerned, "" for the sheet as a whole.
    project: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return place and problem as one flat mapping."""
        place = {"sheet": self.sheet, "row": self.row, "cell": self.cell, "project": self.project}
        return place | self.problem.to_json()


@dataclass(kw_only=True)
class DeclarationRow:
    """One declared project: content of F01 as far as it could be read, and the cell each field came from.

    ``row`` counts from 1. ``cells`` maps field paths (``amount_total``, ``indicators[2].weight``) to ``Sheet!B7``.
    ``problems`` are the cells that could not be read; their raw text stays in the content.
    """

    sheet: str
    row: int
    content: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The project's name, or its place where it has none."""
        return str(self.content.get("project_name") or f"{self.sheet} 第{self.row}行")

    def note(self, path: str, message: str, severity: str = "error") -> None:
        """Add a problem of reading."""
        self.problems.append(
            Problem(field=path, message=message, severity="error" if severity == "error" else "warning", source=SOURCE)
        )

    def place(self, problems: Iterable[Problem] = ()) -> list[PlacedProblem]:
        """Return the row's own problems and further ones (of form and rules), each with its cell.

        A further problem without a rule about a cell that could not be read is left out: it says the same again.
        """
        unread = {problem.field for problem in self.problems}
        further = [problem for problem in problems if problem.rule or problem.field not in unread]
        return [self._placed(problem) for problem in [*self.problems, *further]]

    def _placed(self, problem: Problem) -> PlacedProblem:
        sheet, _, cell = self.cells.get(_nearest(problem.field, self.cells), f"{self.sheet}!").rpartition("!")
        row = re.search(r"\d+$", cell)
        return PlacedProblem(
            sheet=sheet, row=int(row[0]) if row else self.row, cell=cell, problem=problem, project=self.name
        )


def _nearest(path: str, cells: dict[str, str]) -> str:
    """The path itself, else its row's, else its table's, else the project's name: where a person will look."""
    row, _, _ = path.partition(".")
    for known in (path, row, row.partition("[")[0], "project_name"):
        if known in cells:
            return known
    return path


@dataclass(kw_only=True)
class WorkbookReading:
    """Everything read from one workbook: the projects in order, the problems that belong to none, the cells as they were."""

    rows: list[DeclarationRow] = field(default_factory=list)
    problems: list[PlacedProblem] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)

    def note(self, sheet: str, row: int, cell: str, message: str, *, error: bool = True) -> None:
        """Add a problem that belongs to no project."""
        problem = Problem(field="", message=message, severity="error" if error else "info", source=SOURCE)
        self.problems.append(PlacedProblem(sheet=sheet, row=row, cell=cell, problem=problem))

    def placed(self) -> list[PlacedProblem]:
        """Return every problem of reading, in the order of the workbook's projects, the workbook's own first."""
        return [*self.problems, *(found for row in self.rows for found in row.place())]
