"""What stands beside a line of a list? How a vote goes, what the rules warn of, how long it lies here, one's own mark."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.case import CaseFile, Seat
from db.form import FormRevision
from service import calendar, case_marks
from service.case_marks import Mark
from service.case_rows import CaseRow
from service.people import Actor, day
from service.rules.votes import LIVE
from service.rules.working_hours import DAY, HOUR, WorkingTime

#: Seats that are heard and do not vote.
_HEARD = ("advice", "add_before", "add_after")


@dataclass(frozen=True, kw_only=True)
class Aside:
    """What is said beside a line; empty where there is nothing to say."""

    #: Votes given and votes there are, where several decide: (2, 3).
    progress: tuple[int, int] | None = None
    #: Why the case was returned last.
    returned: str = ""
    #: Warnings of the quality rules at the last submission: rule and sentence.
    risks: tuple[tuple[str, str], ...] = ()
    #: Working days and hours since it arrived.
    stay: tuple[int, int] | None = None
    mark: Mark | None = None


def of_rows(
    session: Session, rows: Sequence[CaseRow], columns: Collection[str], *, actor: Actor, at: datetime
) -> dict[tuple[str, str | None], Aside]:
    """What stands beside the lines of a page, by case and visit; what no shown column says is not asked for."""
    if not rows:
        return {}
    cases, visits = {row.case_id for row in rows}, {row.visit_id for row in rows if row.visit_id}
    progress = _progress(session, visits)
    returned = _returned(session, {row.case_id for row in rows if row.round > 1})
    risks = _risks(session, cases) if "risk" in columns else {}
    stays = _stays(session, rows, at) if "stay" in columns else {}
    marks = case_marks.of_cases(session, cases, actor=actor)
    return {
        (row.case_id, row.visit_id): Aside(
            progress=progress.get(row.visit_id or ""),
            returned=returned.get(row.case_id, ""),
            risks=risks.get(row.case_id, ()),
            stay=stays.get((row.case_id, row.visit_id)),
            mark=marks.get(row.case_id),
        )
        for row in rows
    }


def _progress(session: Session, visits: Collection[str]) -> dict[str, tuple[int, int]]:
    voted = func.count().filter(Seat.state == "done")
    total = func.count()
    statement = (
        select(Seat.visit_id, voted, total)
        .where(Seat.visit_id.in_(visits), Seat.origin.not_in(_HEARD), Seat.state.in_((*LIVE, "done")))
        .group_by(Seat.visit_id)
        .having(total > 1)
    )
    return {visit: (done, of) for visit, done, of in session.execute(statement)}


def _returned(session: Session, cases: Collection[str]) -> dict[str, str]:
    if not cases:
        return {}
    statement = (
        select(Seat.case_id, Seat.opinion)
        .distinct(Seat.case_id)
        .where(Seat.case_id.in_(cases), Seat.vote == "return", Seat.opinion.is_not(None))
        .order_by(Seat.case_id, Seat.decided_at.desc())
    )
    return {case: opinion or "" for case, opinion in session.execute(statement)}


def _risks(session: Session, cases: Collection[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    statement = (
        select(CaseFile.id, FormRevision.checks)
        .join(FormRevision, FormRevision.id == CaseFile.form_revision_id)
        .where(CaseFile.id.in_(cases))
    )
    return {
        case: tuple((check["rule"], check["message"]) for check in checks or () if check.get("severity") == "warning")
        for case, checks in session.execute(statement)
    }


def _stays(session: Session, rows: Sequence[CaseRow], at: datetime) -> Mapping[tuple[str, str | None], tuple[int, int]]:
    waiting = [row for row in rows if row.arrived_at is not None and not row.finished_at]
    if not waiting:
        return {}
    first = min(row.arrived_at for row in waiting if row.arrived_at)
    axis = WorkingTime(day(first), day(at), calendar.table(session))
    return {(row.case_id, row.visit_id): _days(axis.hours(row.arrived_at, at)) for row in waiting if row.arrived_at}


def _days(hours: float) -> tuple[int, int]:
    days = int(hours * HOUR // DAY)
    return days, int((hours * HOUR - days * DAY) // HOUR)
