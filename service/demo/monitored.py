"""How was this year's monitoring in the demo district? Figures, reports, reviews and rectifications, by real commands."""

import heapq
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import demo
from db.campaign import Campaign
from db.case import CaseFile, Visit
from db.project import Project
from service import attachments, campaigns, execution_figures, launches, readings, revisions, tasks
from service.demo import reports
from service.demo.chance import dice
from service.demo.company import Company
from service.demo.working_time import DAY, WorkingTime
from service.people import day
from service.rules.working_days import WorkingDayTable

#: Working days people take: least, most.
_PACE = {
    "fill": (0.8, 6.5),
    "unit_sign": (0.05, 1.0),
    "department_review": (0.2, 2.0),
    "fund_review": (0.3, 3.5),
    "draft_notice": (0.5, 3.5),
    "approve_notice": (0.1, 1.2),
    "respond": (4.0, 12.0),
    "final_review": (0.2, 2.0),
    "leader_decision": (0.2, 2.0),
}
#: When a move is made that there is no time for yet.
NEVER = datetime.max.replace(tzinfo=UTC)
_MONITORING = ("fill", "unit_sign", "department_review", "fund_review")
_NOTICE = ("draft_notice", "approve_notice")
_REPLY = ("respond", "unit_sign", "department_review", "fund_review")
SHEET = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


@dataclass
class Watched:
    """A project's monitoring, or the rectification that follows it, while its moves are made."""

    code: str
    unit: str
    case_id: str
    #: Steps with their verbs, in order.
    moves: list[tuple[str, str]]
    at: list[datetime]
    visits: dict[str, str] = field(default_factory=dict)
    seq: int = 1


def season_days(at: datetime) -> tuple[date, date] | None:
    """The days of this year's monitoring; None while it has not begun on the day of ``at``."""
    today = day(at)
    opens = date(today.year, 8, 20)
    return (opens, date(today.year, 8, 31)) if opens < today else None


def open_season(session: Session, company: Company, units: Collection[str], *, at: datetime) -> str | None:
    """Prepare and open the season and bring the treasury's figures; its id, None before its first day. Commits."""
    days = season_days(at)
    if days is None:
        return None
    opens, closes = days
    chief = company.chief_of_performance()
    values = {
        "process_id": "performance_monitoring",
        "title": f"{opens.year}年1至7月绩效运行监控",
        "fiscal_year": opens.year,
        "opens_on": opens.isoformat(),
        "closes_on": closes.isoformat(),
        "parameters": {"month": 7},
        "units": [company.unit_ids[code] for code in sorted(units)],
    }
    made: str = campaigns.create(session, values, actor=chief, at=morning(opens.replace(day=10)))["id"]
    campaigns.open(session, made, actor=chief, at=morning(opens))
    session.commit()
    _bring_figures(session, company, made, at=morning(opens))
    session.commit()
    return made


def play(
    session: Session,
    company: Company,
    campaign_id: str,
    units: Collection[str],
    *,
    at: datetime,
    table: WorkingDayTable,
) -> Iterator[bool]:
    """Open the cases of these units and make every move in order of time; yields after each, for the caller
    to commit, whether a project is through.
    """
    campaign = session.get_one(Campaign, campaign_id)
    ids = [company.unit_ids[code] for code in units]
    while launches.open_some(session, campaign, at=morning(campaign.opens_on), most=25, simulated=True, unit_ids=ids):
        session.commit()
    time = WorkingTime(campaign.opens_on, day(at), table)
    watched = _watched(session, campaign_id, ids, time)
    queue = [(one.at[0], number, 0) for number, one in enumerate(watched)]
    heapq.heapify(queue)
    while queue:
        instant, number, index = heapq.heappop(queue)
        if instant > at:
            continue
        one = watched[number]
        opened = move(session, company, one, index, instant)
        if index + 1 < len(one.moves):
            heapq.heappush(queue, (one.at[index + 1], number, index + 1))
        elif opened is not None:
            watched.append(followed(one.code, one.unit, opened, time, instant))
            heapq.heappush(queue, (watched[-1].at[0], len(watched) - 1, 0))
        yield one.moves[index][0] == "fund_review" and one.moves[0][0] == "fill"


def _bring_figures(session: Session, company: Company, campaign_id: str, *, at: datetime) -> None:
    campaign = session.get_one(Campaign, campaign_id)
    recorded = reports.recorded()
    rows = [
        {
            "project_code": code,
            "annual_budget": recorded[codes()[name][0]]["initial_budget"],
            "executed": recorded[codes()[name][0]]["jan_jul_executed"],
        }
        for code, name, _ in launches.projects(session, campaign)
    ]
    execution_figures.put(session, campaign_id, rows, actor=company.treasurer(), at=at)


