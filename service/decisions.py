"""What does a verb do at a step? One decision: rights, form, rules, engine, event and rows, in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.case import Seat, Visit
from forms.problem import Problem
from service import (
    dockets,
    duties,
    findings,
    history,
    labels,
    returns,
    reviews,
    revisions,
    sitting,
    submissions,
    targets,
)
from service.advance import Advance, cancel_seats
from service.dockets import Docket
from service.engine import Complete, UserStep
from service.errors import NotAllowed, Problems, Stale
from service.history import Entry
from service.people import Actor
from service.revisions import DECLARATION, REVIEW

#: Verbs that always need words, and how many characters at least (1.0.2: comment is mandatory).
EXPLAINED = frozenset({"consult", "return", "reject"})
LEAST_REASON = 5
LONGEST_REASON = 2000
KINDS = {
    "submit": "form_submitted",
    "approve": "visit_approved",
    "reject": "visit_rejected",
    "return": "visit_returned",
    "consult": "visit_consulted",
}
_SOURCE = "基本规定 1.0.2 · 会商、退回、不予通过须写明理由"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a person asks for at a visit."""

    verb: str
    form: Mapping[str, Any]
    reason: str | None
    findings: Sequence[Mapping[str, Any]]
    params: Mapping[str, Any]
    client: Mapping[str, Any] | None
    simulated: bool


@dataclass
class Deciding:
    """One decision on its way: who decides what at which seat, and what has been read of it."""

    session: Session
    docket: Docket
    visit: Visit
    step: UserStep
    seat: Seat
    actor: Actor
    at: datetime
    request: Request
    reason: str | None = None
    #: The declaration as submitted with this decision.
    content: Mapping[str, Any] | None = None
    data_hash: str | None = None
    #: Flat facts the flow's conditions read under the step's own name.
    facts: dict[str, Any] = field(default_factory=dict)


def decide(
    session: Session, docket: Docket, visit: Visit, request: Request, *, actor: Actor, at: datetime
) -> dict[str, Any]:
    """Decide at an open visit.

    Raises:
        Stale: the visit is closed already; what happened since is told.
        NotAllowed: no seat here, a duty speaks against it, or the step does not offer the verb.
        Problems: everything that is wrong with form, reason, findings or target, at once.
    """
    step = docket.step(visit)
    seat = sitting.require_seat(docket, visit, actor)
    duties.require(docket, step, actor)
    if step.outcome(request.verb) is None:
        offered = "、".join(outcome.label for outcome in step.outcomes)
        raise NotAllowed(f"“{step.name}”环节不能{labels.verb(request.verb)}，可办理：{offered}。")
    deciding = Deciding(session, docket, visit, step, seat, actor, at, request)
    _read(deciding)
    _take_seat(deciding)
    advance = _HANDLERS[request.verb](deciding)
    advance.settle(
        session, reason_code="returned" if request.verb in ("return", "consult") else "decided_by_other_seat"
    )
    _effects(deciding, advance)
    seq = dockets.write(session, docket, _entry(deciding, advance), at=at)
    return answer(session, docket, advance, seq, verb=request.verb, at=at)


def _read(deciding: Deciding) -> None:
    """Read form, reason and findings; every problem of all of them is reported together."""
    request, step = deciding.request, deciding.step
    problems: list[Problem] = list(findings.problems(request.findings))
    if request.verb == "submit":
        _read_declaration(deciding)
    elif step.form == REVIEW:
        problems += _read_review(deciding)
    deciding.reason = deciding.reason or (request.reason or "").strip() or None
    problems += _reason_problems(deciding)
    if request.verb == "return":
        problems += _place_problems(deciding)
    if problems:
        raise Problems(list(dict.fromkeys(problems)), f"还有 {len(problems)} 处需要处理，本次没有办理。")


def _read_declaration(deciding: Deciding) -> None:
    session, docket, actor, at = deciding.session, deciding.docket, deciding.actor, deciding.at
    request, visit = deciding.request, deciding.visit
    accepted = submissions.accept(
        session, docket, request.form.get(DECLARATION), node=visit.node_id, params=request.params, actor=actor, at=at
    )
    form = docket.bundle.forms[DECLARATION]
    revision = revisions.keep(
        session,
        case_id=docket.case.id,
        code=DECLARATION,
        form=form,
        visit_id=visit.id,
        content=accepted.content,
        by=actor.person_id,
        at=at,
        checks=accepted.checks,
    )
    sitting.note_writer(session, docket, actor.person_id, at)
    deciding.content, deciding.facts = accepted.content, accepted.facts
    docket.changes.append({"type": "form_kept", "form": DECLARATION, "revision": revision.id, "hash": revision.hash})
    docket.changes.extend(
        {"type": "warning_explained", "rule": check["rule"], "field": check["field"], "reason": check["reason"]}
        for check in accepted.checks
        if check["reason"]
    )
    docket.case.form_revision_id, docket.case.form_hash = revision.id, revision.hash


