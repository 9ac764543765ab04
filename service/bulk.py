"""How are several cases claimed, handed on, urged, copied or read in one act? Each by a command of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import Visit
from service import dockets, handing, readings, sitting, tasks, verbs
from service.acts import Act, Request
from service.errors import BadRequest, NotAllowed, Problems, Refused
from service.people import Actor

#: What may be done to many at once; decisions are approved together by ``batches`` alone, and never returned or rejected.
VERBS = ("claim", "transfer", "urge", "cc", "read")
MOST = 50


@dataclass(frozen=True, kw_only=True)
class Errand:
    """One act upon many: what is done, to whom it goes, and why. Every event names its ``id``."""

    verb: str
    actor: Actor
    at: datetime
    reason: str | None = None
    #: ``person`` of a transfer, ``people`` of a copy.
    params: Mapping[str, Any] = field(default_factory=dict)
    #: The seats a chief hands on, by visit; not needed where a visit has only one.
    seats: Mapping[str, str] = field(default_factory=dict)
    client: Mapping[str, Any] | None = None
    simulated: bool = False
    id: str = field(default_factory=opaque_id)


def carry_out(session: Session, visit_ids: Sequence[str], errand: Errand) -> dict[str, Any]:
    """Do one thing to several visits; what cannot be done to one of them does not hold up the others.

    Cases are locked in the order of their ids, so that two acts never wait for each other. ``read`` marks them as read and
    is no event.

    Returns:
        ``batch``, ``done``, ``failed`` and ``rows``: visit_id, case_id, number, title, ok, message, in the order asked for.

    Raises:
        BadRequest: none or more than 50 are chosen, or this is nothing that is done to many.
    """
    wanted = list(dict.fromkeys(visit_ids))
    if errand.verb not in VERBS:
        raise BadRequest(f"没有“{errand.verb}”这种批量操作。可用的有：{'、'.join(VERBS)}。")
    if not 1 <= len(wanted) <= MOST:
        raise BadRequest(f"一次可以批量办理 1 至 {MOST} 件，现选择了 {len(wanted)} 件。")
    cases = dict(session.execute(select(Visit.id, Visit.case_id).where(Visit.id.in_(wanted))).tuples().all())
    results = {one: _tried(session, one, errand) for one in sorted(wanted, key=lambda one: cases.get(one, ""))}
    rows = [{"visit_id": one, **results[one]} for one in wanted]
    done = sum(row["ok"] for row in rows)
    return {"batch": errand.id, "done": done, "failed": len(rows) - done, "rows": rows}


def _tried(session: Session, visit_id: str, errand: Errand) -> dict[str, Any]:
    named = {"case_id": "", "number": "", "title": ""}
    try:
        with session.begin_nested():
            docket = dockets.of_visit(session, visit_id, actor=errand.actor)
            named = {name: getattr(docket.case, name) for name in ("number", "title")} | {"case_id": docket.case.id}
            return {**named, "ok": True, "message": _done(session, docket, docket.visits[visit_id], errand)}
    except Refused as refused:
        problems = refused.problems if isinstance(refused, Problems) else ()
        said = dict.fromkeys([refused.detail, *(problem.message for problem in problems)])
        return {**named, "ok": False, "message": "；".join(said)}


def _done(session: Session, docket: dockets.Docket, visit: Visit, errand: Errand) -> str:
    at, case = max(errand.at, docket.case.changed_at), docket.case
    if errand.verb == "read":
        readings.note(session, case, errand.actor.person_id, case.seq, at)
        return "已标为已读。"
    if visit.state != "open":
        raise NotAllowed("本环节已经办理，请刷新列表。")
    if case.suspended_at is not None and errand.verb not in verbs.WHILE_SUSPENDED:
        raise NotAllowed(verbs.SUSPENDED)
    if errand.verb == "transfer":
        _claim_first(docket, visit, errand)
    docket.changes.append({"type": "batch", "batch": errand.id})
    seat = {"seat": errand.seats[visit.id]} if visit.id in errand.seats else {}
    request = Request(errand.verb, {}, errand.reason, (), {**errand.params, **seat})
    act = Act(actor=errand.actor, at=at, client=errand.client, simulated=errand.simulated)
    return str(tasks.HANDLERS[errand.verb](session, docket, visit, request, act)["message"])


def _claim_first(docket: dockets.Docket, visit: Visit, errand: Errand) -> None:
    """A colleague hands on what lies in the post's pool by taking it first; a chief need not."""
    seat = sitting.seat_of(docket, visit, errand.actor)
    if seat is not None and seat.person_id is None and not handing.leads(docket, visit, errand.actor):
        behalf = sitting.principal(docket, seat, errand.actor)
        seat.person_id = behalf or errand.actor.person_id
        docket.touch(seat)
        docket.changes.append({"type": "seat_claimed", "seat": seat.id, "person": seat.person_id})
