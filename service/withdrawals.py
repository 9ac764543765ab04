"""May a case be taken back once reviewers have spoken? 撤件 with the consent of everybody who has it in hand, where drawn so."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import Visit
from db.form import FormDraft
from db.participation import Withdrawal
from db.person import Person
from service import closing, reasons, recording, returns, revisions, seats, sitting
from service.acts import Act, Request
from service.advance import Advance
from service.dockets import Docket
from service.engine import MoveRefused
from service.engine.order import comes_before
from service.errors import NotAllowed
from service.people import Actor

_NONE = "本事项没有等待答复的撤件申请。"


def waiting(session: Session, docket: Docket) -> Withdrawal | None:
    """The initiator's request that still waits for an answer; None after the case ended or went back to its draft."""
    asked = select(Withdrawal).where(Withdrawal.case_id == docket.case.id, Withdrawal.state == "waiting")
    row = session.scalars(asked).first()
    if row is None or docket.case.finished_at is not None:
        return None
    again = any(one.node_id == docket.drafting and one.opened_at > row.asked_at for one in docket.visits.values())
    return None if again else row


def missing(docket: Docket, row: Withdrawal) -> list[Visit]:
    """The open visits at which nobody has agreed yet."""
    agreed = {one["visit"] for one in row.agreed}
    return [visit for visit in docket.open_visits() if visit.id not in agreed]


def why_not_ask(session: Session, docket: Docket) -> str:
    """Why the initiator cannot ask now; "" if they can."""
    if docket.bundle.release.withdrawal != "consent":
        return "本流程不设经同意撤件，如须修改，请与在办环节联系退回。"
    if waiting(session, docket) is not None:
        return "已申请撤件，等待在办人员答复。"
    return _settled(docket)


