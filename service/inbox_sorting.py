"""In which order do the lines of an inbox stand? By up to three keys, so that pages never overlap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, case

from db.case import CaseFile
from service import case_rows, labels
from service.case_rows import Unit
from service.inbox_sources import Source

#: What a list can be sorted by.
KEYS = ("due", "arrived", "amount", "unit", "title", "stage", "round")
MOST_KEYS = 3
#: Sort keys that ask for the case beside the visit.
_OF_CASE: Mapping[str, ColumnElement[Any]] = MappingProxyType(
    {
        "amount": CaseFile.amount.expression,
        "title": case_rows.chinese(CaseFile.title),
        "stage": case({code: place for place, code in enumerate(labels.STAGES)}, value=CaseFile.stage),
        "unit": case_rows.chinese(Unit.name),
        "round": CaseFile.round.expression,
    }
)


@dataclass(frozen=True)
class _Key:
    """One key, whether backwards, and whether some lines lack it (they stand last)."""

    column: ColumnElement[Any]
    turned: bool
    gaps: bool

    def by(self, column: Any) -> ColumnElement[Any]:
        if not self.turned:
            return column.asc()  # type: ignore[no-any-return]
        # Without a word about gaps an index is read from its end.
        return column.desc().nulls_last() if self.gaps else column.desc()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Sorting:
    """The keys a list is sorted by, the first before all others."""

    keys: tuple[_Key, ...]

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        """The keys' values for a statement's lines, named key_0, key_1 …"""
        return [key.column.label(f"key_{place}") for place, key in enumerate(self.keys)]

    def by(self, columns: Sequence[Any], arrived: Any, case_id: Any) -> tuple[ColumnElement[Any], ...]:
        """The order on these columns; ties go by arrival and case, so pages never overlap."""
        return *(key.by(column) for key, column in zip(self.keys, columns, strict=True)), arrived, case_id

    def on_source(self, source: Source) -> tuple[ColumnElement[Any], ...]:
        """The order on the source's own columns, as its index has them."""
        return self.by([key.column for key in self.keys], source.arrived, source.case_id)

    def on(self, lines: Any) -> tuple[ColumnElement[Any], ...]:
        """The order on a subquery that selected ``columns``."""
        named = [lines.c[f"key_{place}"] for place in range(len(self.keys))]
        return self.by(named, lines.c.arrived_at, lines.c.case_id)


def names(sort: str) -> list[str]:
    """The keys of an order such as ``due,-amount``, without their signs."""
    return [part.lstrip("-") for part in sort.split(",")]


def is_order(sort: str) -> bool:
    """Whether a text is an order: known keys, each once, at most three."""
    keys = names(sort)
    return set(keys) <= set(KEYS) and len(set(keys)) == len(keys) <= MOST_KEYS


def of(source: Source, sort: str) -> Sorting:
    """The order of a list.

    Raises:
        KeyError: there is no such sort key.
    """
    return Sorting(tuple(_key(source, part) for part in sort.split(",")))


def needs_case(sort: str) -> bool:
    """Whether an order asks for the case beside the visit."""
    return any(name in _OF_CASE for name in names(sort))


def needs_unit(sort: str) -> bool:
    """Whether an order asks for the unit's name."""
    return "unit" in names(sort)


def _key(source: Source, part: str) -> _Key:
    name, turned = part.lstrip("-"), part.startswith("-")
    if name == "due" and source.due is not None:
        return _Key(source.due, turned, gaps=True)
    if name in ("due", "arrived"):
        return _Key(source.arrived, turned != (name == "due"), gaps=False)
    return _Key(_OF_CASE[name], turned, gaps=name == "amount")
