"""How does a change become the version new cases follow? Submitted with its legal basis, approved by another person, immutable."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.release import ProcessRelease
from db.studio import ProcessDraft, ProcessDraftVersion
from forms.problem import Problem
from service import annex_diff, bundle_diff, draft_check, drafts, form_publishing, release_diff, releases, security_log
from service.drafts import problem, refuse
from service.engine import Release
from service.engine.outline import read_outline
from service.errors import NotAllowed, NotFound, Stale
from service.people import Actor, day
from service.simulation import random_walks

LEAST_REASON = 5
_NAMES = {"number": "文号", "title": "文件名称", "article": "条款"}


@dataclass(frozen=True, kw_only=True)
class Basis:
    """The policy document a change rests on: 文号, title, article."""

    number: str
    title: str
    article: str

    def text(self) -> str:
        """As a sentence cites it: 《title》（number）article."""
        return f"《{self.title.strip('《》')}》（{self.number}）{self.article}"

    def to_json(self) -> dict[str, str]:
        """The basis as plain JSON."""
        return {name: getattr(self, name).strip() for name in _NAMES}


def submit(
    session: Session,
    draft_id: str,
    *,
    actor: Actor,
    at: datetime,
    version: int,
    basis: Basis,
    effective_from: date,
    client: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Send a change to be approved (送审); the change note is made from the comparison with the version it starts from.

    Args:
        version: the save that is meant; another one meanwhile is refused.
        effective_from: first day in force, today or later.

    Returns:
        change_note, warnings (problems that do not stand in the way).

    Raises:
        NotAllowed: the actor does not prepare processes.
        NotFound: there is no such draft.
        Stale: it was saved again, or is not being drawn.
        Problems: basis or date is wrong, the lint finds errors, a scenario fails, a random walk gets stuck.
    """
    draft = drafts.locked(session, draft_id, actor, "draft")
    if version != draft.version:
        raise Stale("此草稿在您打开之后已由他人保存，请刷新后再送审。")
    refuse(_entry_problems(basis, effective_from, at))
    found = draft_check.problems_of(session, draft)
    refuse([problem("bpmn", f"{one['message']}{one['remedy']}") for one in found if one["severity"] == "error"])
    refuse(_walk_problems(draft, releases.of_row(session, draft)))
    draft.basis, draft.effective_from, draft.change_note = basis.to_json(), effective_from, _note(session, draft)
    draft.state, draft.submitted_by, draft.submitted_at = "submitted", actor.person_id, at
    _log(session, "process_submitted", draft, actor, at, client)
    return {"change_note": draft.change_note, "warnings": [one for one in found if one["severity"] != "error"]}


