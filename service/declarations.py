"""How does a declaration begin, and how is it written? New projects, copies of last year's, drafts, checks, deletion."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

import forms
from db.case import Seat, Visit
from db.form import FormDraft
from db.project import Project, TargetVersion
from forms.problem import Problem
from service import (
    attachments,
    beginnings,
    discards,
    dockets,
    duties,
    openings,
    releases,
    reviews,
    revisions,
    sitting,
    subjects,
    submissions,
)
from service.acts import Act, Content, Request, read_content
from service.beginnings import Season
from service.dockets import Docket
from service.errors import NotAllowed, NotFound, Problems, Stale
from service.people import Actor
from service.revisions import DECLARATION, OPINION
from service.target_context import TARGET_PROCESS


@dataclass(frozen=True)
class Earlier:
    """An approved project a clerk may copy; the amount is 万元."""

    project_id: str
    fiscal_year: int
    name: str
    amount: Decimal | None


def start(
    session: Session,
    *,
    actor: Actor,
    campaign_id: str,
    unit_id: str,
    content: Mapping[str, Any],
    at: datetime,
    copy_of: str | None = None,
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> dict[str, Any]:
    """Start the declaration of a project (谁申请资金，谁编制目标): project, case, and the drafter's first task.

    Args:
        content: what is known of F01 already; whatever else is filled in at the task.
        copy_of: an approved project of the same unit to start from; years are moved, last year's values stay beside.

    Returns:
        case_id, visit_id, number, project_id, project_code.

    Raises:
        NotAllowed: the actor is no clerk of the unit.
        NotFound: no such season, unit or project to copy.
        Problems: the season is not open for the unit, the name is missing or taken, or a value cannot be read.
    """
    season = beginnings.season(session, campaign_id, unit_id, at=at)
    if unit_id not in actor.organisations("UNIT_CLERK"):
        raise NotAllowed(f"只有“{season.unit.name}”的单位经办人可以申报该单位的项目。")
    given, previous = dict(content), None
    if copy_of:
        previous = _copied(session, actor, copy_of)
        definition = releases.for_new_cases(session, season.campaign, at=at).forms[DECLARATION].definition
        given = {**beginnings.moved(definition, previous, season.campaign.fiscal_year), **given}
    act = Act(actor=actor, at=at, client=client, simulated=simulated)
    return beginnings.begin(session, season, given, act, previous_project_id=copy_of)


def import_rows(
    session: Session,
    *,
    actor: Actor,
    campaign_id: str,
    rows: Sequence[Mapping[str, Any]],
    at: datetime,
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> list[dict[str, Any]]:
    """Start one declaration a row of a checked workbook; the caller's transaction keeps all of them or none.

    The clerks of each unit find them among their drafts: they look, complete and submit. Whoever imports counts as a
    drafter (SD1).

    Args:
        rows: ``unit_id``, ``content`` (F01) and optionally ``ex_ante_conclusion``, which only the performance section
            may bring.

    Returns:
        What ``start`` returns, in the order of the rows.

    Raises:
        Problems: a row that cannot be started; its field begins with ``rows[n]``.
    """
    act = Act(actor=actor, at=at, client=client, simulated=simulated)
    made, seasons = [], {}
    for index, row in enumerate(rows):
        unit_id = str(row["unit_id"])
        if unit_id not in seasons:
            seasons[unit_id] = beginnings.season(session, campaign_id, unit_id, at=at)
            beginnings.require_importer(actor, seasons[unit_id])
        conclusion = row.get("ex_ante_conclusion") if actor.holds("PERF_OFFICER", "PERF_CHIEF") else None
        made.append(_imported(session, seasons[unit_id], row["content"], act, conclusion, index))
    return made


def _imported(
    session: Session, season: Season, content: Mapping[str, Any], act: Act, conclusion: str | None, index: int
) -> dict[str, Any]:
    try:
        return beginnings.begin(session, season, content, act, imported=True, conclusion=conclusion)
    except Problems as refused:
        raise Problems(_placed(refused.problems, index)) from refused


def save_draft(
    session: Session,
    visit_id: str,
    *,
    actor: Actor,
    at: datetime,
    form_code: str,
    content: Content,
    opinion: str | None = None,
    version: int | None = None,
) -> dict[str, Any]:
    """Keep what has been filled in so far at an open visit (暂存); no event, nothing is decided.

    Args:
        content: what was filled in, or how to read it under the case's own version of the form.
        version: of the draft the page was filled from; None writes over whatever is there.

    Returns:
        ``version`` and ``saved_at`` of the kept draft, and ``problems``: cells that could not be read and stay blank.

    Raises:
        Stale: the draft was saved from another window meanwhile.
        NotAllowed: the actor has no seat here, or the step does not fill in this form.
    """
    docket = dockets.of_visit(session, visit_id, actor=actor)
    visit, seat = _writable(docket, visit_id, form_code, actor)
    own = "" if form_code == docket.bundle.subject_form else seat.id
    known = revisions.draft(session, visit_id, form_code, own)
    if known is not None and version is not None and known.version != version:
        raise Stale("这份草稿已在另一个窗口保存过，请刷新页面，以免互相覆盖。")
    clean, problems = _readable(session, docket, visit, known, form_code, content, Act(actor=actor, at=at))
    saved = (known.version if known else 0) + 1
    values = {"content": clean, "opinion": opinion, "version": saved, "saved_by": actor.person_id, "saved_at": at}
    place = {"visit_id": visit_id, "form_code": form_code, "seat_id": own}
    statement = insert(FormDraft).values(case_id=docket.case.id, **place, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(place), set_=values))
    session.expire_all()
    if form_code == docket.bundle.subject_form:
        sitting.note_writer(session, docket, actor.person_id, at)
    return {"version": saved, "saved_at": at.isoformat(), "problems": [problem.to_json() for problem in problems]}


def check(session: Session, visit_id: str, *, actor: Actor, at: datetime, content: Content) -> list[Problem]:
    """What form and quality rules say about a declaration that is being written at a visit; nothing is kept.

    Raises:
        NotFound: no such visit, or the actor may not see its case.
    """
    case, visit = beginnings.case_of(session, visit_id, actor)
    bundle = releases.bundle(session, case.release_id)
    subject = subjects.of_case(session, case)
    definition = bundle.definitions[bundle.subject_form]
    given = read_content(content, definition)
    return submissions.check(session, subject, definition, given, node=visit.node_id)


def copyable(session: Session, *, actor: Actor) -> list[Earlier]:
    """Approved projects of the actor's units, newest year first, by name; [] for people who are no clerks."""
    units = actor.organisations("UNIT_CLERK")
    if not units:
        return []
    statement = (
        select(Project.id, Project.fiscal_year, Project.name, Project.amount_total)
        .join(TargetVersion, TargetVersion.project_id == Project.id)
        .where(Project.unit_id.in_(units), TargetVersion.voided_at.is_(None))
        .distinct()
        .order_by(Project.fiscal_year.desc(), Project.name)
    )
    return [Earlier(*row) for row in session.execute(statement)]


