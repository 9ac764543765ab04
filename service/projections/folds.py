"""What does each type of change do to the rows? One small function a type; events are closed over their changes."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from service.engine import Release
from service.projections.projection import Projection
from service.projections.verb_folds import SILENT_VERBS, VERB_FOLDS

#: Verbs that send a case back; every other decision at the reworked step ends the rework.
_BACK = ("return", "consult")
#: Changes that say something to readers and change no row.
SILENT = SILENT_VERBS | {"warning_explained", "returns_exceeded", "resubmitted_directly", "resubmission_was"}


def _case_opened(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.case |= {
        "number": change["number"],
        "project_id": change.get("project"),
        "campaign_id": change["campaign"],
        "initiator_id": event.actor,
        "started_at": event.at,
        "finished_at": None,
        "suspended_at": None,
        "condition": None,
        "resubmission": None,
        "form_revision_id": None,
        "form_hash": None,
    }


def _visit_opened(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    step = release.steps[change["node"]]
    due_at = datetime.fromisoformat(change["due_at"]) if change.get("due_at") else None
    made.visits[change["visit"]] = {
        "case_id": event.case_id,
        "node_id": step.node_id,
        "node_name": step.name,
        "stage": step.stage,
        "round": event.round,
        "engine_task": change["task"],
        "state": "open",
        "outcome": None,
        "reason_code": None,
        "opened_seq": event.seq,
        "opened_at": event.at,
        "closed_at": None,
        "due_at": due_at,
        "incident": change.get("incident"),
    }
    made.touched[change["visit"]] = event.seq
    if change.get("seat"):
        _seat_made(made, event, change, release)


def _seat_made(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    visit = made.visits[change["visit"]]
    made.seats[change["seat"]] = {
        "visit_id": change["visit"],
        "case_id": event.case_id,
        "role": change["role"],
        "organisation_id": change["organisation"],
        "stage": visit["stage"],
        "due_at": visit["due_at"],
        "opened_at": event.at,
        "person_id": change.get("person"),
        "origin": change.get("origin", "model"),
        "parent_seat_id": change.get("parent"),
        "made_by": change.get("made_by"),
        "weight": change.get("weight", 1),
        "position": change.get("position", 0),
        "state": change.get("state", "open"),
        "vote": None,
        "opinion": None,
        "decided_by": None,
        "on_behalf_of": None,
        "decided_at": None,
        "reason_code": None,
    }
    made.touched[change["seat"]] = event.seq


def _visit_decided(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    visit, vote = made.visits[change["visit"]], change["vote"]
    if change.get("seat") and not any(one["type"] == "seat_voted" for one in event.changes):
        _seat_voted(made, event, change, release)
    visit |= {"state": "decided", "outcome": vote, "closed_at": event.at}
    made.touched[change["visit"]] = event.seq
    waiting = made.case.get("resubmission")
    if waiting and waiting["place"] == visit["node_id"] and vote not in _BACK:
        made.case |= {"resubmission": None, "condition": None}


def _seat_voted(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    seat = made.seats[change["seat"]]
    seat |= {
        "state": "done",
        "vote": change["vote"],
        "opinion": event.reason,
        "person_id": seat["person_id"] or event.on_behalf_of or event.actor,
        "decided_by": event.actor,
        "on_behalf_of": event.on_behalf_of,
        "decided_at": event.at,
    }
    if event.data_hash:
        made.reviews[change["seat"]] = event.data_hash
    made.touched[change["seat"]] = event.seq


def _visit_superseded(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.visits[change["visit"]] |= {"state": "superseded", "reason_code": change.get("reason", "returned")}
    made.touched[change["visit"]] = event.seq


def _visit_restored(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.visits[change["visit"]] |= {"state": "decided", "reason_code": None}
    made.touched[change["visit"]] = event.seq


def _visit_cancelled(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.visits[change["visit"]] |= {"state": "cancelled", "reason_code": change["reason"], "closed_at": event.at}
    made.touched[change["visit"]] = event.seq


def _seat_closed(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    state = str(change["type"]).removeprefix("seat_")
    made.seats[change["seat"]] |= {"state": state, "reason_code": change.get("reason")}
    made.touched[change["seat"]] = event.seq


def _seat_opened(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.seats[change["seat"]] |= {"state": "open", "opened_at": event.at}
    made.touched[change["seat"]] = event.seq


def _seat_held(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.seats[change["seat"]]["person_id"] = change.get("person")
    made.touched[change["seat"]] = event.seq


def _form_kept(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.forms.setdefault(change["hash"], event.seq)
    made.case |= {"form_revision_id": change["revision"], "form_hash": change["hash"]}


def _finding_raised(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.findings[change["finding"]] = {
        "case_id": event.case_id,
        "visit_id": event.visit,
        "round": made.visits[event.visit]["round"],
        **{name: change[name] for name in ("field", "message", "severity")},
        "raised_by": event.actor,
        "raised_at": event.at,
        "state": "open",
        "answer_kind": None,
        "answer": None,
        "answered_by": None,
        "answered_at": None,
    }
    made.touched[change["finding"]] = event.seq


def _finding_answered(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.findings[change["finding"]] |= {
        "state": "answered",
        "answer_kind": change["kind"],
        "answer": change.get("answer"),
        "answered_by": event.actor,
        "answered_at": event.at,
    }
    made.touched[change["finding"]] = event.seq


def _case_returned(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.case["condition"] = "returned" if change["verb"] == "return" else "consulting"
    made.case["resubmission"] = {
        "place": change["to"],
        "mode": change["resubmit"],
        "verb": change["verb"],
        "to": change["from"],
        "to_name": release.steps[change["from"]].name,
        "seq": event.seq,
        "revision": made.case["form_revision_id"],
    }


def _case_finished(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.case |= {"stage": change["stage"], "finished_at": event.at}


def _target_admitted(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.targets[change["target"]] = {
        "project_id": change["project"],
        "version": change["version"],
        "library_no": change["library_no"],
        "case_id": event.case_id,
        "form_revision_id": made.case["form_revision_id"],
        "content_hash": change["content_hash"],
        "admitted_at": event.at,
        "voided_at": None,
    }
    made.touched[change["target"]] = event.seq


def _target_adjusted(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    _target_admitted(made, event, change, release)
    made.targets[change["target"]]["redisclose_since"] = event.at


def _ex_ante_recorded(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    score = change.get("score")
    made.project |= {
        "ex_ante_conclusion": change["conclusion"],
        "ex_ante_score": Decimal(score) if score is not None else None,
    }


def _ex_ante_concluded(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    _ex_ante_recorded(made, event, change, release)
    amount = change.get("amount")
    made.project |= {
        "ex_ante_amount": Decimal(amount) if amount is not None else None,
        "ex_ante_case_id": event.case_id,
    }


Fold = Callable[[Projection, Any, Mapping[str, Any], Release], None]
#: What each type of change does to the rows.
FOLDS: Mapping[str, Fold] = MappingProxyType(
    {
        "case_opened": _case_opened,
        "visit_opened": _visit_opened,
        "visit_decided": _visit_decided,
        "visit_cancelled": _visit_cancelled,
        "visit_superseded": _visit_superseded,
        "visit_restored": _visit_restored,
        "seat_made": _seat_made,
        "seat_opened": _seat_opened,
        "seat_voted": _seat_voted,
        "seat_cancelled": _seat_closed,
        "seat_transferred": _seat_closed,
        "seat_claimed": _seat_held,
        "seat_unclaimed": _seat_held,
        "form_kept": _form_kept,
        "finding_raised": _finding_raised,
        "finding_answered": _finding_answered,
        "case_returned": _case_returned,
        "case_finished": _case_finished,
        "target_admitted": _target_admitted,
        "ex_ante_recorded": _ex_ante_recorded,
        "ex_ante_concluded": _ex_ante_concluded,
        "target_adjusted": _target_adjusted,
        **VERB_FOLDS,
    }
)
