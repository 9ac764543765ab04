"""When do the demo district's people work? In the hours of every public office."""

from service.rules.working_hours import DAY, HOUR, WorkingTime

__all__ = ["DAY", "HOUR", "WorkingTime"]
