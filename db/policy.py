"""On which documents do processes rest, and until when do these hold?"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Instant, OpaqueId


class PolicyDocument(Base):
    """A policy document (政策文件) the district has registered; steps cite it by number or title."""

    __tablename__ = "policy_document"
    __table_args__ = (UniqueConstraint("number"), CheckConstraint("valid_to >= valid_from", name="period"))

    id: Mapped[OpaqueId]
    #: 文号, such as 财预〔2015〕88号.
    number: Mapped[str]
    title: Mapped[str]
    valid_from: Mapped[date]
    #: Last day in force; None until it is repealed.
    valid_to: Mapped[date | None]
    registered_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    registered_at: Mapped[Instant]
