"""Which units take part in a season, how many projects are expected of each, and for which may a person declare?"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from db.campaign import CampaignUnit
from db.organisation import Organisation
from db.project import Project
from service.people import Actor


@dataclass(frozen=True)
class ScopeUnit:
    """A budget unit (预算单位) of a season with what is expected of it and what it has declared."""

    unit_id: str
    code: str
    name: str
    department_id: str
    department_code: str
    department_name: str
    expected_projects: int | None
    #: Projects declared in the season, drafts included, discarded ones not.
    declared: int

    def to_json(self) -> dict[str, Any]:
        """The unit for pages and the API."""
        return asdict(self)


def declares_for(actor: Actor) -> ColumnElement[bool]:
    """Condition on Organisation: the units whose declarations the actor may start or import.

    Clerks of units their own, clerks of departments those of the department, officers of the performance section all.
    """
    if actor.holds("PERF_OFFICER"):
        return true()
    scopes = (
        (Organisation.id, actor.organisations("UNIT_CLERK")),
        (Organisation.parent_id, actor.organisations("DEPT_CLERK")),
    )
    conditions = [column.in_(ids) for column, ids in scopes if ids]
    return or_(*conditions) if conditions else false()


def units(session: Session, campaign_id: str, *, actor: Actor | None = None) -> list[ScopeUnit]:
    """The units of a season by code; with an actor only those the actor may declare for."""
    department = aliased(Organisation)
    declared = (
        select(Project.unit_id, func.count().label("number"))
        .where(Project.campaign_id == campaign_id, Project.discarded_at.is_(None))
        .group_by(Project.unit_id)
        .subquery()
    )
    statement = (
        select(Organisation, department, CampaignUnit.expected_projects, func.coalesce(declared.c.number, 0))
        .select_from(CampaignUnit)
        .join(Organisation, Organisation.id == CampaignUnit.unit_id)
        .join(department, department.id == Organisation.parent_id)
        .outerjoin(declared, declared.c.unit_id == Organisation.id)
        .where(CampaignUnit.campaign_id == campaign_id)
        .order_by(Organisation.code)
    )
    if actor is not None:
        statement = statement.where(Organisation.active, declares_for(actor))
    return [
        ScopeUnit(unit.id, unit.code, unit.name, above.id, above.code, above.name, expected, number)
        for unit, above, expected, number in session.execute(statement)
    ]


def replace(session: Session, campaign_id: str, wanted: Mapping[str, int | None]) -> None:
    """Let exactly the wanted units take part, each with its expected number of projects."""
    session.execute(delete(CampaignUnit).where(CampaignUnit.campaign_id == campaign_id))
    session.add_all(
        CampaignUnit(campaign_id=campaign_id, unit_id=unit_id, expected_projects=expected)
        for unit_id, expected in wanted.items()
    )
    session.flush()


def outside(session: Session, campaign_id: str, unit_ids: Collection[str]) -> list[str]:
    """Names of those of the units that do not take part in a season; [] if all do."""
    taking_part = select(CampaignUnit.unit_id).where(CampaignUnit.campaign_id == campaign_id)
    missing = set(unit_ids) - set(session.scalars(taking_part.where(CampaignUnit.unit_id.in_(unit_ids))))
    if not missing:
        return []
    names = select(Organisation.id, Organisation.name).where(Organisation.id.in_(missing))
    named: dict[str, str] = dict(session.execute(names).tuples().all())
    return sorted(named.get(unit_id, unit_id) for unit_id in missing)
