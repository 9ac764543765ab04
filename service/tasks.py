"""One step of a case: what its page shows, which verbs are open to whom and why, and the decision itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from db.case import CaseFile, Seat, Visit
from db.form import FormDraft
from forms.problem import Problem
from service import (
    advice,
    ballots,
    beginnings,
    calendar,
    case_history,
    case_parts,
    companions,
    comparisons,
    copies,
    decisions,
    declarations,
    dockets,
    foresight,
    handing,
    joining,
    labels,
    readings,
    recalls,
    reviews,
    revisions,
    seats,
    sitting,
    subjects,
    submissions,
    urging,
    withdrawals,
)
from service import (
    verbs as open_verbs,
)
from service.acts import Act, Filled, Request, read_filled
from service.comparisons import Comparison
from service.dockets import Docket
from service.errors import BadRequest, NotAllowed
from service.people import Actor

Handler = Callable[[Session, Docket, Visit, Request, Act], dict[str, Any]]

#: Every verb of a visit and what carries it out.
HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        **dict.fromkeys(decisions.VOTES, decisions.decide),
        "claim": sitting.claim,
        "unclaim": sitting.unclaim,
        "discard": declarations.discard_at,
        "recall": recalls.recall,
        "withdraw_case": recalls.withdraw,
        "agree_withdrawal": withdrawals.agree,
        "refuse_withdrawal": withdrawals.refuse,
        "transfer": handing.transfer,
        "delegate": advice.delegate,
        "resolve": advice.resolve,
        "undelegate": advice.undelegate,
        "add_seat": joining.add_seat,
        "drop_seat": joining.drop_seat,
        "cc": copies.send,
        "read": copies.read,
        "urge": urging.urge,
    }
)
#: Verbs that need not say which event their page had seen, for they decide nothing.
UNNUMBERED = frozenset({"claim", "unclaim", "cc", "read", "urge"})
#: Verbs that may be used at a visit that is not open any more; they look themselves at what has happened since.
AT_CLOSED = frozenset({"recall", "withdraw_case", "cc", "read"})


@dataclass(frozen=True, kw_only=True)
class TaskPage:
    """Everything the page of one step shows; parts are plain mappings as pages and API use them."""

    header: dict[str, Any]
    visit: dict[str, Any]
    expected_seq: int
    form: dict[str, Any]
    review: dict[str, Any] | None
    verbs: list[dict[str, Any]]
    previous: Mapping[str, Any] | None
    problems: list[Problem]
    opinions: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    timeline: list[dict[str, Any]]
    diagram: dict[str, Any]
    attachments: list[dict[str, Any]]
    admitted: dict[str, Any] | None
    head_hash: str
    companions: dict[str, Any]
    #: What has changed since the actor last looked, and what else the form can be compared with.
    comparison: Comparison
    tally: dict[str, Any] | None
    #: What the actor writes here: its code (a form's or ``opinion``) with the draft's version and instant.
    writing: dict[str, Any] | None
    withdrawal: dict[str, Any] | None
    reason: str | None


def decide(
    session: Session,
    visit_id: str,
    verb: str,
    *,
    actor: Actor,
    at: datetime,
    expected_seq: int | None,
    form: Filled | None = None,
    reason: str | None = None,
    findings: Sequence[Mapping[str, Any]] = (),
    params: Mapping[str, Any] | None = None,
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
    foresee: bool = False,
) -> dict[str, Any]:
    """Carry out a verb of ``HANDLERS`` at a visit: the one path of every decision, from page, API, command or batch.

    Args:
        expected_seq: number of the last event the person had seen; None only where nothing is decided.
        form: what was filled in, by code, or how to read it under the case's versions of the forms.
        params: ``to`` and ``resubmit`` of a return; ``warnings``, ``answers`` and ``resubmit`` of a submission.

    Returns:
        message, case_id, number, seq, stage, round, finished, what was opened and closed; for ``foresee`` ``effects``.

    Raises:
        NotFound: no such visit, or it is not the actor's to see.
        Stale: the visit, its form or its release changed since ``expected_seq``.
        NotAllowed: rights, duties or the step speak against it.
        Problems: everything to be corrected, at once.
    """
    docket = dockets.of_visit(session, visit_id, actor=actor)
    visit, before = docket.visits[visit_id], foresight.seen(docket) if foresee else None
    _require_possible(session, docket, visit, verb, expected_seq)
    request = Request(verb, read_filled(form, docket.bundle.definitions), reason, findings, params or {})
    # The instant was taken before the lock was waited for; nothing is dated before what it follows.
    act = Act(actor=actor, at=max(at, docket.case.changed_at), client=client, simulated=simulated)
    answer = HANDLERS[verb](session, docket, visit, request, act)
    return {**answer, "effects": foresight.effects(session, docket, before, act)} if before else answer


def _require_possible(session: Session, docket: Docket, visit: Visit, verb: str, expected_seq: int | None) -> None:
    if verb not in AT_CLOSED:
        decisions.require_fresh(session, docket, visit, expected_seq)
    if verb not in HANDLERS:
        raise BadRequest(f"没有“{verb}”这个操作。可用的操作见本事项的操作列表。")
    if expected_seq is None and verb not in UNNUMBERED:
        raise BadRequest("请带上打开页面时的事件序号 expected_seq，以免覆盖他人的办理。")
    if docket.case.suspended_at is not None and verb not in open_verbs.WHILE_SUSPENDED:
        raise NotAllowed(open_verbs.SUSPENDED)


def verbs(session: Session, visit_id: str, *, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """Every verb of a visit with ``allowed`` and ``why``; for a return its legal targets.

    Raises:
        NotFound: no such visit, or it is not the actor's to see.
    """
    case, _ = beginnings.case_of(session, visit_id, actor)
    docket = dockets.read(session, case)
    return open_verbs.of_visit(session, docket, docket.visits[visit_id], actor, at)


def page(session: Session, visit_id: str, *, actor: Actor, at: datetime, base: str = comparisons.SEEN) -> TaskPage:
    """The page of one step as the actor may see it; opening it marks the case as read.

    Args:
        base: what the form is compared with, one of ``comparisons.BASES``.

    Raises:
        NotFound: no such visit, or it is not the actor's to see.
    """
    case, _ = beginnings.case_of(session, visit_id, actor)
    parts: dict[str, Any] = {"header": case_parts.header(session, case), "expected_seq": case.seq}
    docket = dockets.read(session, case)
    visit = docket.visits[visit_id]
    seat = sitting.seat_of(docket, visit, actor) if visit.state == "open" else None
    step = docket.step(visit)
    editing = seat is not None and bool(step.form) and step.form == docket.bundle.subject_form
    code, own = seats.writes(docket, visit, seat) if seat is not None else ("", "")
    form = _form(session, docket, visit, editing=editing, actor=actor, at=at)
    draft = _draft(session, visit, code, own, actor) if own else None
    saved = _saved(visit, draft, own)
    readings.note(session, case, actor.person_id, parts["expected_seq"], at)
    return TaskPage(
        **parts,
        **_file(session, case, form, at),
        companions=companions.of_case(session, case, form, actor=actor, at=at),
        visit=_visit(session, docket, visit, seat, at=at),
        form=form,
        review=_review(session, docket, visit, draft, actor=actor, at=at) | saved
        if own and code == step.form
        else None,
        verbs=open_verbs.of_visit(session, docket, visit, actor, at),
        previous=case_parts.previous(session, case.project_id),
        problems=_problems(session, docket, form, editing=editing),
        comparison=comparisons.of_case(session, case, base, actor=actor),
        tally=ballots.tally(session, docket, visit),
        withdrawal=withdrawals.shown(session, docket),
        writing={"code": code, **saved} if own else None,
        reason=draft.opinion if draft else None,
    )


def _file(session: Session, case: CaseFile, form: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """What of the case stands beside its form, whoever looks."""
    return {
        "opinions": case_parts.opinions(session, case),
        "findings": case_parts.findings(session, case, form["definition"]),
        "timeline": case_history.timeline(session, case.id),
        "diagram": case_history.diagram(session, case, at=at),
        "attachments": case_parts.attachments(session, case.id),
        "admitted": case_parts.admitted(session, case.id),
        "head_hash": case.head_hash,
    }


def _draft(session: Session, visit: Visit, code: str, seat_id: str, actor: Actor) -> FormDraft | None:
    """What the actor was writing here; else what they could not send before this step was opened again."""
    saved = revisions.draft(session, visit.id, code, seat_id)
    return saved or revisions.unsent(session, visit, code, actor.person_id)


def _visit(session: Session, docket: Docket, visit: Visit, seat: Seat | None, *, at: datetime) -> dict[str, Any]:
    return {
        "visit_id": visit.id,
        "node_id": visit.node_id,
        "node_name": visit.node_name,
        "round": visit.round,
        "state": visit.state,
        "opened_at": visit.opened_at,
        "due_at": visit.due_at,
        "due_state": labels.due_state(visit.due_at, at, calendar.table(session)) if visit.state == "open" else None,
        "holder": ("me" if seat.person_id else "group") if seat else "other",
        "incident": visit.incident,
        "resubmission": docket.case.resubmission,
        "opinion_required": docket.step(visit).opinion_required,
    }


def _form(
    session: Session, docket: Docket, visit: Visit, *, editing: bool, actor: Actor, at: datetime
) -> dict[str, Any]:
    case: CaseFile = docket.case
    shown = case_parts.form(session, case)
    if not editing:
        return {**shown, "node": visit.node_id}
    code = docket.bundle.subject_form
    draft = revisions.draft(session, visit.id, code)
    definition, subject = docket.bundle.definitions[code], subjects.of_case(session, case)
    content = subject.refreshed(draft.content if draft else shown["content"], node=visit.node_id)
    context = subject.form_context(actor=actor, at=at)
    if any(field.given for field in definition.questions):
        content = submissions.filled_in(session, subject, definition, content, node=visit.node_id)
    return {
        "definition": definition,
        "content": content,
        "context": context,
        "mode": "edit",
        "node": visit.node_id,
        "draft_version": draft.version if draft else 0,
        "saved_at": draft.saved_at if draft else None,
    }


def _review(
    session: Session, docket: Docket, visit: Visit, draft: Any, *, actor: Actor, at: datetime
) -> dict[str, Any]:
    step = docket.step(visit)
    told, given = reviews.about(session, docket, step)
    return {
        "definition": docket.bundle.definitions[step.form],
        "content": draft.content if draft else given,
        "node": visit.node_id,
        "context": reviews.context(docket.case, step, actor=actor, at=at) | told,
    }


def _saved(visit: Visit, draft: FormDraft | None, seat_id: str) -> dict[str, Any]:
    """Version and instant of a draft; what was written at an earlier seat has not been saved at this one yet."""
    version = draft.version if draft and (draft.visit_id, draft.seat_id) == (visit.id, seat_id) else 0
    return {"draft_version": version, "saved_at": draft.saved_at if draft and version else None}


def _problems(session: Session, docket: Docket, form: Mapping[str, Any], *, editing: bool) -> list[Problem]:
    """What the rules say now to the drafter; what they said at the submission to everybody else."""
    if not editing:
        return case_parts.problems(session, docket.case)
    subject = subjects.of_case(session, docket.case)
    return submissions.check(session, subject, form["definition"], form["content"], node=form["node"])
