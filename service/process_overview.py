"""Which processes does the district follow, in which versions, and how many open cases stand at each step of each?"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.case import CaseFile, Visit
from db.person import Person
from db.release import ProcessRelease
from service import labels, releases, routing
from service.errors import NotFound
from service.people import day
from service.release_words import organisation_words, step_title

#: How a version stands today.
STATES: Mapping[str, str] = {"in_force": "现行", "scheduled": "待生效", "earlier": "已被替代"}


@dataclass(frozen=True, kw_only=True)
class Version:
    """A published version of a process: its basis, its days, who prepared and approved it, its open cases (件)."""

    id: str
    version: int
    title: str
    hash: str
    legal_basis: str
    change_note: str
    effective_from: date
    published_at: datetime
    prepared_by: str
    approved_by: str
    state: str
    state_label: str
    open_cases: int


@dataclass(frozen=True, kw_only=True)
class StepLoad:
    """A step of the version in force; ``open_cases`` counts cases standing at it, by version (a case at two steps counts twice)."""

    node_id: str
    title: str
    who: str
    stage: str
    due_days: int | None
    policy: str
    open_cases: Mapping[int, int]


@dataclass(frozen=True, kw_only=True)
class ProcessPage:
    """A process with its versions, the newest first, and the steps of the one in force (else of the newest)."""

    process_id: str
    title: str
    shown: Version
    versions: tuple[Version, ...]
    steps: tuple[StepLoad, ...]

    @property
    def open_cases(self) -> int:
        """Open cases of all versions."""
        return sum(version.open_cases for version in self.versions)


def overview(session: Session, *, at: datetime) -> list[ProcessPage]:
    """Every process with its versions as of the day of ``at``, by process id; nothing while none is published."""
    known = session.scalars(select(ProcessRelease.process_id).distinct().order_by(ProcessRelease.process_id))
    return [one(session, process_id, at=at) for process_id in known.all()]


def one(session: Session, process_id: str, *, at: datetime) -> ProcessPage:
    """One process.

    Raises:
        NotFound: the district has no such process.
    """
    rows = session.scalars(
        select(ProcessRelease).where(ProcessRelease.process_id == process_id).order_by(ProcessRelease.version.desc())
    ).all()
    if not rows:
        raise NotFound("没有这个流程。")
    versions = _versions(session, rows, releases.in_force(session, process_id, day(at)), day(at))
    shown = next((version for version in versions if version.state == "in_force"), versions[0])
    return ProcessPage(
        process_id=process_id,
        title=shown.title,
        shown=shown,
        versions=versions,
        steps=_steps(session, shown, {version.id: version.version for version in versions}),
    )


def document(session: Session, process_id: str, version: int) -> bytes:
    """The BPMN document of a version, exactly as published.

    Raises:
        NotFound: there is no such version.
    """
    statement = select(ProcessRelease.bpmn).where(
        ProcessRelease.process_id == process_id, ProcessRelease.version == version
    )
    found = session.scalar(statement)
    if found is None:
        raise NotFound("没有这个流程版本。")
    return found


def _versions(
    session: Session, rows: Sequence[ProcessRelease], current: ProcessRelease | None, today: date
) -> tuple[Version, ...]:
    running = (
        select(CaseFile.release_id, func.count())
        .where(CaseFile.release_id.in_([row.id for row in rows]), CaseFile.finished_at.is_(None))
        .group_by(CaseFile.release_id)
    )
    counts = {row[0]: row[1] for row in session.execute(running)}
    people = {person for row in rows for person in (row.prepared_by, row.approved_by) if person}
    named = {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))}
    made = []
    for row in rows:
        state = "scheduled" if row.effective_from > today else "earlier"
        if current is not None and row.id == current.id:
            state = "in_force"
        made.append(_version(row, state, named, counts.get(row.id, 0)))
    return tuple(made)


def _version(row: ProcessRelease, state: str, named: Mapping[str, str], open_cases: int) -> Version:
    return Version(
        id=row.id,
        version=row.version,
        title=row.title,
        hash=row.hash,
        legal_basis=row.legal_basis,
        change_note=row.change_note or "",
        effective_from=row.effective_from,
        published_at=row.published_at,
        prepared_by=named.get(row.prepared_by or "", ""),
        approved_by=named.get(row.approved_by or "", ""),
        state=state,
        state_label=STATES[state],
        open_cases=open_cases,
    )


def _steps(session: Session, shown: Version, versions: Mapping[str, int]) -> tuple[StepLoad, ...]:
    statement = (
        select(CaseFile.release_id, Visit.node_id, func.count())
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .where(Visit.state == "open", CaseFile.release_id.in_(versions))
        .group_by(CaseFile.release_id, Visit.node_id)
    )
    loads: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for release_id, node_id, count in session.execute(statement):
        loads[node_id][versions[release_id]] += count
    steps = releases.bundle(session, shown.id).release.steps.values()
    return tuple(
        StepLoad(
            node_id=step.node_id,
            title=step_title(step),
            who=f"{organisation_words(step.organisation_rule)} · {routing.role_name(step.role)}",
            stage=labels.stage(step.stage),
            due_days=step.due_days,
            policy=" ".join(part for part in (step.policy_document, step.policy_article) if part),
            open_cases=dict(sorted(loads[step.node_id].items())),
        )
        for step in steps
    )
