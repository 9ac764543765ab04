"""What do service tasks carry out? Each effect of a process, by the name its diagram gives it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from service import rectifications, targets
from service.acts import Cause
from service.dockets import Docket

Effect = Callable[[Session, Docket, Cause], dict[str, Any]]

#: What service tasks of a process may name, and what carries it out in the same transaction.
EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {
        "admit_target": targets.admit,
        "open_rectification": rectifications.open_from_monitoring,
        "issue_notice": rectifications.issue,
        "record_escalation": rectifications.record_escalation,
    }
)
