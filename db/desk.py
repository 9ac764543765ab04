"""How does each person's desk look: what were they told, how do they want their lists, which views do they keep?

None of this is part of a case: nothing here decides, and nothing here is in the log.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Instant, Json, OpaqueId


class Notice(Base):
    """Something a person is told, once by its key. Case and visit are named without being locked."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_notice_person", "person_id", "id"),
        Index("ix_notice_unread", "person_id", "kind", postgresql_where=text("read_at is null")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str]
    kind: Mapped[str]
    case_id: Mapped[str | None]
    visit_id: Mapped[str | None]
    #: What the sentence needs: title, number, node, by, reason, due.
    facts: Mapped[Json]
    at: Mapped[Instant]
    read_at: Mapped[Instant | None]


class Preference(Base):
    """How one person wants one thing: columns of the list, notices, the next task."""

    __tablename__ = "preference"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Json]
    changed_at: Mapped[Instant]


class SavedView(Base):
    """A list with its conditions under a name, for its owner or for a section; it may mark lines, never decide."""

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("owner_id", "name"),
        CheckConstraint("colour in ('grey', 'blue', 'green', 'orange', 'red', 'purple')", name="colour"),
        Index("ix_saved_view_shared", "shared_with", postgresql_where=text("shared_with is not null")),
    )

    id: Mapped[OpaqueId]
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str]
    colour: Mapped[str]
    #: tab, conditions and sort, as the list's address says them.
    criteria: Mapped[Json]
    #: Columns in order with their widths; empty for the person's own.
    columns: Mapped[Json | None]
    #: The organisation whose members see it too.
    shared_with: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    #: What it does to lines it matches, for its owner: star, colour, notify.
    marks: Mapped[Json]
    position: Mapped[int]
    created_at: Mapped[Instant]


class Phrase(Base):
    """A sentence a person or a whole section uses again and again in opinions and findings (常用语)."""

    __tablename__ = "phrase"
    __table_args__ = (
        CheckConstraint("(owner_id is null) <> (organisation_id is null)", name="one_owner"),
        Index("ix_phrase_owner", "owner_id", postgresql_where=text("removed_at is null")),
        Index("ix_phrase_organisation", "organisation_id", postgresql_where=text("removed_at is null")),
    )

    id: Mapped[OpaqueId]
    text: Mapped[str]
    #: Whose own it is, or the section that shares it; one of the two.
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    created_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]
    #: Taken off the list; what was counted of it stays.
    removed_at: Mapped[Instant | None]


class CaseMark(Base):
    """A star, a colour, a note one person put on a case for themselves; never part of the case's record."""

    __tablename__ = "case_mark"
    __table_args__ = (
        CheckConstraint("colour in ('', 'grey', 'blue', 'green', 'orange', 'red', 'purple')", name="colour"),
    )

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    star: Mapped[bool] = mapped_column(default=False)
    colour: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[Instant]
