"""What do lists and pages show of a season?"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from db.campaign import Campaign, CampaignUnit
from db.case import CaseFile
from db.person import Person
from db.project import Project
from db.release import ProcessRelease
from service.campaign_terms import TARGETS, phases
from service.errors import NotFound

STATES: Mapping[str, str] = MappingProxyType({"prepared": "筹备中", "open": "开放中", "closed": "已关闭"})


@dataclass(frozen=True)
class CampaignRow:
    """A season with its size: units taking part, projects expected of them (None if nowhere planned) and declared."""

    id: str
    process_id: str
    fiscal_year: int
    phase: str
    phase_label: str
    title: str
    indicator_template: str
    rule_set: str
    parameters: Mapping[str, Any]
    opens_on: date
    closes_on: date
    state: str
    state_label: str
    process_release_id: str
    process_version: int
    created_by: str | None
    created_at: datetime
    units: int
    expected: int | None
    declared: int

    def to_json(self) -> dict[str, Any]:
        """The season for pages and the API."""
        return {**asdict(self), "opens_on": self.opens_on.isoformat(), "closes_on": self.closes_on.isoformat()}


def rows(session: Session, *conditions: ColumnElement[bool]) -> list[CampaignRow]:
    """The seasons for which all conditions on Campaign hold, the newest year first."""
    return [_row(*row) for row in session.execute(_select().where(*conditions))]


def one(session: Session, campaign_id: str) -> CampaignRow:
    """One season.

    Raises:
        NotFound: there is none with this id.
    """
    row = session.execute(_select().where(Campaign.id == campaign_id)).first()
    if row is None:
        raise NotFound("没有这个批次。")
    return _row(*row)


def _select() -> Select[Any]:
    scope = (
        select(
            CampaignUnit.campaign_id,
            func.count().label("units"),
            func.sum(CampaignUnit.expected_projects).label("expected"),
        )
        .group_by(CampaignUnit.campaign_id)
        .subquery()
    )
    declared = (
        select(Project.campaign_id, func.count().label("number"))
        .where(Project.discarded_at.is_(None))
        .group_by(Project.campaign_id)
        .subquery()
    )
    opened = (
        select(CaseFile.campaign_id, func.count().label("number"))
        .join(Campaign, (Campaign.id == CaseFile.campaign_id) & (Campaign.process_id == CaseFile.process_id))
        .where(Campaign.process_id != TARGETS)
        .group_by(CaseFile.campaign_id)
        .subquery()
    )
    return (
        select(
            Campaign,
            ProcessRelease.version,
            Person.name,
            func.coalesce(scope.c.units, 0),
            scope.c.expected,
            func.coalesce(opened.c.number, declared.c.number, 0),
        )
        .select_from(Campaign)
        .join(ProcessRelease, ProcessRelease.id == Campaign.process_release_id)
        .outerjoin(Person, Person.id == Campaign.created_by)
        .outerjoin(scope, scope.c.campaign_id == Campaign.id)
        .outerjoin(declared, declared.c.campaign_id == Campaign.id)
        .outerjoin(opened, opened.c.campaign_id == Campaign.id)
        .order_by(Campaign.fiscal_year.desc(), Campaign.opens_on.desc(), Campaign.id)
    )


def _row(
    campaign: Campaign, version: int, author: str | None, units: int, expected: int | None, declared: int
) -> CampaignRow:
    stored = {column.key: getattr(campaign, column.key) for column in Campaign.__table__.columns}
    return CampaignRow(
        **{
            **stored,
            # Whoever knew the seed could tell before reporting whether a project will be checked again.
            "parameters": {name: value for name, value in campaign.parameters.items() if name != "sample_seed"},
            "phase_label": phases(campaign.process_id).get(campaign.phase, campaign.phase),
            "state_label": STATES[campaign.state],
            "process_version": version,
            "created_by": author,
            "units": units,
            "expected": expected,
            "declared": declared,
        }
    )
