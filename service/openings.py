"""How does a case about a known project or department begin, for a whole season or because another case asks for it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.campaign import Campaign
from db.case import CaseFile, Visit
from db.event import Event
from db.form import FormDraft
from db.organisation import Organisation
from db.project import Project
from db.writing import add
from service import dockets, search, series
from service.acts import Act, Cause
from service.advance import Advance
from service.dockets import Docket
from service.engine import Start
from service.history import GENESIS, Entry
from service.releases import Bundle

#: What people call the cases of a process: 绩监〔2026〕0012.
SERIES: Mapping[str, str] = MappingProxyType(
    {
        "target_declaration": "绩目",
        "performance_monitoring": "绩监",
        "rectification": "绩整",
        "self_evaluation": "绩评",
        "process_change": "流变",
        "ex_ante_assessment": "事评",
        "target_adjustment": "绩调",
        "library_to_budget": "预编",
        "target_sync": "绩同",
        "overall_target": "整目",
    }
)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What a case is opened with; ``kind`` and ``verb`` are those of its first event, ``cause`` what set it off."""

    bundle: Bundle
    campaign: Campaign
    #: What the case is about; a department where it is about a whole one.
    project: Project | Organisation
    cause: Cause
    initiator_id: str
    kind: str
    verb: str
    amount: Decimal | None = None
    #: What people call the case; the name of what it is about if not given.
    title: str = ""


def number(session: Session, process_id: str, year: int) -> str:
    """The next number of a case of a process, without gaps in each year."""
    return f"{SERIES[process_id]}〔{year}〕{series.take(session, f'case:{process_id}:{year}'):04d}"


def open_case(session: Session, opening: Opening) -> tuple[Docket, Visit]:
    """Start one case about a known project or department: case file, first visit and its event. The caller commits."""
    project = opening.project
    docket = Docket(_case(session, opening), opening.bundle)
    visit = begin(session, docket, opening.cause, kind=opening.kind, verb=opening.verb)
    _find(session, project)
    return docket, visit


def begin(session: Session, docket: Docket, cause: Cause, *, kind: str, verb: str) -> Visit:
    """Write a new case with its first visit and its first event of this kind and verb; its initiator is who acts."""
    case = docket.case
    advance = Advance(docket, cause.at)
    advance.apply(Start())
    opened = {"number": case.number, "project": case.project_id, "campaign": case.campaign_id}
    docket.changes.append({"type": "case_opened", **opened})
    (visit,) = advance.settle(session, reason_code="decided_by_other_seat")
    entry = Entry(
        kind=kind,
        verb=verb,
        actor=case.initiator_id,
        visit=visit.id,
        node=visit.node_id,
        command=advance.command(),
        changes=docket.changes,
        client=cause.client,
        simulated=cause.simulated,
    )
    dockets.write(session, docket, entry, at=cause.at)
    return visit


def open_for_clerk(
    session: Session, bundle: Bundle, project: Project, act: Act, amount: Decimal | None
) -> tuple[Docket, Visit]:
    """Start a case a clerk asks for, in the season its project was declared in. The caller commits.

    Args:
        amount: what the case is about, 万元.
    """
    opening = Opening(
        bundle=bundle,
        campaign=session.get_one(Campaign, project.campaign_id),
        project=project,
        cause=act.cause,
        initiator_id=act.actor.person_id,
        kind="case_started",
        verb="start",
        amount=amount,
    )
    return open_case(session, opening)


def _find(session: Session, subject: Project | Organisation) -> None:
    """Let a project or department be found by the numbers of all its cases."""
    if isinstance(subject, Project):
        numbers = session.scalars(select(CaseFile.number).where(CaseFile.project_id == subject.id))
        search.index(session, subject.id, [subject.name, subject.project_code, *numbers])
        return
    own = (CaseFile.project_id.is_(None), CaseFile.department_id == subject.id)
    known = session.execute(select(CaseFile.number, CaseFile.title).where(*own)).all()
    search.index(session, subject.id, [subject.name, subject.code, *(text for row in known for text in row)])


def keep_draft(session: Session, docket: Docket, visit: Visit, content: Mapping[str, Any]) -> None:
    """What the first step finds filled in already."""
    draft = FormDraft(
        visit_id=visit.id,
        form_code=docket.bundle.subject_form,
        seat_id="",
        case_id=docket.case.id,
        content=dict(content),
        version=1,
        saved_by=docket.case.initiator_id,
        saved_at=docket.case.started_at,
    )
    add(session, [draft])


def by_others(session: Session, case_id: str) -> bool:
    """Whether a case was opened for a season or by another case, not by whoever fills it in."""
    first = select(Event.kind).where(Event.case_id == case_id, Event.seq == 1)
    return session.scalar(first) in ("case_launched", "case_referred")


def _bodies(subject: Project | Organisation) -> dict[str, Any]:
    """What a case is about, and the bodies that decide on it; a department stands in for its units."""
    if isinstance(subject, Project):
        return {
            "project_id": subject.id,
            "unit_id": subject.unit_id,
            "department_id": subject.department_id,
            "fund_section_id": subject.fund_section_id,
            "is_key_project": subject.is_key_project,
        }
    bodies = {"unit_id": subject.id, "department_id": subject.id, "fund_section_id": subject.fund_section_id}
    return {**bodies, "is_key_project": False}


def _case(session: Session, opening: Opening) -> CaseFile:
    project, at, bundle = opening.project, opening.cause.at, opening.bundle
    return CaseFile(
        id=opaque_id(),
        number=number(session, bundle.process_id, opening.campaign.fiscal_year),
        process_id=bundle.process_id,
        release_id=bundle.id,
        campaign_id=opening.campaign.id,
        **_bodies(project),
        title=opening.title or project.name,
        amount=opening.amount,
        stage="draft",
        round=1,
        seq=0,
        head_hash=GENESIS,
        snapshot=b"",
        engine_digest="",
        initiator_id=opening.initiator_id,
        started_at=at,
        changed_at=at,
    )
