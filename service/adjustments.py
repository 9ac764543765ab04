"""How does an approved target change during its year? 绩效目标调整: applied for, reviewed level by level, a new version."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.campaign import Campaign
from db.case import CaseFile, Visit
from db.project import Project, TargetVersion
from forms.problem import Problem
from service import openings, releases, revisions, sitting, targets
from service.acts import Act, Cause
from service.dockets import Docket
from service.errors import NotAllowed, NotFound, Problems
from service.people import Actor, day
from service.rules.quantities import number_of
from service.subjects import adjustment

PROCESS = "target_adjustment"
_SOURCE = "P08 · 财预〔2015〕88号 第二十八条"


def start(
    session: Session,
    project_id: str,
    *,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> dict[str, Any]:
    """Begin the application to adjust a project's target, filled in with the version in force.

    Returns:
        case_id, visit_id, number.

    Raises:
        NotFound: there is no such project.
        NotAllowed: the actor is no clerk of its unit.
        Problems: no target is in force, an adjustment is under way, the year's last day has passed, its evaluation
            has begun, or the process is not in force.
    """
    project = session.get(Project, project_id)
    if project is None or project.discarded_at is not None:
        raise NotFound("没有这个项目。")
    if project.unit_id not in actor.organisations("UNIT_CLERK"):
        raise NotAllowed("只有项目实施单位的经办人可以申请调整绩效目标。")
    row = releases.in_force(session, PROCESS, day(at))
    found = obstacles(session, project, at)
    if found or row is None:
        raise Problems(found or [_problem("绩效目标调整流程还没有生效的版本，请系统管理员先发布流程")])
    act = Act(actor=actor, at=at, client=client, simulated=simulated)
    docket, visit = openings.open_for_clerk(
        session, releases.bundle(session, row.id), project, act, project.amount_total
    )
    sitting.note_writer(session, docket, actor.person_id, at)
    _first_draft(session, docket, visit, act)
    return {"case_id": docket.case.id, "visit_id": visit.id, "number": docket.case.number}


def put_into_effect(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Freeze the adjusted target as the project's next version (新版本生效); the earlier ones stay as they are.

    What was disclosed of the project has to be disclosed anew from now on.

    Returns:
        The change for the event: ``target_adjusted`` with number, version, content hash and the version it follows.

    Raises:
        Problems: another version came into force meanwhile, or the target was declared void.

    Source:
        P08: version+1 on approval only; 财预〔2015〕88号 第二十八条.
    """
    case = docket.case
    subject = adjustment.of_case(session, case)
    now = adjustment.in_force(session, subject.project.id)
    if now is None or now.id != subject.base.id:
        raise Problems([_problem("本项目的绩效目标已有更新的版本或已作废，不能按原版本调整，请退回单位重新申请")])
    kept = revisions.one(session, case.form_revision_id)
    applied = kept.content if kept else {}
    definition = docket.bundle.definitions[docket.bundle.subject_form]
    key = forms.compute(definition, applied, subject.form_context()).get("is_key_project")
    content = {**subject.adjusted(applied), "is_key_project": bool(key)}
    version = (session.scalars(_newest(subject.project.id)).first() or now.version) + 1
    first = session.scalars(_first_number(subject.project.id)).one()
    frozen = targets.Frozen(
        project=subject.project, version=version, library_no=f"{first}-{version}", content=content, at=cause.at
    )
    change = targets.freeze(session, docket, frozen, redisclose_since=cause.at)
    project = session.get_one(Project, subject.project.id, populate_existing=True)
    project.amount_total, project.is_key_project = number_of(content.get("amount_total")), bool(key)
    session.flush()
    return {"type": "target_adjusted", **change, "follows": now.id}


def obstacles(session: Session, project: Project, at: datetime) -> list[Problem]:
    """What keeps a project's target from being adjusted now; [] if nothing does."""
    return list(_obstacles(session, project, session.get_one(Campaign, project.campaign_id), at))


def _obstacles(session: Session, project: Project, campaign: Campaign, at: datetime) -> Iterator[Problem]:
    if adjustment.in_force(session, project.id) is None:
        yield _problem("本项目还没有批准的绩效目标，不能调整")
    own = (CaseFile.project_id == project.id) & (CaseFile.process_id == PROCESS)
    known = session.scalars(select(CaseFile).where(own, CaseFile.finished_at.is_(None))).first()
    if known is not None:
        yield _problem(f"本项目的目标调整“{known.number}”正在办理，办结后才能再申请")
    last = adjustment.last_day(campaign)
    if day(at) > last:
        yield _problem(f"{campaign.fiscal_year}年度的绩效目标调整已于{last}截止")
    if adjustment.evaluation_begun(session, campaign.fiscal_year):
        yield _problem(f"{campaign.fiscal_year}年度绩效自评已经开始，不能再调整目标")


def _first_draft(session: Session, docket: Docket, visit: Visit, act: Act) -> None:
    subject = adjustment.of_case(session, docket.case)
    definition = docket.bundle.definitions[docket.bundle.subject_form]
    context = subject.form_context(actor=act.actor, at=act.at)
    content, _ = forms.accept(definition, subject.start(), node=visit.node_id, context=context, complete=False)
    openings.keep_draft(session, docket, visit, content)


def _newest(project_id: str) -> Any:
    """Number of the newest version, void ones included: a number is never given twice."""
    mine = select(TargetVersion.version).where(TargetVersion.project_id == project_id)
    return mine.order_by(TargetVersion.version.desc()).limit(1)


def _first_number(project_id: str) -> Any:
    mine = select(TargetVersion.library_no).where(TargetVersion.project_id == project_id)
    return mine.order_by(TargetVersion.version).limit(1)


def _problem(message: str) -> Problem:
    return Problem(field="", message=message, severity="error", source=_SOURCE)
