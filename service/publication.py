"""How does an approved change become a version? The effects of its process: published for good, in force from its day."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.release import ProcessRelease
from db.studio import ProcessDraft
from forms.problem import Problem
from service import form_publishing, process_changes, releases, revisions, seats, security_log
from service.acts import Cause
from service.dockets import Docket
from service.errors import Problems
from service.people import day
from service.process_changes import Basis

_SOURCE = "P19 · 流程变更发布"


def publish(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Make a change the next version of its process, never to be changed, followed by new cases from its day on.

    If that day has passed meanwhile, it is in force from today. Until then the case is scheduled.

    Returns:
        The change for the event: ``release_published`` with release, process, version, hash and day.

    Raises:
        Problems: another version was published since the change was compared and tried.

    Source:
        P19 定时发布; running cases stay on their version.
    """
    draft, case = process_changes.of_case(session, docket.case.id), docket.case
    content = _submitted(session, docket)
    before = releases.newest(session, draft.process_id)
    _require_same_base(content, before)
    row = _version(session, draft, content, cause, before, prepared_by=_preparer(docket))
    session.add(row)
    session.flush()
    draft.release_id = row.id
    session.flush()
    named = {"process_id": row.process_id, "version": str(row.version), "hash": row.hash, "basis": row.legal_basis}
    detail = {"draft_id": draft.id, "case_id": case.id, "release_id": row.id, **named}
    detail["effective_from"] = row.effective_from.isoformat()
    security_log.write(
        session, "process_published", at=cause.at, actor=cause.person_id, detail=detail, client=cause.client
    )
    if case.finished_at is None:
        case.stage = process_changes.SCHEDULED
    told = {"process": row.process_id, "version": row.version, "hash": row.hash, "stage": process_changes.SCHEDULED}
    return {
        "type": "release_published",
        "release": row.id,
        **told,
        "effective_from": row.effective_from.isoformat(),
    }


def bring_into_force(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Record that the day of a version has come: new cases follow it from now on.

    Returns:
        The change for the event: ``release_in_force`` with release and version.
    """
    draft = process_changes.of_case(session, docket.case.id)
    row = session.get_one(ProcessRelease, draft.release_id)
    return {"type": "release_in_force", "release": row.id, "process": row.process_id, "version": row.version}


def _submitted(session: Session, docket: Docket) -> dict[str, Any]:
    revision = revisions.one(session, docket.case.form_revision_id)
    return dict(revision.content) if revision else {}


def _require_same_base(content: dict[str, Any], before: ProcessRelease | None) -> None:
    """A change is judged by its difference from the newest version: it must still be the newest."""
    compared, now = int(content.get("compared_version") or 0), before.version if before else 0
    if compared != now:
        message = f"送审后这个流程已发布第 {now} 版，版本说明和试运行是与第 {compared} 版比较的，请退回，重新比较、试运行后送审"
        raise Problems([Problem(field="", message=message, severity="error", source=_SOURCE)])


def _preparer(docket: Docket) -> str | None:
    """Whoever submitted the change last."""
    done = [seat for seat in docket.seats.values() if seat.state == "done" and seat.vote == "submit"]
    voted = [seat for seat in done if seats.part(seat) == "vote" and seat.decided_at]
    return max(voted, key=lambda seat: (seat.decided_at, seat.id)).decided_by if voted else None


def _version(
    session: Session,
    draft: ProcessDraft,
    content: dict[str, Any],
    cause: Cause,
    before: ProcessRelease | None,
    *,
    prepared_by: str | None,
) -> ProcessRelease:
    pinned = form_publishing.publish(session, draft, cause.at)
    release = releases.of_row(session, draft)
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
        legal_basis=Basis.of_form(content).text(),
        effective_from=max(date.fromisoformat(content["effective_from"]), day(cause.at)),
        published_at=cause.at,
        prepared_by=prepared_by,
        approved_by=cause.person_id,
        change_note=str(content.get("change_note") or ""),
    )


def change_of_release(session: Session, release_id: str) -> str | None:
    """The case in which a version was decided on; None for those from before, and those that came with the product."""
    return session.scalars(select(ProcessDraft.case_id).where(ProcessDraft.release_id == release_id)).first()