def ask(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Ask everybody who has the case in hand to let it go back to its draft; nothing moves before all agree.

    Raises:
        NotAllowed: the process asks for no consent, a request waits already, or something took effect for good.
        Problems: no reason was given.
    """
    why = why_not_ask(session, docket)
    if why:
        raise NotAllowed(why)
    reason = reasons.required(request)
    _let_lapse(session, docket)
    row = Withdrawal(id=opaque_id(), case_id=docket.case.id, reason=reason, agreed=[], state="waiting")
    row.asked_by, row.asked_at = act.actor.person_id, act.at
    docket.beside.append(row)
    docket.changes.append({"type": "withdrawal", "withdrawal": row.id, "state": "waiting"})
    kind = "withdrawal_requested"
    seq = recording.record(session, docket, act, kind=kind, verb=request.verb, visit=visit, reason=reason)
    return {"message": "已申请撤件，在办人员都同意后退回填报。", "seq": seq, "case_id": docket.case.id}


def agree(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Agree to a withdrawal (同意撤件) for an open visit; with the last one the case is at its draft again.

    Raises:
        NotAllowed: nobody asked, the actor has no seat here, or somebody here has agreed already.
    """
    row, behalf = _asked(session, docket, visit, act.actor)
    session.expunge(row)
    row.agreed = [*row.agreed, {"visit": visit.id, "person": act.actor.person_id, "at": act.at.isoformat()}]
    docket.beside.append(row)
    docket.touch(visit)
    done = not missing(docket, row)
    row.state = "granted" if done else "waiting"
    row.decided_at = act.at if done else None
    docket.changes.append({"type": "withdrawal", "withdrawal": row.id, "state": row.state, "visit": visit.id})
    advance = _carried_out(session, docket, act.at) if done else None
    kind = "case_withdrawn" if done else "withdrawal_agreed"
    with_it: dict[str, Any] = {"visit": visit, "on_behalf_of": behalf, "reason": request.reason, "advance": advance}
    seq = recording.record(session, docket, act, kind=kind, verb=request.verb, **with_it)
    told = closing.answer(docket, seq, verb=request.verb)
    return told if done else {**told, "message": "已同意撤件，还须其他在办环节同意。"}


def refuse(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Keep a case in hand although its initiator asked for it (不同意撤件); the request is answered for good.

    Raises:
        NotAllowed: nobody asked, or the actor has no seat here.
        Problems: no reason was given.
    """
    row, behalf = _asked(session, docket, visit, act.actor)
    reason = reasons.required(request)
    session.expunge(row)
    row.state, row.decided_at, row.decision_reason = "refused", act.at, reason
    docket.beside.append(row)
    docket.changes.append({"type": "withdrawal", "withdrawal": row.id, "state": "refused", "visit": visit.id})
    with_it: dict[str, Any] = {"visit": visit, "on_behalf_of": behalf, "reason": reason}
    seq = recording.record(session, docket, act, kind="withdrawal_refused", verb=request.verb, **with_it)
    return {"message": "已答复不同意撤件，继续办理。", "seq": seq, "case_id": docket.case.id}


def offers(session: Session, docket: Docket, visit: Visit, actor: Actor, at: datetime) -> list[tuple[str, str]]:
    """Agreeing and refusing for whoever has the visit in hand, while a request waits."""
    if docket.bundle.release.withdrawal != "consent" or visit.state != "open":
        return []
    seat, row = sitting.seat_of(docket, visit, actor), waiting(session, docket)
    if row is None or seat is None or seats.part(seat) != "vote" or visit not in missing(docket, row):
        return []
    return [("agree_withdrawal", ""), ("refuse_withdrawal", "")]


def shown(session: Session, docket: Docket) -> dict[str, Any] | None:
    """The request that waits, for the page: who asked, when, why, and which steps still have to answer; None without."""
    row = waiting(session, docket) if docket.bundle.release.withdrawal == "consent" else None
    if row is None:
        return None
    by = session.scalar(select(Person.name).where(Person.id == row.asked_by))
    steps = [visit.node_name for visit in missing(docket, row)]
    return {"by": by, "at": row.asked_at, "reason": row.reason, "missing": steps}


def _asked(session: Session, docket: Docket, visit: Visit, actor: Actor) -> tuple[Withdrawal, str | None]:
    """The request an open visit has to answer, and for whom the actor answers."""
    seat = sitting.require_seat(docket, visit, actor)
    row = waiting(session, docket)
    if row is None:
        raise NotAllowed(_NONE)
    if seats.part(seat) != "vote":
        raise NotAllowed("您只是受托或加签发表意见，是否同意撤件由办理人答复。")
    if visit not in missing(docket, row):
        raise NotAllowed("本环节已有人同意撤件，等待其他环节答复。")
    return row, sitting.principal(docket, seat, actor)


def _carried_out(session: Session, docket: Docket, at: datetime) -> Advance:
    """Everything after the draft becomes void, and the draft opens again with what was submitted."""
    why = _settled(docket)
    if why:
        raise NotAllowed(why)
    standing, advance = docket.open_visits(), Advance(docket, at)
    try:
        advance.move(docket.drafting, origin=standing[0].engine_task)
    except MoveRefused as refused:
        raise NotAllowed(f"不能撤件：{refused}") from refused
    returns.void(docket, docket.drafting, why="withdrawn")
    docket.put(condition="withdrawn", resubmission=None)
    opened = next(one for one in advance.settle(session, reason_code="withdrawn") if one.node_id == docket.drafting)
    _keep_draft(session, docket, opened, at)
    return advance


def _keep_draft(session: Session, docket: Docket, opened: Visit, at: datetime) -> None:
    kept = revisions.one(session, docket.case.form_revision_id)
    draft = FormDraft(visit_id=opened.id, form_code=docket.bundle.subject_form, seat_id="", case_id=docket.case.id)
    draft.content, draft.opinion, draft.version = dict(kept.content) if kept else {}, None, 1
    draft.saved_by, draft.saved_at = docket.case.initiator_id, at
    docket.beside.append(draft)


def _settled(docket: Docket) -> str:
    """What has taken effect since the draft and cannot be taken back by anybody; "" if nothing has."""
    release = docket.bundle.release
    decided = {visit.node_id for visit in docket.visits.values() if visit.state == "decided"}
    for node in decided:
        if (
            release.steps.get(node)
            and release.steps[node].irreversible
            and comes_before(release, docket.drafting, node)
        ):
            return f"“{release.steps[node].name}”的办理已经生效，不能撤件。"
    return ""


def _let_lapse(session: Session, docket: Docket) -> None:
    """A request from before the case last went back to its draft waits no more."""
    old = select(Withdrawal).where(Withdrawal.case_id == docket.case.id, Withdrawal.state == "waiting")
    for row in session.scalars(old):
        row.state = "lapsed"
