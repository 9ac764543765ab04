"""What is provably wrong in a self-evaluation table filled in elsewhere, and in which cell?

Pure rules: a table goes in as it was filled in (JSON, or a sheet's cells), findings come out. Only what no template in
use could explain is an error; anything else is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from service.rules.filled_tables.execution import execution_faults
from service.rules.filled_tables.figures import is_blank
from service.rules.filled_tables.finding import ERRORS, WARNINGS, Finding, Found, fault
from service.rules.filled_tables.layout import Grid, find_tables
from service.rules.filled_tables.lines import line_faults
from service.rules.filled_tables.money import money_faults, over_faults
from service.rules.filled_tables.results import WrittenTarget, read_actual, read_target
from service.rules.filled_tables.sums import sum_faults
from service.rules.filled_tables.table import FilledTable, IndicatorRow, MoneyRow, in_points, read
from service.rules.filled_tables.transfer import Obstacle, Transfer, transfers

__all__ = [
    "ERRORS",
    "WARNINGS",
    "FilledTable",
    "Finding",
    "Grid",
    "IndicatorRow",
    "MoneyRow",
    "Obstacle",
    "Transfer",
    "WrittenTarget",
    "check",
    "codes",
    "find_tables",
    "read",
    "read_actual",
    "read_target",
    "transfers",
]


def check(table: FilledTable) -> list[Finding]:
    """Return everything wrong or odd in a filled table, money first, then sums, then line by line; [] if nothing is.

    Each finding names its cell where the table came from a workbook. Never raises for odd content. Source of the
    arithmetic: 财预〔2020〕10号 (F07); template weights other than 10 + 90 are accepted as districts use them.
    """
    table = in_points(table)
    found = [
        *money_faults(table),
        *over_faults(table),
        *execution_faults(table),
        *sum_faults(table),
        *line_faults(table),
        *_goal(table),
    ]
    return [replace(own, cell=table.cells.get(own.path, "")) for own in found]


def codes(findings: Iterable[Finding], severity: str) -> list[str]:
    """Return the codes of one severity (error or warning), each once, in the order they were found."""
    return list(dict.fromkeys(own.code for own in findings if own.severity == severity))


def _goal(table: FilledTable) -> Found:
    if table.goal_actual is not None and is_blank(table.goal_actual) and not is_blank(table.goal):
        yield fault("GOAL_RESULT_MISSING", "goal_actual")
