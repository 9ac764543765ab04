"""What follows once a visit is decided? It closes, the engine goes on, what opens and takes effect is noted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.case import Seat, Visit
from forms.problem import Problem
from service import drawn_copies, effects, labels, recording, returns, seats
from service.acts import Act
from service.advance import Advance, cancel_seats
from service.dockets import Docket
from service.engine import Complete, EngineError
from service.errors import Problems

_EMPTY: Mapping[str, Any] = {}


def close(
    docket: Docket, visit: Visit, decided: str, at: datetime, *, seat: Seat | None, why: str | None = None
) -> None:
    """Mark a visit as decided; the seats nobody needs to hear any more close with it.

    Args:
        seat: whose word decided it; None where a dropped seat did.
        why: reason code of those seats; by the step's policy if not given.
    """
    visit.state, visit.outcome, visit.closed_at = "decided", decided, at
    docket.touch(visit)
    together = docket.step(visit).countersign != "first"
    cancel_seats(docket, visit, why or ("early_decision" if together else "decided_by_other_seat"))
    by = {"seat": seat.id} if seat else {}
    docket.changes.append({"type": "visit_decided", "visit": visit.id, **by, "vote": decided})


def _go_on(advance: Advance, command: Complete) -> None:
    try:
        advance.apply(command)
    except EngineError as fault:
        message = f"{str(fault).rstrip('。')}。请把这句话告知系统管理员，修改流程或决策表后再办理"
        found = Problem(field="", message=message, severity="error", source="流程执行", rule="")
        raise Problems([found], "流程不能继续，本次没有办理，所填内容可以暂存。") from fault


def conclude(
    session: Session,
    docket: Docket,
    visit: Visit,
    decided: str,
    act: Act,
    *,
    seat: Seat | None = None,
    params: Mapping[str, Any] = _EMPTY,
    content: Mapping[str, Any] | None = None,
) -> Advance:
    """Close a visit that is decided and let the flow go on with the facts of the deciding review.

    Args:
        params: ``resubmit`` of a reworked step.
        content: the declaration where this visit submitted it.

    Raises:
        Problems: the process cannot go on from here; the sentence names the place, such as a table without a matching row.
    """
    close(docket, visit, decided, act.at, seat=seat)
    advance = Advance(docket, act.at)
    way = returns.chosen_way(docket, visit, params)
    deciding = seats.deciding(docket, visit, decided)
    _go_on(advance, Complete(visit.engine_task, {"outcome": decided, **((deciding.facts if deciding else None) or {})}))
    if decided != "reject":
        drawn_copies.at_decision(session, docket, visit, back=False, at=act.at)
    returns.come_forward(session, docket, visit, advance, way=way, content=content)
    advance.settle(session, reason_code="decided_by_other_seat")
    for effect in advance.effects:
        docket.changes.append(effects.EFFECTS[effect.name](session, docket, act.cause))
    return advance


def decided_or_not(
    session: Session,
    docket: Docket,
    visit: Visit,
    act: Act,
    *,
    kind: str,
    verb: str,
    seat: Seat,
    reason: str,
    message: str,
) -> dict[str, Any]:
    """After somebody need not be heard any more: the visit may be decided by that; one event either way."""
    decided = seats.outcome(docket, visit)
    advance = conclude(session, docket, visit, decided, act) if decided else None
    seq = recording.record(
        session, docket, act, kind=kind, verb=verb, visit=visit, seat=seat, reason=reason, advance=advance
    )
    told = answer(docket, seq, verb=verb)
    return told if decided else {**told, "message": message}


def answer(docket: Docket, seq: int, *, verb: str) -> dict[str, Any]:
    """What the person and the API are told after a command that may have moved the case."""
    case = docket.case
    opened = [_named(visit) for visit in docket.open_visits() if visit.opened_seq == seq]
    closed = [
        {**_named(visit), "state": visit.state}
        for visit in docket.visits.values()
        if visit.changed_seq == seq and visit.state != "open"
    ]
    onward = "、".join(f"“{visit['node_name']}”" for visit in opened)
    ending = f"，{labels.stage(case.stage)}" if case.finished_at else ""
    waits = "" if closed or case.finished_at else "，本环节还须其他人员办理"
    done = f"已{labels.verb(verb)}"
    return {
        "message": f"{done}，送{onward}环节。" if onward else f"{done}{ending or waits}。",
        "case_id": case.id,
        "number": case.number,
        "seq": seq,
        "stage": case.stage,
        "stage_label": labels.stage(case.stage),
        "round": case.round,
        "finished": case.finished_at is not None,
        "opened": opened,
        "closed": closed,
        "library_no": next(
            (change["library_no"] for change in docket.changes if change["type"] == "target_admitted"), None
        ),
    }


def _named(visit: Visit) -> dict[str, Any]:
    return {"visit_id": visit.id, "node_id": visit.node_id, "node_name": visit.node_name}
