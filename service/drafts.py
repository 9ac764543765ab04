"""Who is drawing which change to a process? Drafts with every save kept, until they are submitted or given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import CaseFile
from db.release import ProcessRelease
from db.studio import ProcessDraft, ProcessDraftVersion
from forms.problem import Problem
from service import access, discards, dockets, draft_check, process_changes, releases, security_log
from service import rule_sets as rule_sets_of
from service.acts import Act
from service.draft_content import require_readable, require_text
from service.errors import NotFound, Problems, Stale
from service.people import Actor

SOURCE = "P19 · 流程变更发布"
STATES: Mapping[str, str] = {
    "draft": "编辑中",
    "testing": "校验与试运行",
    "submitted": "待批准",
    "published": "已发布",
    "discarded": "已放弃",
}
#: States in which a change is still on its way.
OPEN = ("draft", "testing", "submitted")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A change as pages show it; ``bpmn`` is the diagram as last saved."""

    id: str
    process_id: str
    title: str
    state: str
    state_label: str
    version: int
    bpmn: bytes
    decisions: Mapping[str, str]
    forms: Mapping[str, str]
    form_changes: Mapping[str, Mapping[str, Any]]
    scenarios: Sequence[Mapping[str, Any]]
    rule_sets: Mapping[str, Any]
    based_on: str | None
    saved_at: datetime
    basis: Mapping[str, str] | None
    effective_from: date | None
    change_note: str | None
    judgement: str | None
    release_id: str | None
    #: The case it is decided on in; None for changes from before they had one.
    case_id: str | None


