"""How does a decision come undone? The step opens again for the same person; what it had moved is put back."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.case import Finding, Seat, Visit
from db.event import Event
from db.form import FormDraft
from service import revisions, seats
from service.advance import Advance
from service.decisions import BACK
from service.dockets import Docket
from service.engine import MoveRefused
from service.errors import NotAllowed

_VOTE = ("vote", "opinion", "facts", "review_revision_id", "decided_by", "decided_at", "on_behalf_of")


def reopen(
    session: Session, docket: Docket, visit: Visit, seat: Seat, decided: Event, advance: Advance, *, why: str
) -> Visit:
    """Open a step again as it was before a seat decided at it.

    Args:
        decided: the event of the decision.
        why: reason code of what is closed by it: ``recalled`` or ``withdrawn``.

    Returns:
        The open visit: the same one if it was not decided yet, else a new one with the other votes as they were.

    Raises:
        NotAllowed: the engine cannot go back there; the sentence says why.
    """
    code, content = _content(session, docket, seat, visit)
    opinion = seat.opinion
    if visit.state == "open":
        _take_back(docket, seat, advance.at)
        mine = seat
        docket.touch(visit)
    else:
        mine = _again(session, docket, visit, seat, advance, why)
        _put_back(session, docket, visit, decided, why)
    opened = docket.visits[mine.visit_id]
    place = {"form_code": code, "seat_id": seats.writes(docket, opened, mine)[1]}
    draft = {"content": content, "opinion": opinion, "version": 1}
    saved = {"saved_by": str(seat.person_id), "saved_at": advance.at}
    docket.beside.append(FormDraft(visit_id=opened.id, case_id=docket.case.id, **place, **draft, **saved))
    return opened


def _again(session: Session, docket: Docket, visit: Visit, seat: Seat, advance: Advance, why: str) -> Seat:
    standing = docket.open_visits()
    # A round that was not is not counted; what opens now belongs to the one before.
    docket.case.round -= visit.outcome == "return"
    try:
        advance.move(visit.node_id, origin=standing[0].engine_task if standing else None)
    except MoveRefused as refused:
        raise NotAllowed(f"不能撤回到该环节：{refused}") from refused
    visit.state, visit.reason_code = "superseded", why
    docket.touch(visit)
    docket.changes.append({"type": "visit_superseded", "visit": visit.id, "node": visit.node_id, "reason": why})
    voted = [other for other in docket.seats_of(visit) if other.id != seat.id and _stands(other)]
    opened = next(made for made in advance.settle(session, reason_code=why) if made.node_id == visit.node_id)
    return _seat_again(docket, opened, seat, voted, advance.at)


def _stands(seat: Seat) -> bool:
    return seat.state == "done" and seats.part(seat) == "vote"


def _seat_again(docket: Docket, opened: Visit, seat: Seat, voted: list[Seat], at: datetime) -> Seat:
    """My seat at the new visit is mine; votes of the others stand as they were given."""
    free = docket.seats_of(opened)
    like = free[0]
    for old in voted:
        new = next((one for one in free if one.person_id == old.person_id), None)
        free = [one for one in free if one is not new]
        new = new or _copied(docket, opened, like, old, at)
        for name in ("state", *_VOTE):
            setattr(new, name, getattr(old, name))
        docket.touch(new)
        docket.changes.append({"type": "vote_kept", "seat": new.id, "of": old.id, "vote": old.vote})
    mine = next((one for one in free if one.person_id == seat.person_id), None)
    same_post = bool(free) and (free[0].role, free[0].organisation_id) == (seat.role, seat.organisation_id)
    if mine is None and same_post and docket.step(opened).countersign == "first":
        mine = free[0]
        mine.person_id = seat.person_id
        docket.touch(mine)
        docket.changes.append({"type": "seat_claimed", "seat": mine.id, "person": mine.person_id})
    mine = mine or _copied(docket, opened, like, seat, at)
    seats.wake(docket, opened, at)
    return mine


def _copied(docket: Docket, opened: Visit, like: Seat, old: Seat, at: datetime) -> Seat:
    values = {name: getattr(old, name) for name in ("role", "organisation_id", "weight", "position")}
    return seats.made(
        docket,
        like,
        person_id=old.person_id,
        origin=old.origin,
        at=at,
        made_by=str(old.made_by or old.person_id),
        **values,
    )


def _take_back(docket: Docket, seat: Seat, at: datetime) -> None:
    """A vote at a visit that is still open: the seat is open again, and who came after it waits again."""
    seat.state = "open"
    for name in _VOTE:
        setattr(seat, name, None)
    docket.touch(seat)
    docket.changes.append({"type": "vote_taken_back", "seat": seat.id})
    in_order = docket.step(docket.visits[seat.visit_id]).countersign == "sequential"
    for other in docket.seats_of(docket.visits[seat.visit_id]):
        after = seats.part(other) == "after" and other.parent_seat_id == seat.id
        next_in_order = in_order and seats.part(other) == "vote" and other.position > seat.position
        if other.state == "open" and (after or next_in_order):
            other.state = "waiting"
            docket.touch(other)
            docket.changes.append({"type": "seat_waiting", "seat": other.id})


def _put_back(session: Session, docket: Docket, visit: Visit, decided: Event, why: str) -> None:
    """Round, instruction, other visits and findings as they were before the decision."""
    back = visit.outcome in BACK
    was = next(_of(decided, "resubmission_was"), None)
    instruction = dict(was["instruction"]) if was else None
    restored = {change["visit"] for change in _of(decided, "visit_superseded" if back else "visit_restored")}
    for other in (docket.visits[visit_id] for visit_id in sorted(restored)):
        other.state, other.reason_code = ("decided", None) if back else ("superseded", "returned")
        docket.touch(other)
        kind = "visit_restored" if back else "visit_superseded"
        docket.changes.append({"type": kind, "visit": other.id, "node": other.node_id})
    if restored and instruction and not back:
        instruction["seq"] = docket.next_seq
    docket.put(condition=was["condition"] if was else why, resubmission=instruction)
    _put_back_findings(session, docket, decided)


def _put_back_findings(session: Session, docket: Docket, decided: Event) -> None:
    """Findings of the decision are withdrawn; answers given with it may be given anew."""
    for kind, state, said in (
        ("finding_raised", "withdrawn", "finding_withdrawn"),
        ("finding_answered", "open", "finding_reopened"),
    ):
        found = [change["finding"] for change in _of(decided, kind)]
        if found:
            session.execute(update(Finding).where(Finding.id.in_(found)).values(state=state))
            docket.changes.extend({"type": said, "finding": finding} for finding in found)


def _of(event: Event, kind: str) -> Iterator[Mapping[str, Any]]:
    return (change for change in event.changes if change["type"] == kind)


def _content(session: Session, docket: Docket, seat: Seat, visit: Visit) -> tuple[str, dict[str, Any]]:
    code, own = seats.writes(docket, visit, seat)
    kept = revisions.one(session, seat.review_revision_id if own else docket.case.form_revision_id)
    return code, dict(kept.content) if kept else {}
