"""What do service tasks carry out? Each effect of a process, by the name its diagram gives it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from service import (
    adjustments,
    assessments,
    budgets,
    evaluations,
    overall_targets,
    publication,
    rectifications,
    targets,
)
from service.acts import Cause
from service.dockets import Docket

#: What a rectification is drawn up from, by the process that asks for it; others give what a monitoring report would.
_OPENERS: Mapping[str, Callable[[Session, Docket, Cause], dict[str, Any]]] = MappingProxyType(
    {"self_evaluation": evaluations.open_rectification}
)


def _open_rectification(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    opener = _OPENERS.get(docket.case.process_id, rectifications.open_from_monitoring)
    return opener(session, docket, cause)


Effect = Callable[[Session, Docket, Cause], dict[str, Any]]

#: What service tasks of a process may name, and what carries it out in the same transaction.
EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {
        "admit_target": targets.admit,
        "open_rectification": _open_rectification,
        "issue_notice": rectifications.issue,
        "record_escalation": rectifications.record_escalation,
        "record_evaluation": evaluations.record,
        "publish_release": publication.publish,
        "bring_into_force": publication.bring_into_force,
        "record_ex_ante": assessments.conclude,
        "adjust_target": adjustments.put_into_effect,
        "open_target_syncs": budgets.open_syncs,
        "admit_synced_target": budgets.admit_synced,
        "issue_budget_reply": budgets.issue_reply,
        "admit_overall_target": overall_targets.admit,
    }
)
