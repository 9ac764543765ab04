"""May this declaration be submitted? The form read, the quality rules asked, warnings explained, findings answered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import forms
from db.project import Project
from forms.problem import Problem
from service import findings, revisions, search, subjects
from service.dockets import Docket
from service.errors import Problems
from service.people import Actor, day
from service.revisions import DECLARATION
from service.rules import quality
from service.subjects import Subject

LEAST_REASON = 2
LONGEST_REASON = 300


@dataclass(frozen=True)
class Submission:
    """A declaration that may go on: its content, what the flow's conditions read, and what the rules found."""

    content: dict[str, Any]
    facts: dict[str, Any]
    checks: list[dict[str, Any]]


def accept(
    session: Session,
    docket: Docket,
    raw: Any,
    *,
    node: str,
    params: Mapping[str, Any],
    actor: Actor,
    at: datetime,
) -> Submission:
    """Read and judge a declaration (F01), answer its findings, and bring the project up to date with it.

    Args:
        raw: content as sent.
        params: ``warnings`` (reason by ``rule:field``) and ``answers`` (by finding id).

    Raises:
        Problems: everything that keeps the declaration from being submitted, all at once.

    Source:
        P06: errors of the quality rules block, warnings need a reason; 谁申请资金，谁编制目标.
    """
    subject = subjects.of_case(session, docket.case)
    form = docket.bundle.forms[DECLARATION]
    last = revisions.one(session, docket.case.form_revision_id)
    context = subject.form_context(actor=actor, at=at)
    content, problems = forms.accept(
        form.definition, raw or {}, node=node, context=context, current=last.content if last else {}
    )
    whole = forms.compute(form.definition, content, context)
    found = quality.check(whole, subject.quality_context(session))
    problems += _unexplained(found, params.get("warnings") or {})
    problems += _season_problems(docket, subject, at)
    problems += _taken_name(session, subject.project, content)
    problems += findings.answer_all(session, docket, params.get("answers") or {}, by=actor, at=at)
    if problems:
        raise Problems(problems, f"还有 {len(problems)} 处需要处理，本次没有提交。")
    facts = {**forms.facts(form.definition, content, context)}
    _bring_up_to_date(session, docket, subject.project, whole, facts)
    return Submission(content, facts, _checks(found, params.get("warnings") or {}))


def check(
    session: Session, subject: Subject, definition: forms.FormDefinition, content: Any, *, node: str
) -> list[Problem]:
    """What the form and the quality rules find in content that is still being written; nothing is kept."""
    context = subject.form_context()
    clean, problems = forms.accept(definition, content or {}, node=node, context=context)
    found = quality.check(forms.compute(definition, clean, context), subject.quality_context(session))
    return list(dict.fromkeys([*problems, *found]))


def _unexplained(found: Sequence[Problem], reasons: Mapping[str, Any]) -> list[Problem]:
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


def _season_problems(docket: Docket, subject: Subject, at: datetime) -> Iterator[Problem]:
    """A season that is closed takes no new declaration; what was returned may still come back."""
    campaign = subject.campaign
    if docket.case.form_revision_id is not None:
        return
    if campaign.state != "open" or not campaign.opens_on <= day(at) <= campaign.closes_on:
        yield Problem(
            field="",
            message=f"申报批次“{campaign.title}”未开放（{campaign.opens_on}至{campaign.closes_on}），不能提交，请联系绩效科",
            severity="error",
            source="P06 · 申报批次",
        )


def _taken_name(session: Session, project: Project, content: Mapping[str, Any]) -> Iterator[Problem]:
    name = str(content.get("project_name") or "")
    if name and name != project.name and name_taken(session, project.fiscal_year, project.unit_id, name):
        yield taken(name)


def name_taken(session: Session, fiscal_year: int, unit_id: str, name: str) -> bool:
    """Whether the unit already has a project of this name in the year."""
    statement = session.query(Project.id).filter_by(fiscal_year=fiscal_year, unit_id=unit_id, name=name)
    return statement.filter(Project.discarded_at.is_(None)).first() is not None


def taken(name: str) -> Problem:
    """The problem of a name the unit has used in the same year."""
    return Problem(
        field="project_name",
        message=f"本单位本年度已有名为“{name}”的项目，一个项目一年只申报一次，请改名或继续填写原来的草稿",
        severity="error",
        source="P06 · 同一项目同一年度只有一个申报",
    )


def _bring_up_to_date(
    session: Session, docket: Docket, project: Project, content: Mapping[str, Any], facts: Mapping[str, Any]
) -> None:
    project.name = content["project_name"]
    project.attribute, project.category = content.get("project_attribute"), content.get("project_category")
    project.amount_total = content.get("amount_total")
    project.is_key_project, project.needs_ex_ante = bool(facts["is_key_project"]), bool(facts["needs_ex_ante"])
    case = docket.case
    case.title, case.amount, case.is_key_project = project.name, project.amount_total, project.is_key_project
    session.flush()
    search.index(session, project.id, [project.name, project.project_code, case.number])
