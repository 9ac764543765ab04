"""What does one more event change? Events taken one by one into a projection."""

from collections.abc import Callable, Iterable
from typing import Any

from service.engine import Release
from service.projections.folds import FOLDS, SILENT
from service.projections.projection import Projection


def project(events: Iterable[Any], release_of: Callable[[str], Release]) -> Projection:
    """The rows a case's events lead to.

    Args:
        events: in order; anything with the members of an event.
        release_of: the release of a hash; names and stages of steps come from it.

    Returns:
        An empty projection for no events. Changes of unknown types are listed in ``unknown``, not refused.

    Raises:
        KeyError: an event names a visit, seat, finding or step that never was.
    """
    made = Projection()
    for event in events:
        follow(made, event, release_of(event.release_hash))
    return made


def follow(made: Projection, event: Any, release: Release) -> None:
    """Take one more event into a projection."""
    _put_in_order(made)
    for change in event.changes:
        kind = str(change.get("type"))
        if kind in FOLDS:
            FOLDS[kind](made, event, change, release)
        elif kind not in SILENT:
            mentioned = frozenset(value for value in change.values() if isinstance(value, str))
            made.unknown.append((event.seq, kind, mentioned))
    for value in (event.form_hash, event.data_hash):
        if value:
            made.forms.setdefault(value, event.seq)
    stages = [visit["stage"] for visit in made.open_visits()]
    if stages and made.case.get("finished_at") is None and made.case.get("stage") not in stages:
        made.case["stage"] = stages[0]
    made.case |= {"seq": event.seq, "head_hash": event.hash, "round": event.round, "changed_at": event.at}
    made.case["engine_digest"] = event.engine_digest


def _put_in_order(made: Projection) -> None:
    """Visits by the event that opened them, then by id; only those the last event opened together can be out of order."""
    newest = [visit["opened_seq"] for visit in list(made.visits.values())[-2:]]
    if len(newest) == 2 and newest[0] == newest[1]:
        made.visits = dict(sorted(made.visits.items(), key=lambda pair: (pair[1]["opened_seq"], pair[0])))
