"""Which rows have been made so far? Columns and values by table, as a fold over events collects them."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Projection:
    """Rows by table, as column names and values; only columns that follow from events."""

    case: dict[str, Any] = field(default_factory=dict)
    visits: dict[str, dict[str, Any]] = field(default_factory=dict)
    seats: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)
    project: dict[str, Any] = field(default_factory=dict)
    #: Hashes of the forms the events name, with the event that named each first.
    forms: dict[str, int] = field(default_factory=dict)
    #: Ids of seats whose review has the hash, which is what an event knows of it.
    reviews: dict[str, str] = field(default_factory=dict)
    #: Changes of later versions that this one cannot follow: sequence number, type and the ids they mention.
    unknown: list[tuple[int, str, frozenset[str]]] = field(default_factory=list)
    #: What touched a row last, for naming the event where a row differs.
    touched: dict[str, int] = field(default_factory=dict)

    def open_visits(self) -> list[dict[str, Any]]:
        """The visits waiting for a decision, oldest first."""
        return [visit for visit in self.visits.values() if visit["state"] == "open"]
