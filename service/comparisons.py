"""What has changed in a case's form: since I last looked, since the last round, since last year, since the beginning?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.case import CaseFile, Visit
from db.form import FormRevision
from forms.comparison import Change
from forms.definition import FormDefinition
from service import beginnings, case_parts, readings, sitting
from service.errors import BadRequest
from service.people import Actor

#: Compared with where nothing else is asked for.
SEEN = "seen"
#: What the form can be compared with, and what people call it.
BASES: Mapping[str, str] = MappingProxyType(
    {SEEN: "自我上次查看", "round": "与上一轮", "year": "与上年同项目", "original": "与原申报"}
)


@dataclass(frozen=True, kw_only=True)
class Changed:
    """One change with who made it, when and in which round; nobody where it is last year's other project."""

    change: Change
    person: str
    at: datetime | None
    round: int | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The form against an earlier one; ``bases`` are the comparisons this case offers."""

    base: str
    label: str
    bases: tuple[tuple[str, str], ...]
    changes: tuple[Changed, ...]


def of_visit(session: Session, visit_id: str, base: str, *, actor: Actor) -> Comparison:
    """The form of a visit's case as last submitted against an earlier one.

    Args:
        base: one of ``BASES``.

    Raises:
        NotFound: no such visit, or it is not the actor's to see.
        BadRequest: there is no such comparison.
    """
    case, _ = beginnings.case_of(session, visit_id, actor)
    return of_case(session, case, base, actor=actor)


def of_case(session: Session, case: CaseFile, base: str, *, actor: Actor) -> Comparison:
    """The same for a case the actor may see; no changes where nothing was submitted or there is nothing to compare with."""
    if base not in BASES:
        raise BadRequest(f"没有“{base}”这种比较。可用的有：{'、'.join(BASES)}。")
    kept = _kept(session, case)
    label = BASES[base]
    if not kept:
        return Comparison(base=base, label=label, bases=(), changes=())
    definition = case_parts.definition(session, kept[-1].revision.form_release_id)
    starts = _starts(session, case, kept, actor)
    year = case_parts.previous(session, case.project_id)
    offered = tuple((code, text) for code, text in BASES.items() if code in starts or (code == "year" and year))
    if base == "year":
        old_and_new = forms.changes(definition, year, kept[-1].revision.content) if year else []
        found = [Changed(change=change, person="", at=None, round=None) for change in old_and_new]
    else:
        found = _since(definition, kept, starts[base]) if base in starts else []
        found = _named(session, kept, found)
    return Comparison(base=base, label=label, bases=offered, changes=tuple(found))


@dataclass(frozen=True)
class _Kept:
    """A submitted version of the form and the round it was submitted in."""

    revision: FormRevision
    round: int


def _kept(session: Session, case: CaseFile) -> list[_Kept]:
    """The submitted versions of the form a case is about, up to the one that is current, oldest first."""
    current = session.get(FormRevision, case.form_revision_id) if case.form_revision_id else None
    if current is None:
        return []
    statement = (
        select(FormRevision, Visit.round)
        .join(Visit, Visit.id == FormRevision.visit_id)
        .where(FormRevision.case_id == case.id, FormRevision.form_code == current.form_code)
        .where(FormRevision.revision <= current.revision)
        .order_by(FormRevision.revision)
    )
    return [_Kept(revision, round_) for revision, round_ in session.execute(statement)]


def _starts(session: Session, case: CaseFile, kept: Sequence[_Kept], actor: Actor) -> dict[str, int]:
    """Where each comparison begins, as a place in ``kept``; what is current already begins none."""
    last, places = len(kept) - 1, {one.revision.id: place for place, one in enumerate(kept)}
    seen = places.get(readings.seen_before(session, case, actor.person_id) or "")
    earlier = [place for place, one in enumerate(kept) if one.round < kept[-1].round]
    found = {SEEN: seen, "round": earlier[-1] if earlier else None, "original": 0}
    return {base: place for base, place in found.items() if place is not None and place < last}


def _since(definition: FormDefinition, kept: Sequence[_Kept], start: int) -> list[Changed]:
    """What differs between two versions, each change with the version that brought its last value."""
    brought = {}
    for before, after in zip(kept[start:], kept[start + 1 :], strict=False):
        for change in forms.changes(definition, before.revision.content, after.revision.content):
            brought[change.label] = after
    between = forms.changes(definition, kept[start].revision.content, kept[-1].revision.content)
    found = [(change, brought.get(change.label, kept[-1])) for change in between]
    return [
        Changed(change=change, person=by.revision.created_by, at=by.revision.created_at, round=by.round)
        for change, by in found
    ]


def _named(session: Session, kept: Sequence[_Kept], found: Sequence[Changed]) -> list[Changed]:
    names = sitting.names(session, [one.revision.created_by for one in kept])
    return [Changed(change=one.change, person=names.get(one.person, ""), at=one.at, round=one.round) for one in found]
