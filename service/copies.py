"""Who is shown a case without having to do anything? 抄送 with a note, and 已阅 by whoever got the copy."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import Visit
from db.participation import CaseCopy
from db.person import Person, Post
from forms.problem import Problem
from service import access, people, recording, sitting
from service.acts import Act, Request
from service.dockets import Docket
from service.errors import NotAllowed, Problems
from service.people import Actor

MOST = 20
LONGEST_NOTE = 500


def send(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Show a case to people (抄送), each once a round; they may read it and need not do anything.

    Args:
        request: ``params``: ``people`` (ids); the reason is the note they read.

    Raises:
        NotAllowed: the actor has no part in the case.
        Problems: nobody new is named, too many, people who may not read cases, or a note that is too long.
    """
    if not _takes_part(docket, visit, act.actor):
        raise NotAllowed("只有本事项的发起人和经办人可以抄送。")
    note = (request.reason or "").strip() or None
    wanted = [str(one) for one in dict.fromkeys(request.params.get("people") or ())]
    names = _names(session, wanted, act.at)
    known = set(session.scalars(_of_round(docket)))
    found = list(_problems(wanted, names, known, note))
    if found:
        raise Problems(found)
    sent = [person_id for person_id in wanted if person_id not in known]
    for person_id in sent:
        copy = CaseCopy(id=opaque_id(), case_id=docket.case.id, visit_id=visit.id, person_id=person_id)
        copy.round, copy.note, copy.sent_by, copy.sent_at = docket.case.round, note, act.actor.person_id, act.at
        docket.beside.append(copy)
        docket.changes.append({"type": "copy_sent", "copy": copy.id, "person": person_id})
    seq = recording.record(session, docket, act, kind="case_copied", verb="cc", visit=visit, reason=note)
    told = "、".join(names[person_id] for person_id in sent)
    return {"message": f"已抄送{told}。", "seq": seq, "case_id": docket.case.id}


def read(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Say that one has read the copies one got of a case (已阅); saying it again changes nothing.

    Raises:
        NotAllowed: nobody sent the actor a copy.
    """
    own = select(CaseCopy).where(CaseCopy.case_id == docket.case.id, CaseCopy.person_id == act.actor.person_id)
    copies = session.scalars(own).all()
    if not copies:
        raise NotAllowed("本事项没有抄送给您。")
    unread = [copy for copy in copies if copy.read_at is None]
    if not unread:
        return {"message": "您已阅。", "seq": docket.case.seq, "case_id": docket.case.id}
    for copy in unread:
        session.expunge(copy)
        copy.read_at = act.at
        docket.beside.append(copy)
        docket.changes.append({"type": "copy_read", "copy": copy.id})
    seq = recording.record(session, docket, act, kind="copy_read", verb="read", visit=visit)
    return {"message": "已阅。", "seq": seq, "case_id": docket.case.id}


def receipts(session: Session, case_id: str) -> list[dict[str, Any]]:
    """Who got a copy of a case, from whom, when, and when they read it (None: not yet); oldest first.

    ``sent_by`` is None where the process is drawn so.
    """
    sender = Person.__table__.alias("sender")
    statement = (
        select(CaseCopy, Person.name, sender.c.name)
        .join(Person, Person.id == CaseCopy.person_id)
        .outerjoin(sender, sender.c.id == CaseCopy.sent_by)
        .where(CaseCopy.case_id == case_id)
        .order_by(CaseCopy.sent_at, Person.username)
    )
    return [
        {"person": name, "sent_by": by, "note": copy.note, "sent_at": copy.sent_at, "read_at": copy.read_at}
        for copy, name, by in session.execute(statement)
    ]


def offers(session: Session, docket: Docket, visit: Visit, actor: Actor, at: datetime) -> list[tuple[str, str]]:
    """抄送 for those who take part, 已阅 for those who got a copy they have not read."""
    found = [("cc", "")] if _takes_part(docket, visit, actor) else []
    unread = select(CaseCopy.id).where(CaseCopy.case_id == docket.case.id, CaseCopy.person_id == actor.person_id)
    if session.scalars(unread.where(CaseCopy.read_at.is_(None)).limit(1)).first():
        found.append(("read", ""))
    return found


def _takes_part(docket: Docket, visit: Visit, actor: Actor) -> bool:
    if docket.case.initiator_id == actor.person_id or sitting.seat_of(docket, visit, actor):
        return True
    return any(actor.person_id in (seat.decided_by, seat.on_behalf_of) for seat in docket.seats.values())


def _of_round(docket: Docket) -> Any:
    return select(CaseCopy.person_id).where(CaseCopy.case_id == docket.case.id, CaseCopy.round == docket.case.round)


def _names(session: Session, wanted: Sequence[str], at: datetime) -> dict[str, str]:
    """Names of those among the wanted who may read cases at all."""
    readers = select(Person.id, Person.name).join(Post, Post.person_id == Person.id)
    may = readers.where(people.valid_on(people.day(at)), Post.role.in_(access.CASE_ROLES))
    return dict(session.execute(may.where(Person.id.in_(wanted), Person.active)).tuples().all())


def _problems(wanted: Sequence[str], names: dict[str, str], known: set[str], note: str | None) -> Iterator[Problem]:
    if not wanted:
        yield _problem("people", "请选择抄送给谁")
    elif len(wanted) > MOST:
        yield _problem("people", f"一次最多抄送 {MOST} 人，现有 {len(wanted)} 人")
    elif any(person_id not in names for person_id in wanted):
        yield _problem("people", "所选人员中有人没有查看业务的岗位或已停用，请重新选择")
    elif known.issuperset(wanted):
        yield _problem("people", "所选人员本轮都已收到抄送，不必重复")
    if note and len(note) > LONGEST_NOTE:
        yield _problem("reason", f"附言超过 {LONGEST_NOTE} 字，请精简")


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source="抄送规则（基本规定 §3.5）")
