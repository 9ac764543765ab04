"""How does somebody ask another's advice and still decide? 委派, its answer 答复委派, and taking the question back."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.case import Seat, Visit
from service import candidates, duties, reasons, recording, seats, sitting
from service.acts import Act, Request
from service.dockets import Docket
from service.errors import NotAllowed
from service.people import Actor


def delegate(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Ask a person for advice (委派): they answer, the seat comes back, its holder decides.

    Args:
        request: ``params``: ``person`` who is asked.

    Raises:
        NotAllowed: no seat of one's own here, or the step lets nobody be asked.
        Problems: no reason, or what speaks against the person.
    """
    seat = sitting.require_seat(docket, visit, act.actor)
    if why := _why_not(docket, visit, seat):
        raise NotAllowed(why)
    reason, behalf = reasons.required(request), sitting.principal(docket, seat, act.actor)
    scope = docket.step(visit).add_sign
    chosen = candidates.choose(session, docket, visit, seat, request.params.get("person"), scope=scope, at=act.at)
    seats.becomes(docket, seat, "delegated")
    docket.touch(visit)
    asked = seats.made(docket, seat, origin="advice", at=act.at, made_by=str(seat.person_id), **chosen.sits)
    seq = recording.record(
        session,
        docket,
        act,
        kind="seat_delegated",
        verb="delegate",
        visit=visit,
        seat=asked,
        on_behalf_of=behalf,
        reason=reason,
    )
    told = f"已请{chosen.actor.name}提供意见，答复后由您办理。"
    return {"message": told, "seq": seq, "case_id": docket.case.id}


def resolve(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Answer a question one was asked (答复委派); the asker decides, and this decides nothing.

    Raises:
        NotAllowed: the actor was not asked here, or a duty speaks against it.
        Problems: no advice was written.
    """
    seat = sitting.require_seat(docket, visit, act.actor)
    if seats.part(seat) != "advice":
        raise NotAllowed("没有人委派您在本环节提供意见。")
    duties.require(docket, docket.step(visit), act.actor, sitting.principal(docket, seat, act.actor))
    opinion, behalf = reasons.required(request), sitting.principal(docket, seat, act.actor)
    seat.state, seat.vote, seat.opinion = "done", "resolve", opinion
    seat.decided_by, seat.decided_at, seat.on_behalf_of = act.actor.person_id, act.at, behalf
    docket.touch(seat)
    docket.changes.append({"type": "seat_voted", "visit": visit.id, "seat": seat.id, "vote": "resolve"})
    _give_back(docket, visit, seat, act.at)
    seq = recording.record(
        session,
        docket,
        act,
        kind="advice_given",
        verb="resolve",
        visit=visit,
        seat=seat,
        on_behalf_of=behalf,
        reason=opinion,
    )
    return {"message": "意见已答复，由委派人办理。", "seq": seq, "case_id": docket.case.id}


def undelegate(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Take a question back before it is answered (收回委派); the seat is open again.

    Raises:
        NotAllowed: the actor has asked nobody here who has not answered yet.
        Problems: no reason was given.
    """
    asked = _asked(docket, visit, act.actor)
    if asked is None:
        raise NotAllowed("您在本环节没有等待答复的委派。")
    reason = reasons.required(request)
    end(docket, visit, asked, "recalled", act.at)
    seq = recording.record(
        session, docket, act, kind="delegation_ended", verb="undelegate", visit=visit, seat=asked, reason=reason
    )
    return {"message": "委派已收回，由您办理。", "seq": seq, "case_id": docket.case.id}


def end(docket: Docket, visit: Visit, asked: Seat, reason_code: str, at: datetime) -> None:
    """Close a question without an answer and give the seat back to whoever asked."""
    seats.becomes(docket, asked, "cancelled", reason_code)
    _give_back(docket, visit, asked, at)


def offers(session: Session, docket: Docket, visit: Visit, actor: Actor, at: datetime) -> list[tuple[str, str]]:
    """The verbs for whoever asks and whoever was asked, with why they are closed ("" if they are open)."""
    if visit.state != "open":
        return []
    seat = sitting.seat_of(docket, visit, actor)
    if seat is not None and seats.part(seat) == "advice":
        return [("resolve", "")]
    found = [("delegate", _why_not(docket, visit, seat))] if seat is not None else []
    return [*found, *([("undelegate", "")] if _asked(docket, visit, actor) else [])]


def _asked(docket: Docket, visit: Visit, actor: Actor) -> Seat | None:
    return next(
        (
            seat
            for seat in docket.seats_of(visit)
            if seats.part(seat) == "advice" and seat.state == "open" and seat.made_by == actor.person_id
        ),
        None,
    )


def _give_back(docket: Docket, visit: Visit, asked: Seat, at: datetime) -> None:
    owner = docket.seats[str(asked.parent_seat_id)]
    docket.touch(visit)
    if owner.state != "delegated":
        return
    owner.state, owner.opened_at = "open", at
    docket.touch(owner)
    docket.changes.append({"type": "seat_opened", "seat": owner.id})


def _why_not(docket: Docket, visit: Visit, seat: Seat) -> str:
    step = docket.step(visit)
    if step.add_sign == "none" or step.outcome("submit") is not None:
        return f"“{step.name}”环节不能委派他人提供意见。"
    if seats.part(seat) == "advice":
        return "您是受托提供意见的，不能再委派。"
    return "请先领取，再委派。" if seat.person_id is None else ""
