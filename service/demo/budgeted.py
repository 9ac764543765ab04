"""How do the demo district's departments make their budgets and overall targets? This year's are done, next year's begin."""

import heapq
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.case import CaseFile, Visit
from db.organisation import Organisation
from service import campaigns, department_seasons, readings, revisions, subjects, tasks
from service.demo import department_words as words
from service.demo.chance import dice
from service.demo.company import Company
from service.demo.working_time import DAY, WorkingTime
from service.people import day
from service.rules.working_days import WorkingDayTable

BUDGET, OVERALL = "library_to_budget", "overall_target"
#: Working days people take: least, most.
_PACE = {
    "select_projects": (1.0, 4.0),
    "fund_review": (0.3, 2.0),
    "set_control": (0.5, 2.0),
    "second_submission": (1.0, 4.0),
    "draft_review": (0.2, 1.5),
    "record_approval": (9.0, 11.0),
    "budget_reply": (2.0, 6.0),
    "performance_reply": (0.2, 1.0),
    "draft": (1.0, 6.0),
    "department_sign": (0.1, 1.0),
    "fund_chief_review": (0.3, 2.5),
    "budget_review": (0.2, 2.0),
    "performance_review": (0.2, 2.0),
}
_WAYS = {
    BUDGET: tuple(_PACE)[:8],
    OVERALL: ("draft", "department_sign", "fund_chief_review", "budget_review", "performance_review"),
}
_TITLES = {BUDGET: "{year}年度项目预算编制", OVERALL: "{year}年度部门整体绩效目标申报"}
#: Days after the last day of its declarations a year's seasons of departments open and close; next year's opened so long ago.
_OPENS, _CLOSES, _AGO, _LEFT = 1, 45, 13, 40


@dataclass
class Course:
    """A department's case while its moves are made."""

    department: str
    case_id: str
    process_id: str
    moves: tuple[str, ...]
    #: Of the season in the middle of its run.
    running: bool
    at: list[datetime]
    visits: dict[str, str] = field(default_factory=dict)
    seq: int = 1


def open_all(session: Session, company: Company, units: Collection[str], *, closed: date, at: datetime) -> list[str]:
    """Prepare and open the seasons of departments of this year and the next; their ids. Commits.

    Args:
        closed: the last day of this year's declarations.
    """
    today = day(at)
    spans = {
        today.year: (closed + timedelta(days=_OPENS), closed + timedelta(days=_CLOSES)),
        today.year + 1: (today - timedelta(days=_AGO), today + timedelta(days=_LEFT)),
    }
    chief, made = company.chief_of_performance(), []
    for year, (opens, closes) in spans.items():
        for process_id, title in _TITLES.items():
            values = {
                "process_id": process_id,
                "title": title.format(year=year),
                "fiscal_year": year,
                "opens_on": opens.isoformat(),
                "closes_on": closes.isoformat(),
                "indicator_template": words.TEMPLATE,
                "units": [company.unit_ids[code] for code in sorted(units)],
            }
            prepared = campaigns.create(session, values, actor=chief, at=_morning(opens - timedelta(days=10)))
            campaigns.open(session, prepared["id"], actor=chief, at=_morning(opens))
            made.append(prepared["id"])
    session.commit()
    return made


def play(
    session: Session,
    company: Company,
    campaign_ids: Collection[str],
    departments: Collection[str],
    *,
    at: datetime,
    table: WorkingDayTable,
) -> Iterator[bool]:
    """Open the cases of these departments (by code) and make every move in order of time; yields after each, for the
    caller to commit, whether a case is through.
    """
    ids = list(session.scalars(select(Organisation.id).where(Organisation.code.in_(departments))))
    courses: list[Course] = []
    for campaign_id in campaign_ids if ids else ():
        campaign = session.get_one(Campaign, campaign_id)
        opens = _morning(campaign.opens_on)
        while department_seasons.open_some(session, campaign, at=opens, simulated=True, department_ids=ids):
            session.commit()
        courses += _courses(session, campaign, ids, at, table)
    queue = [(one.at[0], number, 0) for number, one in enumerate(courses) if one.moves]
    heapq.heapify(queue)
    while queue:
        instant, number, index = heapq.heappop(queue)
        one = courses[number]
        if instant > at or not _move(session, company, one, one.moves[index], instant):
            continue
        last = index + 1 == len(one.moves)
        if not last:
            heapq.heappush(queue, (one.at[index + 1], number, index + 1))
        yield last


def _courses(
    session: Session, campaign: Campaign, ids: Collection[str], at: datetime, table: WorkingDayTable
) -> Iterator[Course]:
    time = WorkingTime(campaign.opens_on, day(at), table)
    statement = (
        select(CaseFile, Visit, Organisation.code)
        .join(Visit, Visit.case_id == CaseFile.id)
        .join(Organisation, Organisation.id == CaseFile.department_id)
        .where(CaseFile.campaign_id == campaign.id, CaseFile.department_id.in_(ids), Visit.state == "open")
        .order_by(Organisation.code)
    )
    running = campaign.fiscal_year > day(at).year
    for case, visit, code in session.execute(statement):
        way = _WAYS[campaign.process_id]
        random = dice("department", campaign.process_id, campaign.fiscal_year, code)
        moves = way[: random.randrange(len(way) - 1)] if running else way
        if running and case.process_id == BUDGET:
            moves = moves[:4]  # the congress has not met yet
        instants, visits = _instants(time, random, moves), {visit.node_id: visit.id}
        yield Course(code, case.id, case.process_id, moves, running, instants, visits)


def _instants(time: WorkingTime, random: Random, moves: Collection[str]) -> list[datetime]:
    position, found = 0.0, []
    for node in moves:
        least, most = _PACE[node]
        position += random.triangular(least, most, least + (most - least) / 3) * DAY
        # Beyond today there is no time: such moves are still to come.
        found.append(time.instant(position) if position < time.length else datetime.max.replace(tzinfo=UTC))
    return found


def _move(session: Session, company: Company, one: Course, node: str, at: datetime) -> bool:
    """Make a move; False where the department has nothing it could send yet."""
    case = session.get_one(CaseFile, one.case_id, populate_existing=True)
    asked = _asked(session, one, node, case, at)
    if asked is None:
        return False
    actor = company.at_department(node, one.department, overall=one.process_id == OVERALL)
    readings.note(session, case, actor.person_id, one.seq, at)
    verb = "submit" if node in words.SUBMITTING else "approve"
    answer = tasks.decide(
        session, one.visits[node], verb, actor=actor, at=at, expected_seq=one.seq, simulated=True, **asked
    )
    one.seq = answer["seq"]
    one.visits |= {opened["node_id"]: opened["visit_id"] for opened in answer.get("opened", ())}
    return True


def _asked(session: Session, one: Course, node: str, case: CaseFile, at: datetime) -> Mapping[str, Any] | None:
    if node not in words.SUBMITTING:
        return words.decision(node, one.department, overall=one.process_id == OVERALL)
    subject = subjects.of_case(session, case)
    if one.process_id == OVERALL:
        content = words.overall(subject, session)
        return {"form": {OVERALL: content}, "params": {"warnings": words.Explained()}} if content else None
    kept = revisions.one(session, case.form_revision_id)
    rows = subject.refreshed(kept.content if kept else {}, node=node)
    filled = words.budget(node, rows, one.department, day(at), cutting=one.running)
    return {"form": {"department_budget": filled}} if filled else None


def _morning(when: date) -> datetime:
    return datetime(when.year, when.month, when.day, 1, tzinfo=UTC)
