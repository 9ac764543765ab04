"""Are execution rate and execution score of a filled table what its amounts say?"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from service.rules.filled_tables.figures import Figure, figure_of, is_blank, may_be, roundings
from service.rules.filled_tables.finding import Found, fault
from service.rules.filled_tables.money import budget_of
from service.rules.filled_tables.table import FilledTable, MoneyRow
from service.rules.scoring.rounding import half_up, percent

#: What the execution rate may weigh in a table that does not say.
_USUAL_WEIGHTS = tuple(Fraction(points) for points in (5, 10, 15, 20, 25, 30))
#: A rate or score that lies between two bounds because the amounts behind it are rounded.
Bounds = tuple[Fraction, Fraction]


def execution_faults(table: FilledTable) -> Found:
    """Yield execution rates and scores that are missing or cannot come from the amounts.

    A rate may be in per cent or a fraction, with any number of decimals, rounded or cut off; a score may come from the
    exact or the rounded rate and keep one decimal or more. Without a budget there is no rate to judge.
    """
    head = _head(table)
    if head is None:
        return
    shown = table.money[head].rate
    for number, row in enumerate(table.money):
        if number == head or (row.rate or "") != (shown or ""):
            yield from _rate_faults(table, number, row)
    yield from _missing_rate(table, head)
    yield from _score_faults(table, head)


def execution_row(table: FilledTable) -> int | None:
    """Return the number of the money line that carries the execution score, None for a table without amounts.

    Usually the total; the first line with a score or a rate where the total has none.
    """
    order = _order(table)
    for name in ("score", "weight", "rate"):
        for number in order:
            if figure_of(getattr(table.money[number], name)) is not None:
                return number
    return order[0] if order else None


def _order(table: FilledTable) -> list[int]:
    total = table.total_row
    first = [] if total is None else [total]
    return [*first, *(number for number in range(len(table.money)) if number != total)]


def _head(table: FilledTable) -> int | None:
    order = _order(table)
    return order[0] if order else None


def _rate_faults(table: FilledTable, number: int, row: MoneyRow) -> Found:
    stated = figure_of(row.rate)
    true = _true_rate(table, row)
    if stated is None or true is None or any(_same_rate(low, high, true) for low, high in _readings(stated)):
        return
    yield fault("EXEC_RATE_WRONG", f"money[{number}].rate", f"填{stated}，应为{percent((true[0] + true[1]) / 2)}")


def _missing_rate(table: FilledTable, head: int) -> Found:
    row = table.money[head]
    if row.rate is None or not is_blank(row.rate) or _true_rate(table, row) is None:
        return
    if not any(figure_of(other.rate) for other in table.money):
        yield fault("EXEC_RATE_MISSING", f"money[{head}].rate")


def _score_faults(table: FilledTable, head: int) -> Found:
    number = execution_row(table)
    row = table.money[head if number is None else number]
    stated = figure_of(row.score)
    path = f"money[{number}].score"
    if stated is None:
        if table.money[head].score is not None and is_blank(row.score):
            yield fault("EXEC_SCORE_MISSING", f"money[{head}].score")
        return
    weight = figure_of(row.weight) or _any_weight(table)
    if weight is not None and stated.exact > weight.exact:
        yield fault("EXEC_SCORE_WRONG", path, f"填{stated}，超过分值{weight}")
        return
    weights = _USUAL_WEIGHTS if weight is None else (weight.exact,)
    rates = list(_rates_behind(table, head, row))
    if rates and not any(_comes_from(stated, own, rate) for rate in rates for own in weights):
        fair = min(Fraction(1), (rates[0][0] + rates[0][1]) / 2)
        owed = "" if weight is None else f"，应得{weight}×{percent(fair)}={half_up(fair * weight.exact, 2)}"
        yield fault("EXEC_SCORE_WRONG", path, f"填{stated}，执行率{percent(fair)}{owed}")


def _any_weight(table: FilledTable) -> Figure | None:
    return next((found for row in table.money if (found := figure_of(row.weight)) is not None), None)


def _rates_behind(table: FilledTable, head: int, row: MoneyRow) -> Iterator[Bounds]:
    """The true rate where amounts give one, else what the table itself calls the rate."""
    true = _true_rate(table, table.money[head]) or _true_rate(table, row)
    if true is not None:
        yield true
    elif not _spent_nothing(table, table.money[head]) and (stated := figure_of(row.rate)) is not None:
        for value, decimals in _readings(stated):
            slack = Fraction(1, 2 * 10 ** int(decimals))
            yield (value - slack) / 100, (value + slack) / 100


def _spent_nothing(table: FilledTable, row: MoneyRow) -> bool:
    """A budget of 0: its rate is no number, and any score for it may be right."""
    budget = budget_of(table, row)
    return budget is not None and not budget.value


def _true_rate(table: FilledTable, row: MoneyRow) -> Bounds | None:
    """Between which rates (1 is 100 %) the line's amounts lie, seen that they may be rounded; None without a budget."""
    budget, executed = budget_of(table, row), table.amount(row, "executed")
    if budget is None or executed is None or budget.value <= 0:
        return None
    slack = max(_half_a_digit(budget), _half_a_digit(executed))
    if slack >= budget.exact:
        return None
    low = max(executed.exact - slack, Fraction(0)) / (budget.exact + slack)
    return low, (executed.exact + slack) / (budget.exact - slack)


def _half_a_digit(figure: Figure) -> Fraction:
    return Fraction(1, 2 * 10**figure.decimals) if figure.decimals and not figure.computed else Fraction(0)


def _readings(stated: Figure) -> Iterator[Bounds]:
    """What a written rate may mean, in per cent: ``0.86`` is 0.86 % or 86 %. The second value counts its decimals."""
    yield stated.exact, Fraction(stated.decimals)
    if not stated.percent:
        yield stated.exact * 100, Fraction(max(stated.decimals - 2, 0))


def _same_rate(value: Fraction, decimals: Fraction, true: Bounds) -> bool:
    low, high = true[0] * 100, true[1] * 100
    if high >= 100 and value == 100:
        return True
    places = int(decimals)
    return may_be(value, low, high, range(places, places + 1))


def _comes_from(stated: Figure, weight: Fraction, rate: Bounds) -> bool:
    """Whether the score may be the weight times the rate, the rate or the score rounded or cut off on the way."""
    rates = [
        rate,
        *(
            (low / 100, high / 100)
            for places in (0, 1, 2)
            for low, high in roundings(rate[0] * 100, rate[1] * 100, places)
        ),
    ]
    places = range(max(stated.decimals, 1), max(stated.decimals, 2) + 1)
    return any(
        may_be(stated.exact, weight * min(low, Fraction(1)), weight * min(high, Fraction(1)), places)
        for low, high in rates
    )
