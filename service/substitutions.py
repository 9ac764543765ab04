"""Who stands in for whom, for how long and for what? 代理: time-boxed, recorded, and never a way round a conflict."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.participation import Substitution
from db.person import Person
from db.release import ProcessRelease
from forms.problem import Problem
from service import access, people, security_log
from service.errors import NotAllowed, NotFound, Problems
from service.people import Actor
from service.rules.roles import ADMINISTRATORS

#: SD9: a substitution lasts this many days at most.
LONGEST = 30
LEAST_REASON = 5
LONGEST_REASON = 500
_SOURCE = "SD9 · 代理规则（≤30日，留痕，不得规避回避）"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A substitution somebody wants: from ``begins_on`` up to but not including ``ends_before``."""

    principal_id: str
    substitute_id: str
    begins_on: date
    ends_before: date
    reason: str
    #: Process ids; () for all.
    processes: tuple[str, ...] = ()
    #: Only cases up to this amount (万元); None for any.
    greatest_amount: Decimal | None = None


def put(
    session: Session, wanted: Wanted, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Let one person act for another for a time; both see the tasks, and every act names both.

    Returns:
        id, principal, substitute (names), begins_on, ends_before.

    Raises:
        NotAllowed: the actor is neither the principal nor the system administrator.
        Problems: everything that speaks against it.

    Source:
        SD9: at most 30 days, recorded, no way round SD1 to SD6, which are checked for both persons at every act.
    """
    if actor.person_id != wanted.principal_id and not access.allowed(actor, "person.manage"):
        raise NotAllowed("只能由本人或系统管理员设置代理。")
    found = list(_problems(session, wanted, at))
    if found:
        raise Problems(found)
    row = Substitution(
        id=opaque_id(),
        principal_id=wanted.principal_id,
        substitute_id=wanted.substitute_id,
        begins_on=wanted.begins_on,
        ends_before=wanted.ends_before,
        processes=list(wanted.processes),
        greatest_amount=wanted.greatest_amount,
        reason=wanted.reason.strip(),
        set_by=actor.person_id,
        set_at=at,
    )
    session.add(row)
    session.flush()
    _log(session, "substitution_set", row, actor, at, client)
    return next(one for one in of_person(session, wanted.principal_id, at=at) if one["id"] == row.id)


def end(
    session: Session, substitution_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """End a substitution before its time; what the substitute had written as a draft stays a draft.

    Raises:
        NotFound: no such substitution in which the actor has a part.
        NotAllowed: it has ended already.
    """
    row = session.get(Substitution, substitution_id)
    administrates = access.allowed(actor, "person.manage")
    if row is None or (actor.person_id not in (row.principal_id, row.substitute_id) and not administrates):
        raise NotFound("没有这项代理。")
    if row.ended_at is not None or row.ends_before <= people.day(at):
        raise NotAllowed("这项代理已经结束。")
    row.ended_by, row.ended_at = actor.person_id, at
    session.flush()
    _log(session, "substitution_ended", row, actor, at, client)
    return {"message": "代理已结束。", "id": row.id}


def of_person(session: Session, person_id: str, *, at: datetime) -> list[dict[str, Any]]:
    """The substitutions a person has given or taken on, newest first; ``state``: coming, running or over."""
    return _read(session, or_(Substitution.principal_id == person_id, Substitution.substitute_id == person_id), at)


def running(session: Session, *, at: datetime) -> list[dict[str, Any]]:
    """Every substitution that has not ended, for administrators and auditors."""
    open_ones = Substitution.ended_at.is_(None) & (Substitution.ends_before > people.day(at))
    return _read(session, open_ones, at)


def _read(session: Session, condition: Any, at: datetime) -> list[dict[str, Any]]:
    principal, substitute = Person.__table__.alias("principal"), Person.__table__.alias("substitute")
    statement = (
        select(Substitution, principal.c.name.label("principal"), substitute.c.name.label("substitute"))
        .join(principal, principal.c.id == Substitution.principal_id)
        .join(substitute, substitute.c.id == Substitution.substitute_id)
        .where(condition)
        .order_by(Substitution.begins_on.desc(), Substitution.id)
    )
    names = (
        "id",
        "principal_id",
        "substitute_id",
        "begins_on",
        "ends_before",
        "processes",
        "greatest_amount",
        "reason",
    )
    return [
        {
            **{name: getattr(row.Substitution, name) for name in names},
            "principal": row.principal,
            "substitute": row.substitute,
            "state": _state(row.Substitution, people.day(at)),
        }
        for row in session.execute(statement)
    ]


def _state(row: Substitution, today: date) -> str:
    if row.ended_at is not None or row.ends_before <= today:
        return "over"
    return "running" if row.begins_on <= today else "coming"


def _problems(session: Session, wanted: Wanted, at: datetime) -> Iterator[Problem]:
    yield from _period_problems(wanted, people.day(at))
    if not LEAST_REASON <= len(wanted.reason.strip()) <= LONGEST_REASON:
        yield _problem("reason", f"请写明代理原因，{LEAST_REASON}至{LONGEST_REASON}个字")
    if wanted.greatest_amount is not None and wanted.greatest_amount <= 0:
        yield _problem("greatest_amount", "金额上限应为正数（万元），不限金额请留空")
    known = set(
        session.scalars(select(ProcessRelease.process_id).where(ProcessRelease.process_id.in_(wanted.processes)))
    )
    if unknown := [one for one in wanted.processes if one not in known]:
        yield _problem("processes", f"没有这样的流程：{'、'.join(unknown)}")
    yield from _people_problems(session, wanted, at)
    yield from _overlaps(session, wanted)


def _period_problems(wanted: Wanted, today: date) -> Iterator[Problem]:
    if wanted.begins_on < today:
        yield _problem("begins_on", f"开始日期不能早于今天（{today}）")
    if wanted.ends_before <= wanted.begins_on:
        yield _problem("ends_before", "结束日期（不含当日）应晚于开始日期")
    elif wanted.ends_before - wanted.begins_on > timedelta(days=LONGEST):
        yield _problem("ends_before", f"代理最长 {LONGEST} 日，到期可以另行设置")


def _people_problems(session: Session, wanted: Wanted, at: datetime) -> Iterator[Problem]:
    if wanted.principal_id == wanted.substitute_id:
        yield _problem("substitute_id", "代理人不能是本人")
        return
    for field, person_id in (("principal_id", wanted.principal_id), ("substitute_id", wanted.substitute_id)):
        try:
            who = people.actor(session, person_id, at=at)
        except NotFound as missing:
            yield _problem(field, missing.detail)
            continue
        if who.holds(*ADMINISTRATORS):
            yield _problem(field, f"{who.name}是系统管理岗位，不能办理业务事项（SD7）")
        elif not who.holds(*access.DECIDING_ROLES):
            yield _problem(field, f"{who.name}没有办理业务的岗位")


def _overlaps(session: Session, wanted: Wanted) -> Iterator[Problem]:
    """No two substitutes for one thing at a time, and nobody stands in while somebody stands in for them."""
    at_once = (
        Substitution.ended_at.is_(None),
        Substitution.begins_on < wanted.ends_before,
        Substitution.ends_before > wanted.begins_on,
    )
    for row in session.scalars(select(Substitution).where(Substitution.principal_id == wanted.principal_id, *at_once)):
        if not row.processes or not wanted.processes or set(row.processes) & set(wanted.processes):
            yield _problem("begins_on", f"{row.begins_on}起已有另一项代理，时间重叠，请先结束或错开")
    away = select(Substitution.id).where(Substitution.principal_id == wanted.substitute_id, *at_once)
    if session.scalars(away).first():
        yield _problem("substitute_id", "所选人员在此期间由他人代理，不能再代理别人")


def _log(
    session: Session, kind: str, row: Substitution, actor: Actor, at: datetime, client: Mapping[str, Any] | None
) -> None:
    detail = {
        "substitution": row.id,
        "principal": row.principal_id,
        "substitute": row.substitute_id,
        "begins_on": row.begins_on.isoformat(),
        "ends_before": row.ends_before.isoformat(),
        "reason": row.reason,
    }
    security_log.write(session, kind, actor=actor.person_id, detail=detail, client=client or {}, at=at)


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_SOURCE)
