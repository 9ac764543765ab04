"""How does a season open a case for every object, and who is late? 下达: one case for each project of the library."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

import forms
from db.campaign import Campaign, CampaignUnit
from db.case import CaseFile, Visit
from db.project import Project, TargetVersion
from service import access, campaign_gate, dockets, openings, releases, subjects, urging
from service.acts import Act, Cause
from service.campaign_terms import LAUNCHED, SEASONS
from service.case_rows import Department, Unit
from service.errors import NotAllowed, NotFound
from service.openings import Opening
from service.people import Actor
from service.releases import Bundle

#: Cases opened in one transaction: short ones, so that progress shows and nobody waits.
CHUNK = 60
#: The stage of a report nobody has submitted yet.
UNFILLED = "filling"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a season has come: cases it should have, has, and those that were submitted and finished."""

    expected: int
    opened: int
    submitted: int
    finished: int

    @property
    def share(self) -> float:
        """Percent of the cases that are opened; 100 where none are expected."""
        return round(100 * self.opened / self.expected, 1) if self.expected else 100.0


@dataclass(frozen=True, kw_only=True)
class LateUnit:
    """A unit with reports that have not been submitted."""

    unit_id: str
    code: str
    name: str
    department: str
    unfilled: int
    total: int


def launch_due(session: Session, at: datetime) -> None:
    """Open the next cases of every open season that opens its own; one another scheduler is at work on is left to it."""
    running = select(Campaign).where(Campaign.process_id.in_(LAUNCHED), Campaign.state == "open")
    for known in session.scalars(running).all():
        campaign_id = known.id
        if not session.scalar(select(exists(_missing(known)))):
            continue
        # Not FOR UPDATE: cases refer to their season, and their commands must not wait for this one.
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
    unit_ids: Sequence[str] = (),
) -> int:
    """Open cases of a season for projects that have none yet, prefilled from the approved target; says how many.

    Whoever made the season is their initiator; nobody of the unit has written anything yet (SD1). Opening again never
    doubles a case.

    Args:
        unit_ids: only projects of these units; of all that take part if none are named.

    Source:
        P10 下达监控任务, P12 布置自评: one case for each project in the library.
    """
    if campaign.created_by is None:
        return 0
    cause = Cause(at=at, person_id=campaign.created_by, simulated=simulated)
    bundle = releases.for_new_cases(session, campaign, at=at)
    wanted = _missing(campaign, Project).order_by(Project.project_code).limit(most)
    chosen = wanted.where(Project.unit_id.in_(unit_ids)) if unit_ids else wanted
    found = session.scalars(chosen).all()
    for project in found:
        _open(session, campaign, bundle, project, cause)
    return len(found)


def _open(session: Session, campaign: Campaign, bundle: Bundle, project: Project, cause: Cause) -> None:
    """One case, its first draft filled in from the approved target."""
    opening = Opening(
        bundle=bundle,
        campaign=campaign,
        project=project,
        cause=cause,
        initiator_id=str(cause.person_id),
        kind="case_launched",
        verb="launch",
        amount=project.amount_total,
    )
    docket, visit = openings.open_case(session, opening)
    subject = subjects.of_case(session, docket.case)
    definition, node = bundle.definitions[bundle.subject_form], visit.node_id
    ready = subject.prepared(definition, {}, {}, node=node, filling=subjects.Filling(session))
    context = subject.form_context()
    content, _ = forms.accept(
        definition, subject.proposed(), node=node, context=context, current=ready.current, complete=False
    )
    openings.keep_draft(session, docket, visit, content)


def progress(session: Session, campaign_id: str) -> Progress:
    """How far a season has come.

    Raises:
        NotFound: there is no such season.
    """
    campaign = season(session, campaign_id)
    own = (CaseFile.campaign_id == campaign.id) & (CaseFile.process_id == campaign.process_id)
    statement = select(
        func.count(),
        func.count().filter(CaseFile.stage != UNFILLED),
        func.count().filter(CaseFile.finished_at.is_not(None)),
    ).where(own)
    opened, submitted, finished = session.execute(statement).one()
    missing = session.scalar(select(func.count()).select_from(_missing(campaign).subquery()))
    return Progress(expected=opened + int(missing or 0), opened=opened, submitted=submitted, finished=finished)


def season(session: Session, campaign_id: str, process_id: str | None = None) -> Campaign:
    """A season that opens its cases itself, of one process if it is named.

    Raises:
        NotFound: there is none with this id.
    """
    campaign = campaign_gate.campaign_of(session, campaign_id)
    if campaign.process_id not in LAUNCHED or process_id not in (None, campaign.process_id):
        raise NotFound(f"没有这个{SEASONS.get(process_id or '', '')}批次。")
    return campaign


