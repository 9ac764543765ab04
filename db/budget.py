"""What does a department ask for its projects, what may it have, and what was replied? And its overall target."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Instant, Json, Money, OpaqueId


class DepartmentBudget(Base):
    """The budget (预算编制) of a department's projects beside its case: control number, approval and reply."""

    __tablename__ = "department_budget"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    #: What the department's selected projects may cost together (控制数); empty before the first reply.
    control_number: Mapped[Money | None]
    #: When the people's congress approved the budget.
    approved_on: Mapped[date | None]
    reply_due: Mapped[date | None]
    #: 财预批〔2027〕0001; empty before the reply.
    reply_no: Mapped[str | None] = mapped_column(unique=True)
    replied_at: Mapped[Instant | None]


class BudgetLine(Base):
    """A project a department selected for its budget: its rank, and its money through both rounds in 万元."""

    __tablename__ = "budget_line"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    rank: Mapped[int]
    #: Amount of the approved target when the project was selected.
    target_amount: Mapped[Money]
    first_amount: Mapped[Money]
    control_amount: Mapped[Money | None]
    second_amount: Mapped[Money | None]
    #: The case in which the target follows the money, where that changed by more than the season allows.
    sync_case_id: Mapped[str | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    #: Amount of the reply (批复数); empty before it.
    approved_amount: Mapped[Money | None]


class OverallTarget(Base):
    """A department's approved overall target (部门整体绩效目标), frozen."""

    __tablename__ = "overall_target"
    __table_args__ = (UniqueConstraint("department_id", "fiscal_year", "version"),)

    id: Mapped[OpaqueId]
    department_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    fiscal_year: Mapped[int]
    version: Mapped[int]
    #: Number in the library of overall targets, e.g. 整库〔2027〕0001.
    library_no: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    form_revision_id: Mapped[str] = mapped_column(ForeignKey("form_revision.id"))
    content: Mapped[Json]
    content_hash: Mapped[str]
    #: Money of the department and of its tasks, 万元.
    budget_total: Mapped[Money]
    tasks_total: Mapped[Money]
    admitted_at: Mapped[Instant]
