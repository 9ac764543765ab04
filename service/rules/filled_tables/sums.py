"""Do weights come to 100, and scores to the total?"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from service.rules.filled_tables.execution import execution_row
from service.rules.filled_tables.figures import Figure, figure_of, is_blank, may_be
from service.rules.filled_tables.finding import Found, fault
from service.rules.filled_tables.table import Cell, FilledTable

_HUNDRED = Fraction(100)
#: What the execution rate weighs in the templates in use, where a table does not say.
_USUAL = (Fraction(0), Fraction(10), Fraction(20))
Bounds = tuple[Fraction, Fraction]


def sum_faults(table: FilledTable) -> Found:
    """Yield weights that do not come to 100, scores that do not come to the total, and a total left out.

    Tables of which only the beginning is at hand are not summed. The execution rate may weigh anything, stand among the
    indicators, or not count at all: only sums that fit no template are faults.
    """
    if table.complete:
        yield from _weight_faults(table)
        yield from _score_faults(table)
    else:
        yield fault("TABLE_CUT", "indicators")
    if (
        table.total_score is not None
        and is_blank(table.total_score)
        and (table.complete or figure_of(table.total_weight))
    ):
        yield fault("TOTAL_SCORE_MISSING", "totals.score")


def _weight_faults(table: FilledTable) -> Found:
    weights = [found for _, row in table.rows if (found := figure_of(row.weight)) is not None]
    unread = any(not is_blank(row.weight) and figure_of(row.weight) is None for _, row in table.rows)
    if not weights or unread:
        return
    whole = sum((weight.exact for weight in weights), Fraction(0))
    slack = sum((weight.slack for weight in weights), Fraction(0))
    possible = list(_execution_weights(table, whole))
    if not any(abs(whole + execution - _HUNDRED) <= slack for execution in possible):
        beside = f"，加上执行率{_shown(possible[0])}" if possible[0] else ""
        yield fault("WEIGHTS_NE_100", "totals.weight", f"指标分值合计{_shown(whole)}{beside}")


def _execution_weights(table: FilledTable, indicators: Fraction) -> Iterator[Fraction]:
    own = _execution_cell(table, "weight")
    if own is None:
        yield from _USUAL
        return
    yield own.exact
    if any(row.is_execution for _, row in table.rows) or (indicators == _HUNDRED and _counts_without(table)):
        yield Fraction(0)


def _counts_without(table: FilledTable) -> bool:
    """The written total is the sum of the indicators' scores alone, so the execution rate does not count here."""
    total = figure_of(table.total_score)
    scores = [figure_of(row.score) for _, row in table.rows if row.is_used]
    known = [score.exact for score in scores if score is not None]
    return total is not None and len(known) == len(scores) and abs(sum(known, Fraction(0)) - total.exact) < 1


def _score_faults(table: FilledTable) -> Found:
    total = figure_of(table.total_score)
    rows = _row_bounds(table)
    if total is None or rows is None:
        return
    places = range(max(total.decimals, 1), max(total.decimals, 2) + 1)
    readings = [(rows[0] + low, rows[1] + high) for low, high in _execution_bounds(table)]
    if not any(may_be(total.exact, low, high, places) for low, high in readings):
        yield fault("SCORES_NE_TOTAL", "totals.score", f"总分填{total}，各项得分之和{_shown(_middle(readings[0]))}")


def adds_up(table: FilledTable) -> bool:
    """Return whether the scores that are filled in come to the written total, so that none can be missing."""
    total = figure_of(table.total_score)
    scores = [score.exact for _, row in table.rows if (score := figure_of(row.score)) is not None]
    own = _execution_cell(table, "score")
    executions = {Fraction(0), own.exact if own is not None else Fraction(0)}
    return total is not None and any(sum(scores, execution) == total.exact for execution in executions)


def _row_bounds(table: FilledTable) -> Bounds | None:
    """Between what the indicators' scores can sum to; a score left out may be anything up to its weight.

    None where the table has no scores, or one is left out whose weight is not known either.
    """
    low = high = Fraction(0)
    seen = False
    for _, row in table.rows:
        score, weight = figure_of(row.score), figure_of(row.weight)
        if score is not None:
            seen = True
            low, high = low + score.exact - score.slack, high + score.exact + score.slack
        elif row.score is not None and row.is_used:
            if weight is None and (row.weight is None or not is_blank(row.score)):
                return None
            high += weight.exact if weight is not None else 0
    return (low, high) if seen else None


def _execution_bounds(table: FilledTable) -> Iterator[Bounds]:
    score, weight = _execution_cell(table, "score"), _execution_cell(table, "weight")
    if score is not None:
        yield score.exact - score.slack, score.exact + score.slack
    elif weight is not None:
        yield Fraction(0), weight.exact
    elif table.money and all(row.score is None for row in table.money):
        yield Fraction(0), Fraction(0)
    else:
        yield Fraction(0), max(_USUAL)
    if any(row.is_execution for _, row in table.rows) or score is None or _weighs_hundred(table):
        yield Fraction(0), Fraction(0)


def _weighs_hundred(table: FilledTable) -> bool:
    weights = [found.exact for _, row in table.rows if (found := figure_of(row.weight)) is not None]
    return sum(weights, Fraction(0)) == _HUNDRED


def _execution_cell(table: FilledTable, name: str) -> Figure | None:
    number = execution_row(table)
    if number is None:
        return None
    rows = (table.money[number], *table.money)
    cells: list[Cell] = [getattr(row, name) for row in rows]
    return next((found for cell in cells if (found := figure_of(cell)) is not None), None)


def _middle(bounds: Bounds) -> Fraction:
    return (bounds[0] + bounds[1]) / 2


def _shown(value: Fraction) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".")
