"""Which plans to migrate running cases are there, what may be chosen for one, and how is it taken back?"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import CaseFile, Visit
from db.person import Person
from db.release import ProcessRelease
from db.studio import MigrationPlan
from service import access, drafts, migrations_of_cases, releases
from service.errors import NotFound, Stale
from service.migrations_of_cases import STATES, CaseOutcome, Preview
from service.people import Actor
from service.release_words import step_title
from service.releases import Bundle


@dataclass(frozen=True, kw_only=True)
class OpenStep:
    """A step at which running cases of other versions stand: how many, under which versions, and whether it stays."""

    step: str
    title: str
    cases: int
    versions: tuple[int, ...]
    stays: bool


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a plan for a version can say: the open steps, the steps of the version to move to, how many cases in all."""

    process_id: str
    release_id: str
    version: int
    steps: tuple[OpenStep, ...]
    goals: Mapping[str, str]
    cases: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan as pages show it. ``moves`` are pairs of titles; ``cases`` counts the named ones, 0 for all running cases.

    ``found`` is what came of it, or what would come of it now while nobody has confirmed it; None for a dropped one.
    """

    id: str
    process_id: str
    title: str
    release_id: str
    version: int
    state: str
    state_label: str
    moves: tuple[tuple[str, str], ...]
    cases: int
    reason: str
    prepared_by: str
    prepared_by_id: str
    prepared_at: datetime
    confirmed_by: str
    confirmed_at: datetime | None
    found: Preview | None = None

    @property
    def can_be_taken_back(self) -> bool:
        """Whether a case went over of which the engine has proved that it can go back."""
        moved = self.found.moved if self.found and self.state == "done" else ()
        return any(case.reversible for case in moved)


def choices(session: Session, release_id: str, *, actor: Actor) -> Choices:
    """What there is to choose for a migration to a version.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such version.
    """
    _require_part(actor)
    target = releases.bundle(session, release_id)
    standing: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    statement = _open_places(target)
    case_ids = set()
    for case_id, node_id, source in session.execute(statement):
        standing[node_id][source] += 1
        case_ids.add(case_id)
    return Choices(
        process_id=target.process_id,
        release_id=release_id,
        version=target.version,
        steps=tuple(_open_step(session, node_id, counts, target) for node_id, counts in sorted(standing.items())),
        goals={name: step_title(step) for name, step in target.release.steps.items()},
        cases=len(case_ids),
    )


def cases_without(session: Session, release_id: str, staying: Collection[str], *, actor: Actor) -> list[str]:
    """Ids of the running cases under other versions that stand at none of these steps; all of them are named by none.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such version.
        Problems: no case is left.
    """
    _require_part(actor)
    if not staying:
        return []
    places: defaultdict[str, set[str]] = defaultdict(set)
    for case_id, node_id, _ in session.execute(_open_places(releases.bundle(session, release_id))):
        places[case_id].add(node_id)
    left = [case_id for case_id, nodes in places.items() if not nodes & set(staying)]
    if not left:
        drafts.refuse([drafts.problem("moves", "所有在办事项都留在原版本，没有要迁移的事项。")])
    return sorted(left)


def listed(session: Session, *, actor: Actor, process_id: str | None = None) -> list[Plan]:
    """Every plan, the newest first; without what came of it.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
    """
    rows = migrations_of_cases.listed(session, actor=actor)
    return [_plan(session, row, None) for row in rows if process_id in (None, row.process_id)]


def one(session: Session, plan_id: str, *, actor: Actor, at: datetime) -> Plan:
    """A plan with what came of it, or what would come of it at this instant.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such plan.
    """
    row = _row(session, plan_id, actor)
    found: Preview | None = None
    if row.state == "prepared":
        asked: dict[str, Any] = {"release_id": row.release_id, "moves": row.moves, "cases": row.cases}
        found = migrations_of_cases.preview(session, actor=actor, at=at, **asked)
    elif row.outcome is not None:
        found = Preview(**{name: tuple(map(_outcome, row.outcome[name])) for name in ("moved", "refused")})
    return _plan(session, row, found)


def take_back(
    session: Session,
    plan_id: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str,
    client: Mapping[str, Any] | None = None,
) -> list[str]:
    """Prepare the way back for the cases of a plan that provably can go back; returns ids of the plans, one a version.

    A second person confirms each as any other plan; what has gone on meanwhile is judged anew.

    Raises:
        NotAllowed: the actor does not prepare processes.
        NotFound: there is no such plan.
        Stale: it was not carried out, or none of its cases can go back any more.
        Problems: the reason is too short.
    """
    access.require(actor, "process.prepare")
    row = _row(session, plan_id, actor)
    back: defaultdict[str, list[str]] = defaultdict(list)
    for case in (row.outcome or {}).get("moved", ()):
        if case["reversible"] and case.get("from_release"):
            back[case["from_release"]].append(case["case_id"])
    still = CaseFile.finished_at.is_(None) & (CaseFile.release_id == row.release_id)
    plans = []
    for release_id, case_ids in sorted(back.items()):
        left = session.scalars(select(CaseFile.id).where(CaseFile.id.in_(case_ids), still)).all()
        if left:
            asked: dict[str, Any] = {"release_id": release_id, "cases": sorted(left), "reason": reason}
            plans.append(migrations_of_cases.prepare(session, actor=actor, at=at, client=client, **asked))
    if not plans:
        raise Stale("这个计划没有可以退回原版本的事项：未执行，或事项已办结、已另行迁移。")
    return plans


def _require_part(actor: Actor) -> None:
    if not access.allowed(actor, "process.approve"):
        access.require(actor, "process.prepare")


def _row(session: Session, plan_id: str, actor: Actor) -> MigrationPlan:
    _require_part(actor)
    row = session.get(MigrationPlan, plan_id)
    if row is None:
        raise NotFound("没有这个迁移计划。")
    return row


def _open_places(target: Bundle) -> Any:
    return (
        select(CaseFile.id, Visit.node_id, CaseFile.release_id)
        .join(Visit, Visit.case_id == CaseFile.id)
        .where(Visit.state == "open", *migrations_of_cases.wanted(target))
    )


def _open_step(session: Session, node_id: str, counts: Mapping[str, int], target: Bundle) -> OpenStep:
    sources = [releases.bundle(session, release_id) for release_id in counts]
    return OpenStep(
        step=node_id,
        title=step_title(sources[0].step(node_id)),
        cases=sum(counts.values()),
        versions=tuple(sorted(source.version for source in sources)),
        stays=node_id in target.release.steps,
    )


def _outcome(document: Mapping[str, Any]) -> CaseOutcome:
    lists = {name: tuple(value) for name, value in document.items() if isinstance(value, list)}
    return CaseOutcome(**{**document, **lists})


def _plan(session: Session, row: MigrationPlan, found: Preview | None) -> Plan:
    target = releases.bundle(session, row.release_id)
    names = [session.get(Person, one) if one else None for one in (row.prepared_by, row.confirmed_by)]
    return Plan(
        id=row.id,
        process_id=row.process_id,
        title=target.release.title,
        release_id=row.release_id,
        version=target.version,
        state=row.state,
        state_label=STATES[row.state],
        moves=tuple((_title(session, row, step), step_title(target.step(goal))) for step, goal in row.moves.items()),
        cases=len(row.cases),
        reason=row.reason,
        prepared_by=names[0].name if names[0] else "",
        prepared_by_id=row.prepared_by,
        prepared_at=row.prepared_at,
        confirmed_by=names[1].name if names[1] else "",
        confirmed_at=row.confirmed_at,
        found=found,
    )


def _title(session: Session, row: MigrationPlan, step: str) -> str:
    """How a step was called by the latest version that has it."""
    statement = select(ProcessRelease.id).where(ProcessRelease.process_id == row.process_id)
    for release_id in session.scalars(statement.order_by(ProcessRelease.version.desc())):
        bundle = releases.bundle(session, release_id)
        if step in bundle.release.steps:
            return step_title(bundle.step(step))
    return step
