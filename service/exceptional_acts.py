"""Who asks for something out of the ordinary, and who agrees? Two persons, one reason each, everything in the history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import CaseFile
from db.participation import ExceptionalAct
from db.person import Person
from service import access, closing, dockets, exceptional_effects, labels, reasons, recording
from service.acts import Act, Request
from service.dockets import Docket
from service.errors import BadRequest, NotAllowed, NotFound
from service.exceptional_effects import Effects
from service.people import Actor

#: Exceptional acts and the kind of event each becomes.
VERBS: Mapping[str, str] = MappingProxyType(
    {
        "jump": "case_jumped",
        "suspend": "case_suspended",
        "resume": "case_resumed",
        "terminate": "case_terminated",
        "void": "case_voided",
    }
)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked for: the act, for a jump its step, and why."""

    verb: str
    place: str | None = None
    reason: str


def preview(
    session: Session, case_id: str, *, actor: Actor, at: datetime, verb: str, place: str | None = None
) -> Effects:
    """What an exceptional act would do to a case now; nothing is changed.

    Raises:
        NotFound: no such case, or it is not the actor's to see.
        NotAllowed: the actor neither asks for such acts nor confirms them.
        BadRequest: there is no such act.
    """
    if not access.allowed(actor, "exception.confirm"):
        access.require(actor, "exception.request")
    docket = dockets.of_case(session, case_id, actor=actor)
    found = _foreseen(session, docket, verb, place)
    return found if found.why else exceptional_effects.with_people(session, docket, found, at=at)


def places(session: Session, case_id: str, *, actor: Actor) -> list[tuple[str, str]]:
    """The steps a case can be jumped to as it stands, by id and name; [] where there is none.

    Raises:
        NotFound: no such case, or it is not the actor's to see.
        NotAllowed: the actor does not ask for such acts.
    """
    access.require(actor, "exception.request")
    docket = dockets.of_case(session, case_id, actor=actor)
    steps = docket.bundle.release.steps
    return [(node, step.name) for node, step in steps.items() if not _foreseen(session, docket, "jump", node).why]


