"""Every table in one import, for migrations and the table checks."""

from db import campaign, case, event, form, organisation, person, project, release
from db.base import Base

__all__ = ["Base", "campaign", "case", "event", "form", "organisation", "person", "project", "release"]
