"""Who logged in, was refused, changed accounts, read cases as an auditor? A log of its own, append-only."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from db.connection import database_now
from db.event import SecurityEvent
from db.person import Person

#: Something like a sessionmaker: a call opens a session.
Sessions = Callable[[], AbstractContextManager[Session]]
PAGE_SIZE = 50

#: The closed list of kinds with the words auditors read.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "login_accepted": "登录成功",
        "login_failed": "登录失败",
        "login_locked": "账户锁定",
        "login_throttled": "登录过于频繁",
        "logout": "退出登录",
        "session_ended": "会话被结束",
        "password_changed": "修改口令",
        "password_reset": "重置口令",
        "token_created": "创建访问令牌",
        "token_revoked": "撤销访问令牌",
        "setup_token_created": "生成初始化令牌",
        "administrators_created": "设立首批管理员",
        "command_refused": "操作被拒绝",
        "access_refused": "访问被拒绝",
        "person_created": "新建人员",
        "person_changed": "修改人员",
        "person_disabled": "停用账户",
        "person_enabled": "启用账户",
        "person_unlocked": "解除锁定",
        "organisation_created": "新建单位",
        "organisation_changed": "修改单位",
        "post_requested": "申请岗位变更",
        "post_approved": "批准岗位变更",
        "post_refused": "不予批准岗位变更",
        "campaign_created": "建立批次",
        "campaign_changed": "修改批次",
        "campaign_opened": "开放批次",
        "campaign_closed": "关闭批次",
        "calendar_changed": "修改工作日表",
        "process_draft_started": "开始修改流程",
        "process_draft_discarded": "放弃流程修改",
        "process_submitted": "送审流程修改",
        "process_sent_back": "退回流程修改",
        "process_published": "批准并发布流程版本",
        "policy_registered": "登记政策文件",
        "migration_prepared": "拟定迁移计划",
        "migration_dropped": "取消迁移计划",
        "migration_done": "批准并执行迁移计划",
        "message_retried": "重新发送消息",
        "substitution_set": "设置代理",
        "substitution_ended": "结束代理",
        "case_read": "查阅业务件",
        "exported": "导出",
        "execution_imported": "导入预算执行数",
        "summary_drafted": "起草监控汇总报告",
        "summary_signed": "签发监控汇总报告",
        "summary_returned": "退回监控汇总报告",
        "log_read": "查阅安全日志",
    }
)


#: Words for the facts of a line; others are shown by their own names.
DETAILS: Mapping[str, str] = MappingProxyType(
    {
        "username": "用户名",
        "usernames": "用户名",
        "name": "名称",
        "person_id": "人员标识",
        "person": "人员",
        "role": "角色",
        "organisation_id": "单位标识",
        "organisation": "单位",
        "code": "代码",
        "kind": "类别",
        "action": "动作",
        "reason": "理由",
        "valid_from": "起",
        "valid_to": "止",
        "request_id": "申请标识",
        "token_id": "令牌标识",
        "session_id": "登录标识",
        "days": "天数",
        "route": "操作",
        "text": "说明",
        "method": "方法",
        "path": "地址",
        "status": "状态码",
        "permission": "权限",
        "changes": "变更",
        "fields": "字段",
        "active": "在用",
        "api": "接口登录",
        "what": "内容",
        "campaign_id": "批次标识",
        "title": "名称",
        "automatic": "到期自动",
        "closes_on": "截止日",
        "year": "年度",
        "day": "日期",
        "number": "文号",
        "draft_id": "草稿标识",
        "release_id": "版本标识",
        "process_id": "流程",
        "version": "版本",
        "hash": "校验值",
        "basis": "政策依据",
        "effective_from": "生效日期",
        "plan_id": "计划标识",
        "moved": "已迁移",
        "refused": "未迁移",
        "working": "上班",
        "note": "备注",
    }
)


@dataclass(frozen=True)
class Entry:
    """A line of the log as the audit administrator reads it."""

    id: int
    at: datetime
    kind: str
    kind_label: str
    actor: str | None
    username: str | None
    name: str | None
    case_id: str | None
    detail: dict[str, Any]
    client: dict[str, Any] | None
    hash: str


@dataclass(frozen=True)
class Page:
    """Some lines of the log, newest first."""

    entries: list[Entry]
    total: int
    page: int
    size: int


def record(
    sessions: Sessions,
    kind: str,
    *,
    actor: str | None = None,
    detail: Mapping[str, Any] | None = None,
    client: Mapping[str, Any] | None = None,
    case_id: str | None = None,
) -> None:
    """Write a line in a transaction of its own, so that it stays whatever becomes of the request.

    Args:
        sessions: opens sessions.
        kind: one of `KINDS`.
        actor: id of the person; None if nobody has proved who they are.
        detail: flat facts; never passwords or tokens.
        client: address and program of the caller.
        case_id: the case concerned.

    Raises:
        KeyError: the kind is not in the list.
    """
    with sessions() as session:
        write(session, kind, actor=actor, detail=detail, client=client, case_id=case_id, at=database_now(session))
        session.commit()


def write(
    session: Session,
    kind: str,
    *,
    at: datetime,
    actor: str | None = None,
    detail: Mapping[str, Any] | None = None,
    client: Mapping[str, Any] | None = None,
    case_id: str | None = None,
) -> None:
    """Write a line in the caller's transaction: an act of administration and its record stand or fall together.

    Raises:
        KeyError: the kind is not in `KINDS`.
    """
    KINDS[kind]
    values: dict[str, Any] = {
        "at": at,
        "kind": kind,
        "actor": actor,
        "case_id": case_id,
        "detail": dict(detail or {}),
        "client": dict(client) if client else None,
    }
    session.add(SecurityEvent(**values, hash=row_hash(values)))


def record_read(
    sessions: Sessions, *, actor: str, case_id: str, what: str, client: Mapping[str, Any] | None = None
) -> None:
    """Record that an auditor read a case (SD12: read-only access is itself logged).

    Args:
        what: which view was read, e.g. `case`, `print`, `replay`.
    """
    record(sessions, "case_read", actor=actor, detail={"what": what}, client=client, case_id=case_id)


def row_hash(values: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical row: sorted keys, instants in UTC to the microsecond, without id and hash."""
    names = ("at", "kind", "actor", "case_id", "detail", "client")
    options = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z
    return sha256(orjson.dumps({name: _plain(values[name]) for name in names}, option=options)).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        # PostgreSQL gives the session's zone back; the instant must hash the same.
        return f"{value.timestamp():.6f}"
    return value


