"""How does a season open a case for every department, and which departments are missing? Overall targets and budgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

import forms
from db.campaign import Campaign, CampaignUnit
from db.case import CaseFile
from db.organisation import Organisation
from service import campaign_gate, openings, releases, subjects
from service.acts import Cause
from service.campaign_terms import BUDGET, DEPARTMENTS, OVERALL, SEASONS
from service.errors import NotFound
from service.openings import Opening
from service.releases import Bundle

#: Cases opened in one transaction.
CHUNK = 20
_TITLES = {BUDGET: "项目预算编制", OVERALL: "部门整体绩效目标"}


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a season of departments has come: cases it should have, has, and those that are finished."""

    expected: int
    opened: int
    finished: int

    @property
    def share(self) -> float:
        """Percent of the cases that are opened; 100 where none are expected."""
        return round(100 * self.opened / self.expected, 1) if self.expected else 100.0


def launch_due(session: Session, at: datetime) -> None:
    """Open the next cases of every open season of departments; one another scheduler is at work on is left to it."""
    running = select(Campaign.id).where(Campaign.process_id.in_(DEPARTMENTS), Campaign.state == "open")
    for campaign_id in session.scalars(running).all():
        if not session.scalar(select(exists(_missing(campaign_id)))):
            continue
        free = select(Campaign).where(Campaign.id == campaign_id, Campaign.state == "open")
        campaign = session.scalars(free.with_for_update(skip_locked=True, key_share=True)).first()
        if campaign is not None:
            open_some(session, campaign, at=at)


def open_some(
    session: Session,
    campaign: Campaign,
    *,
    at: datetime,
    most: int = CHUNK,
    simulated: bool = False,
    department_ids: Sequence[str] = (),
) -> int:
    """Open cases of a season for departments that have none yet; says how many. Opening again never doubles a case.

    Args:
        department_ids: only these departments; all whose units take part if none are named.

    Source:
        P07, P09: one case for each department and year.
    """
    if campaign.created_by is None:
        return 0
    cause = Cause(at=at, person_id=campaign.created_by, simulated=simulated)
    bundle = releases.for_new_cases(session, campaign, at=at)
    wanted = _missing(campaign.id)
    if department_ids:
        wanted = wanted.where(Organisation.id.in_(department_ids))
    found = session.scalars(wanted.order_by(Organisation.code).limit(most)).all()
    for department in found:
        _open(session, campaign, bundle, department, cause)
    return len(found)


def progress(session: Session, campaign_id: str) -> Progress:
    """How far a season of departments has come."""
    statement = select(func.count(), func.count().filter(CaseFile.finished_at.is_not(None)))
    own = (CaseFile.campaign_id == campaign_id, CaseFile.process_id.in_(DEPARTMENTS))
    opened, finished = session.execute(statement.where(*own)).one()
    missing = session.scalar(select(func.count()).select_from(_missing(campaign_id).subquery()))
    return Progress(expected=opened + int(missing or 0), opened=opened, finished=finished)


def stamp(session: Session, campaign_id: str) -> str:
    """What changes with every decision on a case of a season: its page asks by it whether there is anything new."""
    newest = select(func.max(CaseFile.changed_at), func.count()).where(CaseFile.campaign_id == campaign_id)
    changed, number = session.execute(newest).one()
    return f"{number}-{changed.timestamp() if changed else 0}"


def season(session: Session, campaign_id: str, process_id: str) -> Campaign:
    """A season of one of these processes.

    Raises:
        NotFound: there is none with this id.
    """
    campaign = campaign_gate.campaign_of(session, campaign_id)
    if campaign.process_id != process_id:
        raise NotFound(f"没有这个{SEASONS[process_id]}批次。")
    return campaign


def seasons(session: Session, process_id: str) -> Sequence[Campaign]:
    """The seasons of a process, the newest year first."""
    statement = select(Campaign).where(Campaign.process_id == process_id)
    return session.scalars(statement.order_by(Campaign.fiscal_year.desc(), Campaign.opens_on.desc(), Campaign.id)).all()


def _open(session: Session, campaign: Campaign, bundle: Bundle, department: Organisation, cause: Cause) -> None:
    """One case, its first draft with what the system knows already."""
    opening = Opening(
        bundle=bundle,
        campaign=campaign,
        project=department,
        cause=cause,
        initiator_id=str(cause.person_id),
        kind="case_launched",
        verb="launch",
        title=f"{department.name}{campaign.fiscal_year}年{_TITLES[campaign.process_id]}",
    )
    docket, visit = openings.open_case(session, opening)
    subject = subjects.of_case(session, docket.case)
    definition, node = bundle.definitions[bundle.subject_form], visit.node_id
    current = subject.refreshed({}, node=node)
    context = subject.form_context()
    content, _ = forms.accept(definition, {}, node=node, context=context, current=current, complete=False)
    openings.keep_draft(session, docket, visit, content)


def _missing(campaign_id: Any) -> Select[Any]:
    """The departments of a season's units, with a fund section, that have no case in the season yet."""
    unit = aliased(Organisation)
    known = exists().where(
        CaseFile.department_id == Organisation.id,
        CaseFile.campaign_id == campaign_id,
        CaseFile.project_id.is_(None),
    )
    taking_part = (
        exists()
        .where(CampaignUnit.campaign_id == campaign_id, CampaignUnit.unit_id == unit.id)
        .where(unit.parent_id == Organisation.id)
    )
    return select(Organisation).where(
        Organisation.kind == "department",
        Organisation.active,
        Organisation.fund_section_id.is_not(None),
        taking_part,
        ~known,
    )
