"""May somebody be reminded of what waits for them? 催办, seldom enough to be heard."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.case import Visit
from db.event import Event
from service import recording, seats
from service.acts import Act, Request
from service.dockets import Docket
from service.errors import NotAllowed
from service.people import DISTRICT, Actor

MOST = 5
PAUSE = timedelta(hours=4)
#: From this reminder on the chief hears of it too.
TO_CHIEF = 3


def urge(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Remind whoever a step waits for (催办): at most once in four hours and five times a visit; nothing else changes.

    Where a seat waits for somebody else's word, that person is reminded. From the third time on the chief is told.

    Raises:
        NotAllowed: the step is not open, the actor has no interest in it, or it was urged too often or just now.
    """
    why = _why_not(session, docket, visit, act.actor, act.at)
    if why is None:
        raise NotAllowed("只有发起人和前面环节的经办人可以催办，且事项须在他人处待办。")
    if why:
        raise NotAllowed(why)
    return remind(session, docket, visit, act, reason=request.reason)


def remind(session: Session, docket: Docket, visit: Visit, act: Act, *, reason: str | None) -> dict[str, Any]:
    """Remind whoever a step waits for, whoever asks; seldom enough.

    Raises:
        NotAllowed: it was urged too often or just now.
    """
    count, last = _earlier(session, docket, visit)
    if why := _too_often(count, last, act.at):
        raise NotAllowed(why)
    count += 1
    waiting = [seat.id for seat in docket.seats_of(visit) if seat.state == "open"]
    docket.changes.append({"type": "urged", "seats": waiting, "count": count, "chief": count >= TO_CHIEF})
    note = (reason or "").strip() or None
    seq = recording.record(session, docket, act, kind="visit_urged", verb="urge", visit=visit, reason=note)
    copied = "，并告知其负责人" if count >= TO_CHIEF else ""
    return {"message": f"已催办“{visit.node_name}”（第 {count} 次）{copied}。", "seq": seq, "case_id": docket.case.id}


def offers(session: Session, docket: Docket, visit: Visit, actor: Actor, at: datetime) -> list[tuple[str, str]]:
    """The verb for those who wait, with why it is closed ("" if it is open)."""
    why = _why_not(session, docket, visit, actor, at)
    return [] if why is None else [("urge", why)]


def _why_not(session: Session, docket: Docket, visit: Visit, actor: Actor, at: datetime) -> str | None:
    """None where urging is not the actor's business at all."""
    if visit.state != "open" or any(seat.person_id == actor.person_id for seat in seats.live(docket, visit)):
        return None
    decided = (seat for seat in docket.seats.values() if seat.visit_id != visit.id)
    waits = docket.case.initiator_id == actor.person_id
    if not waits and not any(actor.person_id in (seat.decided_by, seat.on_behalf_of) for seat in decided):
        return None
    return _too_often(*_earlier(session, docket, visit), at)


def _too_often(count: int, last: datetime | None, at: datetime) -> str:
    if count >= MOST:
        return f"本环节已催办 {MOST} 次，不能再催，请直接联系经办人或其负责人。"
    if last is not None and at - last < PAUSE:
        again = (last + PAUSE).astimezone(DISTRICT).strftime("%H:%M")
        return f"4 小时内只能催办一次，{again} 以后可以再催。"
    return ""


def _earlier(session: Session, docket: Docket, visit: Visit) -> tuple[int, datetime | None]:
    urged = select(func.count(), func.max(Event.at)).where(
        Event.case_id == docket.case.id, Event.kind == "visit_urged", Event.visit == visit.id
    )
    count, last = session.execute(urged).one()
    return int(count), last
