"""What does a verb do at a step? One decision: rights, form, rules, engine, event and rows, in one transaction."""

from typing import Any

from sqlalchemy.orm import Session

from db.case import Seat, Visit
from service import closing, deciding, dockets, drawn_copies, duties, findings, history, labels, returns, seats, sitting
from service.acts import Act, Request
from service.advance import Advance
from service.deciding import Deciding
from service.dockets import Docket
from service.errors import NotAllowed, Stale
from service.history import Entry

KINDS = {
    "submit": "form_submitted",
    "approve": "visit_approved",
    "reject": "visit_rejected",
    "return": "visit_returned",
    "consult": "visit_consulted",
}
#: Verbs a seat may be heard with; who abstains (弃权) decides nothing alone.
VOTES = frozenset({*KINDS, "abstain"})
#: Verbs that send a case back; one voting seat is enough for them.
BACK = frozenset({"return", "consult"})


def decide(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Decide at an open visit.

    Raises:
        Stale: the visit is closed already; what happened since is told.
        NotAllowed: no seat here, a duty speaks against it, or the step does not offer the verb.
        Problems: everything that is wrong with form, reason, findings or target, at once.
    """
    one = _begun(session, docket, visit, request, act)
    deciding.read(one)
    advance, kind = _carried_out(one)
    seq = dockets.write(session, docket, _entry(one, advance, kind), at=act.at)
    return closing.answer(docket, seq, verb=request.verb)


def foresee(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> None:
    """Decide in the docket alone, whatever is still missing from what the person has filled in; nothing is written.

    Raises:
        NotAllowed: no seat here, a duty speaks against it, or the step does not offer the verb.
    """
    _carried_out(_begun(session, docket, visit, request, act))


def _begun(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> Deciding:
    step = docket.step(visit)
    seat = sitting.require_seat(docket, visit, act.actor)
    duties.require(docket, step, act.actor, sitting.principal(docket, seat, act.actor))
    if step.outcome(request.verb) is None:
        offered = "、".join(outcome.label for outcome in step.outcomes)
        raise NotAllowed(f"“{step.name}”环节不能{labels.verb(request.verb)}，可办理：{offered}。")
    _require_part(seat, request.verb)
    behalf = sitting.principal(docket, seat, act.actor)
    return Deciding(session, docket, visit, step, seat, request, act, on_behalf_of=behalf)


def _carried_out(one: Deciding) -> tuple[Advance, str]:
    """What the decision does to the docket, and the kind of its event."""
    session, docket, visit, seat, act = one.session, one.docket, one.visit, one.seat, one.act
    _take_seat(one)
    decided = _decided(one)
    if decided is None:
        advance = Advance(docket, act.at)
    elif decided in BACK:
        closing.close(docket, visit, decided, act.at, seat=seat, why="returned")
        advance = _send_back(one)
        drawn_copies.at_decision(session, docket, visit, back=True, at=act.at)
        advance.settle(session, reason_code="returned")
    else:
        with_it: dict[str, Any] = {"params": one.request.params, "content": one.content}
        advance = closing.conclude(session, docket, visit, decided, act, seat=seat, **with_it)
    return advance, KINDS[decided] if decided else "seat_voted"


def why_not_from(seat: Seat, verb: str) -> str:
    """Why an outcome is not for this seat: seats that do not vote neither send back nor speak for who asked; "" if it is."""
    speaks = seats.part(seat)
    if speaks == "advice":
        return "您是受托提供意见的，请用“答复委派”写明意见，由委派人办理。"
    if speaks != "vote" and verb in BACK:
        return "加签人员只发表意见，不能退回；请选择同意或不予通过并写明理由，由加签发起人处理。"
    return ""


def _require_part(seat: Seat, verb: str) -> None:
    why = why_not_from(seat, verb)
    if why:
        raise NotAllowed(why)


def _take_seat(one: Deciding) -> None:
    """Keep what was decided at the seat, with what it tells the flow once the visit is decided."""
    seat, visit, verb = one.seat, one.visit, one.request.verb
    seat.person_id = seat.person_id or one.on_behalf_of or one.actor.person_id
    seat.state, seat.vote, seat.opinion, seat.facts = "done", verb, one.reason, dict(one.facts) or None
    seat.decided_by, seat.decided_at, seat.on_behalf_of = one.actor.person_id, one.at, one.on_behalf_of
    one.docket.touch(seat)
    one.docket.changes.append({"type": "seat_voted", "visit": visit.id, "seat": seat.id, "vote": verb, **_grade(one)})


def _decided(one: Deciding) -> str | None:
    """What the visit is decided with, now that this seat has spoken: a return acts at once, votes are counted."""
    if one.request.verb in BACK:
        return one.request.verb
    seats.wake(one.docket, one.visit, one.at)
    return seats.outcome(one.docket, one.visit)


def _grade(one: Deciding) -> dict[str, Any]:
    grade = one.facts.get("grade")
    return {"grade": grade} if grade else {}


def _send_back(one: Deciding) -> Advance:
    docket, visit, request = one.docket, one.visit, one.request
    if request.verb == "consult":
        place, resubmit = docket.drafting, "direct"
    else:
        place = str(request.params["to"])
        wanted = str(request.params.get("resubmit") or "")
        offered = one.step.resubmit
        resubmit = wanted if offered == "ask" and wanted in ("replay", "direct") else offered
    findings.raise_all(one.session, docket, visit, request.findings, by=one.actor, at=one.at)
    return returns.send_back(one.session, docket, visit, place, verb=request.verb, resubmit=resubmit, at=one.at)


def _entry(one: Deciding, advance: Advance, kind: str) -> Entry:
    docket, request = one.docket, one.request
    return Entry(
        kind=kind,
        verb=request.verb,
        actor=one.actor.person_id,
        on_behalf_of=one.on_behalf_of,
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
