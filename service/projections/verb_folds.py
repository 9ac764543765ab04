"""What do verbs between people change? Folds of recalled votes, added and delegated seats, suspended and voided cases."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from service.engine import Release
from service.projections.projection import Projection

_VOTE = ("vote", "opinion", "decided_by", "on_behalf_of", "decided_at")
#: Changes that say something to readers and change no row of these tables.
SILENT_VERBS = frozenset(
    {
        "copy_sent",
        "copy_read",
        "urged",
        "withdrawal",
        "batch",
        "exception",
        "compensation",
        "node_skipped",
        "case_migrated",
        "rectification_opened",
        "table_asked",
        "notice_issued",
        "escalation_recorded",
        "evaluation_recorded",
        "release_in_force",
        "target_syncs_opened",
        "budget_replied",
        "overall_target_admitted",
    }
)


def _case_condition(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.case |= {"condition": change["condition"], "resubmission": change["resubmission"]}


def _seat_state(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    state = str(change["type"]).removeprefix("seat_")
    made.seats[change["seat"]] |= {"state": state, "reason_code": None}
    made.touched[change["seat"]] = event.seq


def _seat_follows(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.seats[change["seat"]]["parent_seat_id"] = change["parent"]
    made.touched[change["seat"]] = event.seq


def _vote_taken_back(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.seats[change["seat"]] |= {"state": "open", **dict.fromkeys(_VOTE)}
    made.reviews.pop(change["seat"], None)
    made.touched[change["seat"]] = event.seq


def _vote_kept(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    old = made.seats[change["of"]]
    made.seats[change["seat"]] |= {name: old[name] for name in ("state", *_VOTE)}
    if change["of"] in made.reviews:
        made.reviews[change["seat"]] = made.reviews[change["of"]]
    made.touched[change["seat"]] = event.seq


def _finding_became(state: str) -> Callable[[Projection, Any, Mapping[str, Any], Release], None]:
    def became(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
        made.findings[change["finding"]]["state"] = state
        made.touched[change["finding"]] = event.seq

    return became


def _case_suspended(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.case["suspended_at"] = event.at


def _case_resumed(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.case["suspended_at"] = None


def _deadline_moved(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    due_at = datetime.fromisoformat(change["due_at"]) if change["due_at"] else None
    made.visits[change["visit"]]["due_at"] = due_at
    for seat in made.seats.values():
        if seat["visit_id"] == change["visit"]:
            seat["due_at"] = due_at
    made.touched[change["visit"]] = event.seq


def _incident_ended(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.visits[change["visit"]]["incident"] = None
    made.touched[change["visit"]] = event.seq


def _release_published(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    if made.case["finished_at"] is None:
        made.case["stage"] = change["stage"]


def _case_voided(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.case["stage"] = "voided"
    for id_, target in made.targets.items():
        target["voided_at"] = event.at
        made.touched[id_] = event.seq
    if "ex_ante_case_id" in made.project:
        made.project |= dict.fromkeys(("ex_ante_conclusion", "ex_ante_score", "ex_ante_amount"))


Fold = Callable[[Projection, Any, Mapping[str, Any], Release], None]
VERB_FOLDS: Mapping[str, Fold] = MappingProxyType(
    {
        "case_condition": _case_condition,
        "seat_waiting": _seat_state,
        "seat_delegated": _seat_state,
        "seat_follows": _seat_follows,
        "vote_taken_back": _vote_taken_back,
        "vote_kept": _vote_kept,
        "finding_withdrawn": _finding_became("withdrawn"),
        "finding_reopened": _finding_became("open"),
        "case_suspended": _case_suspended,
        "case_resumed": _case_resumed,
        "deadline_moved": _deadline_moved,
        "incident_ended": _incident_ended,
        "case_voided": _case_voided,
        "release_published": _release_published,
    }
)
