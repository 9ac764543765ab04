"""What is in a case's file? Its head, form, opinions, findings and files, for case pages, task pages, prints and API alike."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

import forms
from db.case import CaseFile, Finding, Seat, Visit
from db.form import Attachment, FormDraft, FormRevision
from db.organisation import Organisation
from db.person import Person
from db.project import Project, TargetVersion
from db.release import FormRelease, ProcessRelease
from forms.definition import FormDefinition
from forms.problem import Problem
from service import case_rows, labels, releases, reviews, subjects
from service.people import day

#: Versions of forms by id: a handful in the life of a district.
_definitions: dict[str, FormDefinition] = {}
#: What became of an opinion, by the state of its visit; opinions of the others count.
_OUTDATED: Mapping[str, str] = MappingProxyType({"superseded": "superseded", "cancelled": "cancelled"})
_PATH = re.compile(r"([a-z][a-z0-9_]*)(?:\[(\d{1,4})\](?:\.([a-z][a-z0-9_]*))?)?", re.ASCII)


def header(session: Session, case: CaseFile) -> dict[str, Any]:
    """The facts at the head of a case's pages; the amount is 万元 as an exact text."""
    statement = case_rows.with_names(select(*case_rows.FACTS, ProcessRelease.hash.label("release_hash")))
    statement = statement.join(ProcessRelease, ProcessRelease.id == CaseFile.release_id).where(CaseFile.id == case.id)
    row = session.execute(statement).one()
    return {**case_rows.head(row), "release_hash": row.release_hash}


def form(session: Session, case: CaseFile) -> dict[str, Any]:
    """The form a case is about as last submitted, before that as last saved, with what its view needs beside it.

    Returns:
        definition (the version the case fills in), content ({} before anything was saved), context, mode `read`.
    """
    kept = session.get(FormRevision, case.form_revision_id) if case.form_revision_id else None
    if kept is not None:
        shown = definition(session, kept.form_release_id)
        return {"definition": shown, "content": kept.content, "context": context(session, case), "mode": "read"}
    bundle = releases.bundle(session, case.release_id)
    about = bundle.subject_form
    drafted = select(FormDraft.content).where(FormDraft.case_id == case.id, FormDraft.form_code == about)
    content = session.scalars(drafted.order_by(FormDraft.saved_at.desc()).limit(1)).first()
    return {
        "definition": bundle.definitions[about],
        "content": content or {},
        "context": context(session, case),
        "mode": "read",
    }


def context(session: Session, case: CaseFile) -> dict[str, Any]:
    """What the view of that form must know: the season, the bodies and who signed for the unit, if anybody did."""
    return {**subjects.of_case(session, case).form_context(), **_signature(session, case.id)}


def previous(session: Session, project_id: str | None) -> dict[str, Any] | None:
    """The approved target of the same project one year earlier, for last year's values; None if there is none."""
    if project_id is None:
        return None
    earlier = session.scalars(select(Project.previous_project_id).where(Project.id == project_id)).first()
    found = subjects.approved(session, earlier)
    return dict(found) if found is not None else None


def checks(session: Session, case: CaseFile) -> list[dict[str, Any]]:
    """What the quality rules found at the last submission, with the drafter's reasons; [] before it."""
    if not case.form_revision_id:
        return []
    kept = session.scalars(select(FormRevision.checks).where(FormRevision.id == case.form_revision_id)).first()
    return list(kept or [])


def problems(session: Session, case: CaseFile) -> list[Problem]:
    """The same as `checks` for pages: problems whose sentences carry the drafter's reasons."""
    names = ("field", "severity", "source", "rule")
    found = []
    for check in checks(session, case):
        reason = f"（说明：{check['reason']}）" if check.get("reason") else ""
        stored = {name: check.get(name, "") for name in names}
        found.append(Problem(**stored, message=f"{check['message']}{reason}"))
    return found


def opinions(session: Session, case: CaseFile) -> list[dict[str, Any]]:
    """What everybody who decided wrote, of all rounds, oldest first.

    An opinion is `valid`, `superseded` by a later round, or `cancelled` with its visit; nothing is left out but
    submissions without a word. Seats closed by somebody else's decision appear if something was written there.
    ``review`` holds the review form (F03) in the version that was filled in, with the context of its view.
    """
    known = steps(session, case.id)
    return [
        _opinion(row, _review_of(session, case, row.FormRevision, known)) for row in session.execute(_written(case.id))
    ]


def findings(session: Session, case: CaseFile, shown: FormDefinition) -> list[dict[str, Any]]:
    """What reviewers asked to be corrected and what the drafter answered, oldest first.

    Args:
        shown: the form whose fields the findings name, for their labels.
    """
    statement = select(Finding, Person.name).join(Person, Person.id == Finding.raised_by)
    statement = statement.where(Finding.case_id == case.id).order_by(Finding.raised_at, Finding.id)
    names = ("id", "field", "message", "severity", "round", "state", "answer_kind", "answer", "raised_at")
    return [
        {
            **{name: getattr(row, name) for name in names},
            "label": field_label(shown, row.field),
            "raised_by": raised_by,
        }
        for row, raised_by in session.execute(statement)
    ]


