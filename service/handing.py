"""How does a seat go to another person for good? 转办 by its holder, or within the section by its chief."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.case import Seat, Visit
from service import candidates, reasons, recording, seats, sitting
from service.acts import Act, Request
from service.candidates import Chosen
from service.dockets import Docket
from service.errors import NotAllowed
from service.people import Actor

#: A seat goes from hand to hand this often at most.
LONGEST_CHAIN = 3


def transfer(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Give a seat to a colleague for good (转办); a section's chief may do so with the seats of the section.

    Args:
        request: ``params``: ``person`` who takes it, and for a chief ``seat`` if the visit has several.

    Raises:
        NotAllowed: no such seat, the step allows no transfer, or it went from hand to hand three times already.
        Problems: no reason, or what speaks against the person.
    """
    seat = _own(docket, visit, act.actor) or _led(docket, visit, act.actor, request.params.get("seat"))
    if seat is None:
        raise NotAllowed(sitting.why_no_seat(docket, visit, act.actor))
    why = _why_not(docket, visit, seat, act.actor)
    if why:
        raise NotAllowed(why)
    reason = reasons.required(request)
    scope = docket.step(visit).transfer_scope
    chosen = candidates.choose(session, docket, visit, seat, request.params.get("person"), scope=scope, at=act.at)
    behalf = sitting.principal(docket, seat, act.actor)
    taken = hand(docket, visit, seat, chosen, by=act.actor.person_id, at=act.at)
    seq = recording.record(
        session,
        docket,
        act,
        kind="seat_transferred",
        verb="transfer",
        visit=visit,
        seat=taken,
        on_behalf_of=behalf,
        reason=reason,
    )
    return {"message": f"已转办给{chosen.actor.name}。", "seq": seq, "case_id": docket.case.id}


def hand(docket: Docket, visit: Visit, seat: Seat, chosen: Chosen, *, by: str, at: datetime) -> Seat:
    """Put another person on a seat: a post's unclaimed seat is claimed for them, any other is replaced by theirs."""
    docket.touch(visit)
    if seat.person_id is None:
        seat.person_id = chosen.actor.person_id
        docket.touch(seat)
        docket.changes.append({"type": "seat_claimed", "seat": seat.id, "person": seat.person_id})
        return seat
    seats.becomes(docket, seat, "transferred")
    taken = seats.made(
        docket,
        seat,
        person_id=chosen.actor.person_id,
        origin="transfer" if seat.origin == "model" else seat.origin,
        at=at,
        # Whoever added a seat may still drop it, whoever sits there.
        made_by=by if seat.origin in ("model", "transfer") else str(seat.made_by),
        role=chosen.role,
        organisation_id=chosen.organisation_id,
    )
    for child in docket.seats_of(visit):
        if child.parent_seat_id == seat.id and child.id != taken.id:
            child.parent_seat_id = taken.id
            docket.touch(child)
            docket.changes.append({"type": "seat_follows", "seat": child.id, "parent": taken.id})
    return taken


def offers(session: Session, docket: Docket, visit: Visit, actor: Actor, at: datetime) -> list[tuple[str, str]]:
    """The verb for holders and chiefs, with why it is closed ("" if it is open)."""
    if visit.state != "open":
        return []
    seat = _own(docket, visit, actor) or _led(docket, visit, actor, None)
    return [("transfer", _why_not(docket, visit, seat, actor))] if seat is not None else []


def leads(docket: Docket, visit: Visit, actor: Actor) -> bool:
    """Whether the actor heads the section of a seat that is open at a visit."""
    return any(candidates.is_chief(actor, seat) for seat in seats.live(docket, visit))


def _own(docket: Docket, visit: Visit, actor: Actor) -> Seat | None:
    return sitting.seat_of(docket, visit, actor) if visit.state == "open" else None


def _led(docket: Docket, visit: Visit, actor: Actor, seat_id: object) -> Seat | None:
    """A voting seat of the section the actor heads: the named one, else the only one there is."""
    led = [
        seat for seat in seats.live(docket, visit) if candidates.is_chief(actor, seat) and seats.part(seat) == "vote"
    ]
    if seat_id is not None:
        return next((seat for seat in led if seat.id == seat_id), None)
    return led[0] if len(led) == 1 else None


def _why_not(docket: Docket, visit: Visit, seat: Seat, actor: Actor) -> str:
    step = docket.step(visit)
    leads = candidates.is_chief(actor, seat)
    if step.transfer_scope == "none":
        return f"“{step.name}”环节不能转办。"
    if seats.part(seat) != "vote":
        return "加签、委派的席位不能转办，请由发起人减签或收回后另选人员。"
    if seat.person_id is None and not leads:
        return "请先领取，再转办。"
    if seat.state != "open":
        return "该席位正在等待加签或委派的意见，请先答复或收回。"
    if _chain(docket, seat) >= LONGEST_CHAIN:
        return f"本事项已转办 {LONGEST_CHAIN} 次，不能再转办，请办理或由科室负责人协调。"
    return ""


def _chain(docket: Docket, seat: Seat) -> int:
    count, one = 0, seat
    while one.parent_seat_id and docket.seats[one.parent_seat_id].state == "transferred":
        count, one = count + 1, docket.seats[one.parent_seat_id]
    return count
