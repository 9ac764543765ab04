"""What should an auditor look at first? Saved questions to the whole district, each with its cases."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, String, and_, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from db.case import CaseFile, Seat, Visit, VisitReading
from db.event import Event, SecurityEvent
from db.form import FormRevision
from db.person import Person
from db.release import ProcessRelease
from service import access, calendar, releases
from service.people import Actor, day
from service.revisions import DECLARATION
from service.rules.working_hours import WorkingTime

#: Limits of the questions, shown with them.
FASTEST = 60
MOST_IN_FIVE_MINUTES = 20
MOST_RETURNS = 2
MOST_REFUSED = 10
MOST_SHOWN = 500
#: Kinds of events by which somebody intervenes from outside the flow.
EXCEPTIONAL = ("case_jumped", "case_terminated", "case_voided", "case_suspended", "case_migrated", "seat_handed_over")


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A saved question."""

    code: str
    title: str
    hint: str
    ask: Callable[[Session, datetime], list[Any]]


def counts(session: Session, *, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """Every question with the number of answers.

    Raises:
        NotAllowed: the actor is no auditor.
    """
    access.require(actor, "audit.read")
    return [
        {"code": flag.code, "title": flag.title, "hint": flag.hint, "count": len(flag.ask(session, at))}
        for flag in FLAGS.values()
    ]


def answers(session: Session, code: str, *, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """The answers to one question, the newest first: case, number, title, person, instant, detail.

    Raises:
        NotAllowed: the actor is no auditor.
        KeyError: there is no such question.
    """
    access.require(actor, "audit.read")
    names = ("case_id", "number", "title", "person", "at", "seq", "detail")
    return [{name: getattr(row, name, None) for name in names} for row in FLAGS[code].ask(session, at)[:MOST_SHOWN]]


def _seats(detail: Any) -> Select[Any]:
    """Decided seats with their case and person."""
    return (
        select(CaseFile.id.label("case_id"), CaseFile.number, CaseFile.title, Person.name.label("person"))
        .add_columns(Seat.decided_at.label("at"), detail.label("detail"))
        .join(CaseFile, CaseFile.id == Seat.case_id)
        .join(Visit, Visit.id == Seat.visit_id)
        .join(Person, Person.id == Seat.decided_by)
        .where(Seat.state == "done")
        .order_by(Seat.decided_at.desc())
    )


def _events(detail: Any) -> Select[Any]:
    """Events with their case and actor."""
    return (
        select(CaseFile.id.label("case_id"), CaseFile.number, CaseFile.title, Person.name.label("person"))
        .add_columns(Event.at, Event.seq, detail.label("detail"))
        .join(CaseFile, CaseFile.id == Event.case_id)
        .outerjoin(Person, Person.id == Event.actor)
        .order_by(Event.at.desc())
    )


def _fast(session: Session, at: datetime) -> list[Any]:
    spent = Seat.decided_at - Seat.opened_at
    wanted = _seats(Visit.node_name).where(Seat.vote == "approve", spent < timedelta(seconds=FASTEST))
    return list(session.execute(wanted))


def _never_opened(session: Session, at: datetime) -> list[Any]:
    read = exists().where(VisitReading.case_id == Seat.case_id, VisitReading.person_id == Seat.decided_by)
    return list(session.execute(_seats(Visit.node_name).where(Seat.vote != "submit", ~read)))


def _many_at_once(session: Session, at: datetime) -> list[Any]:
    since = func.date_bin(
        timedelta(minutes=5), Seat.decided_at, literal(datetime.fromisoformat("2000-01-01T00:00:00Z"))
    )
    statement = (
        select(Person.name.label("person"), since.label("at"), cast(func.count(), String).label("detail"))
        .join(Person, Person.id == Seat.decided_by)
        .where(Seat.state == "done", Seat.vote != "submit")
        .group_by(Person.id, Person.name, since)
        .having(func.count() > MOST_IN_FIVE_MINUTES)
        .order_by(since.desc())
    )
    return list(session.execute(statement))


def _direct_after_change(session: Session, at: datetime) -> list[Any]:
    """Straight back to whoever returned it although the amount is another than before."""
    now, before = aliased(FormRevision), aliased(FormRevision)
    amount = "amount_total"
    told = func.concat(before.content[amount].astext, " → ", now.content[amount].astext)
    statement = (
        _events(told)
        .join(now, and_(now.case_id == Event.case_id, now.hash == Event.form_hash, now.form_code == DECLARATION))
        .join(before, and_(before.case_id == now.case_id, before.form_code == DECLARATION))
        .where(before.revision == now.revision - 1, Event.changes.contains([{"type": "resubmitted_directly"}]))
        .where(before.content[amount].astext != now.content[amount].astext)
    )
    return list(session.execute(statement))


def _many_returns(session: Session, at: datetime) -> list[Any]:
    count = func.count()
    statement = (
        select(CaseFile.id.label("case_id"), CaseFile.number, CaseFile.title, func.max(Event.at).label("at"))
        .add_columns(cast(count, String).label("detail"))
        .join(CaseFile, CaseFile.id == Event.case_id)
        .where(Event.kind == "visit_returned")
        .group_by(CaseFile.id)
        .having(count > MOST_RETURNS)
        .order_by(count.desc())
    )
    return list(session.execute(statement))


def _two_levels(session: Session, at: datetime) -> list[Any]:
    """One person at several steps of a case, in their own right or for somebody else, where the diagram forbids it."""
    names = func.string_agg(Visit.node_name.distinct(), "、")
    nodes = func.array_agg(Visit.node_id.distinct()).label("nodes")
    statement = (
        select(CaseFile.id.label("case_id"), CaseFile.number, CaseFile.title, Person.name.label("person"))
        .add_columns(func.max(Seat.decided_at).label("at"), names.label("detail"), nodes, CaseFile.release_id)
        .join(CaseFile, CaseFile.id == Seat.case_id)
        .join(Visit, Visit.id == Seat.visit_id)
        .join(Person, or_(Person.id == Seat.decided_by, Person.id == Seat.on_behalf_of))
        .where(Seat.state == "done", Seat.origin == "model")
        .group_by(CaseFile.id, Person.id)
        .having(func.count(Visit.node_id.distinct()) > 1)
        .order_by(func.max(Seat.decided_at).desc())
    )
    return [row for row in session.execute(statement) if _forbidden(session, row)]


def _forbidden(session: Session, row: Any) -> bool:
    """Whether two of a person's steps exclude each other, as the case's version of the process is drawn."""
    bundle = releases.bundle(session, row.release_id)
    return any(
        one in bundle.step(other).distinct_from and other in bundle.step(one).distinct_from
        for one, other in combinations(row.nodes, 2)
    )


def _exceptional(session: Session, at: datetime) -> list[Any]:
    return list(session.execute(_events(func.coalesce(Event.reason, Event.kind)).where(Event.kind.in_(EXCEPTIONAL))))


def _outside_hours(session: Session, at: datetime) -> list[Any]:
    rows = session.execute(_seats(Visit.node_name).where(Seat.vote != "submit")).all()
    if not rows:
        return []
    first, last = day(rows[-1].at) - timedelta(days=1), day(rows[0].at) + timedelta(days=1)
    hours = WorkingTime(first, last, calendar.table(session))
    return [row for row in rows if not hours.within(row.at)]


def _late_seat(session: Session, at: datetime) -> list[Any]:
    """Somebody was added after others of the same step had spoken."""
    voted = exists().where(Seat.visit_id == Event.visit, Seat.state == "done", Seat.decided_at < Event.at)
    return list(session.execute(_events(func.coalesce(Event.reason, "")).where(Event.kind == "seat_added", voted)))


def _changed_rules(session: Session, at: datetime) -> list[Any]:
    """A newer version of the process was published while the case was open."""
    newer, own = aliased(ProcessRelease), aliased(ProcessRelease)
    told = func.concat(newer.title, " V", newer.version)
    statement = (
        select(CaseFile.id.label("case_id"), CaseFile.number, CaseFile.title)
        .add_columns(newer.published_at.label("at"), told.label("detail"))
        .join(own, own.id == CaseFile.release_id)
        .join(newer, and_(newer.process_id == own.process_id, newer.version > own.version))
        .where(newer.published_at > CaseFile.started_at)
        .where(or_(CaseFile.finished_at.is_(None), newer.published_at < CaseFile.finished_at))
        .order_by(newer.published_at.desc())
    )
    return list(session.execute(statement))


def _refused(session: Session, at: datetime) -> list[Any]:
    count = func.count()
    statement = (
        select(Person.name.label("person"), func.max(SecurityEvent.at).label("at"), cast(count, String).label("detail"))
        .join(Person, Person.id == SecurityEvent.actor)
        .where(SecurityEvent.kind.in_(("command_refused", "access_refused")))
        .group_by(Person.id)
        .having(count > MOST_REFUSED)
        .order_by(count.desc())
    )
    return list(session.execute(statement))


_LIST = (
    Flag(code="fast", title="同意过快", hint=f"送达后不到 {FASTEST} 秒即同意", ask=_fast),
    Flag(code="never_opened", title="未打开即办理", hint="办理人从未打开过案卷", ask=_never_opened),
    Flag(
        code="many", title="集中批量办理", hint=f"同一人五分钟内办理超过 {MOST_IN_FIVE_MINUTES} 件", ask=_many_at_once
    ),
    Flag(code="direct", title="改了金额仍直接送回", hint="退回后金额改变，却没有逐级重审", ask=_direct_after_change),
    Flag(code="returns", title="退回次数多", hint=f"同一业务件退回超过 {MOST_RETURNS} 次", ask=_many_returns),
    Flag(
        code="two_levels",
        title="一人办理多个环节",
        hint="含代他人办理；流程图规定可由同一人办理的除外",
        ask=_two_levels,
    ),
    Flag(code="exceptional", title="跳转、终止等特别处理", hint="流程之外的人为干预", ask=_exceptional),
    Flag(code="outside_hours", title="非工作时间办理", hint="按区工作日表和机关作息时间", ask=_outside_hours),
    Flag(code="late_seat", title="表决后才加签", hint="同一环节已有人表态后加签", ask=_late_seat),
    Flag(code="changed_rules", title="办理期间流程改版", hint="业务件办结前发布了新的流程版本", ask=_changed_rules),
    Flag(code="refused", title="多次被拒绝", hint=f"同一人被拒绝的操作和访问超过 {MOST_REFUSED} 次", ask=_refused),
)
FLAGS: Mapping[str, Flag] = MappingProxyType({flag.code: flag for flag in _LIST})
