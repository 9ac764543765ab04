"""Who takes part beside the model: who stands in for whom, who got a copy, who asked for an exception?"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Instant, Json, JsonList, Money, OpaqueId


class Substitution(Base):
    """A time in which one person acts for another (代理): from a day on, up to but not including another."""

    __tablename__ = "substitution"
    __table_args__ = (
        CheckConstraint("ends_before > begins_on and ends_before <= begins_on + 30", name="period"),
        CheckConstraint("principal_id <> substitute_id", name="two_people"),
        Index("ix_substitution_substitute", "substitute_id", "begins_on"),
        Index("ix_substitution_principal", "principal_id", "begins_on"),
    )

    id: Mapped[OpaqueId]
    principal_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    substitute_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    begins_on: Mapped[date]
    ends_before: Mapped[date]
    #: Process ids; empty for all.
    processes: Mapped[JsonList]
    #: Only cases up to this amount (万元); empty for any.
    greatest_amount: Mapped[Money | None]
    reason: Mapped[str]
    set_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[Instant]
    ended_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[Instant | None]


class CaseCopy(Base):
    """A case somebody was shown (抄送), once a person and round, and when they read it (已阅)."""

    __tablename__ = "case_copy"
    __table_args__ = (
        UniqueConstraint("case_id", "person_id", "round"),
        Index("ix_case_copy_person", "person_id", "sent_at"),
    )

    id: Mapped[OpaqueId]
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    visit_id: Mapped[str] = mapped_column(ForeignKey("visit.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    round: Mapped[int]
    note: Mapped[str | None]
    #: Empty where the process is drawn so.
    sent_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    sent_at: Mapped[Instant]
    read_at: Mapped[Instant | None]


class Withdrawal(Base):
    """A wish of the initiator to take a case back (撤件) after reviewers have spoken; whoever has it in hand must agree."""

    __tablename__ = "withdrawal"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'granted', 'refused', 'lapsed')", name="state"),
        Index("uq_withdrawal_waiting", "case_id", unique=True, postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[OpaqueId]
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    reason: Mapped[str]
    asked_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Instant]
    #: visit, person and instant of everybody who agreed.
    agreed: Mapped[JsonList]
    state: Mapped[str]
    decided_at: Mapped[Instant | None]
    decision_reason: Mapped[str | None]


class ExceptionalAct(Base):
    """Something out of the ordinary that one person asks for and another confirms: jump, suspension, end, annulment."""

    __tablename__ = "exceptional_act"
    __table_args__ = (
        CheckConstraint("verb in ('jump', 'suspend', 'resume', 'terminate', 'void')", name="verb"),
        CheckConstraint("state in ('waiting', 'confirmed', 'refused')", name="state"),
        CheckConstraint("decided_by is null or decided_by <> requested_by", name="two_people"),
        Index("uq_exceptional_act_waiting", "case_id", unique=True, postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[OpaqueId]
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    verb: Mapped[str]
    #: The step a jump goes to.
    place: Mapped[str | None]
    reason: Mapped[str]
    #: What it would have done when it was asked for, as shown to both.
    effects: Mapped[Json]
    state: Mapped[str] = mapped_column(default="waiting", index=True)
    requested_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[Instant]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[Instant | None]
    decision_reason: Mapped[str | None]
