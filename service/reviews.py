"""Is this review complete, and does the decision follow from its grade? F03 and the review forms of other processes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

import forms
from db.case import CaseFile
from forms.problem import Problem
from service import revisions, subjects
from service.dockets import Docket
from service.engine import UserStep
from service.people import Actor, day
from service.releases import PinnedForm
from service.revisions import REVIEW
from service.rules import review as rules

#: What the review form calls the stages, by the role that reviews.
STAGES: Mapping[str, str] = MappingProxyType(
    {
        "DEPT_REVIEWER": "department",
        "FUND_REVIEWER": "fund_section",
        "FUND_CHIEF": "fund_section",
        "BUDGET_REVIEWER": "budget",
        "PERF_OFFICER": "performance",
        "PERF_CHIEF": "performance",
    }
)


def context(
    case: CaseFile,
    step: UserStep,
    *,
    verb: str = "",
    targets: Sequence[tuple[str, str]] = (),
    actor: Actor | None = None,
    at: datetime | None = None,
) -> dict[str, Any]:
    """What the review form's automatic fields and conditions are told."""
    return {
        "is_key_project": case.is_key_project,
        "review_mode": mode(case),
        "stage": STAGES.get(step.role),
        "verb": verb,
        "return_targets": [list(target) for target in targets],
        **({"decision": verb} if verb in rules.VERB_NAMES else {}),
        **({"reviewer": actor.name} if actor else {}),
        **({"reviewed_at": day(at).isoformat()} if at else {}),
    }


def mode(case: CaseFile) -> str:
    """Key projects (重点项目) are scored, others graded item by item."""
    return "quantitative" if case.is_key_project else "qualitative"


def about(session: Session, docket: Docket, step: UserStep) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """What a review form other than F03 is told of the form it reviews, as that was last submitted, and its given rows."""
    if step.form in ("", REVIEW):
        return {}, {}
    last = revisions.one(session, docket.case.form_revision_id)
    content = last.content if last else {}
    subject = subjects.of_case(session, docket.case)
    return subject.review_context(content), subject.review_rows(session, content)


def accept(
    form: PinnedForm,
    raw: Any,
    case: CaseFile,
    step: UserStep,
    *,
    verb: str,
    known: Mapping[str, Any],
    given: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[dict[str, Any], dict[str, Any], list[Problem]]:
    """Read a review sent with a decision: clean content, what it tells the flow, and every problem at once.

    Args:
        known: what ``context`` and ``about`` say.
        given: the rows ``about`` gives.

    Source:
        财预〔2015〕88号 第二十五条: 优 approve, 良 consult, 中 return, 差 reject, where the step offers that verb.
    """
    content, problems = forms.accept(form.definition, raw or {}, node=step.node_id, context=known, current=given)
    if form.definition.code != REVIEW:
        return content, forms.facts(form.definition, content, known), problems
    conclusion = rules.conclude(content, mode=mode(case))
    problems = [*problems, *conclusion.problems]
    contradiction = rules.verb_problem(conclusion, verb, [outcome.verb for outcome in step.outcomes])
    if contradiction is not None:
        problems.append(contradiction)
    return content, {"grade": conclusion.overall_grade}, list(dict.fromkeys(problems))
