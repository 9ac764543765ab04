"""Is a text a point in time, a duration or a repetition a timer can be set to?"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

_DURATION = (
    r"P(?:\d{1,3}W|(?=[\dT])(?:\d{1,2}Y)?(?:\d{1,3}M)?(?:\d{1,4}D)?"
    r"(?:T(?=\d)(?:\d{1,4}H)?(?:\d{1,4}M)?(?:\d{1,4}S)?)?)"
)
_DATE = r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?"
_PATTERNS = {
    "timeDuration": re.compile(_DURATION),
    "timeDate": re.compile(_DATE),
    # Bounded: an overdue timer without end would open one step for every repetition it missed.
    "timeCycle": re.compile(rf"R[1-9]\d?/(?:(?P<start>{_DATE})/)?{_DURATION}"),
}


def is_timer_text(kind: str, value: Any) -> bool:
    """Return whether ``value`` suits a timer of a kind: ``timeDuration``, ``timeDate`` or ``timeCycle`` (ISO 8601).

    Durations stay below a hundred years, repetitions below a hundred.
    """
    found = _PATTERNS[kind].fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return False
    date = value if kind == "timeDate" else found.groupdict().get("start")
    try:
        return date is None or datetime.fromisoformat(date) is not None
    except ValueError:
        return False
