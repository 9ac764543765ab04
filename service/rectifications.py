"""How is what went wrong put right? A red light opens a rectification; its notice is issued; the leader may have the last word."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.campaign import Campaign
from db.case import Seat
from db.form import FormRevision
from db.monitoring import Rectification
from db.project import Project
from forms.problem import Problem
from service import calendar, openings, releases, revisions, seats, series
from service.acts import Cause
from service.dockets import Docket
from service.errors import Problems
from service.openings import Opening
from service.people import day
from service.releases import Bundle
from service.rules.monitoring import LIGHTS, POSSIBILITIES
from service.rules.working_days import add
from service.subjects import rectification

PROCESS = "rectification"
#: Working days a rectification of monitoring usually takes (default of the notice).
USUAL_DAYS = 15
#: The same after an evaluation (30 days).
EVALUATION_DAYS = 22
_CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "reason_funding": "经费保障",
        "reason_institution": "制度保障",
        "reason_staffing": "人员保障",
        "reason_hardware": "硬件条件保障",
        "reason_other": "其他",
    }
)


def open_from_monitoring(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Open the rectification a red project needs, with its issues written down for the notice.

    It is a case of its own, named in the history of the monitoring it comes from; one that still runs for another
    cause goes on beside it.

    Returns:
        The change for the event: ``rectification_opened`` with case and number.

    Raises:
        Problems: the rectification process is not in force.

    Source:
        P10 红灯转整改; 财预〔2019〕136号.
    """
    report = revisions.one(session, docket.case.form_revision_id)
    content = draft(report.content if report else {}, cause.at, calendar.table(session))
    return _open(session, docket, cause, "monitoring", content)


def open_from_evaluation(
    session: Session, docket: Docket, cause: Cause, lost: Iterable[tuple[str, str]], grade: str
) -> dict[str, Any]:
    """Open the rectification a self-evaluation of 中 or 差 asks for, one issue for every indicator that lost points.

    Args:
        lost: name of each indicator and what there is to say of it.

    Returns:
        The change for the event: ``rectification_opened`` with case and number.

    Raises:
        Problems: the rectification process is not in force.

    Source:
        P12, P17: 评价等级为中、差的，限期整改; 财预〔2020〕10号.
    """
    severity = "serious" if grade == "差" else "general"
    issues = [{"description": text[:500], "indicator_ref": name[:100], "severity": severity} for name, text in lost]
    content = {
        "issues": issues or [{"description": f"自评结果等级为{grade}", "severity": severity}],
        "requirements": f"项目绩效自评结果为“{grade}”。请逐项分析失分原因，制定整改措施，明确责任人和完成日期，按期整改并报送佐证材料。",
        "due_date": add(day(cause.at), EVALUATION_DAYS, calendar.table(session)).isoformat(),
    }
    return _open(session, docket, cause, "self_eval", content)


