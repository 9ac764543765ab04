"""What does a verb do at a step? One decision: rights, form, rules, engine, event and rows, in one transaction."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from db.case import Visit
from service import deciding, dockets, duties, findings, history, labels, returns, sitting, targets
from service.acts import Act, Request
from service.advance import Advance, cancel_seats
from service.deciding import Deciding
from service.dockets import Docket
from service.engine import Complete
from service.errors import NotAllowed, Stale
from service.history import Entry

KINDS = {
    "submit": "form_submitted",
    "approve": "visit_approved",
    "reject": "visit_rejected",
    "return": "visit_returned",
    "consult": "visit_consulted",
}


def decide(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Decide at an open visit.

    Raises:
        Stale: the visit is closed already; what happened since is told.
        NotAllowed: no seat here, a duty speaks against it, or the step does not offer the verb.
        Problems: everything that is wrong with form, reason, findings or target, at once.
    """
    step = docket.step(visit)
    seat = sitting.require_seat(docket, visit, act.actor)
    duties.require(docket, step, act.actor)
    if step.outcome(request.verb) is None:
        offered = "、".join(outcome.label for outcome in step.outcomes)
        raise NotAllowed(f"“{step.name}”环节不能{labels.verb(request.verb)}，可办理：{offered}。")
    one = Deciding(session, docket, visit, step, seat, request, act)
    deciding.read(one)
    _take_seat(one)
    advance = _HANDLERS[request.verb](one)
    advance.settle(
        session, reason_code="returned" if request.verb in ("return", "consult") else "decided_by_other_seat"
    )
    _effects(one, advance)
    seq = dockets.write(session, docket, _entry(one, advance), at=act.at)
    return answer(session, docket, advance, seq, verb=request.verb)


def _take_seat(one: Deciding) -> None:
    """Mark seat and visit as decided; the others' seats at this visit close with it."""
    seat, visit, verb = one.seat, one.visit, one.request.verb
    seat.person_id = seat.person_id or one.actor.person_id
    seat.state, seat.vote, seat.opinion = "done", verb, one.reason
    seat.decided_by, seat.decided_at = one.actor.person_id, one.at
    visit.state, visit.outcome, visit.closed_at = "decided", verb, one.at
    docket = one.docket
    docket.touch(seat)
    docket.touch(visit)
    cancel_seats(docket, visit, "decided_by_other_seat")
    docket.changes.append({"type": "visit_decided", "visit": visit.id, "seat": seat.id, "vote": verb, **_grade(one)})


def _grade(one: Deciding) -> dict[str, Any]:
    grade = one.facts.get("grade")
    return {"grade": grade} if grade else {}


def _go_on(one: Deciding) -> Advance:
    advance = Advance(one.docket, one.at)
    way = returns.chosen_way(one.docket, one.visit, one.request.params)
    decision = {"outcome": one.request.verb, **one.facts}
    advance.apply(Complete(one.visit.engine_task, decision))
    returns.come_forward(one.session, one.docket, one.visit, advance, way=way, content=one.content)
    return advance


def _send_back(one: Deciding) -> Advance:
    docket, visit, request = one.docket, one.visit, one.request
    if request.verb == "consult":
        place, resubmit = _drafting(docket), "direct"
    else:
        place = str(request.params["to"])
        wanted = str(request.params.get("resubmit") or "")
        offered = one.step.resubmit
        resubmit = wanted if offered == "ask" and wanted in ("replay", "direct") else offered
    findings.raise_all(one.session, docket, visit, request.findings, by=one.actor, at=one.at)
    return returns.send_back(one.session, docket, visit, place, verb=request.verb, resubmit=resubmit, at=one.at)


def _drafting(docket: Docket) -> str:
    return next(node for node, step in docket.bundle.release.steps.items() if step.outcome("submit") is not None)


_HANDLERS: Mapping[str, Callable[[Deciding], Advance]] = {
    "submit": _go_on,
    "approve": _go_on,
    "reject": _go_on,
    "return": _send_back,
    "consult": _send_back,
}


def _effects(one: Deciding, advance: Advance) -> None:
    for effect in advance.effects:
        one.docket.changes.append(targets.EFFECTS[effect.name](one.session, one.docket, one.at))


def _entry(one: Deciding, advance: Advance) -> Entry:
    docket, request = one.docket, one.request
    return Entry(
        kind=KINDS[request.verb],
        verb=request.verb,
        actor=one.actor.person_id,
        post={"role": one.seat.role, "organisation": one.seat.organisation_id},
        visit=one.visit.id,
        seat=one.seat.id,
        node=one.visit.node_id,
        form_hash=docket.case.form_hash,
        data_hash=one.data_hash,
        command=advance.command(),
        changes=docket.changes,
        reason=one.reason,
        client=one.act.client,
        simulated=one.act.simulated,
    )


def answer(session: Session, docket: Docket, advance: Advance, seq: int, *, verb: str) -> dict[str, Any]:
    """What the person and the API are told after a decision."""
    case = docket.case
    opened = [
        {"visit_id": visit.id, "node_id": visit.node_id, "node_name": visit.node_name}
        for visit in docket.open_visits()
        if visit.opened_seq == seq
    ]
    closed = [
        {"visit_id": visit.id, "node_id": visit.node_id, "node_name": visit.node_name, "state": visit.state}
        for visit in docket.visits.values()
        if visit.changed_seq == seq and visit.state != "open"
    ]
    onward = "、".join(f"“{visit['node_name']}”" for visit in opened)
    done = f"已{labels.verb(verb)}"
    ending = f"，{labels.stage(case.stage)}" if case.finished_at else ""
    message = f"{done}，送{onward}环节。" if onward else f"{done}{ending}。"
    return {
        "message": message,
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


def require_fresh(session: Session, docket: Docket, visit: Visit, expected_seq: int | None) -> None:
    """Refuse a page that has not seen the newest event of this visit, its form or its release.

    Raises:
        Stale: with every event since, so that the page can say who did what meanwhile.
    """
    if visit.state == "open" and (expected_seq is None or expected_seq >= visit.changed_seq):
        return
    events = [event for event in history.of_case(session, docket.case.id) if event.seq > (expected_seq or 0)]
    named = sitting.names(session, [event.actor for event in events])
    since = [
        {
            "seq": event.seq,
            "at": event.at.isoformat(),
            "actor": named.get(event.actor or "", "系统"),
            "verb": event.verb,
            "verb_label": labels.verb(event.verb),
            "reason": event.reason,
        }
        for event in events
    ]
    last = since[-1] if since else None
    told = f"{last['actor'] or '系统'}已于您打开页面之后{last['verb_label']}" if last else "本事项已有变化"
    raise Stale(f"{told}，请刷新后再办理。", extra={"since": since, "seq": docket.case.seq})
