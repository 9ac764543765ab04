"""Which seats does a visit have, whose turn is it, and what have they decided together? Rows to votes and back."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from db.base import opaque_id
from db.case import Seat, Visit
from service.dockets import Docket
from service.engine import UserStep
from service.revisions import OPINION
from service.rules import votes
from service.rules.votes import LIVE, Ballot, Part, Policy, Vote

#: What a seat does at its visit, by where it comes from; everything else votes.
PARTS: Mapping[str, Part] = MappingProxyType({"add_before": "before", "add_after": "after", "advice": "advice"})
_VOTES: Mapping[str, Vote] = MappingProxyType({"submit": "yes", "approve": "yes", "reject": "no", "abstain": "abstain"})


def part(seat: Seat) -> Part:
    """Whether a seat votes, speaks before or after another, or gives advice."""
    return PARTS.get(seat.origin, "vote")


def writes(docket: Docket, visit: Visit, seat: Seat) -> tuple[str, str]:
    """What is written at a seat: the code of its draft and whose it is.

    The form a case is about belongs to the visit, whoever sits there (""); a review, or an opinion where the step or the
    seat fills in no form, belongs to the seat.
    """
    form = docket.step(visit).form
    if form and form == docket.bundle.subject_form:
        return form, ""
    return (form if form and part(seat) == "vote" else OPINION), seat.id


def live(docket: Docket, visit: Visit) -> list[Seat]:
    """The seats of a visit that may still be heard."""
    return [seat for seat in docket.seats_of(visit) if seat.state in LIVE]


def policy(step: UserStep) -> Policy:
    """How a step counts its votes."""
    return Policy(rule=step.countersign, share=step.share, veto=step.veto, collect_all=step.collect_all)


def outcome(docket: Docket, visit: Visit) -> str | None:
    """The verb a visit is decided with; None while votes are missing.

    Returns:
        ``submit`` or ``approve`` where the seats agree, ``reject`` where they do not.
    """
    decided = votes.outcome(policy(docket.step(visit)), ballots(docket, visit))
    if decided is None:
        return None
    positive = "submit" if docket.step(visit).outcome("submit") is not None else "approve"
    return positive if decided == "yes" else "reject"


def certain(docket: Docket, visit: Visit) -> bool:
    """Whether the votes given so far settle a visit, even if the others are still to be heard."""
    return votes.certain(policy(docket.step(visit)), ballots(docket, visit)) is not None


def deciding(docket: Docket, visit: Visit, verb: str) -> Seat | None:
    """The last seat that voted the way the visit was decided: its review says what the flow goes on with."""
    agreeing = [seat for seat in docket.seats_of(visit) if seat.vote == verb and seat.state == "done"]
    voted = [seat for seat in agreeing if part(seat) == "vote"]
    return max(voted, key=lambda seat: (seat.decided_at, seat.id), default=None)


def wake(docket: Docket, visit: Visit, at: datetime) -> list[Seat]:
    """Open the seats whose turn has come, each named in the event; returns them."""
    found = votes.ready(policy(docket.step(visit)), ballots(docket, visit))
    woken = [docket.seats[seat_id] for seat_id in sorted(found)]
    for seat in woken:
        seat.state, seat.opened_at = "open", at
        docket.touch(seat)
        docket.changes.append({"type": "seat_opened", **named(seat)})
    return woken


def made(
    docket: Docket, like: Seat, *, person_id: str | None, origin: str, at: datetime, made_by: str, **values: Any
) -> Seat:
    """A further seat at the visit of another, with its deadline; named in the event.

    Args:
        like: the seat it is made from or for; its post, weight and place are taken where ``values`` give none.
    """
    taken = {name: getattr(like, name) for name in ("role", "organisation_id", "stage", "due_at", "weight", "position")}
    seat = Seat(
        id=opaque_id(),
        visit_id=like.visit_id,
        case_id=like.case_id,
        opened_at=at,
        person_id=person_id,
        origin=origin,
        parent_seat_id=like.id,
        made_by=made_by,
        **{"state": "open", **taken, **values},
    )
    docket.touch(seat)
    docket.changes.append({"type": "seat_made", **named(seat)})
    return seat


def named(seat: Seat) -> dict[str, Any]:
    """A seat as events name it: enough to make its row again."""
    members = {
        "visit": seat.visit_id,
        "role": seat.role,
        "organisation": seat.organisation_id,
        "person": seat.person_id,
        "origin": seat.origin,
        "parent": seat.parent_seat_id,
        "made_by": seat.made_by,
        "state": seat.state,
    }
    numbers = {"weight": seat.weight, "position": seat.position}
    return {"seat": seat.id, **{name: value for name, value in members.items() if value}, **numbers}


def becomes(docket: Docket, seat: Seat, state: str, reason_code: str | None = None) -> None:
    """Change the state of one seat without a vote: cancelled with its reason, transferred, delegated, waiting."""
    seat.state, seat.reason_code = state, reason_code
    docket.touch(seat)
    reason = {"reason": reason_code} if reason_code else {}
    docket.changes.append({"type": f"seat_{state}", "seat": seat.id, **reason})


def ballots(docket: Docket, visit: Visit) -> list[Ballot]:
    """The seats of a visit as the count sees them."""
    return [
        Ballot(
            id=seat.id,
            part=part(seat),
            state=seat.state,
            vote=_VOTES.get(seat.vote or "") if seat.state == "done" else None,
            weight=seat.weight,
            position=seat.position,
            parent=seat.parent_seat_id,
        )
        for seat in docket.seats_of(visit)
    ]