def page(
    session: Session,
    *,
    kind: str | None = None,
    q: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    page: int = 1,
    size: int = PAGE_SIZE,
) -> Page:
    """Lines of the log, newest first, for the audit administrator (审计管理员).

    Args:
        kind: only this kind.
        q: part of a username or name, or a case id.
        since: not before.
        until: before.
        page: from 1.
        size: lines a page.
    """
    conditions: list[ColumnElement[bool]] = [SecurityEvent.kind == kind] if kind else []
    if q:
        conditions.append(_mentions(q))
    if since:
        conditions.append(SecurityEvent.at >= since)
    if until:
        conditions.append(SecurityEvent.at < until)
    total = session.execute(select(func.count()).select_from(SecurityEvent).where(*conditions)).scalar_one()
    statement = (
        select(SecurityEvent, Person.username, Person.name)
        .outerjoin(Person, Person.id == SecurityEvent.actor)
        .where(*conditions)
        .order_by(SecurityEvent.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    rows = session.execute(statement)
    return Page([_entry(event, username, name) for event, username, name in rows], total, page, size)


def _mentions(q: str) -> ColumnElement[bool]:
    people = select(Person.id).where(Person.username.ilike(f"%{q}%") | Person.name.ilike(f"%{q}%"))
    attempted = SecurityEvent.detail["username"].astext == q
    return or_(SecurityEvent.actor.in_(people), SecurityEvent.case_id == q, attempted)


def _entry(event: SecurityEvent, username: str | None, name: str | None) -> Entry:
    return Entry(
        id=event.id,
        at=event.at,
        kind=event.kind,
        kind_label=KINDS.get(event.kind, event.kind),
        actor=event.actor,
        username=username,
        name=name,
        case_id=event.case_id,
        detail=event.detail,
        client=event.client,
        hash=event.hash,
    )
