"""How does one running case go over to another version of its process? Tried in memory, or carried out with one event."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from db.case import CaseFile
from service import dockets, engine
from service.acts import Act
from service.advance import Advance
from service.dockets import Docket
from service.engine import EngineError, Migrate, MigrationRefused, Result
from service.history import Entry
from service.releases import Bundle
from service.routing import NoSuchBody


class CannotMigrate(Exception):
    """The case cannot go on under the other version; ``reasons`` are Chinese sentences."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("；".join(self.reasons))


def open_steps(snapshot: bytes, bundle: Bundle) -> list[str]:
    """The open steps of a case, in the order they opened."""
    return [task.node_id for task in engine.open_tasks(snapshot, bundle.release)]


def require_possible(case: CaseFile, source: Bundle, target: Bundle) -> None:
    """Refuse what the engine does not see.

    Raises:
        CannotMigrate: the case is suspended, or has come back for rework that leads to a step the version lacks.
    """
    reasons = []
    if case.finished_at is not None or case.release_id == target.id:
        reasons.append("事项已办结，或已在这个版本下")
    if case.suspended_at is not None:
        reasons.append("事项已挂起，请先恢复")
    waiting = case.resubmission or {}
    gone = [waiting[end] for end in ("place", "to") if waiting and waiting.get(end) not in target.release.steps]
    titles = source.release.titles
    reasons += [f"事项正在修改，修改后须回到{titles.get(step, step)}，新版本没有这个步骤" for step in gone]
    if reasons:
        raise CannotMigrate(reasons)


def applied(snapshot: bytes, source: Bundle, target: Bundle, moves: Mapping[str, str], at: datetime) -> Result:
    """What the engine makes of a migration; ``moves`` for steps that are not open are left out.

    Raises:
        CannotMigrate: with every reason.
    """
    given = _fitting(snapshot, source, moves)
    command = Migrate(target.release.hash, given)
    try:
        result = engine.apply(snapshot, source.release, command, at=at, target=target.release)
    except MigrationRefused as refusal:
        raise CannotMigrate(refusal.problems) from refusal
    except EngineError as fault:
        raise CannotMigrate((str(fault),)) from fault
    if result.effects or result.reached:
        raise CannotMigrate(("迁移会使事项不经任何人决定就继续走下去，请为它正在办理的步骤另选去处",))
    return result


def is_reversible(before: bytes, after: bytes, source: Bundle, target: Bundle, at: datetime) -> bool:
    """Whether migrating back right away provably gives the open steps of before, each with its own task."""
    try:
        back = engine.apply(after, target.release, Migrate(source.release.hash, {}), at=at, target=source.release)
    except EngineError:
        return False
    return engine.open_tasks(back.snapshot, source.release) == engine.open_tasks(before, source.release)


def carry_out(session: Session, docket: Docket, target: Bundle, moves: Mapping[str, str], reason: str, act: Act) -> int:
    """Put a locked case under another version: engine state, visits, seats and one event; returns its number.

    Visits that stay open stay with whoever has them; every open page is told that it is out of date.

    Raises:
        CannotMigrate: with every reason; nothing is changed.
    """
    source = docket.bundle
    command = Migrate(target.release.hash, _fitting(docket.case.snapshot, source, moves))
    result = applied(docket.case.snapshot, source, target, moves, act.at)
    advance = _advance(docket, command, result, act.at)
    before = {"from": source.release.hash, "to": target.release.hash, "version": target.version}
    docket.changes.append(
        {"type": "case_migrated", **before, "moves": dict(command.moves), "notes": list(result.notes)}
    )
    docket.changes.extend({"type": "table_asked", **asked.to_json()} for asked in result.asked)
    docket.bundle, docket.case.release_id = target, target.id
    for visit in docket.open_visits():
        docket.touch(visit)
    try:
        advance.settle(session, reason_code="jumped_over")
    except NoSuchBody as fault:
        raise CannotMigrate((str(fault),)) from fault
    return dockets.write(session, docket, _entry(docket, advance, reason, act), at=act.at)


def _fitting(snapshot: bytes, source: Bundle, moves: Mapping[str, str]) -> dict[str, str]:
    waiting = set(open_steps(snapshot, source))
    return {step: goal for step, goal in moves.items() if step in waiting}


def _advance(docket: Docket, command: Migrate, result: Result, at: datetime) -> Advance:
    """The advance of a migration, which alone runs under two releases."""
    docket.case.snapshot, docket.case.engine_digest = result.snapshot, result.digest
    docket.case.wake_at = result.due
    return Advance(
        docket,
        at,
        commands=[command],
        opened={task.task: task.node_id for task in result.opened},
        cancelled={closed.task for closed in result.closed},
    )


def _entry(docket: Docket, advance: Advance, reason: str, act: Act) -> Entry:
    return Entry(
        kind="case_migrated",
        verb="migrate",
        actor=act.actor.person_id,
        post=_post(act),
        command=advance.command(),
        form_hash=docket.case.form_hash,
        changes=docket.changes,
        reason=reason,
        client=act.client,
        simulated=act.simulated,
    )


def _post(act: Act) -> dict[str, str] | None:
    held = next((post for post in act.actor.posts if post.role == "PERF_CHIEF"), None)
    return None if held is None else {"role": held.role, "organisation": held.organisation_id}
