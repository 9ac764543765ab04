"""Which results of a table filled in elsewhere belong to which indicator of the form, and what would they change there?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.rules.filled_tables.figures import figure_of, is_blank
from service.rules.filled_tables.results import WrittenTarget, read_actual, read_target
from service.rules.filled_tables.table import FilledTable, IndicatorRow
from service.rules.quantities import day_of, half_width, number_of, plain

#: What templates print before the name of an indicator (指标1：).
_NUMBERING = re.compile(r"^指标\d*[:.、]")
#: Year, month and day; a month alone names no day of completion.
_DAY = re.compile(r"\d+\D+\d+\D+\d+")


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """One value of the table for one cell of the form.

    ``index`` counts the form's indicator rows from 0; ``field`` is the form's column (actual_value, level,
    given_score, deviation_reason); ``before`` is what stands there now, "" if nothing; ``after`` is in the form's own
    unit; ``cell`` names where the value came from (``F8``, "" without a workbook).
    """

    index: int
    field: str
    before: str
    after: str
    cell: str


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """A line that cannot be taken over, and why; ``cell`` as in ``Transfer``."""

    name: str
    reason: str
    cell: str


def transfers(
    rows: Sequence[Mapping[str, Any]], table: FilledTable, levels: Iterable[str]
) -> tuple[list[Transfer], list[Obstacle]]:
    """Return what the table would change in the rows of a self-evaluation, and what of it cannot be taken over.

    Lines meet by the name of the indicator (numbering, spaces and full-width signs apart). Points of quantities and
    dates are never taken, for they are computed; empty cells change nothing. ``levels`` are the form's words for
    qualitative results. A result in another unit than the target's, with another target than the approved one, or of a
    name that stands twice is an obstacle. Source of the form: 财预〔2020〕10号附1 (F07).
    """
    ours = {_key(str(row.get("level3_name") or "")): index for index, row in enumerate(rows)}
    lines = [
        (number, row)
        for number, row in table.rows
        if row.is_named and not row.is_execution and not (is_blank(row.actual) and is_blank(row.score))
    ]
    named = Counter(_key(row.name) for _, row in lines)
    found: list[Transfer] = []
    obstacles: list[Obstacle] = []
    for number, line in lines:
        place = table.cells.get(f"indicators[{number}].actual", "")
        index = ours.get(_key(line.name))
        if index is None:
            obstacles.append(Obstacle(name=line.name, reason="批复的绩效目标中没有这个指标", cell=place))
        elif named[_key(line.name)] > 1:
            obstacles.append(Obstacle(name=line.name, reason="表中有两行同名指标，无法判断取哪一行", cell=place))
        else:
            reason, values = _values(rows[index], line, table.year, tuple(levels))
            if reason:
                obstacles.append(Obstacle(name=line.name, reason=reason, cell=place))
            found += _changes(index, rows[index], values, table, number)
    return found, obstacles


def _changes(
    index: int, row: Mapping[str, Any], values: Mapping[str, tuple[str, str]], table: FilledTable, number: int
) -> Iterator[Transfer]:
    for field, (column, after) in values.items():
        before = "" if row.get(field) is None else str(row[field])
        numbers = number_of(before), number_of(after)
        if before == after or (numbers[0] is not None and numbers[0] == numbers[1]):
            continue
        cell = table.cells.get(f"indicators[{number}].{column}", "")
        yield Transfer(index=index, field=field, before=before, after=after, cell=cell)


def _values(
    row: Mapping[str, Any], line: IndicatorRow, year: int | None, levels: Sequence[str]
) -> tuple[str, dict[str, tuple[str, str]]]:
    """Why the result cannot be taken ("" if it can), and the form's fields with the table's column and the value."""
    reason, values = _result(row, line, year, levels)
    if not is_blank(line.reason) and (line.reason or "").strip() not in ("无", "/"):
        values["deviation_reason"] = ("reason", (line.reason or "").strip())
    return reason, values


def _result(
    row: Mapping[str, Any], line: IndicatorRow, year: int | None, levels: Sequence[str]
) -> tuple[str, dict[str, tuple[str, str]]]:
    if row.get("nature") == "qualitative":
        return "", _qualitative(line, levels)
    if is_blank(line.actual):
        return "", {}
    if row.get("nature") == "date":
        day = day_of(half_width(line.actual or "")) if _DAY.search(line.actual or "") else None
        reason = "" if day else f"“{line.actual}”不是完整日期，应写明年月日"
        return reason, {"actual_value": ("actual", day.isoformat())} if day else {}
    ours = read_target(str(row.get("target_value") or ""), unit=str(row.get("measure_unit") or ""))
    theirs = read_target(line.target, operator=line.operator, unit=line.unit, year=year)
    if theirs.value is not None and not _same(ours, theirs):
        written = f"{row.get('target_value')}{row.get('measure_unit') or ''}"
        return f"表中指标值“{line.target}”与批复的“{written}”不同", {}
    actual = read_actual(line.actual, ours)
    if actual is None:
        return f"“{line.actual}”不是一个与指标值同一计量单位的数字", {}
    return "", {"actual_value": ("actual", plain(actual / ours.scale))}


def _same(ours: WrittenTarget, theirs: WrittenTarget) -> bool:
    """Whether two written targets are the same number; a bare number may be written in the approved unit."""
    if theirs.unit and theirs.unit != ours.unit:
        return False
    return ours.value is not None and theirs.value in (ours.value, ours.value / ours.scale)


def _qualitative(line: IndicatorRow, levels: Sequence[str]) -> dict[str, tuple[str, str]]:
    values = {}
    said = _key(line.actual or "")
    level = next((own for own in levels if _key(own) == said), "")
    if level:
        values["level"] = ("actual", level)
    score = figure_of(line.score)
    if score is not None and score.value >= 0 and not score.percent:
        values["given_score"] = ("score", plain(score.value))
    return values


def _key(name: str) -> str:
    return _NUMBERING.sub("", re.sub(r"\s+", "", half_width(name)))
