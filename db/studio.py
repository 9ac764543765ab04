"""Which changes to processes are being prepared, by whom, and who approved them?"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, case, func, select, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from db.base import Base, Instant, Json, JsonList, OpaqueId
from db.case import CaseFile, Seat

#: Stages of a change's case (P19) in which it is drawn and tried.
EDITING, TESTING = "change_editing", "change_testing"


class ProcessDraft(Base):
    """A change to a process on its way: being drawn, submitted for approval, published, or given up."""

    __tablename__ = "process_draft"
    __table_args__ = (CheckConstraint("state in ('draft', 'submitted', 'published', 'discarded')", name="state"),)

    id: Mapped[OpaqueId]
    process_id: Mapped[str]
    title: Mapped[str]
    #: The case (P19) in which it is decided on; empty for changes from before they had one.
    case_id: Mapped[str | None] = mapped_column(ForeignKey("case_file.id"), unique=True)
    #: State of a change without a case.
    own_state: Mapped[str | None] = mapped_column("state")
    #: Counts saves; a page that knows an older number is told.
    version: Mapped[int]
    bpmn: Mapped[bytes] = mapped_column(LargeBinary)
    #: Decision tables of the bundle, text by file name.
    decisions: Mapped[Json]
    #: Form releases of the bundle, by form code.
    forms: Mapped[Json]
    #: Definitions changed here, sound or not, by form code; they become form releases with the process.
    form_changes: Mapped[Json] = mapped_column(server_default=text("'{}'"), default=dict)
    scenarios: Mapped[JsonList]
    #: Rule sets of the bundle by name; those of the product where one is not named.
    rule_sets: Mapped[Json] = mapped_column(server_default=text("'{}'"), default=dict)
    #: The release the change starts from, None for a new process.
    based_on: Mapped[str | None] = mapped_column(ForeignKey("process_release.id"))
    created_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]
    saved_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[Instant]
    #: Legal basis: {number, title, article}.
    basis: Mapped[Json | None]
    effective_from: Mapped[date | None]
    change_note: Mapped[str | None]
    #: Who submitted, and who approved or sent back last, when and why: of changes without a case.
    submitted_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[Instant | None]
    judged_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    judged_at: Mapped[Instant | None]
    own_judgement: Mapped[str | None] = mapped_column("judgement")
    release_id: Mapped[str | None] = mapped_column(ForeignKey("process_release.id"))
    #: draft, testing, submitted, published or discarded: where its case stands.
    state: Mapped[str] = column_property(
        case(
            (release_id.is_not(None), "published"),
            (case_id.is_(None), own_state),
            else_=select(
                case(
                    (CaseFile.finished_at.is_not(None), "discarded"),
                    (CaseFile.stage == EDITING, "draft"),
                    (CaseFile.stage == TESTING, "testing"),
                    else_="submitted",
                )
            )
            .where(CaseFile.id == case_id)
            .correlate_except(CaseFile)
            .scalar_subquery(),
        )
    )
    #: What was said when it was approved or sent back last.
    judgement: Mapped[str | None] = column_property(
        func.coalesce(
            select(Seat.opinion)
            .where(Seat.case_id == case_id, Seat.state == "done", Seat.vote.in_(("approve", "return")))
            .order_by(Seat.decided_at.desc())
            .limit(1)
            .correlate_except(Seat)
            .scalar_subquery(),
            own_judgement,
        )
    )


class ProcessDraftVersion(Base):
    """What a draft said after each save, so that nothing drawn is lost and everybody who drew is known."""

    __tablename__ = "process_draft_version"

    draft_id: Mapped[str] = mapped_column(ForeignKey("process_draft.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    bpmn: Mapped[bytes] = mapped_column(LargeBinary)
    #: Decision tables and changed forms as they then were; None in saves older than their editors.
    decisions: Mapped[Json | None]
    form_changes: Mapped[Json | None]
    saved_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[Instant]


class MigrationPlan(Base):
    """Running cases to be put under another version: prepared by one person, confirmed by another."""

    __tablename__ = "migration_plan"
    __table_args__ = (CheckConstraint("state in ('prepared', 'done', 'dropped')", name="state"),)

    id: Mapped[OpaqueId]
    process_id: Mapped[str]
    release_id: Mapped[str] = mapped_column(ForeignKey("process_release.id"))
    state: Mapped[str]
    #: Explicit moves: open step → step of the new version.
    moves: Mapped[Json]
    #: Ids of the cases it is for; empty for all running cases under other versions.
    cases: Mapped[JsonList]
    reason: Mapped[str]
    prepared_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    prepared_at: Mapped[Instant]
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[Instant | None]
    #: What came of it: {moved: [...], refused: [{case_id, number, reasons}]}.
    outcome: Mapped[Json | None]
