"""Who takes over what a person leaves behind? All open seats of a leaver in one act, one event a case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import CaseFile, Seat, Visit
from service import access, advice, candidates, closing, dockets, handing, reasons, recording, seats, sitting
from service.acts import Act, Request
from service.advance import Advance
from service.dockets import Docket
from service.errors import NotAllowed, Problems
from service.people import Actor
from service.rules.votes import LIVE


def hand_over(
    session: Session,
    *,
    actor: Actor,
    leaver_id: str,
    to_id: str | None,
    reason: str,
    at: datetime,
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> dict[str, Any]:
    """Hand over every open seat of somebody who leaves (离岗移交): to a named successor, or back to the post.

    The system administrator hands over all of them, a section's chief those of the section. Questions and added seats
    that did not vote are closed; whoever asked goes on without them.

    Args:
        to_id: who takes over; where a seat cannot go to this person, or nobody is named, it goes back to its post.

    Returns:
        ``batch`` (every event names it), ``moved``, ``put_back`` and ``kept`` (with ``why``): lists of case_id, visit_id.

    Raises:
        NotAllowed: the actor may hand over none of the seats.
        Problems: no reason was given.
    """
    request = Request("hand_over", {}, reason, (), {"person": to_id} if to_id else {})
    reasons.required(request)
    act = Act(actor=actor, at=at, client=client, simulated=simulated)
    held = select(Seat).where(Seat.person_id == leaver_id, Seat.state.in_(LIVE)).order_by(Seat.case_id)
    mine = [seat for seat in session.scalars(held) if _may(actor, seat)]
    if not mine:
        raise NotAllowed("没有您可以移交的事项：此人没有未办事项，或不在您负责的科室。")
    answer: dict[str, Any] = {"batch": opaque_id(), "moved": [], "put_back": [], "kept": []}
    for case_id in dict.fromkeys(seat.case_id for seat in mine):
        docket = dockets.locked(session, case_id)
        _hand_over_case(session, docket, leaver_id, request, act, answer)
    return answer


def named(session: Session, answer: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Number and title of the cases a handover touched, by their id."""
    wanted = {row["case_id"] for how in ("moved", "put_back", "kept") for row in answer[how]}
    statement = select(CaseFile.id, CaseFile.number, CaseFile.title).where(CaseFile.id.in_(wanted))
    return {row.id: {"number": row.number, "title": row.title} for row in session.execute(statement)}


def _may(actor: Actor, seat: Seat) -> bool:
    return access.allowed(actor, "person.manage") or candidates.is_chief(actor, seat)


def _hand_over_case(
    session: Session, docket: Docket, leaver_id: str, request: Request, act: Act, answer: dict[str, Any]
) -> None:
    advances: list[Advance] = []
    for seat in [one for one in docket.seats.values() if one.person_id == leaver_id and one.state in LIVE]:
        visit = docket.visits[seat.visit_id]
        if seat.state not in LIVE or not _may(act.actor, seat):
            continue
        how, why = _settle(session, docket, visit, seat, request, act)
        decided = seats.outcome(docket, visit) if visit.state == "open" else None
        if decided:
            advances.append(closing.conclude(session, docket, visit, decided, act))
        said = {"why": why} if why else {}
        answer[how].append({"case_id": docket.case.id, "visit_id": visit.id, **said})
    if docket.changes:
        docket.changes.append({"type": "batch", "batch": answer["batch"]})
        advance = Advance(docket, act.at, commands=[command for one in advances for command in one.commands])
        reason = request.reason
        recording.record(
            session, docket, act, kind="seat_handed_over", verb="hand_over", reason=reason, advance=advance
        )


def _settle(session: Session, docket: Docket, visit: Visit, seat: Seat, request: Request, act: Act) -> tuple[str, str]:
    """What becomes of one seat: its list in the answer, and why it stays where it is ("" if it does not)."""
    if seats.part(seat) == "advice":
        advice.end(docket, visit, seat, "principal_left", act.at)
        return "put_back", ""
    if seats.part(seat) != "vote":
        seats.becomes(docket, seat, "cancelled", "principal_left")
        docket.touch(visit)
        seats.wake(docket, visit, act.at)
        return "put_back", ""
    for asked in docket.seats_of(visit):
        if asked.parent_seat_id == seat.id and seats.part(asked) == "advice" and asked.state in LIVE:
            advice.end(docket, visit, asked, "principal_left", act.at)
    why = "没有指定接办人"
    if request.params:
        try:
            person, scope = request.params["person"], docket.step(visit).transfer_scope
            chosen = candidates.choose(session, docket, visit, seat, person, scope=scope, at=act.at)
            handing.hand(docket, visit, seat, chosen, by=act.actor.person_id, at=act.at)
            return "moved", ""
        except Problems as refused:
            why = "；".join(problem.message for problem in refused.problems)
    if sitting.of_group(docket, seat):
        seat.person_id = None
        docket.touch(seat)
        docket.touch(visit)
        docket.changes.append({"type": "seat_unclaimed", "seat": seat.id, "person": None})
        return "put_back", ""
    return "kept", why
