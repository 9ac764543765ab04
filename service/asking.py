"""Whom could a person name in each verb that asks for somebody: 转办, 委派, 加签, 抄送?"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service import beginnings, candidates, dockets, seats, sitting
from service.people import Actor


def people(session: Session, visit_id: str, *, actor: Actor, at: datetime) -> dict[str, list[dict[str, Any]]]:
    """People to choose from by verb: ``person_id``, ``name``, ``post`` each; the actor is never among them.

    Whether somebody may is decided, with the reason, when they are named. ``drop_seat`` lists the seats that were
    added and have not spoken. Empty lists where there is nobody, or the visit is closed.

    Raises:
        NotFound: no such visit, or it is not the actor's to see.
    """
    case, _ = beginnings.case_of(session, visit_id, actor)
    docket = dockets.read(session, case)
    visit = docket.visits[visit_id]
    like = sitting.seat_of(docket, visit, actor) or next(iter(docket.seats_of(visit)), None)
    if like is None:
        return {}
    step = docket.step(visit)
    scopes: dict[str, str] = {
        "transfer": step.transfer_scope,
        "delegate": step.add_sign,
        "add_seat": step.add_sign,
        "cc": "any",
    }
    read: dict[str, list[dict[str, Any]]] = {
        scope: candidates.people_for(session, like, scope=scope, at=at)
        for scope in {scope for scope in scopes.values() if scope != "none"}
    }
    found = {verb: _others(read.get(scope, []), actor) for verb, scope in scopes.items()}
    names = sitting.names(session, [seat.person_id for seat in docket.seats_of(visit)])
    found["drop_seat"] = [
        {"person_id": seat.id, "name": names.get(seat.person_id or "", ""), "post": ""}
        for seat in docket.seats_of(visit)
        if seat.made_by == actor.person_id and seat.state in ("open", "waiting") and seats.part(seat) != "advice"
    ]
    return found


def colleagues(session: Session, *, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """Everybody but the actor who decides anything today: ``person_id``, ``name``, ``post`` each, once."""
    return _others(candidates.people_for(session, None, scope="any", at=at), actor)


def _others(found: list[dict[str, Any]], actor: Actor) -> list[dict[str, Any]]:
    """Each person once, in the first post they were found in."""
    others = {one["person_id"]: one for one in reversed(found) if one["person_id"] != actor.person_id}
    return list(reversed(others.values()))
