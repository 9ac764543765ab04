"""Which projects ask for money, and which approved targets are frozen in the library?"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Instant, Json, Money, OpaqueId, Points


class Project(Base):
    """A project (项目) of one fiscal year: one budget request and one target, declared together."""

    __tablename__ = "project"
    __table_args__ = (
        Index(
            "uq_project_fiscal_year_unit_id_name",
            "fiscal_year",
            "unit_id",
            "name",
            unique=True,
            postgresql_where=text("discarded_at is null"),
        ),
    )

    id: Mapped[OpaqueId]
    #: region 6 + year 4 + unit 6 + sequence 3; never changes after the first submission.
    project_code: Mapped[str] = mapped_column(unique=True)
    fiscal_year: Mapped[int] = mapped_column(index=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"), index=True)
    name: Mapped[str]
    unit_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    department_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    fund_section_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    attribute: Mapped[str | None]
    category: Mapped[str | None]
    amount_total: Mapped[Money | None]
    is_key_project: Mapped[bool] = mapped_column(default=False)
    needs_ex_ante: Mapped[bool] = mapped_column(default=False)
    #: support | support_after_adjustment | not_support; recorded by the performance section.
    ex_ante_conclusion: Mapped[str | None]
    ex_ante_score: Mapped[Points | None]
    #: What the assessment suggests for the year at most; empty where it was recorded by hand or refuses.
    ex_ante_amount: Mapped[Money | None]
    #: The assessment that concluded so; empty where the conclusion was recorded by hand.
    ex_ante_case_id: Mapped[str | None]
    #: The same project one year earlier, for "last year's value".
    previous_project_id: Mapped[str | None] = mapped_column(ForeignKey("project.id"))
    created_at: Mapped[Instant]
    #: The drafter deleted the draft before it was ever submitted; the name may be used again.
    discarded_at: Mapped[Instant | None]


class TargetVersion(Base):
    """An approved target (绩效目标), frozen. Monitoring, evaluation and disclosure refer to it, never to a draft."""

    __tablename__ = "target_version"
    __table_args__ = (UniqueConstraint("project_id", "version"), UniqueConstraint("fiscal_year", "library_no"))

    id: Mapped[OpaqueId]
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    version: Mapped[int]
    fiscal_year: Mapped[int]
    #: Number in the target library, e.g. 库〔2027〕0001.
    library_no: Mapped[str]
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    form_revision_id: Mapped[str] = mapped_column(ForeignKey("form_revision.id"))
    content: Mapped[Json]
    content_hash: Mapped[str]
    admitted_at: Mapped[Instant]
    #: Since when what was disclosed of the target has to be disclosed anew, for an adjustment put this version into force.
    redisclose_since: Mapped[Instant | None]
    #: Declared void (作废) by a later decision; the number is never given again.
    voided_at: Mapped[Instant | None]


class Indicator(Base):
    """One indicator row (三级指标) of a frozen target."""

    __tablename__ = "indicator"

    target_version_id: Mapped[str] = mapped_column(ForeignKey("target_version.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    level1_code: Mapped[str]
    level2_code: Mapped[str]
    level3_name: Mapped[str] = mapped_column(index=True)
    nature: Mapped[str]
    operator: Mapped[str]
    target_value: Mapped[str]
    measure_unit: Mapped[str | None]
    weight: Mapped[Points]


class IndicatorTemplate(Base):
    """An entry of the indicator library (指标库) a drafter can choose from."""

    __tablename__ = "indicator_template"

    library_code: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]
    scope_name: Mapped[str]
    level1_name: Mapped[str]
    level2_code: Mapped[str]
    level2_name: Mapped[str]
    level3_name: Mapped[str]
    operator: Mapped[str]
    measure_unit: Mapped[str | None]
    example_value: Mapped[str | None]
    definition: Mapped[str | None]
    evidence: Mapped[str | None]
    used_by: Mapped[int] = mapped_column(default=0)


class MeasureUnit(Base):
    """A unit of measure (计量单位) of the district's list; others draw warning Q06."""

    __tablename__ = "measure_unit"

    name: Mapped[str] = mapped_column(primary_key=True)


class FunctionalSubject(Base):
    """A functional subject (功能分类科目) in force in a fiscal year; rule Q28 is silent while the table is empty."""

    __tablename__ = "functional_subject"

    fiscal_year: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
