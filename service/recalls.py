"""May somebody take back what they did? 撤回 of one's own last decision, 撤件 of the whole case by its initiator."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import Seat, Visit
from db.event import Event
from service import closing, labels, reasons, recording, reopening, seats, withdrawals
from service.acts import Act, Request
from service.advance import Advance
from service.decisions import BACK
from service.dockets import Docket
from service.engine import UserStep
from service.engine.order import comes_before
from service.errors import NotAllowed
from service.people import Actor
from service.replay import EFFECTS

#: Reason code of what is closed and kind of the event, by verb.
_WORDS = {"recall": ("recalled", "decision_recalled"), "withdraw_case": ("withdrawn", "case_withdrawn")}
_KEEPING = tuple(kind for _, kind in _WORDS.values())
_DONE = frozenset(EFFECTS.values())


def recall(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Take back one's own last decision (撤回): the step is open again for the same person, with what was written.

    Nobody downstream may have decided yet; their open tasks are closed with the reason ``recalled``. Where several decide
    together the other votes stay as they are.

    Raises:
        NotAllowed: there is nothing of the actor's to take back, or it is too late for one of the reasons told.
        Problems: no reason was given.
    """
    seat = own_seat(docket, visit, act.actor)
    if seat is None:
        raise NotAllowed("您在本环节没有可以撤回的办理。")
    reason = reasons.required(request)
    since = _since(session, docket, seat)
    _refuse(_late(docket, visit, seat, act.at) or _blocked(docket, visit, seat) or _effects(since))
    return _undone(session, docket, visit, seat, since[0], request, act, reason)


