"""What did reviewers ask about which field, and what did the drafter answer?"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, bindparam, select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import Finding, Visit
from db.statement import Statement
from db.writing import upsert
from forms.problem import Problem
from service.dockets import Docket
from service.people import Actor

SEVERITIES = ("error", "warning")
ANSWERS = ("done", "explained")
LONGEST = 500
_SOURCE = "退回意见答复要求"


def problems(raised: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """What is wrong with findings a reviewer sends: no text, too long, an unknown severity."""
    for index, one in enumerate(raised):
        message = str(one.get("message") or "").strip()
        if not message:
            yield _problem(f"findings[{index}].message", f"第{index + 1}条问题没有写内容，请填写或删去这一条")
        elif len(message) > LONGEST:
            yield _problem(f"findings[{index}].message", f"第{index + 1}条问题超过{LONGEST}字，请精简")
        if one.get("severity", "error") not in SEVERITIES:
            yield _problem(f"findings[{index}].severity", f"第{index + 1}条问题的性质只能是“必须改”或“建议”")


def raise_all(
    session: Session, docket: Docket, visit: Visit, raised: Sequence[Mapping[str, Any]], *, by: Actor, at: datetime
) -> None:
    """Keep the findings that go with a decision and name them in the event."""
    rows = [
        Finding(
            id=opaque_id(),
            case_id=docket.case.id,
            visit_id=visit.id,
            round=visit.round,
            field=str(one.get("field") or ""),
            message=str(one["message"]).strip(),
            severity=str(one.get("severity") or "error"),
            raised_by=by.person_id,
            raised_at=at,
            state="open",
        )
        for one in raised
    ]
    upsert(session, rows)
    docket.changes.extend(
        {
            "type": "finding_raised",
            "finding": row.id,
            "field": row.field,
            "message": row.message,
            "severity": row.severity,
        }
        for row in rows
    )


def unanswered(session: Session, case_id: str) -> list[Finding]:
    """Findings the drafter has not answered yet, oldest first."""
    return [row[0] for row in _OPEN.all(session, case=case_id)]


def _open() -> Select[Any]:
    statement = select(Finding).where(Finding.case_id == bindparam("case", type_=Text()), Finding.state == "open")
    return statement.order_by(Finding.raised_at, Finding.id)


_OPEN = Statement(_open)


def answer_all(
    session: Session,
    docket: Docket,
    answers: Mapping[str, Mapping[str, Any]],
    *,
    by: Actor,
    at: datetime,
) -> list[Problem]:
    """Take the drafter's answers to every open finding; nothing is kept while one is missing.

    Returns:
        A problem for each finding without a proper answer; [] if all are answered.
    """
    waiting = unanswered(session, docket.case.id)
    found = [problem for finding in waiting for problem in _answer_problems(finding, answers.get(finding.id) or {})]
    if found:
        return found
    for finding in waiting:
        given = answers[finding.id]
        finding.state, finding.answer_kind = "answered", str(given["kind"])
        finding.answer = str(given.get("text") or "").strip() or None
        finding.answered_by, finding.answered_at = by.person_id, at
        docket.changes.append(
            {"type": "finding_answered", "finding": finding.id, "kind": finding.answer_kind, "answer": finding.answer}
        )
    upsert(session, waiting)
    return []


def _answer_problems(finding: Finding, given: Mapping[str, Any]) -> Iterator[Problem]:
    kind, text = given.get("kind"), str(given.get("text") or "").strip()
    asked = f"审核意见“{finding.message[:30]}”"
    if kind not in ANSWERS:
        yield _problem(finding.field, f"{asked}还没有答复，请选择“已修改”或“作说明”")
    elif kind == "explained" and len(text) < 2:
        yield _problem(finding.field, f"{asked}选择了“作说明”，请写明为什么不改")
    elif len(text) > LONGEST:
        yield _problem(finding.field, f"{asked}的答复超过{LONGEST}字，请精简")


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_SOURCE)
