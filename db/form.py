"""What has been filled in, by whom, and which files belong to it?"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Instant, Json, JsonList, OpaqueId


class FormRevision(Base):
    """An immutable version of a filled-in form; events name it by hash."""

    __tablename__ = "form_revision"
    __table_args__ = (
        UniqueConstraint("case_id", "form_code", "revision"),
        # Which rules warned of a form: a function of this schema, so that the database keeps count of the rules.
        Index(
            "ix_form_revision_warning_rules",
            text("warning_rules(checks)"),
            postgresql_using="gin",
            postgresql_where=text("checks is not null"),
        ),
    )

    id: Mapped[OpaqueId]
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    form_code: Mapped[str]
    form_release_id: Mapped[str] = mapped_column(ForeignKey("form_release.id"))
    visit_id: Mapped[str] = mapped_column(ForeignKey("visit.id"), index=True)
    #: Counts from 1 within the case and form.
    revision: Mapped[int]
    content: Mapped[Json]
    #: sha256 over the canonical JSON of the content.
    hash: Mapped[str]
    #: What the quality rules found at submission, with the drafter's reasons for warnings; empty for reviews.
    checks: Mapped[JsonList | None]
    created_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]


class FormDraft(Base):
    """What somebody is writing at an open visit (暂存); kept until decided, survives a return.

    Voters at one step do not see or overwrite each other's drafts.
    """

    __tablename__ = "form_draft"

    visit_id: Mapped[str] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    form_code: Mapped[str] = mapped_column(primary_key=True)
    #: Whose opinion it is; empty for the case's own form, which stays with the visit whoever sits there.
    seat_id: Mapped[str] = mapped_column(primary_key=True, default="")
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    content: Mapped[Json]
    #: Opinion and other parts of the decision not sent yet.
    opinion: Mapped[str | None]
    #: Counts saves; a page that saves on top of an older one is refused.
    version: Mapped[int] = mapped_column(default=1)
    saved_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[Instant]


class DraftWriter(Base):
    """Everybody who wrote into a case's subject form: none of them may review it (SD1)."""

    __tablename__ = "draft_writer"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    first_at: Mapped[Instant]


class Blob(Base):
    """The bytes of a file, stored once under their own hash."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Attachment(Base):
    """A file attached to a case."""

    __tablename__ = "attachment"

    id: Mapped[OpaqueId]
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    uploaded_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[Instant]
    removed_at: Mapped[Instant | None]


class WorkbookImport(Base):
    """A workbook somebody uploaded, what was found in it, and whether it was confirmed."""

    __tablename__ = "workbook_import"

    id: Mapped[OpaqueId]
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaign.id"))
    filename: Mapped[str]
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    uploaded_by: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    uploaded_at: Mapped[Instant]
    #: Good rows ready to import, problems by sheet, row and cell, counts.
    result: Mapped[Json]
    state: Mapped[str] = mapped_column(default="checked")
    confirmed_at: Mapped[Instant | None]
