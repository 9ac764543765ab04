"""Which steps wait for somebody nobody is, and which messages were given up? Listed, and tried again by an administrator."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import CaseFile, Visit
from db.event import Outbox
from service import access, dockets, recording, security_log
from service.acts import Act
from service.advance import Advance
from service.errors import NotAllowed, NotFound
from service.people import Actor
from service.routing import NoSuchBody

MOST = 200


@dataclass(frozen=True, kw_only=True)
class Incident:
    """A step nobody could take when it was reached: the case stays there until the post is filled and somebody retries."""

    visit_id: str
    case_id: str
    number: str
    title: str
    node_name: str
    since: datetime
    why: str


@dataclass(frozen=True, kw_only=True)
class LostMessage:
    """A mail or a call of the office's robot that was given up after its last attempt."""

    id: int
    kind: str
    given_up_at: datetime
    attempts: int
    why: str


def listed(session: Session, *, actor: Actor) -> list[Incident]:
    """Every open incident of running cases, the oldest first, 200 at most.

    Raises:
        NotAllowed: the actor neither runs the system nor the performance section.
    """
    access.require(actor, "incident.read")
    statement = (
        select(Visit, CaseFile.number, CaseFile.title)
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .where(Visit.state == "open", Visit.incident.is_not(None), CaseFile.finished_at.is_(None))
        .order_by(Visit.opened_at, Visit.id)
    )
    return [
        Incident(
            visit_id=visit.id,
            case_id=visit.case_id,
            number=number,
            title=title,
            node_name=visit.node_name,
            since=visit.opened_at,
            why=visit.incident or "",
        )
        for visit, number, title in session.execute(statement.limit(MOST))
    ]


def retry(
    session: Session, visit_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Look again who may decide at a step nobody could take; its seats are made anew for whoever is in post today.

    Returns:
        case_id, seq.

    Raises:
        NotAllowed: the actor does not run the system; the step is decided or was never stuck; still nobody may decide.
        NotFound: there is no such visit.
    """
    access.require(actor, "incident.retry")
    case_id = session.scalar(select(Visit.case_id).where(Visit.id == visit_id))
    if case_id is None:
        raise NotFound("没有这个办理环节。")
    docket = dockets.locked(session, case_id)
    visit = docket.visits[visit_id]
    if visit.state != "open" or visit.incident is None:
        raise NotAllowed("此环节已经办理，或已有人可以办理，不需要重试。请刷新。")
    try:
        why = Advance(docket, at).reseat(session, visit)
    except NoSuchBody as fault:
        why = str(fault)
    if why:
        raise NotAllowed(f"仍然不能办理：{why}")
    act = Act(actor=actor, at=at, client=client)
    seq = recording.record(session, docket, act, kind="incident_retried", verb="retry_incident", visit=visit)
    return {"case_id": docket.case.id, "seq": seq}


def lost_messages(session: Session, *, actor: Actor) -> list[LostMessage]:
    """The messages given up, the newest first, 200 at most; they are forgotten after 30 days.

    Raises:
        NotAllowed: the actor neither runs the system nor the performance section.
    """
    access.require(actor, "incident.read")
    statement = select(Outbox).where(Outbox.sent_at.is_not(None), Outbox.error.is_not(None))
    return [
        LostMessage(
            id=row.id,
            kind=row.kind,
            given_up_at=row.sent_at or row.created_at,
            attempts=row.attempts,
            why=row.error or "",
        )
        for row in session.scalars(statement.order_by(Outbox.id.desc()).limit(MOST))
    ]


def send_again(
    session: Session, message_id: int, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> None:
    """Put a message that was given up back into the queue, with all its attempts.

    Raises:
        NotAllowed: the actor does not run the system.
        NotFound: there is no such message, or it was not given up.
    """
    access.require(actor, "incident.retry")
    row = session.get(Outbox, message_id, with_for_update=True)
    if row is None or row.sent_at is None or row.error is None:
        raise NotFound("没有这条已放弃的消息，它可能已经重新发送。")
    row.sent_at, row.attempts, row.next_at, row.error = None, 0, None, None
    detail = {"message": str(row.id), "channel": row.kind}
    security_log.write(session, "message_retried", at=at, actor=actor.person_id, detail=detail, client=client)
