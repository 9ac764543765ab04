"""What did a person do, what did an administrator change, who was refused, what did auditors read? Both logs in one order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, cast, func, literal, null, or_, select, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from db.case import CaseFile
from db.event import Event, SecurityEvent
from db.person import Person
from service import access, history, security_log
from service.people import Actor
from service.red_flags import EXCEPTIONAL

_REFUSED = ("command_refused", "access_refused", "login_failed", "login_locked", "login_throttled")
_LOGINS = ("login_accepted", "logout", "session_ended", "password_changed", "token_created", "token_revoked")
_READS = ("case_read", "exported", "log_read")
_INTERVENTIONS = ("exception_requested", "exception_refused", "case_resumed", *EXCEPTIONAL)
#: What can be asked for: words, kinds of the cases' events, kinds of the security log; None stands for all kinds.
GROUPS: Mapping[str, tuple[str, tuple[str, ...] | None, tuple[str, ...] | None]] = MappingProxyType(
    {
        "": ("全部", None, None),
        "work": ("业务办理", None, ()),
        "interventions": ("特别处理", _INTERVENTIONS, ()),
        "changes": (
            "管理变更",
            (),
            tuple(kind for kind in security_log.KINDS if kind not in (*_REFUSED, *_LOGINS, *_READS)),
        ),
        "refused": ("被拒绝的操作和登录", (), _REFUSED),
        "logins": ("登录与口令", (), _LOGINS),
        "reads": ("审计查阅与导出", (), _READS),
    }
)


#: What was read or taken away, in words.
READ: Mapping[str, str] = MappingProxyType(
    {
        "case": "案卷",
        "api": "案卷（程序接口）",
        "print": "打印",
        "events": "全部事件",
        "copies": "抄送回执",
        "attachment": "附件",
        "replay": "回放",
        "verification": "验证",
        "comparison": "两件对比",
        "today": "对照今日规则",
        "exceptional_acts": "特别处理",
        "audit_search": "审计查询",
        "audit_acts": "人员行为",
        "receipt": "封存回执",
        "evidence": "证据包",
        "timeline": "时间线",
        "xes": "XES 日志",
        "ocel": "OCEL 日志",
    }
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is looked for; empty parts want everything. ``person`` is a username or part of a name."""

    person: str = ""
    group: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing somebody did or was refused. ``seq`` is the event's number in its case, None for the security log."""

    at: datetime
    person: str
    username: str
    on_behalf_of: str
    what: str
    case_id: str | None
    number: str
    title: str
    seq: int | None
    reason: str
    detail: Mapping[str, Any]
    ip: str
    simulated: bool


@dataclass(frozen=True, kw_only=True)
class Acts:
    """Some acts, newest first."""

    rows: tuple[Act, ...]
    total: int
    page: int
    size: int


def find(session: Session, asked: Asked, *, actor: Actor, page: int = 1, size: int = 50) -> Acts:
    """Acts of the whole district, or of one person in their own name, for others, and by others for them.

    Raises:
        NotAllowed: the actor is no auditor.
        KeyError: there is no such group.
    """
    access.require(actor, "audit.read")
    _, kinds, security_kinds = GROUPS[asked.group]
    people = _people(asked.person) if asked.person else None
    both = union_all(_of_cases(asked, kinds, people), _of_security(asked, security_kinds, people)).subquery()
    total = session.execute(select(func.count()).select_from(both)).scalar_one()
    person, principal = aliased(Person), aliased(Person)
    statement = (
        select(both, person.name.label("person"), person.username, principal.name.label("principal"))
        .add_columns(CaseFile.number, CaseFile.title)
        .outerjoin(person, person.id == both.c.actor)
        .outerjoin(principal, principal.id == both.c.on_behalf_of)
        .outerjoin(CaseFile, CaseFile.id == both.c.case_id)
        .order_by(both.c.at.desc(), both.c.case_id, both.c.seq.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return Acts(rows=tuple(_act(row) for row in session.execute(statement)), total=total, page=page, size=size)


def _people(name: str) -> Select[tuple[str]]:
    return select(Person.id).where(or_(Person.username == name, Person.name.contains(name, autoescape=True)))


def _of_cases(asked: Asked, kinds: tuple[str, ...] | None, people: Select[tuple[str]] | None) -> Select[Any]:
    wanted = _between(asked, Event.at)
    if kinds is not None:
        wanted.append(Event.kind.in_(kinds))
    if people is not None:
        wanted.append(or_(Event.actor.in_(people), Event.on_behalf_of.in_(people)))
    own = (Event.at, Event.actor, Event.on_behalf_of, Event.kind, Event.case_id, Event.seq, Event.reason)
    detail = cast(null(), JSONB).label("detail")
    return select(*own, detail, Event.client, Event.simulated, literal("case").label("source")).where(*wanted)


def _of_security(asked: Asked, kinds: tuple[str, ...] | None, people: Select[tuple[str]] | None) -> Select[Any]:
    wanted = _between(asked, SecurityEvent.at)
    if kinds is not None:
        wanted.append(SecurityEvent.kind.in_(kinds))
    if people is not None:
        attempted = SecurityEvent.detail["username"].astext == asked.person
        wanted.append(or_(SecurityEvent.actor.in_(people), attempted))
    own = (SecurityEvent.at, SecurityEvent.actor, cast(null(), Text), SecurityEvent.kind, SecurityEvent.case_id)
    rest = (cast(null(), Integer), cast(null(), Text), SecurityEvent.detail, SecurityEvent.client, literal(False))
    return select(*own, *rest, literal("security")).where(*wanted)


def _between(asked: Asked, at: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.since is not None:
        found.append(at >= asked.since)
    if asked.until is not None:
        found.append(at < asked.until)
    return found


def _act(row: Any) -> Act:
    words = history.KINDS if row.source == "case" else security_log.KINDS
    detail = dict(row.detail or {})
    if row.kind in _READS:
        detail["what"] = READ.get(detail.get("what", ""), detail.get("what"))
    if row.number:
        detail.pop("number", None)  # it stands in a column of its own
    return Act(
        at=row.at,
        person=row.person or str(detail.get("username", "")),
        username=row.username or "",
        on_behalf_of=row.principal or "",
        what=words.get(row.kind, row.kind),
        case_id=row.case_id if row.number else None,
        number=row.number or "",
        title=row.title or "",
        seq=row.seq,
        reason=row.reason or "",
        detail=detail,
        ip=(row.client or {}).get("ip", ""),
        simulated=row.simulated,
    )
