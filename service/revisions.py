"""Which versions of a form does a case have? Immutable revisions, named in events by their hash."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from psycopg.types.json import Jsonb
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import Seat, Visit
from db.form import FormDraft, FormRevision
from db.statement import executed
from forms.definition import canonical
from service.releases import PinnedForm

#: Codes of the form a case is about and of the form it is reviewed with.
DECLARATION = "project_target"
REVIEW = "target_review"
#: Code of a draft that is an opinion without a form.
OPINION = "opinion"
#: Numbered by the database, under the lock of the case.
_KEEP = """
INSERT INTO form_revision (id, case_id, form_code, form_release_id, visit_id, revision, content, hash, checks,
                           created_by, created_at)
VALUES (%(id)s, %(case_id)s, %(form_code)s, %(form_release_id)s, %(visit_id)s,
        (SELECT coalesce(max(revision), 0) + 1 FROM form_revision
         WHERE case_id = %(case_id)s AND form_code = %(form_code)s),
        %(content)s, %(hash)s, %(checks)s, %(created_by)s, %(created_at)s)
RETURNING revision
"""


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the canonical JSON of a form's content."""
    return sha256(canonical(content)).hexdigest()


def has_hash(content: Mapping[str, Any], hash_: str) -> bool:
    """Whether kept content is what was hashed; the quicker writer gives the same bytes but for numbers with an exponent."""
    quick = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return sha256(quick).hexdigest() == hash_ or content_hash(content) == hash_


def keep(
    session: Session,
    *,
    case_id: str,
    code: str,
    form: PinnedForm,
    visit_id: str,
    content: Mapping[str, Any],
    by: str,
    at: datetime,
    checks: Sequence[Mapping[str, Any]] | None = None,
) -> FormRevision:
    """Keep what was filled in as the next revision of a form of a case; returned detached."""
    revision = FormRevision(
        id=opaque_id(),
        case_id=case_id,
        form_code=code,
        form_release_id=form.release_id,
        visit_id=visit_id,
        content=dict(content),
        hash=content_hash(content),
        checks=None if checks is None else [dict(check) for check in checks],
        created_by=by,
        created_at=at,
    )
    names = ("id", "case_id", "form_code", "form_release_id", "visit_id", "hash", "created_by", "created_at")
    values = {name: getattr(revision, name) for name in names}
    written = {"content": Jsonb(revision.content), "checks": None if checks is None else Jsonb(revision.checks)}
    session.flush()
    with executed(session.connection(), _KEEP, {**values, **written}) as cursor:
        numbered = cursor.fetchone()
    revision.revision = numbered[0] if numbered else 0
    return revision


def one(session: Session, revision_id: str | None) -> FormRevision | None:
    """A revision by id; None for none."""
    return session.get(FormRevision, revision_id) if revision_id else None


def draft(session: Session, visit_id: str, code: str, seat_id: str = "") -> FormDraft | None:
    """What somebody is writing at a visit (暂存); None if nothing was saved.

    Args:
        seat_id: whose it is, as ``seats.writes`` says; empty for the form the case is about.
    """
    return session.get(FormDraft, (visit_id, code, seat_id))


def unsent(session: Session, visit: Visit, code: str, person_id: str) -> FormDraft | None:
    """What a person was writing at the same step, at this visit or an earlier one, and could not send.

    Their seat was closed before: the step was, or the question they were asked was taken back.

    None where they sent it, or nothing was saved.
    """
    statement = (
        select(FormDraft)
        .join(Visit, Visit.id == FormDraft.visit_id)
        .join(Seat, Seat.id == FormDraft.seat_id)
        .where(FormDraft.case_id == visit.case_id, FormDraft.form_code == code, FormDraft.saved_by == person_id)
        .where(Visit.node_id == visit.node_id, Visit.opened_seq <= visit.opened_seq, Seat.state == "cancelled")
        .order_by(FormDraft.saved_at.desc())
        .limit(1)
    )
    return session.scalars(statement).first()