def approve(
    session: Session,
    draft_id: str,
    *,
    actor: Actor,
    at: datetime,
    opinion: str = "",
    client: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Approve a change: it becomes the next version, never to be changed, followed by new cases from its day on.

    If that day has passed meanwhile, it is in force from today.

    Returns:
        release_id, process_id, version, hash, effective_from.

    Raises:
        NotAllowed: the actor does not approve processes, or had a hand in this one.
        NotFound: there is no such draft.
        Stale: it is not waiting for approval.
        Problems: it can no longer be published (forms changed since).
    """
    draft = _to_judge(session, draft_id, actor)
    row = _next_version(session, draft, actor, at)
    session.add(row)
    session.flush()
    _judged(draft, "published", actor, at, opinion)
    draft.release_id = row.id
    _log(session, "process_published", draft, actor, at, client, row)
    told = {name: getattr(row, name) for name in ("process_id", "version", "hash", "effective_from")}
    return {**told, "release_id": row.id}


def _next_version(session: Session, draft: ProcessDraft, approver: Actor, at: datetime) -> ProcessRelease:
    pinned = form_publishing.publish(session, draft, at)
    release = releases.of_row(session, draft)
    before = releases.newest(session, draft.process_id)
    return ProcessRelease(
        id=opaque_id(),
        process_id=draft.process_id,
        version=before.version + 1 if before is not None else 1,
        title=release.title,
        hash=release.hash,
        bpmn=draft.bpmn,
        decisions=dict(draft.decisions),
        scenarios=list(draft.scenarios),
        rule_sets=dict(draft.rule_sets),
        forms=pinned,
        legal_basis=Basis(**(draft.basis or {})).text(),
        effective_from=max(draft.effective_from or day(at), day(at)),
        published_at=at,
        prepared_by=draft.submitted_by,
        approved_by=approver.person_id,
        change_note=draft.change_note,
    )


def send_back(
    session: Session,
    draft_id: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str,
    client: Mapping[str, Any] | None = None,
) -> None:
    """Send a change back to be drawn again (退回).

    Raises:
        NotAllowed: the actor does not approve processes, or had a hand in this one.
        NotFound: there is no such draft.
        Stale: it is not waiting for approval.
        Problems: the reason is shorter than 5 characters.
    """
    draft = _to_judge(session, draft_id, actor)
    if len(reason.strip()) < LEAST_REASON:
        refuse([problem("reason", f"请写明退回的理由，至少 {LEAST_REASON} 个字。")])
    _judged(draft, "draft", actor, at, reason)
    _log(session, "process_sent_back", draft, actor, at, client)


def history(session: Session, process_id: str) -> list[dict[str, Any]]:
    """Every version of a process, the newest first, with its basis, note, days and persons."""
    names = ("id", "version", "title", "hash", "legal_basis", "change_note", "effective_from", "published_at")
    people = ("prepared_by", "approved_by")
    statement = (
        select(ProcessRelease).where(ProcessRelease.process_id == process_id).order_by(ProcessRelease.version.desc())
    )
    return [{name: getattr(row, name) for name in (*names, *people)} for row in session.scalars(statement)]


def files_of(session: Session, process_id: str, version: int | None = None) -> tuple[ProcessRelease, dict[str, bytes]]:
    """A version's bundle as files by name: diagram, decision tables, forms; the newest version if none is named.

    Raises:
        NotFound: there is no such version.
        ReleaseDamaged: what is stored is no longer what was published.
    """
    wanted = select(ProcessRelease).where(ProcessRelease.process_id == process_id)
    if version is not None:
        wanted = wanted.where(ProcessRelease.version == version)
    row = session.scalars(wanted.order_by(ProcessRelease.version.desc()).limit(1)).first()
    if row is None:
        raise NotFound(f"流程“{process_id}”没有{f'第 {version} 版' if version else '任何版本'}。")
    releases.bundle(session, row.id)
    return row, releases.files_of(session, row)


def _entry_problems(basis: Basis, effective_from: date, at: datetime) -> list[Problem]:
    found = [
        problem(name, f"请填写政策依据的{title}。")
        for name, title in _NAMES.items()
        if not getattr(basis, name).strip()
    ]
    if effective_from < day(at):
        found.append(problem("effective_from", f"生效日期不能早于今天（{day(at).isoformat()}），请改正。"))
    return found


def _walk_problems(draft: ProcessDraft, release: Release) -> list[Problem]:
    stuck = random_walks(release, read_outline(draft.bpmn)).stuck
    return [problem("bpmn", f"{one.name}走不到头：{one.problem}。") for one in stuck[:5]]


def _note(session: Session, draft: ProcessDraft) -> str:
    """What is different from the version new cases follow now: a version brought back differs from that one, too."""
    before = releases.newest(session, draft.process_id)
    if before is None:
        return "第一版。"
    found = bundle_diff.compare(releases.files_of(session, before), draft_check.files_of(session, draft))
    return release_diff.change_note((*found, *annex_diff.changes(before, draft)))


def _to_judge(session: Session, draft_id: str, actor: Actor) -> ProcessDraft:
    draft = drafts.locked(session, draft_id, actor, "submitted", permission="process.approve")
    hands = select(ProcessDraftVersion.saved_by).where(ProcessDraftVersion.draft_id == draft.id)
    if actor.person_id in {draft.created_by, draft.submitted_by, *session.scalars(hands)}:
        raise NotAllowed("您参与了这次流程修改，不能由您批准。请由另一位绩效科长办理。")
    return draft


def _judged(draft: ProcessDraft, state: str, actor: Actor, at: datetime, words: str) -> None:
    draft.state, draft.judged_by, draft.judged_at, draft.judgement = state, actor.person_id, at, words.strip() or None


def _log(
    session: Session,
    kind: str,
    draft: ProcessDraft,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None,
    row: ProcessRelease | None = None,
) -> None:
    session.flush()
    detail = {"draft_id": draft.id, "process_id": draft.process_id}
    if draft.judgement and row is None and kind == "process_sent_back":
        detail["reason"] = draft.judgement
    if row is not None:
        detail |= {"release_id": row.id, "version": str(row.version), "hash": row.hash, "basis": row.legal_basis}
        detail["effective_from"] = row.effective_from.isoformat()
    security_log.write(session, kind, at=at, actor=actor.person_id, detail=detail, client=client)