def discard(
    session: Session,
    visit_id: str,
    *,
    actor: Actor,
    at: datetime,
    client: Mapping[str, Any] | None = None,
    simulated: bool = False,
) -> dict[str, Any]:
    """Delete a draft that was never submitted; its history stays, its name may be used again.

    Raises:
        NotAllowed: it was submitted already, it was not begun by a drafter, or the actor has no seat at the draft.
    """
    docket = dockets.of_visit(session, visit_id, actor=actor)
    act = Act(actor=actor, at=at, client=client, simulated=simulated)
    request = Request("discard", {}, None, (), {})
    return discard_at(session, docket, docket.visits[visit_id], request, act)


def discard_at(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """The same at a visit whose case is locked already."""
    _writable(docket, visit.id, docket.bundle.subject_form, act.actor)
    if docket.case.form_hash is not None:
        raise NotAllowed("申报材料已经提交过，不能删除草稿；如不再申报，请联系绩效科终止。")
    if openings.by_others(session, docket.case.id):
        raise NotAllowed("本事项由批次下达或由其他业务件转入，不能删除；如不应办理，请联系绩效科。")
    if docket.case.process_id == TARGET_PROCESS:
        # The draft of another process leaves its project as it is.
        session.get_one(Project, docket.case.project_id).discarded_at = act.at
        session.flush()
    seq = discards.give_up(session, docket, act)
    return {"message": "草稿已删除。", "case_id": docket.case.id, "seq": seq}


def _writable(docket: Docket, visit_id: str, form_code: str, actor: Actor) -> tuple[Visit, Seat]:
    visit = docket.visits[visit_id]
    step = docket.step(visit)
    if visit.state != "open":
        raise Stale("本事项已经办理，不能再保存，请刷新页面。")
    seat = sitting.require_seat(docket, visit, actor)
    duties.require(docket, step, actor, sitting.principal(docket, seat, actor))
    if form_code != OPINION and (form_code not in docket.bundle.forms or step.form != form_code):
        raise NotAllowed(f"“{step.name}”环节不填写这张表。")
    return visit, seat


def _readable(
    session: Session, docket: Docket, visit: Visit, known: FormDraft | None, form_code: str, content: Content, act: Act
) -> tuple[dict[str, Any], list[Problem]]:
    """What of half-written content can be read; what cannot is named and left out."""
    if form_code == OPINION:
        return {}, []
    subject = subjects.of_case(session, docket.case) if form_code == docket.bundle.subject_form else None
    context = subject.form_context(actor=act.actor, at=act.at) if subject else {}
    current = _current(session, docket, known, visit, form_code)
    current = subject.refreshed(current, node=visit.node_id) if subject else current
    definition = docket.bundle.definitions[form_code]
    given = read_content(content, definition)
    node = visit.node_id
    clean, found = forms.accept(definition, given, node=node, context=context, current=current, complete=False)
    return clean, [*found, *attachments.name(session, docket.case.id, definition, clean)]


def _current(
    session: Session, docket: Docket, draft: FormDraft | None, visit: Visit, form_code: str
) -> Mapping[str, Any]:
    if draft is not None:
        return draft.content
    if form_code != docket.bundle.subject_form:
        return reviews.about(session, docket, docket.step(visit))[1]
    last = revisions.one(session, docket.case.form_revision_id)
    return last.content if last else {}


def _copied(session: Session, actor: Actor, project_id: str) -> Mapping[str, Any]:
    units = actor.organisations("UNIT_CLERK")
    owned = select(Project.id).where(Project.id == project_id, Project.unit_id.in_(units))
    content = subjects.approved(session, session.scalars(owned).first())
    if content is None:
        raise NotFound("没有可以复制的项目：它不属于您的单位，或还没有批准的绩效目标。")
    return content


def _placed(problems: Sequence[Problem], index: int) -> Iterator[Problem]:
    for problem in problems:
        path = f"rows[{index}].{problem.field}" if problem.field else f"rows[{index}]"
        yield replace(problem, field=path)