def withdraw(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Take the whole case back to its draft before any reviewer has decided (撤件); later ask those who have it for it.

    Args:
        visit: any visit of the case.

    Raises:
        NotAllowed: the actor did not initiate the case, it is at its draft, or somebody has decided already.
        Problems: no reason was given.
    """
    if docket.case.initiator_id != act.actor.person_id:
        raise NotAllowed("只有发起人可以撤件。")
    drafted = _drafted(docket)
    why = _why_not_withdraw(docket, drafted)
    if why and drafted is not None and docket.bundle.release.withdrawal == "consent":
        return withdrawals.ask(session, docket, visit, request, act)
    reason = reasons.required(request)
    _refuse(why)
    assert drafted is not None  # noqa: S101 - refused above
    seat = _drafter(docket, drafted)
    since = _since(session, docket, seat)
    _refuse(_effects(since))
    return _undone(session, docket, drafted, seat, since[0], request, act, reason)


def offers(session: Session, docket: Docket, visit: Visit, actor: Actor, at: datetime) -> list[tuple[str, str]]:
    """The two verbs where they are the actor's to use, with why they are not allowed ("" if they are)."""
    found = []
    seat = own_seat(docket, visit, actor)
    if seat is not None:
        why = _late(docket, visit, seat, at) or _blocked(docket, visit, seat)
        found.append(("recall", why or _effects(_since(session, docket, seat))))
    if docket.case.initiator_id == actor.person_id and (drafted := _drafted(docket)) is not None:
        why = _why_not_withdraw(docket, drafted)
        if why and docket.bundle.release.withdrawal == "consent":
            why = withdrawals.why_not_ask(session, docket)
        elif not why:
            why = _effects(_since(session, docket, _drafter(docket, drafted)))
        found.append(("withdraw_case", why))
    return found


def own_seat(docket: Docket, visit: Visit, actor: Actor) -> Seat | None:
    """The seat of a visit the actor has decided at, in person or through a substitute; None if there is none."""
    if visit.state not in ("open", "decided"):
        return None
    done = [seat for seat in docket.seats_of(visit) if seat.state == "done" and seats.part(seat) == "vote"]
    if visit.outcome in BACK:
        # A return is one person's word; only that person can take it back.
        done = [seat for seat in done if seat.vote == visit.outcome]
    return next((seat for seat in done if actor.person_id in (seat.decided_by, seat.on_behalf_of)), None)


def _late(docket: Docket, visit: Visit, seat: Seat, at: datetime) -> str:
    step = docket.step(visit)
    if docket.case.finished_at is not None:
        return f"本事项已办结（{labels.stage(docket.case.stage)}），不能撤回。"
    if not step.recall_hours:
        return f"“{step.name}”环节的办理不能撤回。"
    if seat.decided_at is None or at - seat.decided_at > timedelta(hours=step.recall_hours):
        return f"已超过 {step.recall_hours} 小时的撤回时限，不能撤回；如须更正，请与下一环节联系退回。"
    return ""


def _blocked(docket: Docket, visit: Visit, seat: Seat) -> str:
    """Why what has happened since keeps a decision from being taken back."""
    step = docket.step(visit)
    if step.irreversible and visit.state == "decided":
        return f"“{step.name}”的办理已经生效，不可撤回。"
    if visit.state == "open":
        return _followed_here(docket, visit, seat)
    back = visit.outcome in BACK
    for other in docket.seats.values():
        where = docket.visits[other.visit_id]
        if not back and not comes_before(docket.bundle.release, visit.node_id, where.node_id):
            continue
        if other.id != seat.id and _acted_since(other, where, seat, visit):
            return f"“{where.node_name}”已有人{_did(other)}，不能撤回。"
    return _closed_with(docket, visit, step, back)


def _acted_since(other: Seat, where: Visit, seat: Seat, visit: Visit) -> bool:
    if where.id == visit.id:
        return False
    if other.state == "done":
        return bool(other.decided_at and seat.decided_at and other.decided_at >= seat.decided_at)
    return where.opened_seq >= visit.changed_seq and other.state in ("transferred", "delegated")


def _closed_with(docket: Docket, visit: Visit, step: UserStep, back: bool) -> str:
    for other in docket.visits.values():
        if other.state != "cancelled" or not (other.closed_at and visit.closed_at):
            continue
        reached = back or comes_before(docket.bundle.release, visit.node_id, other.node_id)
        if other.reason_code == "jumped_over" and reached and other.closed_at >= visit.closed_at:
            return "之后已经跳转，不能撤回。"
        if back and other.closed_at == visit.closed_at and other.reason_code == "returned":
            return f"退回时同时关闭了“{other.node_name}”的待办，不能撤回；请由“{step.name}”之前的环节重新报送。"
    return ""


def _followed_here(docket: Docket, visit: Visit, seat: Seat) -> str:
    """Votes that were given because of this one: of those asked to speak after it, or next in order."""
    in_order = docket.step(visit).countersign == "sequential"
    for other in docket.seats_of(visit):
        later = other.parent_seat_id == seat.id or (in_order and other.position > seat.position)
        if later and other.id != seat.id and other.state == "done" and seats.part(other) != "before":
            return f"本环节在您之后已有人{_did(other)}，不能撤回。"
    return ""


def _did(seat: Seat) -> str:
    return {"transferred": "转办", "delegated": "委派"}.get(seat.state) or labels.verb(seat.vote) or "办理"


def _effects(since: Sequence[Event]) -> str:
    if any(change["type"] in _DONE for event in since for change in event.changes):
        return "之后的流程已经生效（如登记入库），不可撤回。"
    return ""


def _since(session: Session, docket: Docket, seat: Seat) -> Sequence[Event]:
    """The event of a seat's decision and everything after it, oldest first.

    A vote that was kept when a colleague's was taken back was given at another seat.
    """
    voted = select(Event.changes).where(Event.case_id == docket.case.id, Event.kind.in_(_KEEPING))
    kept = {
        change["seat"]: change["of"]
        for changes in session.scalars(voted)
        for change in changes
        if change["type"] == "vote_kept"
    }
    given = seat.id
    while given in kept:
        given = kept[given]
    own = select(Event.seq).where(Event.case_id == docket.case.id, Event.seat == given)
    start = own.order_by(Event.seq.desc()).limit(1).scalar_subquery()
    wanted = select(Event).where(Event.case_id == docket.case.id, Event.seq >= start)
    return session.scalars(wanted.order_by(Event.seq)).all()


def _drafted(docket: Docket) -> Visit | None:
    """The drafter's last submission that still stands; None while the case is at its draft or finished."""
    if docket.case.finished_at is not None:
        return None
    submitted = [visit for visit in docket.visits.values() if visit.state == "decided" and visit.outcome == "submit"]
    return max(submitted, key=lambda visit: visit.closed_at or visit.opened_at, default=None)


def _drafter(docket: Docket, drafted: Visit) -> Seat:
    """Where the submission was decided."""
    return next(seat for seat in docket.seats_of(drafted) if seat.state == "done")


def _why_not_withdraw(docket: Docket, drafted: Visit | None) -> str:
    if drafted is None:
        return "本事项在填报环节或已办结，无需撤件。"
    for other in docket.seats.values():
        where = docket.visits[other.visit_id]
        after = other.decided_at and drafted.closed_at and other.decided_at >= drafted.closed_at
        if other.state == "done" and after and where.id != drafted.id:
            return f"“{where.node_name}”已有人{_did(other)}，不能撤件；如须修改，请与该环节联系退回。"
    return ""


def _refuse(why: str) -> None:
    if why:
        raise NotAllowed(why)


def _undone(
    session: Session, docket: Docket, visit: Visit, seat: Seat, decided: Event, request: Request, act: Act, reason: str
) -> dict[str, Any]:
    advance, behalf = Advance(docket, act.at), seat.on_behalf_of
    why, kind = _WORDS[request.verb]
    opened = reopening.reopen(session, docket, visit, seat, decided, advance, why=why)
    behalf = behalf if behalf != act.actor.person_id else None
    seq = recording.record(
        session,
        docket,
        act,
        kind=kind,
        verb=request.verb,
        visit=visit,
        seat=seat,
        on_behalf_of=behalf,
        reason=reason,
        advance=advance,
    )
    return {**closing.answer(docket, seq, verb=request.verb), "visit_id": opened.id}
