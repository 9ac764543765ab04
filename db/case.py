"""Where does each case stand, who may decide, and what has been filled in?"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Instant, Json, Money, OpaqueId

#: Condition on seats of people who were asked to join in or to advise: the words of an index.
GUEST = text("origin in ('advice', 'add_before', 'add_after', 'add_parallel')")


class CaseFile(Base):
    """A case (业务件): one run of a process about one subject. The row is the lock of every command on it."""

    __tablename__ = "case_file"
    __table_args__ = (
        UniqueConstraint("number"),
        # One of a process runs about a project; each cause of a rectification has one of its own.
        Index(
            "uq_case_file_running_project",
            "process_id",
            "project_id",
            unique=True,
            postgresql_where=text("finished_at is null and process_id <> 'rectification'"),
        ),
        # Cases about a whole department have no project: one of a process and season runs at a time.
        Index(
            "uq_case_file_running_department",
            "department_id",
            "process_id",
            "campaign_id",
            unique=True,
            postgresql_where=text("project_id is null and finished_at is null"),
        ),
        Index("ix_case_file_initiator", "initiator_id", "changed_at"),
        Index("ix_case_file_wake", "wake_at", postgresql_where=text("wake_at is not null and finished_at is null")),
    )

    id: Mapped[OpaqueId]
    #: What people call it: 绩目〔2027〕0123.
    number: Mapped[str]
    process_id: Mapped[str]
    release_id: Mapped[str] = mapped_column(ForeignKey("process_release.id"))
    #: Season and project; empty for a case about something else, such as a change to a process (P19).
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    project_id: Mapped[str | None] = mapped_column(ForeignKey("project.id"), index=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    department_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    fund_section_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    title: Mapped[str]
    amount: Mapped[Money | None]
    is_key_project: Mapped[bool] = mapped_column(default=False)
    #: Stage of the process (draft, unit_signing, … in_library, rejected).
    stage: Mapped[str] = mapped_column(index=True)
    #: Why it is at this stage again: returned | consulting | recalled, empty on the way forward.
    condition: Mapped[str | None]
    round: Mapped[int] = mapped_column(default=1)
    #: How a resubmission goes on after a return or a consultation (one open instruction at most).
    resubmission: Mapped[Json | None]
    #: Sequence number and hash of the last event; the chain's head.
    seq: Mapped[int]
    head_hash: Mapped[str]
    snapshot: Mapped[bytes] = mapped_column(LargeBinary)
    engine_digest: Mapped[str]
    #: When the next timer drawn in the process is due; empty without one.
    wake_at: Mapped[Instant | None]
    #: The last submitted revision of the subject's form.
    form_revision_id: Mapped[str | None]
    #: Its hash, named by every event, so that each decision says what it was about.
    form_hash: Mapped[str | None]
    initiator_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[Instant] = mapped_column(index=True)
    changed_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    #: Since when nothing may be decided here (挂起); deadlines stand still meanwhile.
    suspended_at: Mapped[Instant | None]


class Visit(Base):
    """One activation of a step (一次办理), with its round."""

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint("state in ('open', 'decided', 'cancelled', 'superseded')", name="state"),
        Index("uq_visit_open_node", "case_id", "node_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_visit_open_due", "due_at", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[OpaqueId]
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    node_id: Mapped[str]
    node_name: Mapped[str]
    stage: Mapped[str]
    round: Mapped[int]
    #: Task number inside the engine's snapshot.
    engine_task: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    #: approve, return …; of a decided visit.
    outcome: Mapped[str | None]
    #: Why a visit is no longer valid: returned, recalled, withdrawn … (closed list).
    reason_code: Mapped[str | None]
    opened_seq: Mapped[int]
    #: Last event that changed this visit, its form or its release; stale pages are told by it.
    changed_seq: Mapped[int]
    opened_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    due_at: Mapped[Instant | None]
    #: Nobody holds the post: shown to the process owner, never passed over.
    incident: Mapped[str | None]


class Seat(Base):
    """One person's or group's right to decide at a visit."""

    __tablename__ = "seat"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'open', 'done', 'delegated', 'transferred', 'cancelled')", name="state"),
        # Inboxes read these in order of their deadline, without the rest of the rows.
        Index(
            "ix_seat_open_group",
            "role",
            "organisation_id",
            "due_at",
            "opened_at",
            "case_id",
            postgresql_include=["stage", "visit_id"],
            postgresql_where=text("state = 'open' and person_id is null"),
        ),
        Index(
            "ix_seat_open_person",
            "person_id",
            "due_at",
            "opened_at",
            "case_id",
            postgresql_include=["stage", "visit_id"],
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_seat_done_person", "decided_by", "decided_at", postgresql_where=text("state = 'done'")),
        Index(
            "ix_seat_opinion",
            text("character_pairs(opinion)"),
            postgresql_using="gin",
            postgresql_where=text("opinion is not null"),
        ),
        Index("ix_seat_done_case", "decided_by", "case_id", postgresql_where=text("state = 'done'")),
        # Who was asked to join in from elsewhere may read the case for it.
        Index(
            "ix_seat_guest",
            "person_id",
            "case_id",
            postgresql_where=GUEST,
        ),
    )

    id: Mapped[OpaqueId]
    visit_id: Mapped[str] = mapped_column(ForeignKey("visit.id"), index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    role: Mapped[str]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    #: Stage and deadline of the visit, repeated here so that an inbox finds its lines in one index.
    stage: Mapped[str]
    due_at: Mapped[Instant | None]
    opened_at: Mapped[Instant]
    #: The holder; empty while the group has not claimed it.
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    #: model | transfer | advice | add_before | add_after | add_parallel
    origin: Mapped[str] = mapped_column(default="model")
    #: The seat it was made from or for; empty for those of the model.
    parent_seat_id: Mapped[str | None] = mapped_column(ForeignKey("seat.id"))
    #: Who made it; empty for those of the model.
    made_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    weight: Mapped[int] = mapped_column(default=1)
    position: Mapped[int] = mapped_column(default=0)
    state: Mapped[str]
    vote: Mapped[str | None]
    opinion: Mapped[str | None]
    #: The review form (F03) filled in with the vote.
    review_revision_id: Mapped[str | None]
    #: What the vote tells the flow's conditions (grade …), kept until the visit is decided.
    facts: Mapped[Json | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    on_behalf_of: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[Instant | None]
    reason_code: Mapped[str | None]


class Finding(Base):
    """A remark on a field or an indicator row; the drafter answers each before resubmitting."""

    __tablename__ = "finding"
    __table_args__ = (CheckConstraint("state in ('open', 'answered', 'withdrawn')", name="state"),)

    id: Mapped[OpaqueId]
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    visit_id: Mapped[str] = mapped_column(ForeignKey("visit.id"))
    round: Mapped[int]
    #: Path into the form: annual_goal, indicators[2].weight; empty for the whole form.
    field: Mapped[str]
    message: Mapped[str]
    severity: Mapped[str]
    raised_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    raised_at: Mapped[Instant]
    state: Mapped[str] = mapped_column(default="open")
    #: done (已修改) | explained (已说明)
    answer_kind: Mapped[str | None]
    answer: Mapped[str | None]
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[Instant | None]


class VisitReading(Base):
    """When a person last opened a case, and what its last event was then (未读 ● / 有更新 ◆)."""

    __tablename__ = "visit_reading"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    seq: Mapped[int]
    read_at: Mapped[Instant]
    #: Version of the case's form they saw then, and the one they had seen before that became current.
    form_revision_id: Mapped[str | None]
    earlier_revision_id: Mapped[str | None]
