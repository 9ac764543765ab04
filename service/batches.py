"""May several clean cases be approved in one act, and what became of each? 批量同意 with evidence of what was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import CaseFile, Finding, Visit, VisitReading
from db.form import FormRevision
from forms.definition import FormDefinition
from service import access, decisions, dockets, duties, sitting
from service.acts import Act, Request
from service.dockets import Docket
from service.errors import BadRequest, NotAllowed, Problems, Refused
from service.people import Actor
from service.revisions import REVIEW

MOST = 50
#: What the quality rules may have found in a case that goes with others.
_HARMLESS = frozenset({"info"})


@dataclass(frozen=True, kw_only=True)
class Row:
    """One case of a batch before it is approved; ``why`` says why it may not go along ("" if it may)."""

    visit_id: str
    case_id: str
    number: str
    title: str
    #: 万元.
    amount: Decimal | None
    node_name: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would be approved: the rows in the order asked for, and the sum of those that may go along (万元)."""

    rows: tuple[Row, ...]
    allowed: int
    amount: Decimal
    #: Code of the form the step of the first row asks for; None where its opinion is all it asks for.
    form: str | None = None
    #: The review form (F03) in the version of the first row.
    review: FormDefinition | None = None


@dataclass(frozen=True)
class Batch:
    """What all rows of one act share: its id, the words, the review, and how long each row was looked at."""

    actor: Actor
    at: datetime
    opinion: str | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    #: Seconds the page of each visit was open, as the browser counted them.
    viewed: Mapping[str, int] = field(default_factory=dict)
    client: Mapping[str, Any] | None = None
    simulated: bool = False
    id: str = field(default_factory=opaque_id)

    @property
    def act(self) -> Act:
        """The circumstances of every row's command."""
        return Act(actor=self.actor, at=self.at, client=self.client, simulated=self.simulated)


@dataclass(frozen=True)
class _Facts:
    """What is known of a case beside its docket: findings of the rules and of reviewers, and when it was read."""

    severities: frozenset[str]
    open_findings: int
    read_seq: int | None
    read_at: datetime | None


def preview(session: Session, visit_ids: Sequence[str], *, actor: Actor, at: datetime) -> Preview:
    """Which of the chosen cases may be approved together, and why not the others; nothing is changed.

    Raises:
        BadRequest: none or more than 50 are chosen.
    """
    wanted = _wanted(visit_ids)
    rows, alike, form, review = [], None, None, None
    statement = select(CaseFile, Visit).join(Visit, Visit.case_id == CaseFile.id)
    found = session.execute(statement.where(Visit.id.in_(wanted), access.visible_cases(actor))).all()
    by_visit = {visit.id: (case, visit) for case, visit in found}
    for visit_id in (one for one in wanted if one in by_visit):
        case, _ = by_visit[visit_id]
        docket = dockets.read(session, case)
        visit = docket.visits[visit_id]
        form = form if alike else docket.step(visit).form
        review = review or docket.bundle.definitions.get(REVIEW)
        alike = alike or _kind(docket, visit)
        why = _why_not(docket, visit, _facts(session, docket, actor), actor, alike)
        named = {"case_id": case.id, "number": case.number, "title": case.title, "amount": case.amount}
        rows.append(Row(visit_id=visit_id, node_name=visit.node_name, why=why, **named))
    may = [row for row in rows if not row.why]
    amount = sum((row.amount or Decimal(0) for row in may), Decimal(0))
    return Preview(rows=tuple(rows), allowed=len(may), amount=amount, form=form, review=review)


def approve(session: Session, visit_ids: Sequence[str], batch: Batch) -> dict[str, Any]:
    """Approve cases of one step together, each by a command of its own that names the batch; the caller commits.

    A row that may not be approved changes nothing and does not hold up the others. Cases are locked in the order of
    their ids, so that two batches never wait for each other.

    Returns:
        ``batch``, ``done``, ``failed`` and ``rows``: visit_id, number, ok, message, in the order asked for.

    Raises:
        BadRequest: none or more than 50 are chosen.

    Source:
        operations §4.4: same step and release, nothing open or risky, each row opened since its last change.
    """
    wanted = _wanted(visit_ids)
    cases = dict(session.execute(select(Visit.id, Visit.case_id).where(Visit.id.in_(wanted))).tuples().all())
    results: dict[str, dict[str, Any]] = {}
    alike: tuple[str, str] | None = None
    for visit_id in sorted(wanted, key=lambda one: cases.get(one, "")):
        try:
            with session.begin_nested():
                docket = dockets.of_visit(session, visit_id, actor=batch.actor)
                alike = alike or _kind(docket, docket.visits[visit_id])
                answer = _approve_one(session, docket, docket.visits[visit_id], batch, alike)
                results[visit_id] = {"number": docket.case.number, "ok": True, "message": answer["message"]}
        except Refused as refused:
            results[visit_id] = {"number": "", "ok": False, "message": _words(refused)}
    rows = [{"visit_id": visit_id, **results[visit_id]} for visit_id in wanted]
    done = sum(row["ok"] for row in rows)
    return {"batch": batch.id, "done": done, "failed": len(rows) - done, "rows": rows}


