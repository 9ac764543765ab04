"""What would a drafted change do? Compared with the version in force, walked at random, run over the cases of a season."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.release import ProcessRelease
from db.studio import ProcessDraft
from service import annex_diff, draft_check, drafts, dry_run, recorded_cases, release_check, releases, simulation
from service.bundle_diff import compare
from service.dry_run import CaseResult, DryRun
from service.engine import Release, ReleaseError
from service.engine.outline import read_outline
from service.errors import NotFound, Refused
from service.people import Actor, day
from service.recorded_cases import RecordedCase
from service.release_diff import Change, change_note
from service.release_words import step_title

#: Problems of a drawing that cannot even be compared.
UNREADABLE = frozenset({release_check.UNFINISHED, "file.unreadable", "xml.malformed", "xml.too_deep", "xml.too_many"})
Files = Mapping[str, bytes]


class NotSoundYet(Refused):
    """流程草稿还有错误，不能试运行。请先在编辑页改正检查列出的全部错误。"""

    status = 422
    code = "process_not_sound"
    title = "草稿还有错误"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two versions with what is different between them, in sentences and by element ids; ``note`` is the 版本说明."""

    old_name: str
    new_name: str
    old: bytes
    new: bytes
    changes: tuple[Change, ...]
    note: str

    def with_more(self, changes: tuple[Change, ...]) -> "Comparison":
        """The comparison with further changes after its own."""
        found = (*self.changes, *changes)
        return replace(self, changes=found, note=change_note(found))


@dataclass(frozen=True)
class Season:
    """A season whose cases a change can be tried on."""

    id: str
    title: str


def of_draft(session: Session, draft_id: str, *, actor: Actor) -> Comparison:
    """A draft beside the version published last.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such draft, or its process has no version.
    """
    draft = drafts.one(session, draft_id, actor=actor)
    before = releases.newest(session, draft.process_id)
    if before is None:
        raise NotFound("这个流程还没有发布过的版本，无法比较。")
    drafted = session.get_one(ProcessDraft, draft_id)
    _require(session, drafted, lambda problem: problem["code"] in UNREADABLE)
    sides = (
        (f"第{before.version}版", releases.files_of(session, before)),
        ("草稿", draft_check.files_of(session, drafted)),
    )
    return _comparison(draft.process_id, *sides).with_more(annex_diff.changes(before, drafted))


def of_versions(session: Session, process_id: str, old: int, new: int) -> Comparison:
    """Two published versions of a process.

    Raises:
        NotFound: one of them does not exist.
    """
    statement = select(ProcessRelease).where(
        ProcessRelease.process_id == process_id, ProcessRelease.version.in_((old, new))
    )
    found = {row.version: row for row in session.scalars(statement)}
    if old not in found or new not in found:
        raise NotFound("没有这个流程版本。")
    files = {version: releases.files_of(session, row) for version, row in found.items()}
    compared = _comparison(process_id, (f"第{old}版", files[old]), (f"第{new}版", files[new]))
    return compared.with_more(annex_diff.changes(found[old], found[new]))


def _comparison(process_id: str, old: tuple[str, Files], new: tuple[str, Files]) -> Comparison:
    try:
        changes = compare(old[1], new[1])
    except ReleaseError as fault:
        raise NotSoundYet(str(fault)) from fault
    diagram = f"{process_id}.bpmn"
    return Comparison(
        old_name=old[0],
        new_name=new[0],
        old=old[1][diagram],
        new=new[1][diagram],
        changes=changes,
        note=change_note(changes),
    )


def seasons(session: Session, draft_id: str, *, actor: Actor) -> list[Season]:
    """The seasons of the draft's process, the newest first.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such draft.
    """
    draft = drafts.one(session, draft_id, actor=actor)
    statement = (
        select(Campaign.id, Campaign.title)
        .where(Campaign.process_id == draft.process_id)
        .order_by(Campaign.fiscal_year.desc(), Campaign.opens_on.desc())
    )
    return [Season(row.id, row.title) for row in session.execute(statement)]


@dataclass(frozen=True)
class Trial:
    """A draft and the recorded cases of a season to be run under it, one after the other."""

    release: Release
    cases: Sequence[RecordedCase]

    def results(self) -> Iterator[CaseResult]:
        """What comes of each case, as it is run; nothing is read or written any more."""
        return (dry_run.one(self.release, case) for case in self.cases)


def trial(session: Session, draft_id: str, season_id: str, *, actor: Actor, at: datetime) -> Trial:
    """A draft with the cases begun while a season was open (到 ``at`` 为止).

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such draft or season.
        NotSoundYet: the draft cannot run; the sentence says why.
    """
    release = release_of(session, draft_id, actor=actor)
    season = session.get(Campaign, season_id)
    if season is None or season.process_id != release.process_id:
        raise NotFound("没有这个批次。")
    first, last = season.opens_on, min(season.closes_on, day(at))
    return Trial(release, recorded_cases.started_between(session, release.process_id, first, last))


def on_season(session: Session, draft_id: str, season_id: str, *, actor: Actor, at: datetime) -> DryRun:
    """Run a draft over the cases of a season; nothing is written. Raises as `trial` does."""
    return dry_run.counted(list(trial(session, draft_id, season_id, actor=actor, at=at).results()))


def step_names(session: Session, draft_id: str, *, actor: Actor) -> Mapping[str, str]:
    """What steps are called, by id, in the draft and in the version before it; for reading paths."""
    compared = of_draft(session, draft_id, actor=actor)
    outlines = [read_outline(compared.old), read_outline(compared.new)]
    return {name: step_title(step) for outline in outlines for name, step in outline.steps.items()}


def walks(session: Session, draft_id: str, *, actor: Actor) -> dict[str, Any]:
    """The draft's scenarios, what they cover, and a hundred random walks (see `simulation.judge`).

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such draft.
        NotSoundYet: the draft cannot run; the sentence says why.
    """
    draft = drafts.one(session, draft_id, actor=actor)
    release = release_of(session, draft_id, actor=actor)
    return simulation.judge(release, read_outline(draft.bpmn), draft_check.read_scenarios(draft.scenarios))


def release_of(session: Session, draft_id: str, *, actor: Actor) -> Release:
    """A draft ready to run.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such draft.
        NotSoundYet: the draft cannot run; the sentence says why.
    """
    drafts.one(session, draft_id, actor=actor)
    row = session.get_one(ProcessDraft, draft_id)
    _require(session, row, lambda problem: problem["severity"] == "error")
    try:
        return releases.of_row(session, row)
    except ReleaseError as fault:
        raise NotSoundYet(str(fault)) from fault


def _require(session: Session, draft: ProcessDraft, stands_against: Callable[[Mapping[str, str]], bool]) -> None:
    """Let nothing be read here that the bounded process could not read."""
    found = [problem for problem in draft_check.bounded(session, draft, draft.bpmn) if stands_against(problem)]
    if found:
        raise NotSoundYet("；".join(f"{problem['message']}{problem['remedy']}" for problem in found[:20]))