def attachments(session: Session, case_id: str) -> list[dict[str, Any]]:
    """The files of a case that have not been removed, in the order of their upload; sizes in bytes."""
    statement = (
        select(Attachment, Person.name)
        .join(Person, Person.id == Attachment.uploaded_by)
        .where(Attachment.case_id == case_id, Attachment.removed_at.is_(None))
        .order_by(Attachment.uploaded_at, Attachment.filename)
    )
    names = ("id", "filename", "media_type", "size", "sha256", "uploaded_at")
    return [
        {**{name: getattr(row, name) for name in names}, "uploaded_by": uploaded_by}
        for row, uploaded_by in session.execute(statement)
    ]


def admitted(session: Session, case_id: str) -> dict[str, Any] | None:
    """Number, version and instant of the case's entry in the library; None before admission."""
    statement = select(TargetVersion.library_no, TargetVersion.version, TargetVersion.admitted_at)
    row = session.execute(
        statement.where(TargetVersion.case_id == case_id).order_by(TargetVersion.version.desc()).limit(1)
    ).first()
    return dict(row._mapping) if row else None


def steps(session: Session, case_id: str) -> list[tuple[str, str]]:
    """Ids and names of the steps the case has been at."""
    statement = select(Visit.node_id, Visit.node_name).where(Visit.case_id == case_id).distinct()
    return [(row.node_id, row.node_name) for row in session.execute(statement)]


def definition(session: Session, form_release_id: str) -> FormDefinition:
    """The version of a form that was filled in; read from the database once per process, for it never changes.

    Raises:
        NoResultFound: there is no such version.
    """
    if form_release_id not in _definitions:
        _definitions[form_release_id] = forms.parse(session.get_one(FormRelease, form_release_id).definition)
    return _definitions[form_release_id]


def field_label(shown: FormDefinition, path: str) -> str:
    """What people call the place a path names: 绩效指标 第3行 权重; empty for the whole form, else the path itself."""
    if not path:
        return ""
    match = _PATH.fullmatch(path)
    field = shown.field(match[1]) if match else None
    if match is None or field is None:
        return path
    parts = [field.label]
    if match[2]:
        parts.append(f"第{int(match[2]) + 1}行")
    if match[3]:
        parts.append(next((column.label for column in field.columns if column.id == match[3]), match[3]))
    return " ".join(parts)


def _signature(session: Session, case_id: str) -> dict[str, Any]:
    """Who of the unit signed the declaration as it stands, and on which day."""
    statement = (
        select(Person.name, Seat.decided_at)
        .join(Visit, Visit.id == Seat.visit_id)
        .join(Person, Person.id == Seat.decided_by)
        .where(Seat.case_id == case_id, Seat.state == "done", Seat.vote == "approve")
        .where(Visit.stage == "unit_signing", Visit.state == "decided")
        .order_by(Seat.decided_at.desc())
        .limit(1)
    )
    row = session.execute(statement).first()
    return {"unit_signer": row.name, "signed_at": day(row.decided_at)} if row else {}


def _written(case_id: str) -> Select[Any]:
    person, principal = aliased(Person), aliased(Person)
    something = or_(Seat.opinion.is_not(None), Seat.review_revision_id.is_not(None))
    done = and_(Seat.state == "done", or_(Seat.vote != "submit", Seat.opinion.is_not(None)))
    return (
        select(Seat, Visit, FormRevision)
        .add_columns(Organisation.name.label("organisation"))
        .add_columns(person.name.label("person"), principal.name.label("on_behalf_of"))
        .join(Visit, Visit.id == Seat.visit_id)
        .join(Organisation, Organisation.id == Seat.organisation_id)
        .outerjoin(person, person.id == func.coalesce(Seat.decided_by, Seat.person_id))
        .outerjoin(principal, principal.id == Seat.on_behalf_of)
        .outerjoin(FormRevision, FormRevision.id == Seat.review_revision_id)
        .where(Seat.case_id == case_id, or_(done, and_(Seat.state == "cancelled", something)))
        .order_by(Visit.round, Visit.opened_seq, Seat.position, Seat.decided_at)
    )


def _opinion(row: Row[Any], review: dict[str, Any] | None) -> dict[str, Any]:
    seat, visit = row.Seat, row.Visit
    return {
        "round": visit.round,
        "visit_id": visit.id,
        "node_id": visit.node_id,
        "node_name": visit.node_name,
        "person": row.person or "",
        "organisation": row.organisation,
        "role": seat.role,
        "on_behalf_of": row.on_behalf_of,
        "verb": seat.vote or "",
        "verb_label": labels.verb(seat.vote),
        "grade": review["grade"] if review else None,
        "opinion": seat.opinion,
        "at": seat.decided_at or visit.closed_at,
        "state": _OUTDATED.get(visit.state, "valid"),
        "review": review,
    }


def _review_of(
    session: Session, case: CaseFile, revision: FormRevision | None, known: list[tuple[str, str]]
) -> dict[str, Any] | None:
    if revision is None:
        return None
    mode = revision.content.get("review_mode") or reviews.mode(case)
    context = {"review_mode": mode, "is_key_project": case.is_key_project, "return_targets": known}
    shown = definition(session, revision.form_release_id)
    filled = forms.compute(shown, revision.content, context)
    return {
        "visit_id": revision.visit_id,
        "definition": shown,
        "content": revision.content,
        "context": context,
        "grade": filled.get("overall_grade") or filled.get("grade_by_score"),
    }
