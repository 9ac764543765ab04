"""What do the events of a case imply? Its state, visits, seats, findings and targets, from the events alone.

A pure fold: no database, no clock. That it gives the stored rows is the proof that they can be rebuilt at any time.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from service.engine import Release
from service.revisions import DECLARATION

#: Verbs that send a case back; every other decision at the reworked step ends the rework.
_BACK = ("return", "consult")
#: Changes that say something to readers and change no row.
SILENT = frozenset({"warning_explained", "returns_exceeded", "resubmitted_directly"})


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
    #: Changes of later versions that this one cannot follow: sequence number and type.
    unknown: list[tuple[int, str]] = field(default_factory=list)
    #: What touched a row last, for naming the event where a row differs.
    touched: dict[str, int] = field(default_factory=dict)

    def open_visits(self) -> list[dict[str, Any]]:
        """The visits waiting for a decision, oldest first."""
        return [visit for visit in self.visits.values() if visit["state"] == "open"]


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
    made.visits = dict(sorted(made.visits.items(), key=lambda pair: (pair[1]["opened_seq"], pair[0])))
    for change in event.changes:
        kind = str(change.get("type"))
        if kind in FOLDS:
            FOLDS[kind](made, event, change, release)
        elif kind not in SILENT:
            made.unknown.append((event.seq, kind))
    for value in (event.form_hash, event.data_hash):
        if value:
            made.forms.setdefault(value, event.seq)
    stages = [visit["stage"] for visit in made.open_visits()]
    if stages and made.case.get("finished_at") is None and made.case.get("stage") not in stages:
        made.case["stage"] = stages[0]
    made.case |= {"seq": event.seq, "head_hash": event.hash, "round": event.round, "changed_at": event.at}
    made.case["engine_digest"] = event.engine_digest


def _case_opened(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.case |= {
        "number": change["number"],
        "project_id": change["project"],
        "campaign_id": change["campaign"],
        "initiator_id": event.actor,
        "started_at": event.at,
        "finished_at": None,
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
        _seat_made(made, event, change, step.stage, due_at)


def _seat_made(made: Projection, event: Any, change: Mapping[str, Any], stage: str, due_at: datetime | None) -> None:
    made.seats[change["seat"]] = {
        "visit_id": change["visit"],
        "case_id": event.case_id,
        "role": change["role"],
        "organisation_id": change["organisation"],
        "stage": stage,
        "due_at": due_at,
        "opened_at": event.at,
        "person_id": change.get("person"),
        "state": "open",
        "vote": None,
        "opinion": None,
        "decided_by": None,
        "on_behalf_of": None,
        "decided_at": None,
        "reason_code": None,
    }
    made.touched[change["seat"]] = event.seq


def _visit_decided(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    visit, seat, vote = made.visits[change["visit"]], made.seats[change["seat"]], change["vote"]
    visit |= {"state": "decided", "outcome": vote, "closed_at": event.at}
    seat |= {
        "state": "done",
        "vote": vote,
        "opinion": event.reason,
        "person_id": seat["person_id"] or event.actor,
        "decided_by": event.actor,
        "on_behalf_of": event.on_behalf_of,
        "decided_at": event.at,
    }
    if event.data_hash:
        made.reviews[change["seat"]] = event.data_hash
    made.touched |= {change["visit"]: event.seq, change["seat"]: event.seq}
    waiting = made.case.get("resubmission")
    if waiting and waiting["place"] == visit["node_id"] and vote not in _BACK:
        made.case |= {"resubmission": None, "condition": None}


def _visit_became(state: str, **fixed: Any) -> Callable[[Projection, Any, Mapping[str, Any], Release], None]:
    def became(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
        made.visits[change["visit"]] |= {"state": state, **fixed}
        made.touched[change["visit"]] = event.seq

    return became


def _visit_cancelled(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.visits[change["visit"]] |= {"state": "cancelled", "reason_code": change["reason"], "closed_at": event.at}
    made.touched[change["visit"]] = event.seq


def _seat_cancelled(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.seats[change["seat"]] |= {"state": "cancelled", "reason_code": change["reason"]}
    made.touched[change["seat"]] = event.seq


def _seat_held(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.seats[change["seat"]]["person_id"] = change.get("person")
    made.touched[change["seat"]] = event.seq


def _form_kept(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    made.forms.setdefault(change["hash"], event.seq)
    if change["form"] == DECLARATION:
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
    }
    made.touched[change["target"]] = event.seq


def _ex_ante_recorded(made: Projection, event: Any, change: Mapping[str, Any], release: Release) -> None:
    score = change.get("score")
    made.project |= {
        "ex_ante_conclusion": change["conclusion"],
        "ex_ante_score": Decimal(score) if score is not None else None,
    }


Fold = Callable[[Projection, Any, Mapping[str, Any], Release], None]
#: What each type of change does to the rows.
FOLDS: Mapping[str, Fold] = MappingProxyType(
    {
        "case_opened": _case_opened,
        "visit_opened": _visit_opened,
        "visit_decided": _visit_decided,
        "visit_cancelled": _visit_cancelled,
        "visit_superseded": _visit_became("superseded", reason_code="returned"),
        "visit_restored": _visit_became("decided", reason_code=None),
        "seat_cancelled": _seat_cancelled,
        "seat_claimed": _seat_held,
        "seat_unclaimed": _seat_held,
        "form_kept": _form_kept,
        "finding_raised": _finding_raised,
        "finding_answered": _finding_answered,
        "case_returned": _case_returned,
        "case_finished": _case_finished,
        "target_admitted": _target_admitted,
        "ex_ante_recorded": _ex_ante_recorded,
    }
)
