"""Which versions of processes and forms have been in force?"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Instant, Json, JsonList, OpaqueId


class ProcessRelease(Base):
    """A published version of a process definition. Never changed: a trigger refuses; running cases stay on theirs."""

    __tablename__ = "process_release"
    __table_args__ = (UniqueConstraint("process_id", "version"),)

    id: Mapped[OpaqueId]
    process_id: Mapped[str]
    version: Mapped[int]
    title: Mapped[str]
    #: sha256 of the canonical bundle; a bundle brought into force again has the same.
    hash: Mapped[str] = mapped_column(index=True)
    #: The BPMN document exactly as published.
    bpmn: Mapped[bytes] = mapped_column(LargeBinary)
    #: Decision tables of the bundle: DMN text by file name.
    decisions: Mapped[Json] = mapped_column(server_default=text("'{}'"), default=dict)
    #: Stories the version was tried with before it was published (service.simulation.Scenario as JSON).
    scenarios: Mapped[JsonList] = mapped_column(server_default=text("'[]'"), default=list)
    #: Rule sets of the bundle by name; those of the product where one is not named.
    rule_sets: Mapped[Json] = mapped_column(server_default=text("'{}'"), default=dict)
    #: Form releases of the bundle, by form code: cases keep filling in the version they started with.
    forms: Mapped[Json]
    legal_basis: Mapped[str]
    effective_from: Mapped[date]
    published_at: Mapped[Instant]
    prepared_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    #: What is different from the version before, in sentences (版本说明).
    change_note: Mapped[str | None]


class FormRelease(Base):
    """A published version of a form definition."""

    __tablename__ = "form_release"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[OpaqueId]
    code: Mapped[str]
    version: Mapped[int]
    title: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    definition: Mapped[Json]
    published_at: Mapped[Instant]
