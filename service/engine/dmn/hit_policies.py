"""Which answer do several matching rows give together? One function per hit policy of the standard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from service.engine.dmn.faults import FeelFault
from service.engine.dmn.list_functions import greatest, least, total
from service.engine.dmn.values import equal

#: The policies that give one answer, those that give a list, and how COLLECT may sum its list up.
SINGLE = ("UNIQUE", "ANY", "PRIORITY", "FIRST")
MULTIPLE = ("RULE ORDER", "OUTPUT ORDER", "COLLECT")
AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")
BY_PRIORITY = ("PRIORITY", "OUTPUT ORDER")
#: The standard's own letters for policies, and its signs for what COLLECT does with its list.
LETTERS: Mapping[str, str] = {name[0]: name for name in (*SINGLE, *MULTIPLE)}
SIGNS: Mapping[str, str] = {"+": "SUM", "<": "MIN", ">": "MAX", "#": "COUNT"}


def spelt_out(policy: str, aggregation: str) -> tuple[str, str]:
    """Return a policy and what it sums up by as the standard spells them: ``C+`` is COLLECT with SUM, nothing UNIQUE.

    What the standard does not know is returned in capitals, as it was written.
    """
    policy, aggregation = (" ".join(text.upper().replace("_", " ").split()) for text in (policy, aggregation))
    if len(policy) == 2 and policy[0] == "C" and policy[1] in SIGNS and aggregation in ("", SIGNS[policy[1]]):
        policy, aggregation = "C", policy[1]
    return LETTERS.get(policy, policy) or "UNIQUE", SIGNS.get(aggregation, aggregation)


@dataclass(frozen=True)
class Hit:
    """A matching row (counted from 1), its values in the order of the columns and their ranks (0 is the highest)."""

    row: int
    values: tuple[Any, ...]
    ranks: tuple[int, ...] = ()


def rows_text(hits: Sequence[Hit]) -> str:
    """Return the rows as messages name them."""
    return "第" + "、".join(str(hit.row) for hit in hits) + "行"


def _same(left: Hit, right: Hit) -> bool:
    return equal(list(left.values), list(right.values)) is True


def _unique(hits: Sequence[Hit]) -> Sequence[Hit]:
    if len(hits) > 1:
        raise FeelFault(f"{rows_text(hits)}同时相符，而命中策略 UNIQUE 只允许一行相符")
    return hits


def _any(hits: Sequence[Hit]) -> Sequence[Hit]:
    if not all(_same(hits[0], hit) for hit in hits):
        raise FeelFault(f"{rows_text(hits)}同时相符而结果不同，命中策略 ANY 要求结果一致")
    return hits


def _first(hits: Sequence[Hit]) -> Sequence[Hit]:
    return hits[:1]


def _priority(hits: Sequence[Hit]) -> Sequence[Hit]:
    best = [hit for hit in hits if hit.ranks == min(other.ranks for other in hits)]
    if not all(_same(best[0], hit) for hit in best):
        raise FeelFault(f"{rows_text(best)}同时相符，优先级相同而结果不同")
    return best


def _rule_order(hits: Sequence[Hit]) -> Sequence[Hit]:
    return hits


def _output_order(hits: Sequence[Hit]) -> Sequence[Hit]:
    return sorted(hits, key=lambda hit: hit.ranks)


POLICIES: Mapping[str, Callable[[Sequence[Hit]], Sequence[Hit]]] = {
    "UNIQUE": _unique,
    "ANY": _any,
    "FIRST": _first,
    "PRIORITY": _priority,
    "RULE ORDER": _rule_order,
    "OUTPUT ORDER": _output_order,
    "COLLECT": _rule_order,
}


def aggregate(aggregation: str, values: Sequence[Any]) -> Any:
    """Return the sum, smallest, greatest or number of the results.

    Sums are exact. Raises ``FeelFault`` if the results are not numbers (SUM) or have no common order (MIN, MAX).
    """
    if aggregation == "COUNT":
        return Decimal(len(values))
    try:
        return _AGGREGATES[aggregation](list(values))
    except FeelFault as fault:
        raise FeelFault(f"汇总 {aggregation} 算不出来：{fault}") from fault


_AGGREGATES: Mapping[str, Callable[[list[Any]], Any]] = {"SUM": total, "MIN": least, "MAX": greatest}
