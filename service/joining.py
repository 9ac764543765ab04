"""Who else has to be heard before a step is decided? 加签 before, after or beside a seat, and 减签 of such a seat."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from db.case import Seat, Visit
from forms.problem import Problem
from service import candidates, closing, reasons, recording, seats, sitting
from service.acts import Act, Request
from service.candidates import Chosen
from service.dockets import Docket
from service.errors import NotAllowed, Problems
from service.people import Actor
from service.rules.votes import LIVE

#: How a seat may be added, and what people call it.
WAYS: Mapping[str, str] = MappingProxyType({"before": "前加签", "after": "后加签", "parallel": "并加签"})
ADDED = frozenset({"add_before", "add_after", "add_parallel"})
#: Whoever was added may add others, and these nobody.
DEEPEST = 2


def add_seat(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Add a person to a step in this round (加签).

    *before*: they speak first, the own seat waits. *after*: the own vote counts only once they have spoken. *parallel*:
    they vote as well from now on.

    Args:
        request: ``params``: ``person`` and ``kind`` (before, after, parallel).

    Raises:
        NotAllowed: no claimed seat of one's own, the step allows none, or added seats would nest too deeply.
        Problems: no reason, an unknown kind, before and after together, or what speaks against the person.
    """
    seat = sitting.require_seat(docket, visit, act.actor)
    if why := _why_not(docket, visit, seat):
        raise NotAllowed(why)
    kind = _kind(docket, visit, seat, request.params.get("kind"))
    reason, behalf = reasons.required(request), sitting.principal(docket, seat, act.actor)
    scope = docket.step(visit).add_sign
    chosen = candidates.choose(session, docket, visit, seat, request.params.get("person"), scope=scope, at=act.at)
    added = _added(docket, visit, seat, kind, chosen, act)
    told: dict[str, Any] = {"kind": "seat_added", "verb": "add_seat", "reason": reason}
    seq = recording.record(session, docket, act, visit=visit, seat=added, on_behalf_of=behalf, **told)
    return {"message": f"已{WAYS[kind]}：{chosen.actor.name}。", "seq": seq, "case_id": docket.case.id}


def _added(docket: Docket, visit: Visit, seat: Seat, kind: str, chosen: Chosen, act: Act) -> Seat:
    docket.touch(visit)
    if kind == "before":
        seats.becomes(docket, seat, "waiting")
    last = max(other.position for other in docket.seats_of(visit))
    # It waits until its turn comes, which may be at once.
    place: dict[str, Any] = {"state": "waiting", "position": last + 1, "weight": 1}
    by = act.actor.person_id
    added = seats.made(docket, seat, origin=f"add_{kind}", at=act.at, made_by=by, **chosen.sits, **place)
    seats.wake(docket, visit, act.at)
    return added


def drop_seat(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Take back an added seat that has not spoken (减签); the step may be decided by that.

    Args:
        request: ``params``: ``seat``, not needed if the actor added only one.

    Raises:
        NotAllowed: the actor added no such seat, or it has spoken already.
        Problems: no reason was given.
    """
    wanted = request.params.get("seat")
    mine = [seat for seat in _droppable(docket, visit, act.actor) if wanted in (None, seat.id)]
    if not mine:
        raise NotAllowed("只能减去您自己加签、且对方还没有办理的席位。")
    reason, (seat, *_) = reasons.required(request), mine
    seats.becomes(docket, seat, "cancelled", "dropped")
    docket.touch(visit)
    for below in docket.seats_of(visit):
        if below.parent_seat_id == seat.id and below.state in LIVE:
            seats.becomes(docket, below, "cancelled", "dropped")
    seats.wake(docket, visit, act.at)
    return closing.decided_or_not(
        session, docket, visit, act, kind="seat_dropped", verb="drop_seat", seat=seat, reason=reason, message="已减签。"
    )


def offers(session: Session, docket: Docket, visit: Visit, actor: Actor, at: datetime) -> list[tuple[str, str]]:
    """The verbs for holders and for those who added somebody, with why they are closed ("" if they are open)."""
    if visit.state != "open":
        return []
    seat = sitting.seat_of(docket, visit, actor)
    found = [("add_seat", _why_not(docket, visit, seat))] if seat is not None else []
    return [*found, *([("drop_seat", "")] if _droppable(docket, visit, actor) else [])]


def _droppable(docket: Docket, visit: Visit, actor: Actor) -> list[Seat]:
    return [
        seat
        for seat in docket.seats_of(visit)
        if seat.origin in ADDED and seat.made_by == actor.person_id and seat.state in LIVE
    ]


def _why_not(docket: Docket, visit: Visit, seat: Seat) -> str:
    step = docket.step(visit)
    if step.add_sign == "none" or step.outcome("submit") is not None:
        return f"“{step.name}”环节不能加签。"
    if seats.part(seat) == "advice":
        return "您是受托提供意见的，不能加签。"
    if seat.person_id is None:
        return "请先领取，再加签。"
    if step.collect_all and seats.certain(docket, visit):
        return "表决结果已定，不能再加签；其余人员仍可以写意见。"
    return f"加签最多 {DEEPEST} 层，不能再加签。" if _depth(docket, seat) >= DEEPEST else ""


def _depth(docket: Docket, seat: Seat) -> int:
    depth, one = 0, seat
    while True:
        depth += one.origin in ADDED
        if one.parent_seat_id is None:
            return depth
        one = docket.seats[one.parent_seat_id]


def _kind(docket: Docket, visit: Visit, seat: Seat, wanted: object) -> str:
    kind = str(wanted or "")
    if kind not in WAYS:
        raise Problems([_problem(f"请选择加签方式：{'、'.join(WAYS.values())}")])
    other = {"before": "add_after", "after": "add_before"}.get(kind)
    own = (one for one in docket.seats_of(visit) if one.parent_seat_id == seat.id and one.state in LIVE)
    if any(one.origin == other for one in own):
        raise Problems([_problem("同一席位不能既前加签又后加签，请先减签")])
    if seats.part(seat) != "vote" and kind == "parallel":
        raise Problems([_problem("加签人员不参加表决，不能并加签，请选择前加签或后加签")])
    return kind


def _problem(message: str) -> Problem:
    return Problem(field="kind", message=message, severity="error", source="加签规则（基本规定 §3.5）")