def _watched(session: Session, campaign_id: str, unit_ids: Collection[str], time: WorkingTime) -> list[Watched]:
    statement = (
        select(CaseFile.id, Project.name, Visit.id)
        .join(Project, Project.id == CaseFile.project_id)
        .join(Visit, Visit.case_id == CaseFile.id)
        .where(CaseFile.campaign_id == campaign_id, CaseFile.process_id == "performance_monitoring")
        .where(CaseFile.unit_id.in_(unit_ids), Visit.state == "open")
        .order_by(Project.project_code)
    )
    found = []
    for case_id, name, visit_id in session.execute(statement):
        code, unit = codes()[name]
        moves = [(node, "submit" if node == "fill" else "approve") for node in _MONITORING]
        found.append(Watched(code, unit, case_id, moves, _instants(time, code, moves, 0.0), {"fill": visit_id}))
    return found


@cache
def codes() -> Mapping[str, tuple[str, str]]:
    """Code and unit of the demo data's projects, by name."""
    return {project["project_name"]: (project["project_code"], project["unit_code"]) for project in demo.projects()}


def followed(code: str, unit: str, opened: Mapping[str, str], time: WorkingTime, instant: datetime) -> Watched:
    """The rectification that follows for a project: most are closed in one round, some in two, a few go to the leader or wait."""
    fate = dice("rectification", code).random()
    reply = [(node, "submit" if node == "respond" else "approve") for node in _REPLY]
    failed = [*reply[:3], ("fund_review", "return")]
    moves = [("draft_notice", "submit"), ("approve_notice", "approve")]
    if fate < 0.06:
        moves += reply[: dice("stands", code).randrange(len(reply))]
    elif fate < 0.12:
        moves += [*failed, *reply, ("final_review", "reject"), ("leader_decision", "approve")]
    elif fate < 0.24:
        moves += [*failed, *reply, ("final_review", "approve")]
    else:
        moves += [*reply, ("final_review", "approve")]
    at = _instants(time, f"{code}·整改", moves, time.position(instant) / DAY)
    return Watched(code, unit, opened["case"], moves, at, {"draft_notice": opened["visit"]})


def _instants(time: WorkingTime, code: str, moves: Collection[tuple[str, str]], start: float) -> list[datetime]:
    random, position, found = dice("monitoring", code), start * DAY, []
    for node, _ in moves:
        least, most = _PACE[node]
        position += random.triangular(least, most, least + (most - least) / 3) * DAY
        # Beyond today there is no time: such moves are still to come.
        found.append(time.instant(position) if position < time.length else NEVER)
    return found


def move(session: Session, company: Company, one: Watched, index: int, at: datetime) -> dict[str, str] | None:
    """Make a move; where it opened a rectification, its case and its first visit."""
    node, verb = one.moves[index]
    actor = company.at_step(node, one.unit, one.code)
    visit_id = one.visits[node]
    case = session.get_one(CaseFile, one.case_id, populate_existing=True)
    readings.note(session, case, actor.person_id, one.seq, at)
    asked = _asked(session, one, node, verb, case)
    if node == "respond":
        kept = attachments.store(session, visit_id, actor=actor, at=at, filename="整改佐证材料.pdf", content=SHEET)
        asked["form"]["rectification_notice"]["evidence"] = [{"id": kept["id"], "filename": kept["filename"]}]
    answer = tasks.decide(session, visit_id, verb, actor=actor, at=at, expected_seq=one.seq, simulated=True, **asked)
    one.seq = answer["seq"]
    one.visits |= {opened["node_id"]: opened["visit_id"] for opened in answer.get("opened", ())}
    if answer["stage"] != "monitored_red":
        return None
    made = select(CaseFile.id, Visit.id).join(Visit, Visit.case_id == CaseFile.id)
    row = session.execute(
        made.where(CaseFile.process_id == "rectification", CaseFile.finished_at.is_(None), Visit.state == "open").where(
            CaseFile.project_id == select(CaseFile.project_id).where(CaseFile.id == one.case_id).scalar_subquery()
        )
    ).one()
    return {"case": row[0], "visit": row[1]}


def _asked(session: Session, one: Watched, node: str, verb: str, case: CaseFile) -> dict[str, Any]:
    if node == "fill":
        return {"form": {"monitoring_report": reports.report(one.code)}}
    if node == "draft_notice":
        draft = revisions.draft(session, one.visits[node], "rectification_notice")
        names = ("issues", "requirements", "due_date")
        return {"form": {"rectification_notice": {name: draft.content[name] for name in names} if draft else {}}}
    if node == "respond":
        return {"form": {"rectification_notice": _reply(session, one, case)}}
    if node == "fund_review" and one.moves[0][0] == "fill":
        return {"form": {"monitoring_review": reports.check(one.code)}}
    if node in ("unit_sign", "approve_notice") or one.moves[0][0] == "fill":
        return {"reason": "同意" if verb == "approve" else None}
    params = {"params": {"to": "respond", "resubmit": "replay"}} if verb == "return" else {}
    return {"form": {"rectification_review": reports.review(one.code, node, verb)}, **params}


def _reply(session: Session, one: Watched, case: CaseFile) -> dict[str, Any]:
    kept = revisions.one(session, case.form_revision_id)
    issues = kept.content["issues"] if kept else []
    return reports.reply(one.code, len(issues), case.started_at)


def morning(when: date) -> datetime:
    """Nine o'clock in the district."""
    return datetime(when.year, when.month, when.day, 1, tzinfo=UTC)
