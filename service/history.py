"""What has happened to a case? The append-only log that everything else can be rebuilt from.

An event is one accepted command with all its changes. Its hash covers every member and the hash before it, so no
event of a case can be changed, removed from the middle or slipped in without breaking the chain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from hashlib import sha256
from operator import attrgetter
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.event import Event

#: What the first event of a case is chained to.
GENESIS = "0" * 64

#: The closed list of kinds with the sentence auditors read. Kinds are never used again for something else.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "case_started": "建立业务件",
        "case_imported": "由工作簿导入，建立业务件",
        "case_launched": "随批次下达，建立业务件",
        "case_referred": "由其他业务件转入，建立业务件",
        "case_discarded": "删除未提交的草稿",
        "form_submitted": "提交申报材料",
        "visit_approved": "同意",
        "visit_rejected": "不予通过",
        "visit_returned": "退回修改",
        "visit_consulted": "会商修改",
        "seat_claimed": "领取",
        "seat_unclaimed": "放回",
        "seat_voted": "会签表决",
        "decision_recalled": "撤回本人的办理",
        "case_withdrawn": "发起人撤件",
        "withdrawal_requested": "发起人申请撤件",
        "withdrawal_agreed": "在办人员同意撤件",
        "withdrawal_refused": "在办人员不同意撤件",
        "seat_transferred": "转办",
        "seat_handed_over": "离岗人员事项移交",
        "seat_delegated": "委派他人提供意见",
        "advice_given": "答复委派",
        "delegation_ended": "收回委派",
        "seat_added": "加签",
        "seat_dropped": "减签",
        "case_copied": "抄送",
        "copy_read": "抄送已阅",
        "visit_urged": "催办",
        "exception_requested": "申请特别处理",
        "exception_refused": "不同意特别处理",
        "case_jumped": "跳转",
        "case_suspended": "挂起",
        "case_resumed": "恢复",
        "case_terminated": "终止",
        "case_voided": "作废",
        "case_migrated": "迁移到另一流程版本",
        "timer_fired": "规定的时间已到",
        "incident_retried": "补充任职后恢复办理",
        "ex_ante_recorded": "登记事前绩效评估结论",
    }
)

#: Members of an event its hash covers, besides the hash before it.
COVERED = (
    "case_id",
    "seq",
    "at",
    "kind",
    "verb",
    "actor",
    "on_behalf_of",
    "post",
    "visit",
    "seat",
    "node",
    "round",
    "release_hash",
    "form_hash",
    "data_hash",
    "command",
    "changes",
    "reason",
    "client",
    "simulated",
    "engine_digest",
    "prev_hash",
)
_covered = attrgetter(*COVERED)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a command adds to the log; place in the chain and hash are given by ``chained``."""

    kind: str
    verb: str
    actor: str | None
    post: Mapping[str, str] | None = None
    on_behalf_of: str | None = None
    visit: str | None = None
    seat: str | None = None
    node: str | None = None
    #: Hash of the subject's form as it stands after the event.
    form_hash: str | None = None
    #: Hash of the review filled in with the decision.
    data_hash: str | None = None
    #: The engine commands that were applied, in order, so that the case can be run again.
    command: Mapping[str, Any] | None = None
    changes: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    reason: str | None = None
    client: Mapping[str, Any] | None = None
    simulated: bool = False


def chained(
    entry: Entry,
    *,
    case_id: str,
    seq: int,
    at: datetime,
    round: int,
    release_hash: str,
    engine_digest: str,
    prev_hash: str,
) -> Event:
    """The event row of an entry at its place in the chain of its case.

    Raises:
        KeyError: the kind is not in ``KINDS``.
    """
    KINDS[entry.kind]
    members = {member.name: getattr(entry, member.name) for member in fields(entry)}
    plain = {name: _json(members[name]) for name in ("post", "command", "client")}
    event = Event(
        **{**members, **plain, "changes": _json(list(entry.changes))},
        case_id=case_id,
        seq=seq,
        at=at,
        round=round,
        release_hash=release_hash,
        engine_digest=engine_digest,
        prev_hash=prev_hash,
    )
    event.hash = event_hash(event)
    return event


def event_hash(event: Event) -> str:
    """SHA-256 (hex) over the canonical event: sorted members, the instant in UTC to the microsecond."""
    return sha256(canonical_event(event)).hexdigest()


def canonical_event(event: Event) -> bytes:
    """The bytes an event's hash is taken of; evidence hands out exactly these, a line an event."""
    members = dict(zip(COVERED, _covered(event), strict=True))
    members["at"] = event.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return canonical(members)


def canonical(value: Any) -> bytes:
    """The one byte form of plain JSON that hashes are taken of: sorted names, no spaces, UTF-8."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def of_case(session: Session, case_id: str) -> list[Event]:
    """All events of a case in order; [] for a case there is not."""
    return list(session.scalars(select(Event).where(Event.case_id == case_id).order_by(Event.seq)))


def broken_at(events: Sequence[Event]) -> int | None:
    """The sequence number of the first event that does not fit the chain; None if all do.

    Checks that numbers run from 1 without gaps, that each event names the hash before it, and each event's own hash.
    """
    before = GENESIS
    for number, event in enumerate(events, 1):
        if event.seq != number or event.prev_hash != before or event_hash(event) != event.hash:
            return number
        before = event.hash
    return None


def _json(value: Any) -> Any:
    """The value as it comes back from the database: only plain JSON, so that the hash stays true."""
    return None if value is None else orjson.loads(orjson.dumps(value, default=str))
