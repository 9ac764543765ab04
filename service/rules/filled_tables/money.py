"""Do the amounts of a filled table add up?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from service.rules.filled_tables.figures import Figure, is_blank, may_be
from service.rules.filled_tables.finding import Found, fault
from service.rules.filled_tables.table import FilledTable, MoneyRow

_COLUMNS = {"initial": "年初预算数", "adjusted": "全年预算数", "executed": "全年执行数"}
#: Lines below another part (财政拨款，其中：中央 …, 区级 …).
_BELOW = re.compile(r"^其中|中央|省级|市级|区级|县级|上级|本级|乡镇")


def money_faults(table: FilledTable) -> Found:
    """Yield the columns whose total is not the sum of its parts, and what else is odd about amounts.

    A column is judged only if its total and at least one part are filled in; empty parts count as 0. Lines that divide
    another part may count or not; a total may be rounded to fewer decimals than its parts.
    """
    number = table.total_row
    if number is None:
        return
    total_row = table.money[number]
    parts = [row for place, row in enumerate(table.money) if place != number and not row.is_total]
    for name, title in _COLUMNS.items():
        total = table.amount(total_row, name)
        amounts = [table.amount(row, name) for row in parts]
        filled = [amount for amount in amounts if amount is not None]
        path = f"money[{number}].{name}"
        unread = any(_is_unread(table, row, name) for row in (total_row, *parts))
        if not filled or unread:
            continue
        if total is None:
            if getattr(total_row, name) is not None and any(amount.value for amount in filled):
                yield fault("MONEY_TOTAL_MISSING", path, title)
        elif not any(_adds_up(total, sum_) for sum_ in _sums(parts, amounts)):
            sum_ = Fraction(sum(amount.value for amount in filled))
            yield fault("MONEY_TOTAL_NE_PARTS", path, f"{title}总额{total}，各项之和{_shown(sum_)}{table.money_unit}")


def over_faults(table: FilledTable) -> Found:
    """Yield spending beyond the whole year's budget, amounts taken as rounded to what is written."""
    for number, row in enumerate(table.money):
        budget, executed = budget_of(table, row), table.amount(row, "executed")
        path = f"money[{number}].executed"
        if budget is None or executed is None or number not in (table.total_row, 0):
            continue
        if not budget.value:
            if executed.value > 0:
                yield fault("EXEC_WITHOUT_BUDGET", path, f"执行数{executed}")
        elif executed.exact - executed.slack > budget.exact + budget.slack:
            yield fault("EXEC_OVER_100", path, f"执行数{executed}，预算数{budget}{table.money_unit}")


def budget_of(table: FilledTable, row: MoneyRow) -> Figure | None:
    """Return the whole year's budget of a line; where the table has only one budget column, that one."""
    return table.amount(row, "initial" if row.adjusted is None else "adjusted")


def _is_unread(table: FilledTable, row: MoneyRow, name: str) -> bool:
    """Something is written that is no plain amount (100，含结转20): no sum can be proved wrong then."""
    return not is_blank(getattr(row, name)) and table.amount(row, name) is None


def _sums(parts: Sequence[MoneyRow], amounts: Sequence[Figure | None]) -> Iterator[list[Figure]]:
    """The parts as they may be meant: all side by side, or without those that only divide another part."""
    pairs = list(zip(parts, amounts, strict=True))
    yield [amount for _, amount in pairs if amount is not None]
    below = [place > 0 and bool(_BELOW.search(row.label.strip())) for place, (row, _) in enumerate(pairs)]
    if any(below):
        yield [amount for (_, amount), under in zip(pairs, below, strict=True) if amount is not None and not under]


def _adds_up(total: Figure, parts: Sequence[Figure]) -> bool:
    sum_ = sum((part.exact for part in parts), Fraction(0))
    slack = sum((part.slack for part in parts), Fraction(0))
    return may_be(total.exact, sum_ - slack, sum_ + slack, range(total.decimals, total.decimals + 1))


def _shown(value: Fraction) -> str:
    return f"{float(value):.6f}".rstrip("0").rstrip(".")
