"""How does a department's budget take effect? Targets that have to follow their money, and the reply with its number."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.budget import BudgetLine, DepartmentBudget
from db.campaign import Campaign
from db.case import CaseFile
from db.project import Project
from forms.problem import Problem
from service import openings, releases, series, subjects, targets
from service.acts import Cause
from service.dockets import Docket
from service.errors import Problems
from service.openings import Opening
from service.people import day
from service.releases import Bundle
from service.rules.quantities import number_of
from service.subjects.department_budget import BudgetSubject, change_percent

SYNC = "target_sync"
_SOURCES = ("amount_district", "amount_superior", "amount_other")


def open_syncs(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Open the synchronisation of every target whose control number moved by more than the season's percent.

    Each is a case of its own for the unit, with the approved target filled in and the new amount. One that runs
    already is joined.

    This is no adjustment (P08): an adjustment changes a target approved together with its budget, asks for a reason
    and documents (F12), walks the whole chain of the declaration again and renews the disclosure. Here the budget is
    still being made: the target follows a control number the bureau gave itself, before the reply that approves both
    together (财预〔2015〕88号 article 27), so nothing of that year has been disclosed yet and the amount needs no defending.

    Returns:
        The change for the event: ``target_syncs_opened`` with the numbers of the cases, none if nothing moved so far.

    Raises:
        Problems: the process of synchronisation is not in force.

    Source:
        P09 同步调整: forced when the amount changed by more than 10 %.
    """
    subject = subjects.of_case(session, docket.case)
    assert isinstance(subject, BudgetSubject)  # noqa: S101  the effect is drawn in this process alone
    lines = session.scalars(select(BudgetLine).where(BudgetLine.case_id == docket.case.id).order_by(BudgetLine.rank))
    moved = [line for line in lines.all() if _moved(line, subject.sync_percent)]
    if not moved:
        return {"type": "target_syncs_opened", "numbers": []}
    bundle = _in_force(session, cause)
    campaign = session.get_one(Campaign, docket.case.campaign_id)
    numbers = [_open(session, bundle, campaign, line, cause) for line in moved]
    return {"type": "target_syncs_opened", "numbers": numbers}


def _moved(line: BudgetLine, percent: Decimal) -> bool:
    change = change_percent(line.target_amount, line.control_amount)
    return bool(line.control_amount) and change is not None and abs(change) > percent


def _in_force(session: Session, cause: Cause) -> Bundle:
    row = releases.in_force(session, SYNC, day(cause.at))
    if row is None:
        text = "绩效目标同步调整流程还没有生效的版本，请系统管理员先发布流程"
        raise Problems([Problem(field="", message=text, severity="error", source="P09 · 同步调整目标")])
    return releases.bundle(session, row.id)


def _open(session: Session, bundle: Bundle, campaign: Campaign, line: BudgetLine, cause: Cause) -> str:
    project = session.get_one(Project, line.project_id)
    running = select(CaseFile).where(CaseFile.process_id == SYNC, CaseFile.project_id == project.id)
    known = session.scalars(running.where(CaseFile.finished_at.is_(None))).first()
    if known is not None:
        line.sync_case_id = known.id
        session.flush()
        return known.number
    opening = Opening(
        bundle=bundle,
        campaign=campaign,
        project=project,
        cause=cause,
        initiator_id=str(cause.person_id),
        kind="case_referred",
        verb="refer",
        amount=line.control_amount,
    )
    docket, visit = openings.open_case(session, opening)
    line.sync_case_id = docket.case.id
    session.flush()
    subject = subjects.of_case(session, docket.case)
    content = moved_to(subjects.approved(session, project.id) or {}, line.control_amount or Decimal(0))
    context = subject.form_context(at=cause.at)
    clean, _ = forms.accept(
        bundle.definitions[bundle.subject_form], content, node=visit.node_id, context=context, complete=False
    )
    openings.keep_draft(session, docket, visit, clean)
    return docket.case.number


def moved_to(content: Mapping[str, Any], amount: Decimal) -> dict[str, Any]:
    """An approved target with another amount of the year; a cut takes district funds first, then transfers, then others.

    The schedule is left out where it would cost more than there is.
    """
    parts = {name: number_of(content.get(name)) or Decimal(0) for name in _SOURCES}
    left = amount - sum(parts.values(), Decimal(0))
    for name in _SOURCES:
        taken = max(left, -parts[name])
        parts[name], left = parts[name] + taken, left - taken
        if left >= 0:
            break
    fiscal = parts["amount_district"] + parts["amount_superior"]
    money = {"amount_total": amount, "amount_fiscal": fiscal, **parts}
    texts = {name: format(value.normalize(), "f") for name, value in money.items()}
    planned = sum(
        (number_of(row.get("planned_amount")) or Decimal(0) for row in content.get("schedule") or []), Decimal(0)
    )
    kept = {name: value for name, value in content.items() if name != "schedule" or planned <= amount}
    return {**kept, **texts}


def admit_synced(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Freeze the synchronised target as the project's next version; the project asks for the new amount from now on.

    Returns:
        The change for the event, as ``targets.admit`` gives it.
    """
    change = targets.admit(session, docket, cause)
    project = session.get_one(Project, docket.case.project_id)
    project.amount_total = docket.case.amount
    session.flush()
    return change


def issue_reply(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Give the reply to budget and targets its number and day; the second submission becomes the approved amount.

    Returns:
        The change for the event: ``budget_replied`` with number, amount in 万元 and number of projects.

    Source:
        财预〔2015〕88号 第二十七条: 谁批复预算，谁批复目标.
    """
    kept = session.get_one(DepartmentBudget, docket.case.id, with_for_update=True, populate_existing=True)
    campaign = session.get_one(Campaign, docket.case.campaign_id)
    year = campaign.fiscal_year
    kept.reply_no = f"财预批〔{year}〕{series.take(session, f'budget_reply:{year}'):04d}"
    kept.replied_at = cause.at
    lines = session.scalars(select(BudgetLine).where(BudgetLine.case_id == docket.case.id)).all()
    for line in lines:
        line.approved_amount = line.second_amount or Decimal(0)
    session.flush()
    total = sum((line.approved_amount or Decimal(0) for line in lines), Decimal(0))
    amount = format(total.normalize(), "f")
    return {"type": "budget_replied", "reply_no": kept.reply_no, "projects": len(lines), "amount": amount}
