"""How is a new major project assessed before it is budgeted? 事前绩效评估: begun beside its declaration, concluded into it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.case import CaseFile, Visit
from db.form import FormRevision
from db.project import Project
from forms.problem import Problem
from service import openings, releases, seats, sitting, subjects
from service.acts import Act, Cause
from service.dockets import Docket
from service.errors import NotAllowed, NotFound, Problems
from service.people import Actor, day
from service.releases import Bundle
from service.rules.ex_ante import REFUSE, SUPPORT
from service.rules.quantities import number_of
from service.subjects.ex_ante import declaration_of

PROCESS = "ex_ante_assessment"
#: Where the conclusion is drawn.
CONCLUDING = "performance_conclusion"
_SOURCE = "P05 · 事前绩效评估"


def start(
    session: Session,
    project_id: str,
    *,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> dict[str, Any]:
    """Begin the assessment of a project beside its declaration (同步编制): case and the drafter's first task.

    Returns:
        case_id, visit_id, number.

    Raises:
        NotFound: there is no such project of the actor's units.
        NotAllowed: the actor is no clerk of its unit.
        Problems: its declaration is missing or finished, an assessment is under way or supports it already, or the
            process is not in force.
    """
    project = session.get(Project, project_id)
    if project is None or project.discarded_at is not None:
        raise NotFound("没有这个项目。")
    if project.unit_id not in actor.organisations("UNIT_CLERK"):
        raise NotAllowed("只有项目实施单位的经办人可以编制事前绩效评估。")
    declaration, declared = declaration_of(session, project.id)
    bundle = _in_force(session, at)
    found = list(_obstacles(session, project, declaration))
    if found or bundle is None:
        raise Problems(found or [_problem("事前绩效评估流程还没有生效的版本，请系统管理员先发布流程")])
    act = Act(actor=actor, at=at, client=client, simulated=simulated)
    docket, visit = openings.open_for_clerk(session, bundle, project, act, number_of(declared.get("amount_total")))
    sitting.note_writer(session, docket, actor.person_id, at)
    _first_draft(session, docket, visit, declared, act)
    return {"case_id": docket.case.id, "visit_id": visit.id, "number": docket.case.number}


def conclude(session: Session, docket: Docket, cause: Cause) -> dict[str, Any]:
    """Write the conclusion to the project (结论反馈并写入项目): what is not supported cannot enter the library.

    A department that does not recommend the project concludes it as not supported, without a score.

    Returns:
        The change for the event: ``ex_ante_concluded`` with conclusion, score and suggested amount (万元).
    """
    content = _concluding(session, docket)
    conclusion = str(content.get("conclusion") or REFUSE)
    score, suggested = number_of(content.get("score")), number_of(content.get("suggested_amount"))
    project = session.get_one(Project, docket.case.project_id, populate_existing=True)
    project.ex_ante_conclusion, project.ex_ante_score = conclusion, score
    project.ex_ante_amount = None if conclusion == REFUSE else suggested
    project.ex_ante_case_id = docket.case.id
    session.flush()
    change = {"type": "ex_ante_concluded", "conclusion": conclusion, "score": _text(score)}
    return {**change, "amount": _text(project.ex_ante_amount)}


def _concluding(session: Session, docket: Docket) -> Mapping[str, Any]:
    """The opinion that counts, {} where the department ended the assessment."""
    decided = [visit for visit in docket.visits.values() if visit.state == "decided"]
    last = max(decided, key=lambda visit: (visit.closed_at, visit.opened_seq))
    if last.outcome == "reject":
        return {}
    place = max((v for v in decided if v.node_id == CONCLUDING), key=lambda visit: visit.opened_seq)
    seat = seats.deciding(docket, place, "approve")
    revision = session.get(FormRevision, seat.review_revision_id) if seat and seat.review_revision_id else None
    return revision.content if revision else {}


def running(session: Session, project_id: str) -> CaseFile | None:
    """The assessment of a project that is under way; None if there is none."""
    own = (CaseFile.project_id == project_id) & (CaseFile.process_id == PROCESS)
    return session.scalars(select(CaseFile).where(own, CaseFile.finished_at.is_(None))).first()


def _obstacles(session: Session, project: Project, declaration: CaseFile | None) -> Iterator[Problem]:
    if declaration is None or declaration.finished_at is not None:
        yield _problem("事前绩效评估与绩效目标同步编制：本项目没有在办的申报，不能编制事前评估")
    known = running(session, project.id)
    if known is not None:
        yield _problem(f"本项目的事前绩效评估“{known.number}”正在办理，不能重复编制")
    elif project.ex_ante_conclusion == SUPPORT:
        yield _problem("本项目的事前绩效评估已经予以支持，不需要再评估")


def _in_force(session: Session, at: datetime) -> Bundle | None:
    row = releases.in_force(session, PROCESS, day(at))
    return releases.bundle(session, row.id) if row else None


def _first_draft(session: Session, docket: Docket, visit: Visit, declared: Mapping[str, Any], act: Act) -> None:
    """What the declaration says already need not be written again."""
    raw = {
        "subject_kind": "project",
        "organizer": "unit",
        "report_object": declared.get("summary"),
    }
    subject = subjects.of_case(session, docket.case)
    definition = docket.bundle.definitions[docket.bundle.subject_form]
    context = subject.form_context(actor=act.actor, at=act.at)
    content, _ = forms.accept(definition, raw, node=visit.node_id, context=context, complete=False)
    openings.keep_draft(session, docket, visit, content)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _problem(message: str) -> Problem:
    return Problem(field="", message=message, severity="error", source=_SOURCE)
