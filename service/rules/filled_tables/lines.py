"""Is each indicator line of a filled table complete and possible in itself?"""

from __future__ import annotations

from service.rules.filled_tables.figures import DASHES, Figure, figure_of, is_blank
from service.rules.filled_tables.finding import Found, fault
from service.rules.filled_tables.results import far_beyond, read_target, scores_too_high
from service.rules.filled_tables.sums import adds_up
from service.rules.filled_tables.table import FilledTable, IndicatorRow

#: What stands for "no reason" where one is asked for.
_NO_REASON = DASHES | {"0", "无偏差", "无原因", "暂无", "没有", "无。", "不存在偏差"}


def line_faults(table: FilledTable) -> Found:
    """Yield scores above their weight, points lost without a reason, and scores and results left out, line by line.

    Empty lines of the template are passed over, and so are columns the table does not have, and what the last line of
    a table that was cut off may have lost.
    """
    settled = adds_up(table)
    last = max((number for number, row in table.rows if row.is_used), default=-1)
    for number, row in table.rows:
        if row.is_used:
            path = f"indicators[{number}]"
            yield from _score_faults(row, path)
            if table.complete or number != last or not is_blank(row.score):
                yield from _missing(row, path, settled)
            yield from _odd(table, row, path)


def _score_faults(row: IndicatorRow, path: str) -> Found:
    score, weight = figure_of(row.score), figure_of(row.weight)
    if score is None or weight is None:
        return
    if score.exact > weight.exact:
        yield fault("SCORE_GT_WEIGHT", f"{path}.score", f"{_named(row)}分值{weight}，得分{score}")
    elif _lost(score, weight) and row.reason is not None and _says_nothing(row.reason):
        yield fault("SCORE_LOST_NO_REASON", f"{path}.reason", f"{_named(row)}分值{weight}，得分{score}")


def _lost(score: Figure, weight: Figure) -> bool:
    return weight.exact - weight.slack > score.exact + score.slack


def _says_nothing(reason: str) -> bool:
    return is_blank(reason) or reason.strip() in _NO_REASON


def _missing(row: IndicatorRow, path: str, settled: bool) -> Found:
    if row.score is not None and is_blank(row.score) and _asks_for_score(row, settled):
        yield fault("SCORE_MISSING", f"{path}.score", _named(row))
    if row.actual is not None and _left_out(row):
        yield fault("ACTUAL_MISSING", f"{path}.actual", _named(row))


def _asks_for_score(row: IndicatorRow, settled: bool) -> bool:
    """A weight of its own; without a column of weights a target, unless one score of two lines explains the total."""
    weight = figure_of(row.weight)
    if row.weight is None:
        return row.is_named and not is_blank(row.target) and not settled
    return weight is not None and weight.value > 0


def _left_out(row: IndicatorRow) -> bool:
    if not is_blank(row.actual) or not row.is_named:
        return False
    if not (row.actual or "").strip():
        return not is_blank(row.target) or not is_blank(row.weight)
    # A dash is an answer to a text, none to a number.
    return read_target(row.target).value is not None and not is_blank(row.target)


def _odd(table: FilledTable, row: IndicatorRow, path: str) -> Found:
    score, weight = figure_of(row.score), figure_of(row.weight)
    if not is_blank(row.score) and score is None:
        yield fault("FIGURE_UNREAD", f"{path}.score", f"{_named(row)}“{row.score}”")
    if not is_blank(row.weight) and weight is None:
        yield fault("FIGURE_UNREAD", f"{path}.weight", f"{_named(row)}“{row.weight}”")
    if score is not None and score.value < 0:
        yield fault("SCORE_NEGATIVE", f"{path}.score", _named(row))
    if score is not None and row.weight is not None and is_blank(row.weight):
        yield fault("WEIGHT_MISSING", f"{path}.weight", _named(row))
    if weight is not None and row.is_named and row.target is not None and is_blank(row.target):
        yield fault("TARGET_MISSING", f"{path}.target", _named(row))
    if said := scores_too_high(row, table.year):
        yield fault("SCORE_ABOVE_RULE", f"{path}.score", f"{_named(row)}{said}")
    elif row.reason is not None and _says_nothing(row.reason) and far_beyond(row, table.year):
        yield fault("OVER_130_NO_REASON", f"{path}.reason", f"{_named(row)}指标值{row.target}，实际{row.actual}")


def _named(row: IndicatorRow) -> str:
    return f"“{row.name.strip()}”" if row.name.strip() else ""
