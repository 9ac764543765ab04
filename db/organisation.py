"""Which bodies exist in the district, and who reviews whose money?"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, OpaqueId

ORGANISATION_KINDS = (
    "department",
    "budget_unit",
    "fund_section",
    "budget_section",
    "performance_section",
    "treasury_section",
    "supervision_section",
    "bureau_leaders",
    "audit_office",
    "congress",
    "government_office",
    "justice_bureau",
    "information_centre",
    "external",
)


class Organisation(Base):
    """A department (主管部门), budget unit (预算单位), section of the finance bureau or a body outside it."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint("kind in ('" + "','".join(ORGANISATION_KINDS) + "')", name="kind"),)

    id: Mapped[OpaqueId]
    #: Official code: 101 for a department, 101001 for a unit, XZZF for a fund section.
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(index=True)
    #: A unit's supervising department.
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    #: The section that allocates the money and therefore reviews the target (departments and units only).
    fund_section_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    #: The finance bureau's own unit: SD6 sends its projects to the bureau leader.
    finance_own: Mapped[bool] = mapped_column(default=False)
    default_functional_subject: Mapped[str | None]
    region_code: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
