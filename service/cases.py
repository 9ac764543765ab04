"""Which cases may I see, and what is in the file of one? Reads of auditors are logged here, whichever edge asks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, null, or_, select, true
from sqlalchemy.orm import Session

from db.case import CaseFile, Seat
from forms.problem import Problem
from service import (
    access,
    calendar,
    case_history,
    case_parts,
    case_rows,
    companions,
    copies,
    inbox_lines,
    labels,
    readings,
)
from service import search as words
from service.case_rows import FACTS, CaseRow, CaseRows, Wanted
from service.errors import NotFound
from service.inbox_sources import mine
from service.people import Actor
from service.rules.working_days import WorkingDayTable


@dataclass(frozen=True, kw_only=True)
class CasePage:
    """The whole file of a case; parts are plain mappings as pages and API use them."""

    header: dict[str, Any]
    form: dict[str, Any]
    review: dict[str, Any] | None
    previous: Mapping[str, Any] | None
    problems: list[Problem]
    opinions: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    timeline: list[dict[str, Any]]
    diagram: dict[str, Any]
    attachments: list[dict[str, Any]]
    admitted: dict[str, Any] | None
    head_hash: str
    #: Other cases of the project and what may be begun for it, as `companions.of_case` says.
    companions: dict[str, Any]
    #: The visit at which the reader may decide, if there is one.
    my_visit: str | None
    #: Who was shown the case, by whom, and when they read it.
    copies: Sequence[Mapping[str, Any]] = ()


def page(
    session: Session,
    case_id: str,
    *,
    actor: Actor,
    at: datetime,
    what: str = "case",
    client: Mapping[str, Any] | None = None,
) -> CasePage:
    """The file of a case as the actor may see it; opening it marks it as read, and an auditor's reading is logged.

    Args:
        what: which view is read, for the log: case, print, api …

    Raises:
        NotFound: there is no such case, or it is not the actor's to see.
    """
    case = one(session, case_id, actor=actor)
    note_read(session, case, actor=actor, at=at, what=what, client=client)
    form = case_parts.form(session, case)
    return CasePage(
        header=case_parts.header(session, case),
        form=form,
        review=None,
        previous=case_parts.previous(session, case.project_id),
        problems=case_parts.problems(session, case),
        opinions=case_parts.opinions(session, case),
        findings=case_parts.findings(session, case, form["definition"]),
        timeline=case_history.timeline(session, case.id),
        diagram=case_history.diagram(session, case, at),
        attachments=case_parts.attachments(session, case.id),
        admitted=case_parts.admitted(session, case.id),
        head_hash=case.head_hash,
        companions=companions.of_case(session, case, form, actor=actor, at=at),
        my_visit=_my_visit(session, case.id, actor),
        copies=copies.receipts(session, case.id),
    )


def diagram(session: Session, case_id: str, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """The diagram of a case alone; it belongs to a page whose reading has been noted.

    Raises:
        NotFound: there is no such case, or it is not the actor's to see.
    """
    return case_history.diagram(session, one(session, case_id, actor=actor), at)


def one(session: Session, case_id: str, *, actor: Actor) -> CaseFile:
    """A case the actor may see.

    Raises:
        NotFound: there is none, or it is not the actor's to see.
    """
    case = session.scalars(select(CaseFile).where(CaseFile.id == case_id, access.visible_cases(actor))).first()
    if case is None:
        raise NotFound("没有这个业务件，或您无权查看。")
    return case


def note_read(
    session: Session,
    case: CaseFile,
    *,
    actor: Actor,
    at: datetime,
    what: str,
    client: Mapping[str, Any] | None = None,
) -> None:
    """Remember that a person has seen a case as it stands, and log it for roles whose reading is recorded."""
    readings.note(session, case, actor.person_id, case.seq, at)
    readings.log(session, case, actor=actor, at=at, what=what, client=client)


def search(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    page: int = 1,
    size: int = 50,
    q: str = "",
    stages: Collection[str] = (),
    unit: str | None = None,
    amount_from: Decimal | None = None,
    amount_to: Decimal | None = None,
) -> CaseRows:
    """The cases the actor may see, newest first.

    Args:
        page: from 1.
        q: words of the project's name, code or the case's number.
        stages: only cases at these stages; without them deleted drafts are left out.
        unit: part of a unit's or department's name or code.
        amount_from: 万元, this amount included.
        amount_to: 万元, this amount included.

    Returns:
        Rows of the page with the step where each case waits, and how many there are on all pages.
    """
    if q:
        words.plan_for_words(session)
    wanted = Wanted(q=q, stages=stages, unit=unit, amount_from=amount_from, amount_to=amount_to)
    conditions = [access.visible_cases(actor), *case_rows.conditions(wanted)]
    if not stages:
        conditions.append(CaseFile.stage != "discarded")
    total = session.execute(select(func.count()).select_from(CaseFile).where(*conditions)).scalar_one()
    newest = (CaseFile.started_at.desc(), CaseFile.id.desc())
    shown = select(CaseFile.id).where(*conditions).order_by(*newest).limit(size).offset((page - 1) * size)
    now = inbox_lines.open_visit(CaseFile.id, null())
    statement = case_rows.with_names(select(*FACTS, now.c.node_name, now.c.due_at)).outerjoin(now, true())
    rows = session.execute(statement.where(CaseFile.id.in_(shown)).order_by(*newest)).all()
    table = calendar.table(session)
    return CaseRows([_row(row, at, table) for row in rows], total, page, size)


def _row(row: Any, at: datetime, table: WorkingDayTable) -> CaseRow:
    due = {"due_at": row.due_at, "due_state": labels.due_state(row.due_at, at, table)}
    return CaseRow(**case_rows.head(row), node_name=row.node_name or "", **due)


def _my_visit(session: Session, case_id: str, actor: Actor) -> str | None:
    statement = select(Seat.visit_id).where(Seat.case_id == case_id, or_(*mine(actor)))
    return session.scalars(statement.order_by(Seat.opened_at).limit(1)).first()
