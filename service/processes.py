"""Which processes can be followed today, in which version, and through which steps do they lead?"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.release import ProcessRelease
from service import releases, routing
from service.engine import UserStep
from service.errors import NotFound
from service.people import day


@dataclass(frozen=True)
class Outcome:
    """A decision a step offers."""

    verb: str
    label: str


@dataclass(frozen=True)
class Step:
    """A step of a process as it was published; ``due_days`` are working days, None where only the season ends."""

    node_id: str
    name: str
    role: str
    role_name: str
    stage: str
    form: str
    due_days: int | None
    resubmit: str
    policy: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Process:
    """The version of a process that new cases follow."""

    process_id: str
    release_id: str
    version: int
    title: str
    hash: str
    legal_basis: str
    effective_from: date
    published_at: datetime
    forms: tuple[dict[str, object], ...]
    #: Files of its decision tables.
    decisions: tuple[str, ...]
    steps: tuple[Step, ...]


def in_force(session: Session, *, at: datetime) -> list[Process]:
    """The version in force of every process on the day of ``at``, by process id; those not yet effective are left out."""
    known = session.scalars(select(ProcessRelease.process_id).distinct().order_by(ProcessRelease.process_id))
    rows = (releases.in_force(session, process_id, day(at)) for process_id in known.all())
    return [_process(session, row) for row in rows if row is not None]


def part(session: Session, process_id: str, name: str, *, at: datetime) -> bytes:
    """A file of the bundle of the version in force, such as `target_review.json`, exactly as its hash was taken of.

    Raises:
        NotFound: no version of the process is in force, or its bundle has no such file.
    """
    row = releases.in_force(session, process_id, day(at))
    found = releases.files_of(session, row) if row is not None else {}
    if name not in found:
        raise NotFound("没有这个流程，它还没有生效的版本，或版本中没有这个文件。")
    return found[name]


def diagram(session: Session, process_id: str, *, at: datetime) -> bytes:
    """The BPMN document of a process in force, exactly as published.

    Raises:
        NotFound: there is no such process, or no version of it is in force.
    """
    row = releases.in_force(session, process_id, day(at))
    if row is None:
        raise NotFound("没有这个流程，或它还没有生效的版本。")
    return row.bpmn


def _process(session: Session, row: ProcessRelease) -> Process:
    bundle = releases.bundle(session, row.id)
    pinned = [form.definition for form in bundle.forms.values()]
    return Process(
        process_id=row.process_id,
        release_id=row.id,
        version=row.version,
        title=row.title,
        hash=row.hash,
        legal_basis=row.legal_basis,
        effective_from=row.effective_from,
        published_at=row.published_at,
        forms=tuple(
            {"code": form.code, "title": form.title, "version": form.version, "hash": form.hash} for form in pinned
        ),
        decisions=tuple(sorted(row.decisions)),
        steps=tuple(_step(step) for step in bundle.release.steps.values()),
    )


def _step(step: UserStep) -> Step:
    return Step(
        node_id=step.node_id,
        name=step.name,
        role=step.role,
        role_name=routing.role_name(step.role),
        stage=step.stage,
        form=step.form,
        due_days=step.due_days,
        resubmit=step.resubmit,
        policy=" ".join(part for part in (step.policy_document, step.policy_article) if part),
        outcomes=tuple(Outcome(outcome.verb, outcome.label) for outcome in step.outcomes),
    )