def _approve_one(
    session: Session, docket: Docket, visit: Visit, batch: Batch, alike: tuple[str, str]
) -> dict[str, Any]:
    facts = _facts(session, docket, batch.actor)
    why = _why_not(docket, visit, facts, batch.actor, alike)
    if why:
        raise NotAllowed(f"{docket.case.number}：{why}")
    decisions.require_fresh(session, docket, visit, facts.read_seq)
    seconds = int((batch.at - facts.read_at).total_seconds()) if facts.read_at else 0
    viewed = batch.viewed.get(visit.id)
    # Nobody has looked longer than since it was opened.
    seconds = seconds if viewed is None else max(0, min(int(viewed), seconds))
    docket.changes.append({"type": "batch", "batch": batch.id, "opened_seconds": seconds})
    request = Request("approve", batch.form, batch.opinion, (), {})
    return decisions.decide(session, docket, visit, request, batch.act)


def _wanted(visit_ids: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(visit_ids))
    if not 1 <= len(wanted) <= MOST:
        raise BadRequest(f"一次可以批量办理 1 至 {MOST} 件，现选择了 {len(wanted)} 件。")
    return wanted


def _kind(docket: Docket, visit: Visit) -> tuple[str, str]:
    return visit.node_id, docket.bundle.release.hash


def _facts(session: Session, docket: Docket, actor: Actor) -> _Facts:
    case = docket.case
    unanswered = select(func.count()).where(Finding.case_id == case.id, Finding.state == "open").scalar_subquery()
    read = and_(VisitReading.case_id == case.id, VisitReading.person_id == actor.person_id)
    statement = (
        select(FormRevision.checks, unanswered, VisitReading.seq, VisitReading.read_at)
        .outerjoin(VisitReading, read)
        .where(FormRevision.id == case.form_revision_id)
    )
    row = session.execute(statement).first()
    if row is None:
        return _Facts(frozenset({"error"}), 0, None, None)
    return _Facts(frozenset(str(check.get("severity")) for check in row[0] or ()), row[1], row[2], row[3])


def _why_not(docket: Docket, visit: Visit, facts: _Facts, actor: Actor, alike: tuple[str, str]) -> str:
    step, seat = docket.step(visit), None
    if visit.state != "open":
        return "已由他人办理或已撤销。"
    if not step.batch_allowed or step.outcome("approve") is None:
        return f"“{step.name}”环节不允许批量办理。"
    if _kind(docket, visit) != alike:
        return "与所选的第一件不是同一环节或同一流程版本。"
    seat = sitting.seat_of(docket, visit, actor)
    if seat is None:
        return sitting.why_no_seat(docket, visit, actor)
    found = duties.problems(docket, step, actor, sitting.principal(docket, seat, actor))
    if found:
        return "；".join(problem.message for problem in found)
    return _risk(docket, visit, facts)


def _risk(docket: Docket, visit: Visit, facts: _Facts) -> str:
    if docket.case.suspended_at is not None:
        return "已挂起。"
    if docket.case.is_key_project and docket.step(visit).form == REVIEW:
        return "重点项目须逐项打分，请逐件办理。"
    if facts.severities - _HARMLESS:
        return "质量规则有提醒，须逐件审核。"
    if facts.open_findings:
        return f"还有 {facts.open_findings} 条审核问题没有答复。"
    if facts.read_seq is None or facts.read_seq < visit.changed_seq:
        return "您还没有打开看过，或看过之后又有变化。"
    return ""


def _words(refused: Refused) -> str:
    problems = refused.problems if isinstance(refused, Problems) else ()
    return "；".join([refused.detail, *(problem.message for problem in problems)])
