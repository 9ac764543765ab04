"""Every table in one import, for migrations and the table checks."""

from db import (
    budget,
    campaign,
    case,
    desk,
    event,
    form,
    monitoring,
    organisation,
    participation,
    person,
    policy,
    project,
    release,
    seal,
    studio,
)
from db.base import Base

__all__ = [
    "Base",
    "budget",
    "campaign",
    "case",
    "desk",
    "event",
    "form",
    "monitoring",
    "organisation",
    "participation",
    "person",
    "policy",
    "project",
    "release",
    "seal",
    "studio",
]