def seasons(session: Session) -> Sequence[Campaign]:
    """Every season that opens its cases itself, the newest first."""
    statement = select(Campaign).where(Campaign.process_id.in_(LAUNCHED))
    return session.scalars(statement.order_by(Campaign.opens_on.desc(), Campaign.id)).all()


def projects(session: Session, campaign: Campaign) -> list[tuple[str, str, Decimal | None]]:
    """Code, name and amount (万元) of every library project of a season's units, by code."""
    taking_part = select(CampaignUnit.unit_id).where(CampaignUnit.campaign_id == campaign.id)
    approved = select(TargetVersion.project_id).where(TargetVersion.voided_at.is_(None))
    statement = (
        select(Project.project_code, Project.name, Project.amount_total)
        .where(Project.fiscal_year == campaign.fiscal_year, Project.discarded_at.is_(None))
        .where(Project.unit_id.in_(taking_part), Project.id.in_(approved))
        .order_by(Project.project_code)
    )
    return [(code, name, amount) for code, name, amount in session.execute(statement)]


def late_units(session: Session, campaign_id: str, *, actor: Actor) -> list[LateUnit]:
    """Units that have not submitted all their reports, those with most of them first, as far as the actor sees units."""
    unfilled = func.count().filter(CaseFile.stage == UNFILLED)
    statement = (
        select(Unit.id, Unit.code, Unit.name, Department.name, unfilled, func.count())
        .select_from(CaseFile)
        .join(Unit, Unit.id == CaseFile.unit_id)
        .join(Department, Department.id == CaseFile.department_id)
        .where(CaseFile.campaign_id == campaign_id, CaseFile.process_id.in_(LAUNCHED), access.visible_cases(actor))
        .group_by(Unit.id, Unit.code, Unit.name, Department.name)
        .having(unfilled > 0)
        .order_by(unfilled.desc(), Unit.code)
    )
    names = ("unit_id", "code", "name", "department", "unfilled", "total")
    return [LateUnit(**dict(zip(names, row, strict=True))) for row in session.execute(statement)]


def urge_late(
    session: Session,
    campaign_id: str,
    *,
    actor: Actor,
    at: datetime,
    unit_ids: Sequence[str] = (),
    client: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Remind every unit that is late of each report it has not submitted (一键催办).

    Reports urged within the last four hours, or five times already, are left alone and counted.

    Args:
        unit_ids: only these units; all late ones if none are named.

    Returns:
        urged, skipped, units and a sentence.

    Raises:
        NotAllowed: the actor does not run seasons.
        NotFound: there is no such season.
    """
    access.require(actor, "campaign.manage")
    campaign = season(session, campaign_id)
    urged, skipped, units = 0, 0, set()
    act = Act(actor=actor, at=at, client=client)
    for case_id, unit_id in session.execute(_unfilled(campaign.id, unit_ids)).all():
        docket = dockets.locked(session, case_id)
        try:
            for visit in docket.open_visits():
                urging.remind(session, docket, visit, act, reason=None)
            urged += 1
            units.add(unit_id)
        except NotAllowed:
            skipped += 1
    told = f"已催办 {len(units)} 个单位的 {urged} 个项目。"
    if skipped:
        told += f"另有 {skipped} 个项目 4 小时内已催办过或已催办 {urging.MOST} 次，本次没有再催。"
    return {"urged": urged, "skipped": skipped, "units": len(units), "message": told}


def _unfilled(campaign_id: str, unit_ids: Sequence[str]) -> Select[Any]:
    """Case and unit of every report that waits for its unit."""
    waiting = (
        select(CaseFile.id, CaseFile.unit_id)
        .join(Visit, Visit.case_id == CaseFile.id)
        .where(CaseFile.campaign_id == campaign_id, CaseFile.process_id.in_(LAUNCHED), CaseFile.stage == UNFILLED)
        .where(Visit.state == "open", CaseFile.suspended_at.is_(None))
        .order_by(CaseFile.id)
    )
    return waiting.where(CaseFile.unit_id.in_(unit_ids)) if unit_ids else waiting


def _missing(campaign: Campaign, *columns: Any) -> Select[Any]:
    """The projects of a season's units with an approved target and no case in the season, or under way, yet."""
    of_project = (CaseFile.project_id == Project.id) & (CaseFile.process_id == campaign.process_id)
    known = exists().where(of_project, (CaseFile.campaign_id == campaign.id) | CaseFile.finished_at.is_(None))
    approved = exists().where(TargetVersion.project_id == Project.id, TargetVersion.voided_at.is_(None))
    taking_part = exists().where(CampaignUnit.campaign_id == campaign.id, CampaignUnit.unit_id == Project.unit_id)
    return (
        select(*(columns or (Project.id,)))
        .where(Project.fiscal_year == campaign.fiscal_year, Project.discarded_at.is_(None))
        .where(approved, taking_part, ~known)
    )
