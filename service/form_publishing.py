"""How does a changed form become a version of its own? Together with the process whose cases fill it in, and never again changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.base import opaque_id
from db.release import FormRelease
from db.studio import ProcessDraft


def publish(session: Session, draft: ProcessDraft, at: datetime) -> dict[str, str]:
    """Release the forms a draft changes, each as the next version of its form.

    The draft's definitions take the numbers of their versions, so that its release has the hash of what is published.

    Returns:
        The form releases of the bundle, by form code: new ones and those it started from.

    Raises:
        DefinitionError: a definition is not sound.
    """
    numbered = {code: {**raw, "version": _next(session, code)} for code, raw in draft.form_changes.items()}
    draft.form_changes = numbered
    return {**draft.forms, **{code: _release(session, raw, at) for code, raw in numbered.items()}}


def _next(session: Session, code: str) -> int:
    newest = select(FormRelease.version).where(FormRelease.code == code).order_by(FormRelease.version.desc())
    return (session.scalars(newest.limit(1)).first() or 0) + 1


def shipped(session: Session, code: str, at: datetime) -> str:
    """The release of a form as it comes with the product, made where the district does not have it yet.

    Raises:
        KeyError: the product has no such form.
    """
    definition = forms.load(code)
    known = session.scalars(select(FormRelease.id).where(FormRelease.hash == definition.hash)).first()
    return known if known is not None else _kept(session, definition, at)


def _release(session: Session, raw: Mapping[str, Any], at: datetime) -> str:
    return _kept(session, forms.parse(raw), at)


def _kept(session: Session, definition: forms.FormDefinition, at: datetime) -> str:
    row = FormRelease(
        id=opaque_id(),
        code=definition.code,
        version=definition.version,
        title=definition.title,
        hash=definition.hash,
        definition=dict(definition.raw),
        published_at=at,
    )
    session.add(row)
    session.flush()
    return row.id
