"""Which values make a difference to a column of a table? One for every stretch its cells tell apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from service.engine.dmn.base_types import ANY
from service.engine.dmn.expressions import compile_expression
from service.engine.dmn.faults import FeelFault
from service.engine.dmn.item_types import check_allowed
from service.engine.dmn.scope import Run, Scope
from service.engine.dmn.table import InputClause
from service.engine.dmn.tokens import Vocabulary
from service.engine.dmn.values import equal, show

_LITERAL = re.compile(
    r'(?:date and time|date|time|duration)\s*\(\s*"[^"]*"\s*\)|@?"(?:[^"\\]|\\.)*"|\b(?:true|false)\b|-?\d+(?:\.\d+)?'
)
_STEPS: dict[type, Any] = {Decimal: Decimal(1), date: timedelta(days=1), datetime: timedelta(days=1)}
_OTHER = "（其他）"


@dataclass(frozen=True)
class Sample:
    """A value and how a message names it and the others it stands for."""

    value: Any
    words: str


def samples(clause: InputClause, cells: Iterable[str]) -> tuple[Sample, ...]:
    """Return values of a column such that every value behaves in all cells like one of them; at least one.

    That holds for tests written of literals: comparisons, intervals, lists, ``not``. Between two numbers or days
    stands one in the middle, beside the outermost one further out. Values the column does not allow are left out.
    """
    found = _literals([*cells, clause.allowed_text])
    made = list(_made(clause, found))
    allowed = [sample for sample in made if _allowed(clause, sample.value)]
    return tuple(allowed or made)


def _literals(texts: Iterable[str]) -> list[Any]:
    found: list[Any] = []
    for text in dict.fromkeys(_LITERAL.findall(" ; ".join(texts))):
        try:
            value = compile_expression(text, Vocabulary())(Scope({}, Run()))
        except FeelFault:
            continue  # no literal after all, such as the minus of 3-5
        if not any(equal(value, other) is True for other in found):
            found.append(value)
    return found


def _made(clause: InputClause, found: Sequence[Any]) -> Iterator[Sample]:
    kinds = set(clause.type.base.kinds)
    if bool in kinds or (not kinds and any(isinstance(value, bool) for value in found)):
        yield from (Sample(True, "为 true"), Sample(False, "为 false"))
        return
    usable = [value for value in found if not kinds or type(value) in kinds]
    texts = [value for value in usable if isinstance(value, str)]
    yield from (Sample(text, f"为{show(text)}") for text in texts)
    if texts or (not usable and str in kinds):
        yield Sample(_OTHER, "为其他文字")
    for kind in dict.fromkeys(type(value) for value in usable if not isinstance(value, str)):
        yield from _ordered(sorted(value for value in usable if type(value) is kind))
    if not usable and str not in kinds:
        yield Sample(_neutral(clause), "为任意值")


def _neutral(clause: InputClause) -> Any:
    kinds = clause.type.base.kinds
    if clause.type.base is ANY or not kinds:
        return None
    return {Decimal: Decimal(1), date: date(2000, 1, 1), datetime: datetime(2000, 1, 1)}.get(kinds[0])  # noqa: DTZ001


def _ordered(values: Sequence[Any]) -> Iterator[Sample]:
    step = _STEPS.get(type(values[0]))
    if step is not None:
        yield Sample(values[0] - step, f"小于 {show(values[0])}")
    for value, after in zip(values, [*values[1:], None], strict=True):
        yield Sample(value, f"为 {show(value)}")
        if step is None or after is None:
            continue
        middle = value + (after - value) / 2
        if middle not in (value, after):
            yield Sample(middle, f"在 {show(value)} 与 {show(after)} 之间")
    if step is not None:
        yield Sample(values[-1] + step, f"大于 {show(values[-1])}")


def _allowed(clause: InputClause, value: Any) -> bool:
    if clause.type.base.whole and isinstance(value, Decimal) and value != value.to_integral_value():
        return False
    try:
        check_allowed(value, clause.allowed, clause.allowed_text, "")
        check_allowed(value, clause.type.allowed, clause.type.allowed_text, "")
    except FeelFault:
        return False
    return True
