"""Which version of a process is in force, and what does it say? Releases are immutable bundles of diagram and forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from threading import Lock
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.base import opaque_id
from db.campaign import Campaign
from db.release import FormRelease, ProcessRelease
from db.studio import ProcessDraft
from forms.definition import SHIPPED, FormDefinition, canonical
from service import form_publishing, form_soundness, rule_sets
from service.engine import Release, UserStep, compile_release
from service.engine.dmn import Model
from service.engine.outline import read_outline
from service.errors import NotFound
from service.people import day

#: Legal basis of the version that comes with the product.
SHIPPED_BASIS = "随系统交付的第一版"
#: Where a bundle keeps the stories it was tried with.
SCENARIOS = "process.scenarios.json"
_MOST_KEPT = 64
#: Processes whose cases all follow the version their season began with: one board, one set of light tables.
_BY_SEASON = frozenset({"performance_monitoring"})


class ReleaseDamaged(RuntimeError):
    """A stored release is no longer what was published: its hash differs."""


@dataclass(frozen=True)
class PinnedForm:
    """The version of a form that a process release fills in."""

    release_id: str
    definition: FormDefinition


@dataclass(frozen=True)
class Bundle:
    """A process release ready to run, with the forms its cases fill in."""

    id: str
    process_id: str
    version: int
    release: Release
    forms: Mapping[str, PinnedForm]
    #: Decision tables by file name.
    decisions: Mapping[str, str] = field(default_factory=dict)
    #: Rule sets its cases are judged by, by name; those of the product where it has none.
    rule_sets: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def subject_form(self) -> str:
        """Code of the form a case of this process is about: the one its first drafting step fills in."""
        steps = self.release.steps.values()
        return next((step.form for step in steps if step.outcome("submit") is not None and step.form), "")

    @property
    def tables(self) -> Mapping[str, Model]:
        """The decision tables, read, by file name."""
        return self.release.tables

    @property
    def definitions(self) -> Mapping[str, FormDefinition]:
        """The forms its cases fill in, by code."""
        return {code: pinned.definition for code, pinned in self.forms.items()}

    def step(self, node_id: str) -> UserStep:
        """The step of this id.

        A case that was migrated may have been at steps its version no longer has: nothing can be done at those.
        """
        return self.release.steps.get(node_id) or _past_step(node_id)


def _past_step(node_id: str) -> UserStep:
    return UserStep(
        node_id=node_id,
        name=node_id,
        lane="",
        role="",
        organisation_rule="",
        stage="",
        recall_hours=0,
        irreversible=True,
    )


_kept: dict[str, Bundle] = {}
_lock = Lock()


def bundle(session: Session, release_id: str) -> Bundle:
    """A release by its id; read once per process, for it never changes.

    Raises:
        NotFound: there is no such release.
        ReleaseDamaged: what is stored does not have the hash it was published with.
    """
    known = _kept.get(release_id)
    if known is not None:
        return known
    row = session.get(ProcessRelease, release_id)
    if row is None:
        raise NotFound("没有这个流程版本。")
    made = _read(session, row)
    with _lock:
        if len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[release_id] = made
    return made


def reread(session: Session, release_id: str) -> Bundle:
    """A release as it is stored now, whatever this process remembers of it.

    Raises:
        NotFound: there is no such release.
        ReleaseDamaged: what is stored does not have the hash it was published with.
    """
    row = session.get(ProcessRelease, release_id, populate_existing=True)
    if row is None:
        raise NotFound("没有这个流程版本。")
    for form_release_id in row.forms.values():
        session.get(FormRelease, form_release_id, populate_existing=True)
    return _read(session, row)


def in_force(session: Session, process_id: str, when: date) -> ProcessRelease | None:
    """The release new cases follow on a day of the district: the newest that is effective; None if there is none."""
    statement = (
        select(ProcessRelease)
        .where(ProcessRelease.process_id == process_id, ProcessRelease.effective_from <= when)
        .order_by(ProcessRelease.effective_from.desc(), ProcessRelease.version.desc())
        .limit(1)
    )
    return session.scalars(statement).first()


def for_new_cases(session: Session, campaign: Campaign, *, at: datetime) -> Bundle:
    """The version a case that begins now follows: the one in force today; its season's own where all are judged alike."""
    if campaign.process_id in _BY_SEASON:
        return bundle(session, campaign.process_release_id)
    row = in_force(session, campaign.process_id, day(at))
    return bundle(session, row.id if row is not None else campaign.process_release_id)


def compiled(
    process_id: str,
    text: bytes,
    definitions: Mapping[str, FormDefinition],
    decisions: Mapping[str, str],
    annexes: Mapping[str, bytes] = MappingProxyType({}),
) -> Release:
    """The release of a bundle: diagram, forms, tables, annexes; its hash covers all. Raises ReleaseError with every problem."""
    content = bundle_files(process_id, text, definitions, decisions, annexes).items()
    return _compiled(process_id, tuple(sorted(content)), frozenset(definitions))


@lru_cache(maxsize=64)
def _compiled(process_id: str, content: tuple[tuple[str, bytes], ...], forms_of: frozenset[str]) -> Release:
    return compile_release(dict(content), process_id, forms=forms_of)


