"""How is the year's budget being executed, and what has to be put right?"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Instant, Json, Money, OpaqueId


class ExecutionFigure(Base):
    """What the treasury says of a project's money at the end of a monitored period (执行数); newest import counts."""

    __tablename__ = "execution_figure"
    __table_args__ = (
        CheckConstraint("executed <= annual_budget + carry_over", name="within_budget"),
        CheckConstraint("executed >= 0 and annual_budget >= 0 and carry_over >= 0", name="not_negative"),
    )

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    #: Budget of the year after adjustments.
    annual_budget: Mapped[Money]
    carry_over: Mapped[Money]
    executed: Mapped[Money]
    #: The file it came with; empty for figures sent by a program.
    import_id: Mapped[str | None] = mapped_column(ForeignKey("workbook_import.id"))
    brought_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    brought_at: Mapped[Instant]


class Rectification(Base):
    """A rectification (整改) beside its case: what it came from, its notice, and what the leader ordered."""

    __tablename__ = "rectification"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    #: problem | monitoring | self_eval | dept_eval | fiscal_eval
    source_kind: Mapped[str]
    source_case_id: Mapped[str | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    #: 财绩整〔2026〕0001; empty before the notice is issued.
    notice_no: Mapped[str | None] = mapped_column(unique=True)
    issued_at: Mapped[Instant | None]
    signed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    #: Advice on the budget as the leader decided it, once escalated.
    disposal: Mapped[Json | None]
    escalated_at: Mapped[Instant | None]


class MonitoringSummary(Base):
    """A version of a season's summary report (监控汇总报告): its figures as they were drafted, and the file that was signed."""

    __tablename__ = "monitoring_summary"
    __table_args__ = (
        UniqueConstraint("campaign_id", "version"),
        CheckConstraint("state in ('draft', 'signed', 'returned')", name="state"),
    )

    id: Mapped[OpaqueId]
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    version: Mapped[int]
    state: Mapped[str]
    facts: Mapped[Json]
    #: Hash of the Word file as it stands: of the draft, then of the signed one.
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    drafted_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    drafted_at: Mapped[Instant]
    signed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    signed_at: Mapped[Instant | None]
    opinion: Mapped[str | None]