def _read_review(deciding: Deciding) -> list[Problem]:
    docket, request, step = deciding.docket, deciding.request, deciding.step
    form = docket.bundle.forms[REVIEW]
    raw = dict(request.form.get(REVIEW) or {})
    if request.reason and not raw.get("opinion"):
        raw["opinion"] = request.reason
    possible = [(target.node_id, target.name) for target in returns.targets(docket, deciding.visit)]
    if request.verb == "return" and request.params.get("to") in dict(possible):
        raw.setdefault("return_to", request.params["to"])
    content, conclusion, problems = reviews.accept(
        form, raw, docket.case, step, verb=request.verb, targets=possible, actor=deciding.actor, at=deciding.at
    )
    if problems:
        return problems
    revision = revisions.keep(
        deciding.session,
        case_id=docket.case.id,
        code=REVIEW,
        form=form,
        visit_id=deciding.visit.id,
        content=content,
        by=deciding.actor.person_id,
        at=deciding.at,
    )
    deciding.seat.review_revision_id, deciding.data_hash = revision.id, revision.hash
    deciding.facts = {"grade": conclusion.overall_grade}
    deciding.reason = str(content.get("opinion") or "").strip() or None
    return []


def _reason_problems(deciding: Deciding) -> list[Problem]:
    length = len(deciding.reason or "")
    needed = deciding.request.verb in EXPLAINED or (
        deciding.step.opinion_required and deciding.request.verb != "submit"
    )
    field = "opinion" if deciding.step.form == REVIEW else "reason"
    if needed and length < LEAST_REASON:
        what = labels.verb(deciding.request.verb)
        return [_problem(field, f"{what}须写明理由，至少 {LEAST_REASON} 个字，现有 {length} 个字，请补充")]
    if length > LONGEST_REASON:
        return [_problem(field, f"意见超过 {LONGEST_REASON} 字，现有 {length} 个字，请精简")]
    return []


def _place_problems(deciding: Deciding) -> list[Problem]:
    possible = returns.targets(deciding.docket, deciding.visit)
    wanted = deciding.request.params.get("to")
    if wanted in {target.node_id for target in possible}:
        return []
    names = "、".join(f"{target.name}（{target.node_id}）" for target in possible) or "没有"
    return [_problem("to", f"请选择退回到哪个环节。可以退回的环节：{names}")]


def _take_seat(deciding: Deciding) -> None:
    """Mark seat and visit as decided; the others' seats at this visit close with it."""
    seat, visit, verb = deciding.seat, deciding.visit, deciding.request.verb
    seat.person_id = seat.person_id or deciding.actor.person_id
    seat.state, seat.vote, seat.opinion = "done", verb, deciding.reason
    seat.decided_by, seat.decided_at = deciding.actor.person_id, deciding.at
    visit.state, visit.outcome, visit.closed_at = "decided", verb, deciding.at
    docket = deciding.docket
    docket.touch(seat)
    docket.touch(visit)
    cancel_seats(docket, visit, "decided_by_other_seat")
    docket.changes.append(
        {"type": "visit_decided", "visit": visit.id, "seat": seat.id, "vote": verb, **_grade(deciding)}
    )


def _grade(deciding: Deciding) -> dict[str, Any]:
    grade = deciding.facts.get("grade")
    return {"grade": grade} if grade else {}


def _go_on(deciding: Deciding) -> Advance:
    advance = Advance(deciding.docket, deciding.at)
    way = returns.chosen_way(deciding.docket, deciding.visit, deciding.request.params)
    decision = {"outcome": deciding.request.verb, **deciding.facts}
    advance.apply(Complete(deciding.visit.engine_task, decision))
    returns.come_forward(deciding.session, deciding.docket, deciding.visit, advance, way=way, content=deciding.content)
    return advance


def _send_back(deciding: Deciding) -> Advance:
    docket, visit, request = deciding.docket, deciding.visit, deciding.request
    if request.verb == "consult":
        place, resubmit = _drafting(docket), "direct"
    else:
        place = str(request.params["to"])
        wanted = str(request.params.get("resubmit") or "")
        offered = deciding.step.resubmit
        resubmit = wanted if offered == "ask" and wanted in ("replay", "direct") else offered
    findings.raise_all(deciding.session, docket, visit, request.findings, by=deciding.actor, at=deciding.at)
    return returns.send_back(
        deciding.session, docket, visit, place, verb=request.verb, resubmit=resubmit, at=deciding.at
    )


def _drafting(docket: Docket) -> str:
    return next(node for node, step in docket.bundle.release.steps.items() if step.outcome("submit") is not None)


_HANDLERS: Mapping[str, Callable[[Deciding], Advance]] = {
    "submit": _go_on,
    "approve": _go_on,
    "reject": _go_on,
    "return": _send_back,
    "consult": _send_back,
}


def _effects(deciding: Deciding, advance: Advance) -> None:
    for effect in advance.effects:
        deciding.docket.changes.append(targets.EFFECTS[effect.name](deciding.session, deciding.docket, deciding.at))


def _entry(deciding: Deciding, advance: Advance) -> Entry:
    docket, request = deciding.docket, deciding.request
    return Entry(
        kind=KINDS[request.verb],
        verb=request.verb,
        actor=deciding.actor.person_id,
        post={"role": deciding.seat.role, "organisation": deciding.seat.organisation_id},
        visit=deciding.visit.id,
        seat=deciding.seat.id,
        node=deciding.visit.node_id,
        form_hash=docket.case.form_hash,
        data_hash=deciding.data_hash,
        command=advance.command(),
        changes=docket.changes,
        reason=deciding.reason,
        client=request.client,
        simulated=request.simulated,
    )


def answer(session: Session, docket: Docket, advance: Advance, seq: int, *, verb: str, at: datetime) -> dict[str, Any]:
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


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_SOURCE)