def of_row(session: Session, row: ProcessRelease | ProcessDraft) -> Release:
    """The release of what a published version or a draft holds.

    Raises:
        ReleaseError: the bundle cannot run, or a form a draft changes is not sound; it holds every problem.
    """
    return compiled(row.process_id, row.bpmn, definitions_of(session, row), row.decisions, annexes(row))


def definitions_of(session: Session, row: ProcessRelease | ProcessDraft) -> dict[str, FormDefinition]:
    """The forms of a version or a draft by code, in a draft as it changes them.

    Raises:
        ReleaseError: a form the draft changes is not sound.
    """
    changes = row.form_changes if isinstance(row, ProcessDraft) else {}
    return {**definitions(session, row.forms), **{code: form_soundness.sound(raw) for code, raw in changes.items()}}


def annexes(row: ProcessRelease | ProcessDraft) -> dict[str, bytes]:
    """The scenarios and rule sets of a version as files of its bundle; none for what it does not have."""
    return rule_sets.files(row.rule_sets) | (
        {SCENARIOS: canonical({"scenarios": row.scenarios})} if row.scenarios else {}
    )


def bundle_files(
    process_id: str,
    text: bytes,
    definitions: Mapping[str, FormDefinition],
    decisions: Mapping[str, str],
    annexes: Mapping[str, bytes],
) -> dict[str, bytes]:
    """The files of a bundle by name: exactly what its hash is taken of."""
    return {
        f"{process_id}.bpmn": text,
        **{f"{code}.json": canonical(definition.raw) for code, definition in definitions.items()},
        **{name: table.encode() for name, table in decisions.items()},
        **annexes,
    }


def files_of(session: Session, row: ProcessRelease) -> dict[str, bytes]:
    """The bundle of a version as files by name."""
    return bundle_files(row.process_id, row.bpmn, definitions(session, row.forms), row.decisions, annexes(row))


def newest(session: Session, process_id: str) -> ProcessRelease | None:
    """The version of a process published last, whether in force already or not; None if there is none."""
    statement = select(ProcessRelease).where(ProcessRelease.process_id == process_id)
    return session.scalars(statement.order_by(ProcessRelease.version.desc()).limit(1)).first()


def newest_forms(session: Session) -> dict[str, str]:
    """The form releases a new process fills in: the newest of every form, by code."""
    rows = session.execute(select(FormRelease.code, FormRelease.id).order_by(FormRelease.version))
    return {row.code: row.id for row in rows}


def definitions(session: Session, pinned: Mapping[str, str]) -> dict[str, FormDefinition]:
    """The forms of a bundle by code; ``pinned`` names their releases."""
    return {
        code: forms.parse(session.get_one(FormRelease, form_release_id).definition)
        for code, form_release_id in pinned.items()
    }


def install_shipped(session: Session, *, at: datetime, effective_from: date | None = None) -> None:
    """Publish what comes with the product as version 1 where a district has none, in force from the day of ``at`` on."""
    known = set(session.scalars(select(ProcessRelease.process_id)))
    for process_id in (one for one in shipped_processes() if one not in known):
        text, used, tables = shipped_bundle(process_id)
        rules = rule_sets.shipped(process_id)
        release = compiled(process_id, text, used, tables, rule_sets.files(rules))
        pinned = {code: form_publishing.shipped(session, code, at) for code in used}
        session.add(
            ProcessRelease(
                id=opaque_id(),
                process_id=process_id,
                version=1,
                title=release.title,
                hash=release.hash,
                bpmn=text,
                forms=pinned,
                decisions=dict(tables),
                rule_sets=rules,
                legal_basis=release.policy_document or SHIPPED_BASIS,
                effective_from=effective_from or day(at),
                published_at=at,
            )
        )
    session.flush()


def shipped_processes() -> list[str]:
    """Ids of the processes that come with the product."""
    names = sorted(file.name for file in files("workflows").iterdir())
    return [name.removesuffix(".bpmn") for name in names if name.endswith(".bpmn")]


@cache
def shipped_bundle(process_id: str) -> tuple[bytes, Mapping[str, FormDefinition], Mapping[str, str]]:
    """Diagram, forms by code and decision tables by file name of a process that comes with the product.

    A bundle holds the forms its steps name and no others, so that a new form elsewhere changes no process.
    """
    folder = files("workflows")
    text = (folder / f"{process_id}.bpmn").read_bytes()
    tables = folder / f"{process_id}.dmn"
    decisions = {tables.name: tables.read_text("utf-8")} if tables.is_file() else {}
    steps = read_outline(text).steps.values()
    named = {code for step in steps for code in (step.form, *step.reads) if code}
    return text, {code: forms.load(code) for code in SHIPPED if code in named}, decisions


def _read(session: Session, row: ProcessRelease) -> Bundle:
    known = definitions(session, row.forms)
    pinned = {code: PinnedForm(row.forms[code], definition) for code, definition in known.items()}
    release = compiled(row.process_id, row.bpmn, known, row.decisions, annexes(row))
    if release.hash != row.hash:
        raise ReleaseDamaged(f"流程版本 {row.process_id} 第 {row.version} 版与发布时的校验值不一致，已停止使用。")
    return Bundle(row.id, row.process_id, row.version, release, MappingProxyType(pinned), row.decisions, row.rule_sets)