def start(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    process_id: str,
    release_id: str | None = None,
    bpmn: bytes | None = None,
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> dict[str, Any]:
    """Begin a change to a process from its newest version, or from an earlier one that is to come back.

    Its case begins with it: drawing is the first task of whoever starts.

    Args:
        release_id: the version to begin from.
        bpmn: the diagram to begin with; a process that has no version yet needs one.

    Raises:
        NotAllowed: the actor does not prepare processes.
        NotFound: the process or the version does not exist.
        BadRequest: the diagram is too large, or no UTF-8.
        Problems: the process of changes (P19) is not in force.
    """
    access.require(actor, "process.prepare")
    row = session.get(ProcessRelease, release_id) if release_id else releases.newest(session, process_id)
    if (row is None and (bpmn is None or release_id)) or (row is not None and row.process_id != process_id):
        raise NotFound("没有这个流程，或它没有这个版本。")
    draft = _begun(session, row, process_id, bpmn, actor.person_id, at)
    if release_id is None:
        # A version from before rule sets were kept; one that comes back stays what it was.
        draft.rule_sets = {**rule_sets_of.shipped(process_id), **draft.rule_sets}
    session.add(draft)
    _keep(session, draft)
    process_changes.begin(session, draft, actor=actor, at=at, client=client, simulated=simulated)
    detail = {"draft_id": draft.id, "process_id": process_id, "version": str(row.version if row else 0)}
    security_log.write(session, "process_draft_started", at=at, actor=actor.person_id, detail=detail, client=client)
    return {"draft_id": draft.id, "version": draft.version}


def _begun(
    session: Session, row: ProcessRelease | None, process_id: str, bpmn: bytes | None, by: str, at: datetime
) -> ProcessDraft:
    if bpmn is not None:
        require_text(bpmn)
    if row is None:
        beginning: dict[str, Any] = {
            "title": process_id,
            "bpmn": bpmn or b"",
            "decisions": {},
            "forms": releases.newest_forms(session),
            "scenarios": [],
            "rule_sets": {},
            "based_on": None,
        }
    else:
        beginning = {name: getattr(row, name) for name in ("title", "decisions", "forms", "scenarios", "rule_sets")}
        beginning |= {"bpmn": row.bpmn if bpmn is None else bpmn, "based_on": row.id}
    persons = {"created_by": by, "created_at": at, "saved_by": by, "saved_at": at}
    return ProcessDraft(id=opaque_id(), process_id=process_id, own_state="draft", version=0, **beginning, **persons)


def save(
    session: Session,
    draft_id: str,
    *,
    actor: Actor,
    at: datetime,
    version: int,
    bpmn: bytes | None = None,
    decisions: Mapping[str, str] | None = None,
    form_changes: Mapping[str, Mapping[str, Any]] | None = None,
    scenarios: Sequence[Mapping[str, Any]] | None = None,
    rule_sets: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Keep what has been drawn, sound or not, as the next version of the draft; parts not given stay as they are.

    Args:
        version: the one the editor last saw.
        form_changes: definitions of forms that differ from the released ones, by form code.

    Raises:
        NotAllowed: the actor does not prepare processes.
        NotFound: there is no such draft.
        Stale: somebody else has saved, or it is no longer being drawn.
        BadRequest: the diagram is too large or no UTF-8, or a scenario cannot be read.
        Problems: a rule set cannot be read.
    """
    draft = locked(session, draft_id, actor, "draft")
    if version != draft.version:
        raise Stale("此草稿在您打开之后已由他人保存，请刷新后再改。")
    require_readable(bpmn, scenarios, rule_sets)
    parts = {"bpmn": bpmn, "decisions": decisions, "form_changes": form_changes}
    for name, part in {**parts, "scenarios": scenarios, "rule_sets": rule_sets}.items():
        if part is not None:
            setattr(draft, name, dict(part) if isinstance(part, Mapping) else part)
    draft.version, draft.saved_by, draft.saved_at = draft.version + 1, actor.person_id, at
    _keep(session, draft)
    if draft.case_id is not None:
        process_changes.note_hand(session, draft, actor.person_id, at)
    return {"version": draft.version, "saved_at": at}


def check(session: Session, draft_id: str, *, actor: Actor, bpmn: bytes | None = None) -> list[Mapping[str, str]]:
    """Every problem of a draft, authoritative: diagram, decision tables, ids that mean something else, scenarios that fail.

    Args:
        bpmn: what is being drawn, instead of what was saved last; nothing is kept.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such draft.
    """
    return draft_check.problems_of(session, _seen(session, draft_id, actor), bpmn)


def one(session: Session, draft_id: str, *, actor: Actor) -> Draft:
    """A draft.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such draft.
    """
    return _shown(_seen(session, draft_id, actor))


def listed(session: Session, *, actor: Actor, states: Sequence[str] = OPEN) -> list[Draft]:
    """The drafts in these states, the one saved last first.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
    """
    require_reader(actor)
    statement = select(ProcessDraft).where(ProcessDraft.state.in_(states)).order_by(ProcessDraft.saved_at.desc())
    return [_shown(row) for row in session.scalars(statement.execution_options(populate_existing=True))]


def versions(session: Session, draft_id: str, *, actor: Actor) -> list[dict[str, Any]]:
    """Every save of a draft, the latest first: version, saved_by, saved_at."""
    _seen(session, draft_id, actor)
    statement = (
        select(ProcessDraftVersion.version, ProcessDraftVersion.saved_by, ProcessDraftVersion.saved_at)
        .where(ProcessDraftVersion.draft_id == draft_id)
        .order_by(ProcessDraftVersion.version.desc())
    )
    return [dict(row._mapping) for row in session.execute(statement)]


def saved_version(session: Session, draft_id: str, version: int, *, actor: Actor) -> bytes:
    """The diagram as it was saved then.

    Raises:
        NotFound: there is no such save.
    """
    _seen(session, draft_id, actor)
    row = session.get(ProcessDraftVersion, (draft_id, version))
    if row is None:
        raise NotFound("没有这次保存的版本。")
    return row.bpmn


def discard(
    session: Session, draft_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> None:
    """Give a change up; what was drawn stays on record.

    Raises:
        NotAllowed: the actor does not prepare processes.
        NotFound: there is no such draft.
        Stale: it is published or given up already.
    """
    draft = locked(session, draft_id, actor, *OPEN)
    if draft.case_id is None:
        draft.own_state = "discarded"
    else:
        discards.give_up(session, dockets.locked(session, draft.case_id), Act(actor=actor, at=at, client=client))
    detail = {"draft_id": draft.id, "process_id": draft.process_id}
    security_log.write(session, "process_draft_discarded", at=at, actor=actor.person_id, detail=detail, client=client)


def locked(
    session: Session, draft_id: str, actor: Actor, *states: str, permission: str = "process.prepare"
) -> ProcessDraft:
    """A draft in one of these states, its row locked after that of its case, as decisions on it lock them.

    Raises:
        NotAllowed: the actor lacks the permission.
        NotFound: there is no such draft.
        Stale: it is in another state.
    """
    access.require(actor, permission)
    case_id = session.scalar(select(ProcessDraft.case_id).where(ProcessDraft.id == draft_id))
    if case_id is not None:
        session.execute(select(CaseFile.id).where(CaseFile.id == case_id).with_for_update())
    draft = session.get(ProcessDraft, draft_id, with_for_update=True, populate_existing=True)
    if draft is None:
        raise NotFound("没有这个流程草稿。")
    if draft.state not in states:
        wanted = "或".join(STATES[state] for state in states)
        raise Stale(f"此草稿{STATES[draft.state]}，此操作只适用于{wanted}的草稿，请刷新。")
    return draft


def problem(field: str, message: str) -> Problem:
    """A problem of an entry about a change."""
    return Problem(field=field, message=message, severity="error", source=SOURCE)


def refuse(problems: Sequence[Problem]) -> None:
    """Raise `Problems` if there are any."""
    if problems:
        raise Problems(problems)


def _keep(session: Session, draft: ProcessDraft) -> None:
    session.flush()
    kept = {name: getattr(draft, name) for name in ("bpmn", "decisions", "form_changes", "saved_by", "saved_at")}
    session.add(ProcessDraftVersion(draft_id=draft.id, version=draft.version, **kept))
    session.flush()


def require_reader(actor: Actor) -> None:
    """Refuse who neither prepares nor approves processes."""
    if not access.allowed(actor, "process.approve"):
        access.require(actor, "process.prepare")


def _seen(session: Session, draft_id: str, actor: Actor) -> ProcessDraft:
    require_reader(actor)
    draft = session.get(ProcessDraft, draft_id, populate_existing=True)
    if draft is None:
        raise NotFound("没有这个流程草稿。")
    return draft


def _shown(row: ProcessDraft) -> Draft:
    names = Draft.__dataclass_fields__.keys() - {"state_label"}
    return Draft(**{name: getattr(row, name) for name in names}, state_label=STATES[row.state])
