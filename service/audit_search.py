"""Which cases is an auditor looking for? By project, unit, year, stage, person, version, and time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from db.case import CaseFile, Seat
from db.event import Event
from db.person import Person
from db.release import ProcessRelease
from service import access, case_rows, search
from service.case_rows import FACTS, CaseRow, CaseRows, Wanted
from service.people import Actor


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is looked for; empty parts want everything."""

    q: str = ""
    unit: str | None = None
    stages: Collection[str] = ()
    fiscal_year: int | None = None
    #: Part of the name, or the username, of somebody who acted, for whom somebody acted, or who sat at a step.
    person: str = ""
    release_id: str = ""
    #: Only cases in which something happened from this instant, and before that one.
    since: datetime | None = None
    until: datetime | None = None
    #: Only cases that were returned at least so often.
    returns: int = 0


def find(session: Session, asked: Asked, *, actor: Actor, page: int = 1, size: int = 50) -> CaseRows:
    """The cases that are looked for, the last changed first.

    Raises:
        NotAllowed: the actor is no auditor.
    """
    access.require(actor, "audit.read")
    if asked.q:
        search.plan_for_words(session)
    conditions = [access.visible_cases(actor), *_conditions(asked)]
    total = session.execute(select(func.count()).select_from(CaseFile).where(*conditions)).scalar_one()
    last = (CaseFile.changed_at.desc(), CaseFile.id.desc())
    shown = select(CaseFile.id).where(*conditions).order_by(*last).limit(size).offset((page - 1) * size)
    statement = case_rows.with_names(select(*FACTS)).where(CaseFile.id.in_(shown)).order_by(*last)
    return CaseRows([CaseRow(**case_rows.head(row)) for row in session.execute(statement)], total, page, size)


def versions(session: Session) -> list[tuple[str, str]]:
    """Ids and names of all versions of all processes, the newest first."""
    statement = select(ProcessRelease).order_by(ProcessRelease.published_at.desc(), ProcessRelease.version.desc())
    return [(row.id, f"{row.title} 第{row.version}版") for row in session.scalars(statement)]


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    found = case_rows.conditions(Wanted(q=asked.q, unit=asked.unit, stages=asked.stages))
    if asked.fiscal_year is not None:
        found.append(case_rows.of_year(asked.fiscal_year))
    if asked.release_id:
        found.append(CaseFile.release_id == asked.release_id)
    if asked.person:
        found.append(_took_part(asked.person))
    if asked.since is not None or asked.until is not None:
        happened = select(Event.case_id)
        happened = happened.where(Event.at >= asked.since) if asked.since else happened
        happened = happened.where(Event.at < asked.until) if asked.until else happened
        found.append(CaseFile.id.in_(happened))
    if asked.returns:
        often = select(Event.case_id).where(Event.kind == "visit_returned").group_by(Event.case_id)
        found.append(CaseFile.id.in_(often.having(func.count() >= asked.returns)))
    return found


def _took_part(name: str) -> ColumnElement[bool]:
    meant = or_(Person.username == name, Person.name.contains(name, autoescape=True))
    people = select(Person.id).where(meant)
    acted = select(Event.case_id).where(or_(Event.actor.in_(people), Event.on_behalf_of.in_(people)))
    sat = select(Seat.case_id).where(Seat.person_id.in_(people))
    return or_(CaseFile.id.in_(acted), CaseFile.id.in_(sat))
