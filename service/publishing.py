"""How is a change to a process submitted, tried and signed? Its tasks (P19), done from the studio and by commands."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import CaseFile, Visit
from db.release import ProcessRelease
from db.studio import EDITING, TESTING, ProcessDraft
from service import case_parts, draft_check, drafts, process_changes, releases, tasks
from service.errors import NotFound, Stale
from service.people import Actor
from service.process_changes import Basis

#: State of a draft in which each of its tasks is open.
_DRAWN, _TRIED, _SIGNED = "draft", "testing", "submitted"
#: Fields of a change's form that are the record of its tests.
_RECORD = ("check_result", "scenario_result", "walk_result", "dry_run_result", "test_note")


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
    simulated: bool = False,
) -> dict[str, Any]:
    """Say that a change is drawn (送校验): the system compares, checks and tries it and puts the record beside it.

    Args:
        version: the save that is meant; another one meanwhile is refused.
        effective_from: first day in force, today or later.

    Returns:
        change_note, warnings (problems that do not stand in the way), visit_id of the test.

    Raises:
        NotAllowed: the actor does not prepare processes, or another administrator has the task.
        NotFound: there is no such draft.
        Stale: it was saved again, or is not being drawn.
        Problems: basis or date is wrong, the lint finds errors, a scenario fails, a random walk gets stuck.
    """
    draft = drafts.locked(session, draft_id, actor, _DRAWN)
    if version != draft.version:
        raise Stale("此草稿在您打开之后已由他人保存，请刷新后再送审。")
    if draft.case_id is None:
        process_changes.begin(session, draft, actor=actor, at=at, client=client)
        session.flush()
    content = {**basis.to_form(), "effective_from": effective_from.isoformat()}
    filled = {"form": {process_changes.PROCESS: content}, "simulated": simulated}
    answer = _decide(session, draft, EDITING, "submit", actor=actor, at=at, client=client, **filled)
    warnings = [one for one in draft_check.problems_of(session, draft) if one["severity"] != "error"]
    visit_id = next((visit["visit_id"] for visit in answer["opened"]), None)
    return {"change_note": draft.change_note, "warnings": warnings, "visit_id": visit_id}


def confirm_test(
    session: Session,
    draft_id: str,
    *,
    actor: Actor,
    at: datetime,
    words: str = "",
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> dict[str, Any]:
    """Say that a change's checks and trials are right as recorded (送业务批准); they are made once more.

    Args:
        words: what else was tried, for the record.

    Raises:
        NotAllowed: the actor does not prepare processes, or another administrator has the task.
        NotFound: there is no such draft.
        Stale: it is not being tried.
        Problems: something stands against it by now.
    """
    draft = drafts.locked(session, draft_id, actor, _TRIED)
    filled = {"form": {process_changes.PROCESS: {"test_note": words}}, "simulated": simulated}
    return _decide(session, draft, TESTING, "submit", actor=actor, at=at, client=client, **filled)


def approve(
    session: Session,
    draft_id: str,
    *,
    actor: Actor,
    at: datetime,
    opinion: str = "",
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> dict[str, Any]:
    """Approve a change: it becomes the next version, never to be changed, followed by new cases from its day on.

    Returns:
        message; and once its process publishes it, release_id, process_id, version, hash, effective_from.

    Raises:
        NotAllowed: the actor does not approve processes, or had a hand in this one.
        NotFound: there is no such draft.
        Stale: it is not waiting for approval.
        Problems: it can no longer be published (another version came between).
    """
    draft = drafts.locked(session, draft_id, actor, _SIGNED, permission="process.approve")
    told: dict[str, Any] = {"reason": opinion, "client": client, "simulated": simulated}
    answer = _decide(session, draft, None, "approve", actor=actor, at=at, **told)
    session.refresh(draft)
    row = session.get(ProcessRelease, draft.release_id) if draft.release_id else None
    if row is None:
        return {"message": answer["message"]}
    published = {name: getattr(row, name) for name in ("process_id", "version", "hash", "effective_from")}
    return {"message": answer["message"], "release_id": row.id, **published}


def send_back(
    session: Session,
    draft_id: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str,
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> None:
    """Send a change back to be drawn again (退回).

    Raises:
        NotAllowed: the actor does not approve processes, or had a hand in this one.
        NotFound: there is no such draft.
        Stale: it is not waiting for approval.
        Problems: the reason is shorter than 5 characters.
    """
    draft = drafts.locked(session, draft_id, actor, _SIGNED, permission="process.approve")
    drawn = select(Visit.node_id).where(Visit.case_id == draft.case_id, Visit.stage == EDITING)
    params = {"to": session.scalars(drawn.order_by(Visit.opened_seq).limit(1)).first()}
    told: dict[str, Any] = {"reason": reason, "client": client, "simulated": simulated, "params": params}
    _decide(session, draft, None, "return", actor=actor, at=at, **told)


def task(session: Session, draft_id: str, *, actor: Actor) -> str | None:
    """The visit at which a change waits now; None for one that waits for nobody.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such draft.
    """
    draft = drafts.one(session, draft_id, actor=actor)
    waiting = select(Visit.id).where(Visit.case_id == draft.case_id, Visit.state == "open")
    return session.scalars(waiting.order_by(Visit.opened_seq).limit(1)).first()


def draft_of_case(session: Session, case_id: str, *, actor: Actor) -> str:
    """The change a case decides on.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: the case is about something else.
    """
    drafts.require_reader(actor)
    found = session.scalar(select(ProcessDraft.id).where(ProcessDraft.case_id == case_id))
    if found is None:
        raise NotFound("这个业务件不是流程变更。")
    return found


def record(session: Session, draft_id: str, *, actor: Actor) -> list[tuple[str, str]]:
    """What a change's form says of its checks and trials, each with its label; [] before it was submitted.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such draft.
    """
    draft = drafts.one(session, draft_id, actor=actor)
    case = session.get(CaseFile, draft.case_id) if draft.case_id else None
    if case is None or case.form_revision_id is None:
        return []
    shown = case_parts.form(session, case)
    labelled = ((shown["definition"].field(name), shown["content"].get(name)) for name in _RECORD)
    return [(field.label, str(text)) for field, text in labelled if field is not None and text]


def _decide(
    session: Session, draft: ProcessDraft, stage: str | None, verb: str, *, actor: Actor, at: datetime, **asked: Any
) -> dict[str, Any]:
    """Carry out a verb at the open task of a stage; without one, at the one beyond drawing and trying."""
    case = session.get_one(CaseFile, draft.case_id, populate_existing=True)
    visits = session.scalars(select(Visit).where(Visit.case_id == case.id, Visit.state == "open")).all()
    fits = [one for one in visits if (one.stage == stage if stage else one.stage not in (EDITING, TESTING))]
    if not fits:
        raise Stale("此次修改不在这个环节，请刷新。")
    return tasks.decide(session, fits[0].id, verb, actor=actor, at=at, expected_seq=case.seq, **asked)


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


def history(session: Session, process_id: str) -> list[dict[str, Any]]:
    """Every version of a process, the newest first, with its basis, note, days and persons."""
    names = ("id", "version", "title", "hash", "legal_basis", "change_note", "effective_from", "published_at")
    people = ("prepared_by", "approved_by")
    statement = (
        select(ProcessRelease).where(ProcessRelease.process_id == process_id).order_by(ProcessRelease.version.desc())
    )
    return [{name: getattr(row, name) for name in (*names, *people)} for row in session.scalars(statement)]
