"""What can be asked of an inbox's list? A closed language: fields that hold together, values inside a field that don't.

The same words stand in the list's address, in saved views and in rules. There are no expressions: a word that is not
known is left out and named.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from service import inbox_sorting, labels
from service.case_rows import ANY_RISK, Wanted

TABS = ("todo", "entrusted", "copies", "done", "returned", "initiated", "drafts")
DUE = ("overdue", "today", "week", "none")
ARRIVED = ("today", "week", "earlier")
#: How a task came to its reader, by where the seat comes from.
ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "own": ("model",),
        "transferred": ("transfer",),
        "added": ("add_before", "add_after", "add_parallel"),
        "advice": ("advice",),
    }
)
LONGEST_TEXT = 100
#: Every word of the language, in the order of addresses.
WORDS = (
    "q",
    "stage",
    "unit",
    "amount_from",
    "amount_to",
    "due",
    "round",
    "category",
    "year",
    "attachments",
    "from",
    "arrived",
    "role",
    "risk",
    "opinion",
)
#: A rule as the checks of a submission name it (Q09, MR3, F05), or whichever.
RISK = re.compile(rf"^(?:{ANY_RISK}|[A-Z]{{1,3}}[0-9]{{1,2}})$")
#: Shorter words of opinions are in no index.
SHORTEST_WORD = 2


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """What somebody asks of a list; the defaults ask nothing."""

    wanted: Wanted = field(default_factory=Wanted)
    #: overdue, today, week (within seven days) or none (no deadline).
    due: str | None = None
    #: today, week (the last seven days) or earlier.
    arrived: str | None = None
    #: A key of ``ROLES``.
    role: str | None = None

    @property
    def everything(self) -> bool:
        """Nothing is left out."""
        return self.wanted.everything and self.due is None and self.arrived is None and self.role is None


def read(words: Mapping[str, Sequence[str]]) -> tuple[Criteria, tuple[str, ...]]:
    """The criteria that words say, and the names of those that say nothing and were left out.

    Args:
        words: values by word, as an address or a saved view has them; words of no field are not looked at.
    """
    found: dict[str, Any] = {}
    ignored = []
    for name in WORDS:
        given = [value.strip() for value in words.get(name, ()) if value.strip()]
        if not given:
            continue
        value = _READ[name](given)
        if value is None:
            ignored.append(name)
        else:
            found[_NAMES.get(name, name)] = value
    beside = {name: found.pop(name) for name in ("due", "arrived", "role") if name in found}
    return Criteria(wanted=Wanted(**found), **beside), tuple(ignored)


def order(text: str) -> str:
    """An order such as ``due,-amount`` if it is one, else the usual one: the nearest deadline first."""
    return text if text and inbox_sorting.is_order(text) else "due"


def decimal(text: str) -> Decimal | None:
    """An amount in 万元, thousands allowed; None for what is no number."""
    try:
        read = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def _text(given: list[str]) -> str:
    return given[0][:LONGEST_TEXT]


def _stages(given: list[str]) -> tuple[str, ...] | None:
    return tuple(code for code in given if code in labels.STAGES) or None


def _rules(given: list[str]) -> tuple[str, ...] | None:
    return tuple(code for code in given if RISK.match(code)) or None


def _words(given: list[str]) -> str | None:
    words = [word for word in given[0][:LONGEST_TEXT].split() if len(word) >= SHORTEST_WORD]
    return " ".join(words) or None


def _number(given: list[str]) -> int | None:
    return int(given[0]) if given[0].isascii() and given[0].isdecimal() and len(given[0]) < 6 else None


def _one_of(choices: Sequence[str]) -> Callable[[list[str]], str | None]:
    return lambda given: given[0] if given[0] in choices else None


_READ: Mapping[str, Callable[[list[str]], Any]] = MappingProxyType(
    {
        "q": _text,
        "stage": _stages,
        "unit": _text,
        "amount_from": lambda given: decimal(given[0]),
        "amount_to": lambda given: decimal(given[0]),
        "due": _one_of(DUE),
        "round": _number,
        "category": _text,
        "year": _number,
        "attachments": lambda given: True if given[0] == "1" else None,
        "from": _text,
        "arrived": _one_of(ARRIVED),
        "role": _one_of(tuple(ROLES)),
        "risk": _rules,
        "opinion": _words,
    }
)
#: Words whose field is called otherwise inside.
_NAMES: Mapping[str, str] = MappingProxyType(
    {"stage": "stages", "round": "round_from", "year": "fiscal_year", "from": "from_whom", "risk": "risks"}
)
