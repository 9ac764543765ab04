"""Which season is open, for whom, until when, under which rules?"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Instant, Json, OpaqueId


class Campaign(Base):
    """A season (批次) of one process for one fiscal year."""

    __tablename__ = "campaign"
    __table_args__ = (
        UniqueConstraint("process_id", "fiscal_year", "phase"),
        CheckConstraint("state in ('prepared', 'open', 'closed')", name="state"),
        CheckConstraint("closes_on >= opens_on", name="period"),
    )

    id: Mapped[OpaqueId]
    process_id: Mapped[str]
    fiscal_year: Mapped[int]
    #: A second season of the same year (mid-year additions) has another phase.
    phase: Mapped[str] = mapped_column(default="main")
    title: Mapped[str]
    indicator_template: Mapped[str]
    rule_set: Mapped[str]
    #: Thresholds and switches of the rules, kept with the season so that old years are never recomputed with new rules.
    parameters: Mapped[Json]
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    state: Mapped[str] = mapped_column(default="prepared")
    process_release_id: Mapped[str] = mapped_column(ForeignKey("process_release.id"))
    created_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]


class CampaignUnit(Base):
    """A budget unit that takes part in a season, and how many projects it is expected to declare."""

    __tablename__ = "campaign_unit"

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    #: Projects with a budget request; empty when the district does not plan the number beforehand.
    expected_projects: Mapped[int | None]


class Holiday(Base):
    """The district's own working-day table (调休): a day that overrides the national calendar."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    note: Mapped[str]


class Counter(Base):
    """The last number given out of a series without gaps: cases of a year, entries of the library, projects of a unit."""

    __tablename__ = "counter"

    series: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