def request(
    session: Session,
    case_id: str,
    wish: Wish,
    *,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> dict[str, Any]:
    """Ask for an exceptional act; nothing happens to the case until another person confirms.

    Returns:
        act_id, verb, effects and the event's number.

    Raises:
        NotFound: no such case, or it is not the actor's to see.
        NotAllowed: the actor is no chief of the performance section, the act is not possible, or one is waiting already.
        Problems: no reason was given.

    Source:
        contract §7: the performance section's chief asks, a bureau leader confirms.
    """
    access.require(actor, "exception.request")
    docket = dockets.of_case(session, case_id, actor=actor)
    reason = reasons.required(Request(wish.verb, {}, wish.reason, (), {}))
    effects = _foreseen(session, docket, wish.verb, wish.place)
    if effects.why:
        raise NotAllowed(effects.why)
    effects = exceptional_effects.with_people(session, docket, effects, at=at)
    _require_none_waiting(session, case_id)
    row = ExceptionalAct(id=opaque_id(), case_id=case_id, verb=wish.verb, place=wish.place, reason=reason)
    row.effects, row.state, row.requested_by, row.requested_at = effects.to_json(), "waiting", actor.person_id, at
    docket.beside.append(row)
    docket.changes.append(_named(row))
    act = Act(actor=actor, at=at, client=client, simulated=simulated)
    seq = recording.record(session, docket, act, kind="exception_requested", verb="request_exception", reason=reason)
    told = {"message": f"已申请{labels.verb(wish.verb)}，待局领导确认。", "seq": seq, "case_id": case_id}
    return {**told, "act_id": row.id, "verb": row.verb, "effects": row.effects}


def _require_none_waiting(session: Session, case_id: str) -> None:
    waiting = select(ExceptionalAct.id).where(ExceptionalAct.case_id == case_id, ExceptionalAct.state == "waiting")
    if session.scalars(waiting).first():
        raise NotAllowed("本事项已有一项特别处理在等待确认，请先确认或不同意。")


def confirm(
    session: Session,
    act_id: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str | None = None,
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> dict[str, Any]:
    """Agree to an exceptional act and carry it out on the case as it stands now.

    Returns:
        What every decision answers, and ``effects`` as they were.

    Raises:
        NotFound: no such act, or its case is not the actor's to see.
        NotAllowed: the actor is no bureau leader or asked for it, it was decided already, or it is not possible any more.
    """
    docket, row = _waiting(session, act_id, actor)
    effects = _foreseen(session, docket, row.verb, row.place)
    if effects.why:
        raise NotAllowed(f"情况已有变化，不能{labels.verb(row.verb)}：{effects.why}")
    _decide(docket, row, "confirmed", actor, at, reason)
    docket.changes.append(_named(row))
    advance = exceptional_effects.carry_out(session, docket, row.verb, row.place, at)
    act = Act(actor=actor, at=at, client=client, simulated=simulated)
    seq = recording.record(
        session, docket, act, kind=VERBS[row.verb], verb=row.verb, reason=row.reason, advance=advance
    )
    return {**closing.answer(docket, seq, verb=row.verb), "message": _told(row, docket), "effects": effects.to_json()}


def refuse(
    session: Session,
    act_id: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str | None,
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> dict[str, Any]:
    """Do not agree to an exceptional act; the case stays as it is.

    Raises:
        NotFound, NotAllowed: as in ``confirm``.
        Problems: no reason was given.
    """
    docket, row = _waiting(session, act_id, actor)
    text = reasons.required(Request("refuse_exception", {}, reason, (), {}))
    _decide(docket, row, "refused", actor, at, text)
    docket.changes.append(_named(row))
    act = Act(actor=actor, at=at, client=client, simulated=simulated)
    seq = recording.record(session, docket, act, kind="exception_refused", verb="refuse_exception", reason=text)
    return {"message": f"未同意{labels.verb(row.verb)}。", "seq": seq, "case_id": docket.case.id}


def waiting(session: Session, *, actor: Actor) -> list[dict[str, Any]]:
    """The acts that wait for a leader, oldest first; [] for people who neither ask nor confirm."""
    if not any(access.allowed(actor, permission) for permission in ("exception.request", "exception.confirm")):
        return []
    return _read(session, _listed().where(ExceptionalAct.state == "waiting"))


def of_case(session: Session, case_id: str) -> list[dict[str, Any]]:
    """Every exceptional act on a case, oldest first, with who asked, who decided and why."""
    return _read(session, _listed().where(ExceptionalAct.case_id == case_id))


def _foreseen(session: Session, docket: Docket, verb: str, place: str | None) -> Effects:
    if verb not in VERBS:
        raise BadRequest(f"没有“{verb}”这种特别处理。可用的有：{'、'.join(VERBS)}。")
    return exceptional_effects.foresee(session, docket, verb, place)


def _waiting(session: Session, act_id: str, actor: Actor) -> tuple[Docket, ExceptionalAct]:
    access.require(actor, "exception.confirm")
    case_id = session.scalars(select(ExceptionalAct.case_id).where(ExceptionalAct.id == act_id)).first()
    if case_id is None:
        raise NotFound("没有这项特别处理。")
    docket = dockets.of_case(session, case_id, actor=actor)
    row = session.get_one(ExceptionalAct, act_id, populate_existing=True)
    session.expunge(row)
    if row.state != "waiting":
        raise NotAllowed("这项特别处理已经有了结论。")
    if row.requested_by == actor.person_id:
        raise NotAllowed("申请人和确认人必须是两个人，请由另一位局领导确认。")
    return docket, row


def _decide(docket: Docket, row: ExceptionalAct, state: str, actor: Actor, at: datetime, reason: str | None) -> None:
    row.state, row.decided_by, row.decided_at = state, actor.person_id, at
    row.decision_reason = (reason or "").strip() or None
    docket.beside.append(row)


def _named(row: ExceptionalAct) -> dict[str, Any]:
    by = {"requested_by": row.requested_by}
    return {"type": "exception", "act": row.id, "verb": row.verb, "place": row.place, "state": row.state, **by}


def _told(row: ExceptionalAct, docket: Docket) -> str:
    where = "、".join(f"“{visit.node_name}”" for visit in docket.open_visits())
    place = f"，现在{where}环节" if where and row.verb in ("jump", "resume") else ""
    return f"已{labels.verb(row.verb)}{place}。"


def _listed() -> Select[Any]:
    asker, decider = Person.__table__.alias("asker"), Person.__table__.alias("decider")
    return (
        select(
            ExceptionalAct,
            CaseFile.number,
            CaseFile.title,
            asker.c.name.label("asker"),
            decider.c.name.label("decider"),
        )
        .join(CaseFile, CaseFile.id == ExceptionalAct.case_id)
        .join(asker, asker.c.id == ExceptionalAct.requested_by)
        .outerjoin(decider, decider.c.id == ExceptionalAct.decided_by)
        .order_by(ExceptionalAct.requested_at, ExceptionalAct.id)
    )


def _read(session: Session, statement: Select[Any]) -> list[dict[str, Any]]:
    names = (
        "id",
        "case_id",
        "verb",
        "place",
        "reason",
        "effects",
        "state",
        "requested_at",
        "decided_at",
        "decision_reason",
    )
    return [
        {
            **{name: getattr(row.ExceptionalAct, name) for name in names},
            "label": labels.verb(row.ExceptionalAct.verb),
            "number": row.number,
            "title": row.title,
            "requested_by": row.asker,
            "decided_by": row.decider,
        }
        for row in session.execute(statement)
    ]