def _open(session: Session, docket: Docket, cause: Cause, source: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Open a case of its own that starts with this notice; the case it comes from is named in it."""
    case, bundle = docket.case, _in_force(session, cause.at)
    opening = Opening(
        bundle=bundle,
        campaign=session.get_one(Campaign, case.campaign_id),
        project=session.get_one(Project, case.project_id),
        cause=cause,
        initiator_id=cause.person_id or case.initiator_id,
        kind="case_referred",
        verb="refer",
        amount=case.amount,
    )
    made, visit = openings.open_case(session, opening)
    kept = Rectification(case_id=made.case.id, source_kind=source, source_case_id=case.id)
    session.add(kept)
    session.flush()
    subject = rectification.of_case(session, made.case)
    context = subject.form_context(actor=None, at=cause.at)
    clean, _ = forms.accept(
        bundle.definitions[bundle.subject_form], content, node=visit.node_id, context=context, complete=False
    )
    openings.keep_draft(session, made, visit, clean)
    return {"type": "rectification_opened", "case": made.case.id, "number": made.case.number}


def _in_force(session: Session, at: datetime) -> Bundle:
    row = releases.in_force(session, PROCESS, day(at))
    if row is None:
        raise Problems([_problem("绩效整改流程还没有生效的版本，请系统管理员先发布流程")])
    return releases.bundle(session, row.id)


def draft(report: Mapping[str, Any], at: datetime, table: Any) -> dict[str, Any]:
    """What a notice says by itself: one issue for slow execution, one for every red indicator, and a usual day."""
    rows = [*_money_issue(report), *_indicator_issues(report)]
    if not rows:
        rows = [{"description": f"项目总灯为红灯：{report.get('light_reason') or '见监控表'}", "severity": "serious"}]
    return {
        "issues": rows,
        "requirements": "请对照上述问题逐项制定整改措施，明确责任人和完成日期，按期完成整改并报送佐证材料。",
        "due_date": add(day(at), USUAL_DAYS + 5, table).isoformat(),
    }


def _money_issue(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if report.get("execution_light") == "red":
        month, executed = report.get("phase_end_month"), report.get("executed_to_date")
        text = f"预算执行缓慢：截至{month}月执行{executed}万元，调整后预算{report.get('annual_budget')}万元，执行灯为红灯。"
        yield {"description": text, "indicator_ref": "预算执行", "severity": "serious"}


def _indicator_issues(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for row in report.get("indicators") or []:
        impossible = row.get("possibility") == "impossible"
        if row.get("light") != "red" and not impossible:
            continue
        reached = row.get("value_to_date") or row.get("state") or "未填"
        unit = row.get("measure_unit") or ""
        causes = "、".join(words for name, words in _CAUSES.items() if row.get(name))
        told = f"；原因：{row.get('reason_text')}" if row.get("reason_text") else ""
        text = (
            f"“{row.get('level3_name')}”年度指标值{row.get('target_value')}{unit}，本期完成{reached}{unit}，"
            f"{LIGHTS.get(str(row.get('light')), '')}，完成可能性“{POSSIBILITIES.get(str(row.get('possibility')), '')}”"
            f"{f'（{causes}）' if causes else ''}{told}"
        )
        severity = "serious" if impossible else "general"
        yield {
            "description": text[:500],
            "indicator_ref": str(row.get("level3_name") or "")[:100],
            "severity": severity,
        }


def issue(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Give the notice its number and day; from now on unit and department see it as issued (下达).

    Returns:
        The change for the event: ``notice_issued`` with the notice's number.
    """
    kept = _kept(session, docket)
    campaign = session.get_one(Campaign, docket.case.campaign_id)
    year = day(cause.at).year
    kept.notice_no = f"财绩整〔{year}〕{series.take(session, f'notice:{year}'):04d}"
    kept.issued_at, kept.signed_by = cause.at, cause.person_id
    session.flush()
    return {"type": "notice_issued", "notice_no": kept.notice_no, "year": campaign.fiscal_year}


def record_escalation(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Record what the leader ordered after the unit failed, for payment, budget and the supervision section.

    Returns:
        The change for the event: ``escalation_recorded`` with the advice on the budget.

    Source:
        P11: after two failed rounds the leader decides to suspend, cut or cancel.
    """
    kept = _kept(session, docket)
    revision = session.get(FormRevision, _leaders_seat(docket).review_revision_id)
    content = revision.content if revision else {}
    names = ("fund_budget_advice", "advice_amount")
    kept.disposal = {name: content[name] for name in names if content.get(name) is not None}
    kept.escalated_at = cause.at
    session.flush()
    return {"type": "escalation_recorded", **kept.disposal}


def _leaders_seat(docket: Docket) -> Seat:
    done = [seat for seat in docket.seats.values() if seat.state == "done" and seats.part(seat) == "vote"]
    return max(done, key=lambda seat: (seat.decided_at, seat.id))


def _kept(session: Session, docket: Docket) -> Rectification:
    found = select(Rectification).where(Rectification.case_id == docket.case.id)
    return session.scalars(found.with_for_update()).one()


def _problem(message: str) -> Problem:
    return Problem(field="", message=message, severity="error", source="P11 · 绩效整改")
