"""What has each person been told, and what of it have they not read? Written by jobs, never inside a decision.

A person is told something once: its key is unique to the person, so a job that runs again tells nothing twice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.case import Seat
from db.desk import Notice
from db.participation import Substitution
from service import notice_channels, people
from service.people import day

#: The closed list of what people are told, in the order of the settings page.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "task": "新待办",
        "returned": "退回给我",
        "urged": "催办",
        "copied": "抄送给我",
        "answered": "委派已答复",
        "before": "期限将至",
        "due": "今日到期",
        "overdue": "逾期（负责人）",
        "long_overdue": "逾期未办（局领导）",
        "finished": "办结",
        "recalled": "待办已被撤回",
        "paused": "挂起、恢复",
        "withdrawal": "撤件申请",
        "exception": "特别处理",
        "rule": "我的规则",
        "digest": "每日摘要",
    }
)
SIZE = 50
#: Greater numbers the database cannot count.
GREATEST_ID = 2**63 - 1
#: Notices that were read are dropped after so long; what happened stays in the cases' own histories.
KEPT = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class News:
    """Something to tell to some people, once each by its key."""

    kind: str
    key: str
    people: Collection[str]
    case_id: str | None = None
    visit_id: str | None = None
    #: title, number, node, by, reason, due: whatever the sentence says.
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class NoticeRow:
    """A notice as its reader sees it."""

    id: int
    kind: str
    label: str
    case_id: str | None
    visit_id: str | None
    facts: Mapping[str, Any]
    at: datetime
    read: bool


@dataclass(frozen=True)
class NoticePage:
    """A page of a person's notices, newest first."""

    rows: list[NoticeRow]
    total: int
    page: int
    size: int


def tell(session: Session, news: Iterable[News], *, at: datetime) -> int:
    """Tell people something, and queue what they want to hear of it by mail or robot.

    Returns:
        How many notices are new; what somebody was told before is left as it is.
    """
    rows = [
        {
            "person_id": person_id,
            "key": one.key,
            "kind": one.kind,
            "case_id": one.case_id,
            "visit_id": one.visit_id,
            "facts": dict(one.facts),
            "at": at,
        }
        for one in news
        # Always in one order, so that two jobs at work on the same people cannot wait for each other.
        for person_id in sorted(set(one.people))
    ]
    if not rows:
        return 0
    rows.sort(key=lambda row: (row["person_id"], row["key"]))
    statement = insert(Notice).values(rows).on_conflict_do_nothing(index_elements=["person_id", "key"])
    fresh = session.execute(statement.returning(Notice.id, Notice.person_id, Notice.kind, Notice.facts)).all()
    notice_channels.queue(session, fresh, at=at)
    return len(fresh)


def seated(session: Session, seats: Sequence[Seat], *, at: datetime) -> dict[str, set[str]]:
    """Who can sit at each of these seats today, by seat: the holder, else whoever holds the post; and their substitutes."""
    posts = {(seat.role, seat.organisation_id) for seat in seats if seat.person_id is None}
    holders = people.holders(session, posts, at=at)
    found = {
        seat.id: {seat.person_id}
        if seat.person_id
        else {person.id for person in holders[seat.role, seat.organisation_id]}
        for seat in seats
    }
    standing_in = _substitutes(session, set().union(*found.values()), at)
    return {
        seat: named | {other for person in named for other in standing_in.get(person, ())}
        for seat, named in found.items()
    }


def page(
    session: Session, person_id: str, *, page: int = 1, unread: bool = False, kind: str | None = None
) -> NoticePage:
    """A page of a person's notices, newest first; only the unread or those of one kind if asked for."""
    wanted = _of(person_id, unread=unread, kind=kind)
    total = session.execute(select(func.count()).select_from(Notice).where(wanted)).scalar_one()
    chosen = select(Notice).where(wanted).order_by(Notice.id.desc()).limit(SIZE).offset((page - 1) * SIZE)
    return NoticePage([_row(found) for found in session.scalars(chosen)], total, page, SIZE)


def one(session: Session, person_id: str, notice_id: int) -> NoticeRow | None:
    """A person's own notice; None if there is none of this number."""
    found = session.get(Notice, notice_id) if notice_id <= GREATEST_ID else None
    return _row(found) if found is not None and found.person_id == person_id else None


def unread(session: Session, person_id: str) -> int:
    """How many notices a person has not read."""
    return session.execute(select(func.count()).select_from(Notice).where(_of(person_id, unread=True))).scalar_one()


def mark_read(
    session: Session, person_id: str, *, at: datetime, notice_id: int | None = None, case_id: str | None = None
) -> int:
    """Mark a person's notices as read: one, those about a case, or all; returns how many were not read before."""
    wanted = _of(person_id, unread=True)
    if notice_id is not None:
        wanted = and_(wanted, Notice.id == notice_id)
    if case_id is not None:
        wanted = and_(wanted, Notice.case_id == case_id)
    marked = session.execute(update(Notice).where(wanted).values(read_at=at).returning(Notice.id))
    return len(marked.all())


def forget(session: Session, at: datetime) -> None:
    """Drop notices that were read long ago; the cases' own histories keep what happened."""
    session.execute(delete(Notice).where(Notice.read_at < at - KEPT))


def _of(person_id: str, *, unread: bool = False, kind: str | None = None) -> ColumnElement[bool]:
    conditions = [Notice.person_id == person_id]
    if unread:
        conditions.append(Notice.read_at.is_(None))
    if kind is not None:
        conditions.append(Notice.kind == kind)
    return and_(*conditions)


def _row(found: Notice) -> NoticeRow:
    label = KINDS.get(found.kind, found.kind)
    read = found.read_at is not None
    return NoticeRow(found.id, found.kind, label, found.case_id, found.visit_id, found.facts, found.at, read)


def _substitutes(session: Session, principals: Collection[str], at: datetime) -> dict[str, set[str]]:
    today = day(at)
    chosen = select(Substitution.principal_id, Substitution.substitute_id).where(
        Substitution.principal_id.in_(principals),
        Substitution.begins_on <= today,
        Substitution.ends_before > today,
        Substitution.ended_at.is_(None),
    )
    found: dict[str, set[str]] = {}
    for principal, substitute in session.execute(chosen).tuples():
        found.setdefault(principal, set()).add(substitute)
    return found
