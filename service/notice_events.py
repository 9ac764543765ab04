"""Whom does an event concern, and what are they told? Read from events after they were kept, by a job.

The database queues every event in the outbox together with it. The queue's row goes in the transaction that tells
people, so everything is told at least once, and the notices' keys make it once.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from db.case import CaseFile, Seat, Visit, VisitReading
from db.event import Event, Outbox
from db.participation import ExceptionalAct
from db.person import Person
from service import labels, notices, people, saved_views
from service.notices import News

#: What happened longer ago is no news: histories that were loaded or restored tell nobody.
STALE = timedelta(days=3)
BATCH = 200
#: Kinds of events that send something back to whom it opens for.
_BACK = frozenset({"visit_returned", "visit_consulted"})
#: Kinds of events by which somebody takes back what others have in hand.
_TAKEN_BACK = frozenset({"decision_recalled", "case_withdrawn"})
_PAUSES = {"case_suspended": "已挂起，期限顺延", "case_resumed": "已恢复办理"}
_LEADERS = "BUREAU_LEADER"


@dataclass(frozen=True)
class Batch:
    """Some events with the rows that say whom they concern, read together."""

    events: Sequence[Event]
    cases: dict[str, CaseFile]
    #: Open seats by case.
    seats: dict[str, list[Seat]]
    #: Who can sit at each.
    seated: dict[str, set[str]]
    nodes: dict[str, str]
    names: dict[str, str]
    leaders: set[str]


def tell(session: Session, at: datetime) -> None:
    """Tell people of the next queued events; any number of processes may do so at the same time."""
    queued = select(Outbox).where(Outbox.kind == "event", Outbox.sent_at.is_(None))
    rows = session.scalars(queued.order_by(Outbox.id).limit(BATCH).with_for_update(skip_locked=True)).all()
    if not rows:
        return
    fresh = [(row.case_id, row.payload["seq"]) for row in rows if row.created_at > at - STALE]
    if fresh:
        batch = _read(session, fresh, at)
        news = [one for event in batch.events for one in of_event(session, batch, event)]
        notices.tell(session, news, at=at)
        notices.tell(session, saved_views.news(session, [one for one in news if one.kind == "task"], at=at), at=at)
    session.execute(delete(Outbox).where(Outbox.id.in_([row.id for row in rows])))


def of_event(session: Session, batch: Batch, event: Event) -> Iterator[News]:
    """What follows from one event; nobody is told what they did themselves."""
    case = batch.cases[event.case_id]
    seats = batch.seats.get(event.case_id, [])
    yield from _opened(batch, event, [seat for seat in seats if seat.opened_at == event.at])
    yield from _copied(batch, event)
    yield from _taken_back(session, batch, event)
    if event.kind == "visit_urged":
        concerned = [seat for seat in seats if seat.visit_id == event.visit]
        yield _news(batch, event, "urged", _people(batch, concerned), visit_id=event.visit)
    elif event.kind == "advice_given":
        asked = session.scalar(select(Seat.made_by).where(Seat.id == event.seat))
        yield _news(batch, event, "answered", [asked] if asked else [], visit_id=event.visit)
    elif event.kind in _PAUSES:
        concerned_people = {case.initiator_id, *_people(batch, seats)}
        yield _news(batch, event, "paused", concerned_people, what=_PAUSES[event.kind])
    else:
        yield from _asked(session, batch, event, seats)
    if case.finished_at == event.at:
        yield _news(batch, event, "finished", [case.initiator_id], what=labels.stage(case.stage))


def _asked(session: Session, batch: Batch, event: Event, seats: Sequence[Seat]) -> Iterator[News]:
    """What somebody asked others to agree to, and their no."""
    case = batch.cases[event.case_id]
    if event.kind == "withdrawal_requested":
        for seat in seats:
            key, told = f"withdrawal:{event.case_id}:{event.seq}:{seat.visit_id}:{seat.id}", batch.seated[seat.id]
            what = "发起人申请撤件，请答复"
            yield _news(batch, event, "withdrawal", told, visit_id=seat.visit_id, key=key, what=what)
    elif event.kind == "withdrawal_refused":
        yield _news(batch, event, "withdrawal", [case.initiator_id], what="未同意撤件")
    elif event.kind == "exception_requested":
        yield _news(batch, event, "exception", batch.leaders, what="申请特别处理，请确认")
    elif event.kind == "exception_refused":
        requested = select(ExceptionalAct.requested_by).where(
            ExceptionalAct.case_id == case.id, ExceptionalAct.decided_at == event.at
        )
        yield _news(batch, event, "exception", session.scalars(requested).all(), what="未同意特别处理")


def _opened(batch: Batch, event: Event, seats: Sequence[Seat]) -> Iterator[News]:
    """Seats that an event opened: something new to do, or something that came back."""
    kind = "returned" if event.kind in _BACK else "task"
    for seat in seats:
        yield _news(
            batch, event, kind, batch.seated[seat.id], visit_id=seat.visit_id, key=f"opened:{seat.visit_id}:{seat.id}"
        )


def _copied(batch: Batch, event: Event) -> Iterator[News]:
    """Copies somebody sent, and those a process draws at its steps and ends."""
    shown = [change["person"] for change in event.changes if change["type"] == "copy_sent"]
    if shown:
        yield _news(batch, event, "copied", shown)


def _taken_back(session: Session, batch: Batch, event: Event) -> Iterator[News]:
    """A task that goes away from under people who have opened it already: they are told by whom and why."""
    if event.kind not in _TAKEN_BACK:
        return
    closed = [change["visit"] for change in event.changes if change["type"] == "visit_cancelled"]
    seats = session.scalars(select(Seat).where(Seat.visit_id.in_(closed))).all()
    if not seats:
        return
    since = min(seat.opened_at for seat in seats)
    opened = select(VisitReading.person_id).where(VisitReading.case_id == event.case_id, VisitReading.read_at >= since)
    sat = set().union(*notices.seated(session, seats, at=event.at).values())
    yield _news(batch, event, "recalled", sat & set(session.scalars(opened)))


def _people(batch: Batch, seats: Sequence[Seat]) -> set[str]:
    return set().union(*(batch.seated[seat.id] for seat in seats))


def _news(
    batch: Batch,
    event: Event,
    kind: str,
    concerned: Collection[str],
    *,
    visit_id: str | None = None,
    key: str | None = None,
    what: str | None = None,
) -> News:
    case = batch.cases[event.case_id]
    facts: dict[str, Any] = {
        "title": case.title,
        "number": case.number,
        "node": batch.nodes.get(visit_id or "", ""),
        "by": batch.names.get(event.actor or "", ""),
        "verb": labels.verb(event.verb),
        "reason": event.reason or "",
        "what": what or "",
    }
    return News(
        kind=kind,
        key=key or f"{kind}:{event.case_id}:{event.seq}",
        people=set(concerned) - {event.actor},
        case_id=event.case_id,
        visit_id=visit_id,
        facts={name: value for name, value in facts.items() if value},
    )


def _read(session: Session, wanted: Sequence[tuple[str | None, int]], at: datetime) -> Batch:
    chosen = select(Event).where(tuple_(Event.case_id, Event.seq).in_(wanted)).order_by(Event.at, Event.seq)
    events = session.scalars(chosen).all()
    ids = {event.case_id for event in events}
    cases = {case.id: case for case in session.scalars(select(CaseFile).where(CaseFile.id.in_(ids)))}
    seats = session.scalars(select(Seat).where(Seat.case_id.in_(ids), Seat.state == "open")).all()
    by_case: dict[str, list[Seat]] = {}
    for seat in seats:
        by_case.setdefault(seat.case_id, []).append(seat)
    visits = {seat.visit_id for seat in seats} | {event.visit for event in events}
    nodes = dict(session.execute(select(Visit.id, Visit.node_name).where(Visit.id.in_(visits))).tuples().all())
    actors = {event.actor for event in events}
    names = dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(actors))).tuples().all())
    exceptional = any(event.kind == "exception_requested" for event in events)
    leaders = people.of_role(session, _LEADERS, at=at) if exceptional else set()
    return Batch(events, cases, by_case, notices.seated(session, seats, at=at), nodes, names, leaders)
