"""Which running cases go over to another version, and which cannot? Planned, previewed, confirmed by a second person, one event a case."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import CaseFile
from db.studio import MigrationPlan
from service import access, case_migration, dockets, drafts, releases, security_log
from service.acts import Act
from service.case_migration import CannotMigrate
from service.errors import NotAllowed, NotFound, Stale
from service.people import Actor
from service.release_words import step_title
from service.releases import Bundle

LEAST_REASON = 5
STATES: Mapping[str, str] = {"prepared": "待批准", "done": "已执行", "dropped": "已取消"}
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class CaseOutcome:
    """One case: the open steps before and after, what else changes, and why it cannot go over (empty if it can).

    ``from_release`` is the version it was under; ``reversible`` says whether the engine can prove that going back gives
    the state of before.
    """

    case_id: str
    number: str
    title: str
    before: tuple[str, ...]
    from_release: str = ""
    after: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    reversible: bool = False

    def to_json(self) -> dict[str, Any]:
        """The outcome as plain JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a plan would do, or did: cases that go over, and those that are refused with the reason."""

    moved: tuple[CaseOutcome, ...]
    refused: tuple[CaseOutcome, ...]

    def to_json(self) -> dict[str, Any]:
        """The preview as plain JSON."""
        return {name: [case.to_json() for case in getattr(self, name)] for name in ("moved", "refused")}


def preview(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    release_id: str,
    moves: Mapping[str, str] | None = None,
    cases: Sequence[str] = (),
    progress: Progress | None = None,
) -> Preview:
    """Try a migration in memory; nothing is written.

    Open steps stay open under their id. ``moves`` sends those that are gone, or should be elsewhere, to a step of the
    new version; it counts for cases in which the step is open.

    Args:
        cases: ids; all running cases of the process under other versions if none is given.
        progress: told (done, all) after every case.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such version.
    """
    if not access.allowed(actor, "process.approve"):
        access.require(actor, "process.prepare")
    target = releases.bundle(session, release_id)
    rows = session.scalars(select(CaseFile).where(*wanted(target, cases)).order_by(CaseFile.number)).all()
    outcomes = []
    for number, case in enumerate(rows, 1):
        outcomes.append(_tried(session, case, target, moves or {}, at))
        if progress is not None:
            progress(number, len(rows))
    return _sorted(outcomes)


def prepare(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    release_id: str,
    reason: str,
    moves: Mapping[str, str] | None = None,
    cases: Sequence[str] = (),
    client: Mapping[str, Any] | None = None,
) -> str:
    """Write a plan down for a second person to confirm; returns its id. No case changes.

    Raises:
        NotAllowed: the actor does not prepare processes.
        NotFound: there is no such version.
        Problems: the reason is too short, or a move leads to a step the version does not have.
    """
    access.require(actor, "process.prepare")
    target = releases.bundle(session, release_id)
    _refuse_unsound(target, moves or {}, reason)
    plan = MigrationPlan(
        id=opaque_id(),
        process_id=target.process_id,
        release_id=release_id,
        state="prepared",
        moves=dict(moves or {}),
        cases=list(cases),
        reason=reason.strip(),
        prepared_by=actor.person_id,
        prepared_at=at,
    )
    session.add(plan)
    _log(session, "migration_prepared", plan, actor, at, client)
    return plan.id


def _refuse_unsound(target: Bundle, moves: Mapping[str, str], reason: str) -> None:
    found = [
        drafts.problem("moves", f"新版本没有步骤“{goal}”，请为“{step}”另选去处。")
        for step, goal in moves.items()
        if goal not in target.release.steps
    ]
    if len(reason.strip()) < LEAST_REASON:
        found.append(drafts.problem("reason", f"请写明迁移的理由，至少 {LEAST_REASON} 个字。"))
    drafts.refuse(found)


def confirm(
    session: Session, plan_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> Preview:
    """Carry a plan out: every case that can go over does, with one event; the others stay and are listed.

    Raises:
        NotAllowed: the actor does not approve processes, or prepared the plan.
        NotFound: there is no such plan.
        Stale: it is done or dropped already.
    """
    plan = _locked(session, plan_id, actor, "process.approve")
    if plan.prepared_by == actor.person_id:
        raise NotAllowed("迁移计划须由拟定人以外的人批准。")
    target = releases.bundle(session, plan.release_id)
    act = Act(actor=actor, at=at, client=client)
    ids = session.scalars(select(CaseFile.id).where(*wanted(target, plan.cases)).order_by(CaseFile.id)).all()
    outcomes = [_carried_out(session, case_id, target, plan, act) for case_id in ids]
    found = _sorted(outcomes)
    plan.state, plan.confirmed_by, plan.confirmed_at = "done", actor.person_id, at
    plan.outcome = found.to_json()
    counts = {"moved": str(len(found.moved)), "refused": str(len(found.refused))}
    _log(session, "migration_done", plan, actor, at, client, **counts)
    return found


def drop(
    session: Session, plan_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> None:
    """Give a plan up, by who prepares or by who would confirm.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such plan.
        Stale: it is done or dropped already.
    """
    able = "process.approve" if access.allowed(actor, "process.approve") else "process.prepare"
    plan = _locked(session, plan_id, actor, able)
    plan.state, plan.confirmed_by, plan.confirmed_at = "dropped", actor.person_id, at
    _log(session, "migration_dropped", plan, actor, at, client)


def listed(session: Session, *, actor: Actor) -> list[MigrationPlan]:
    """Every plan, the newest first.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
    """
    if not access.allowed(actor, "process.approve"):
        access.require(actor, "process.prepare")
    return list(session.scalars(select(MigrationPlan).order_by(MigrationPlan.prepared_at.desc())))


def wanted(target: Bundle, cases: Sequence[str] = ()) -> list[ColumnElement[bool]]:
    """Condition on CaseFile: the running cases of the process under other versions, or those of them that are named."""
    running = CaseFile.finished_at.is_(None)
    found = [CaseFile.process_id == target.process_id, running, CaseFile.release_id != target.id]
    return [*found, CaseFile.id.in_(cases)] if cases else found


def _tried(session: Session, case: CaseFile, target: Bundle, moves: Mapping[str, str], at: datetime) -> CaseOutcome:
    source = releases.bundle(session, case.release_id)
    shown: dict[str, Any] = {"case_id": case.id, "number": case.number, "title": case.title}
    shown["from_release"] = case.release_id
    before = case_migration.open_steps(case.snapshot, source)
    names = tuple(_named(step, source) for step in before)
    try:
        case_migration.require_possible(case, source, target)
        result = case_migration.applied(case.snapshot, source, target, moves, at)
    except CannotMigrate as refusal:
        return CaseOutcome(**shown, before=names, reasons=refusal.reasons)
    after = case_migration.open_steps(result.snapshot, target)
    return CaseOutcome(
        **shown,
        before=names,
        after=tuple(_named(step, target) for step in after),
        notes=result.notes,
        reversible=case_migration.is_reversible(case.snapshot, result.snapshot, source, target, at),
    )


def _carried_out(session: Session, case_id: str, target: Bundle, plan: MigrationPlan, act: Act) -> CaseOutcome:
    docket = dockets.locked(session, case_id)
    tried = _tried(session, docket.case, target, plan.moves, act.at)
    if tried.reasons:
        return tried
    try:
        case_migration.carry_out(session, docket, target, plan.moves, plan.reason, act)
    except CannotMigrate as refusal:
        return replace(tried, after=(), notes=(), reasons=refusal.reasons)
    return tried


def _named(step: str, bundle: Bundle) -> str:
    return f"{step_title(bundle.step(step))}（{step}）"


def _sorted(outcomes: Sequence[CaseOutcome]) -> Preview:
    return Preview(
        moved=tuple(one for one in outcomes if not one.reasons),
        refused=tuple(one for one in outcomes if one.reasons),
    )


def _locked(session: Session, plan_id: str, actor: Actor, permission: str) -> MigrationPlan:
    access.require(actor, permission)
    plan = session.get(MigrationPlan, plan_id, with_for_update=True, populate_existing=True)
    if plan is None:
        raise NotFound("没有这个迁移计划。")
    if plan.state != "prepared":
        raise Stale(f"此迁移计划{STATES[plan.state]}，请刷新。")
    return plan


def _log(
    session: Session,
    kind: str,
    plan: MigrationPlan,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None,
    **more: str,
) -> None:
    session.flush()
    detail = {"plan_id": plan.id, "process_id": plan.process_id, "release_id": plan.release_id, "reason": plan.reason}
    security_log.write(session, kind, at=at, actor=actor.person_id, detail=detail | more, client=client)
