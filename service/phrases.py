"""Which sentences do people use again and again (常用语), and how often were they needed? Counted for training."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, union_all
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import CaseFile, Finding, Seat
from db.desk import Phrase
from db.organisation import Organisation
from forms.problem import Problem
from service.errors import NotAllowed, NotFound, Problems
from service.people import Actor
from service.saved_views import CHIEFS

MOST = 50
LONGEST = 200
#: Shorter ones would be found in too many opinions to count anything.
LEAST = 4
_SOURCE = "常用语填写要求"


@dataclass(frozen=True, kw_only=True)
class PhraseRow:
    """A phrase with whose it is (a section's name, or "" for one's own) and whether the person may take it off."""

    id: str
    text: str
    section: str
    own: bool


@dataclass(frozen=True, kw_only=True)
class Use:
    """How often a phrase was needed: in how many opinions and findings, about how many units, and about which most."""

    id: str
    uses: int
    units: int
    most: tuple[tuple[str, int], ...]


def of_person(session: Session, actor: Actor) -> list[PhraseRow]:
    """A person's own phrases, then those of the sections they belong to, each in the order they were added."""
    statement = (
        select(Phrase, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Phrase.organisation_id)
        .where(Phrase.removed_at.is_(None), _visible(actor))
        .order_by(Phrase.owner_id.is_(None), Phrase.created_at, Phrase.id)
    )
    return [
        PhraseRow(id=phrase.id, text=phrase.text, section=name or "", own=_manages(actor, phrase))
        for phrase, name in session.execute(statement)
    ]


def add(session: Session, text: str, *, shared: bool, actor: Actor, at: datetime) -> dict[str, Any]:
    """Keep a phrase for oneself, or as a chief for the whole section.

    Raises:
        NotAllowed: only a chief shares phrases.
        Problems: too short, too long, known already, or too many.
    """
    led = actor.organisations(*CHIEFS)
    if shared and not led:
        raise NotAllowed("只有科室、单位负责人可以添加共用的常用语。")
    text = " ".join(text.split())
    known = [row for row in of_person(session, actor) if bool(row.section) == shared]
    _require_sound(text, known)
    whose = {"organisation_id": led[0]} if shared else {"owner_id": actor.person_id}
    row = Phrase(id=opaque_id(), text=text, created_by=actor.person_id, created_at=at, **whose)
    session.add(row)
    session.flush()
    return {"id": row.id, "text": text, "message": "已加入常用语。"}


def remove(session: Session, phrase_id: str, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Take a phrase off the list; opinions that used it stay as they are.

    Raises:
        NotFound: there is no such phrase, or it is not the actor's to take off.
    """
    row = session.get(Phrase, phrase_id)
    if row is None or row.removed_at is not None or not _manages(actor, row):
        raise NotFound("没有这条常用语，或不归您管理。")
    row.removed_at = at
    return {"message": "已从常用语中删除。"}


def uses(session: Session, rows: Sequence[PhraseRow], *, since: datetime) -> dict[str, Use]:
    """How often phrases were written in opinions and findings since an instant, by id; the most frequent units first.

    Counted from what was decided, so that nobody has to tick anything: an opinion or finding that contains the sentence
    is one use. What was never used is counted too, with 0.
    """
    found = {row.id: Use(id=row.id, uses=0, units=0, most=()) for row in rows}
    if not rows:
        return found
    said = union_all(
        select(Finding.message.label("words"), Finding.case_id).where(Finding.raised_at >= since),
        select(Seat.opinion.label("words"), Seat.case_id).where(Seat.decided_at >= since, Seat.opinion.is_not(None)),
    ).subquery()
    counted = func.count().label("uses")
    statement = (
        select(Phrase.id, Organisation.name, counted)
        .join(said, func.strpos(said.c.words, Phrase.text) > 0)
        .join(CaseFile, CaseFile.id == said.c.case_id)
        .join(Organisation, Organisation.id == CaseFile.unit_id)
        .where(Phrase.id.in_(found))
        .group_by(Phrase.id, Organisation.name)
        .order_by(Phrase.id, counted.desc(), Organisation.name)
    )
    by_unit: dict[str, list[tuple[str, int]]] = {}
    for phrase_id, unit, number in session.execute(statement):
        by_unit.setdefault(phrase_id, []).append((unit, number))
    for phrase_id, units in by_unit.items():
        total = sum(number for _, number in units)
        found[phrase_id] = Use(id=phrase_id, uses=total, units=len(units), most=tuple(units[:3]))
    return found


def _require_sound(text: str, known: Sequence[PhraseRow]) -> None:
    if not LEAST <= len(text) <= LONGEST:
        raise Problems([_problem(f"常用语须为 {LEAST} 至 {LONGEST} 个字，现有 {len(text)} 个字")])
    if any(row.text == text for row in known):
        raise Problems([_problem("已有这条常用语，不必重复添加")])
    if len(known) >= MOST:
        raise Problems([_problem(f"常用语已有 {MOST} 条，请先删去不用的")])


def _problem(message: str) -> Problem:
    return Problem(field="text", message=message, severity="error", source=_SOURCE)


def _visible(actor: Actor) -> ColumnElement[bool]:
    bodies = {post.organisation_id for post in actor.posts}
    return or_(Phrase.owner_id == actor.person_id, Phrase.organisation_id.in_(bodies))


def _manages(actor: Actor, row: Phrase) -> bool:
    return row.owner_id == actor.person_id or row.organisation_id in actor.organisations(*CHIEFS)
