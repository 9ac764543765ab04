"""May this form be submitted? Read, judged by the rules of its subject, warnings explained, findings answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import forms
from forms.problem import Problem
from service import attachments, findings, revisions, subjects
from service.dockets import Docket
from service.errors import Problems
from service.people import Actor
from service.subjects import Filling, Matter

LEAST_REASON = 2
LONGEST_REASON = 300


@dataclass(frozen=True)
class Submission:
    """A form that may go on: its content, what the flow's conditions read, and what the rules found."""

    content: dict[str, Any]
    facts: dict[str, Any]
    checks: list[dict[str, Any]]


def accept(
    session: Session, docket: Docket, raw: Any, *, node: str, params: Mapping[str, Any], actor: Actor, at: datetime
) -> Submission:
    """Read and judge the form a case is about, answer its findings, and bring up to date what hangs on it.

    Args:
        raw: content as sent.
        params: ``warnings`` (reason by ``rule:field``) and ``answers`` (by finding id).

    Raises:
        Problems: everything that keeps the form from being submitted, all at once.

    Source:
        P06: errors of the quality rules block, warnings need a reason; 谁申请资金，谁编制目标.
    """
    subject = subjects.of_case(session, docket.case)
    form = docket.bundle.forms[docket.bundle.subject_form]
    last = revisions.one(session, docket.case.form_revision_id)
    filling, reasons = Filling(session, actor, at), params.get("warnings") or {}
    ready = subject.prepared(form.definition, raw or {}, last.content if last else {}, node=node, filling=filling)
    context = {**subject.form_context(actor=actor, at=at), **ready.context}
    content, faults = forms.accept(form.definition, ready.raw, node=node, context=context, current=ready.current)
    faults += attachments.name(session, docket.case.id, form.definition, content)
    whole = forms.compute(form.definition, content, context)
    found = list(subject.judged(session, whole, node=node))
    problems = [*ready.problems, *faults, *_unexplained(found, reasons)]
    problems += subject.hindrances(session, content, node=node, at=at)
    problems += findings.answer_all(session, docket, params.get("answers") or {}, by=actor, at=at)
    if problems:
        raise Problems(list(dict.fromkeys(problems)), f"还有 {len(problems)} 处需要处理，本次没有提交。")
    facts = {field.id: whole.get(field.id) for field in form.definition.questions if field.fact}
    subject.settle(session, docket, whole, facts)
    return Submission(content, facts, _checks(found, reasons))


def check(
    session: Session,
    subject: Matter,
    definition: forms.FormDefinition,
    content: Any,
    *,
    node: str,
) -> list[Problem]:
    """What the form and the rules of its subject find in content that is still being written; nothing is kept."""
    ready = subject.prepared(definition, content or {}, content or {}, node=node, filling=Filling(session))
    context = {**subject.form_context(), **ready.context}
    clean, faults = forms.accept(definition, ready.raw, node=node, context=context, current=ready.current)
    found = subject.judged(session, forms.compute(definition, clean, context), node=node)
    return list(dict.fromkeys([*ready.problems, *faults, *found]))


def filled_in(
    session: Session, subject: Matter, definition: forms.FormDefinition, content: Any, *, node: str
) -> dict[str, Any]:
    """Half-written content with what the system makes of it: the rows it gives, their lights or points, totals."""
    ready = subject.prepared(definition, content or {}, content or {}, node=node, filling=Filling(session))
    context = {**subject.form_context(), **ready.context}
    clean, _ = forms.accept(definition, ready.raw, node=node, context=context, current=ready.current, complete=False)
    return clean


def _unexplained(found: Iterable[Problem], reasons: Mapping[str, Any]) -> list[Problem]:
    """Errors, and warnings without a reason; a warning's sentence then says that a reason is asked for."""
    blocking = []
    for problem in found:
        reason = _reason(problem, reasons)
        if problem.severity == "error":
            blocking.append(problem)
        elif problem.severity == "warning" and not LEAST_REASON <= len(reason) <= LONGEST_REASON:
            blocking.append(
                Problem(
                    field=problem.field,
                    message=f"{problem.message}。情况属实的，请写明理由（{LEAST_REASON}至{LONGEST_REASON}字）",
                    severity="warning",
                    source=problem.source,
                    rule=problem.rule,
                )
            )
    return blocking


def _reason(problem: Problem, reasons: Mapping[str, Any]) -> str:
    return str(reasons.get(f"{problem.rule}:{problem.field}") or "").strip()


def _checks(found: Sequence[Problem], reasons: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{**problem.to_json(), "reason": _reason(problem, reasons)} for problem in found]
