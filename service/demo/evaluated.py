"""How did the demo district's pilot units evaluate last year? Figures, reports, reviews, spot checks, by real commands."""

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import demo
from db.campaign import Campaign
from db.case import CaseFile, Visit
from db.project import Project
from service import attachments, campaigns, execution_figures, launches, readings, tasks
from service.campaign_terms import EVALUATION
from service.demo import monitored, year_end
from service.demo.chance import dice
from service.demo.company import Company
from service.demo.monitored import SHEET, Watched, morning
from service.demo.working_time import DAY, WorkingTime
from service.people import day
from service.rules.working_days import WorkingDayTable

#: Units whose projects evaluated themselves last year: some of every kind, with good and poor results.
PILOT = ("101001", "107001", "302001", "304001", "305001", "501001")
#: Working days people take: least, most.
_PACE = {
    "fill": (2.0, 16.0),
    "unit_sign": (0.05, 1.5),
    "department_review": (0.3, 4.0),
    "fund_review": (0.5, 7.0),
    "spot_check": (1.0, 12.0),
    "finalise": (0.3, 3.0),
}


@dataclass
class Evaluated:
    """A project's self-evaluation while its moves are made; the next step is whatever the flow opens."""

    code: str
    unit: str
    case_id: str
    node: str
    visit_id: str
    #: Working time since the season's first day, in the unit of ``WorkingTime``.
    position: float = 0.0
    seq: int = 1


def season_days(at: datetime) -> tuple[date, date] | None:
    """The days of this year's season; None while it has not ended on the day of ``at``."""
    today = day(at)
    closes = date(today.year, 4, 30)
    return (date(today.year, 4, 1), closes) if closes < today else None


def open_season(session: Session, company: Company, units: Collection[str], *, at: datetime) -> str | None:
    """Prepare and open the season of last year's pilot and bring the treasury's figures; None before its end. Commits."""
    days = season_days(at)
    if days is None or not units:
        return None
    opens, closes = days
    chief = company.chief_of_performance()
    values = {
        "process_id": EVALUATION,
        "title": f"{opens.year - 1}年度项目支出绩效自评（试点单位）",
        "fiscal_year": opens.year - 1,
        "opens_on": opens.isoformat(),
        "closes_on": closes.isoformat(),
        "rule_set": "LINEAR_2020",
        "parameters": {"sample_share": "10", "sample_seed": f"{opens.year - 1:04d}-demo-seed"},
        "units": [company.unit_ids[code] for code in sorted(units)],
    }
    made: str = campaigns.create(session, values, actor=chief, at=morning(opens.replace(month=3, day=20)))["id"]
    campaigns.open(session, made, actor=chief, at=morning(opens))
    session.commit()
    campaign = session.get_one(Campaign, made)
    codes = monitored.codes()
    rows = [
        {
            "project_code": code,
            "annual_budget": year_end.recorded()[codes[name][0]]["annual_budget"],
            "executed": year_end.recorded()[codes[name][0]]["executed"],
        }
        for code, name, _ in launches.projects(session, campaign)
    ]
    execution_figures.put(session, made, rows, actor=company.treasurer(), at=morning(opens))
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
    """Open the cases of these units and make every move in order of time; yields after each, for the caller to
    commit, whether a project is settled.
    """
    campaign = session.get_one(Campaign, campaign_id)
    ids = [company.unit_ids[code] for code in units if code in company.unit_ids]
    while launches.open_some(session, campaign, at=morning(campaign.opens_on), most=25, simulated=True, unit_ids=ids):
        session.commit()
    time = WorkingTime(campaign.opens_on, day(at), table)
    everything: list[Evaluated | Watched] = list(_begun(session, campaign_id, ids))
    queue = [(_next(one, time), number, 0) for number, one in enumerate(everything) if isinstance(one, Evaluated)]
    heapq.heapify(queue)
    while queue:
        instant, number, index = heapq.heappop(queue)
        if instant > at:
            continue
        one = everything[number]
        if isinstance(one, Watched):
            monitored.move(session, company, one, index, instant)
            if index + 1 < len(one.moves):
                heapq.heappush(queue, (one.at[index + 1], number, index + 1))
            yield False
            continue
        answer = _move(session, company, one, campaign, instant)
        if not answer["finished"]:
            heapq.heappush(queue, (_next(one, time), number, 0))
        elif answer["stage"] == "evaluated_poor":
            followed = monitored.followed(one.code, one.unit, _rectification(session, one), time, instant)
            everything.append(followed)
            heapq.heappush(queue, (followed.at[0], len(everything) - 1, 0))
        yield bool(answer["finished"])


def _begun(session: Session, campaign_id: str, unit_ids: Collection[str]) -> Iterator[Evaluated]:
    statement = (
        select(CaseFile.id, Project.name, Visit.id)
        .join(Project, Project.id == CaseFile.project_id)
        .join(Visit, Visit.case_id == CaseFile.id)
        .where(CaseFile.campaign_id == campaign_id, CaseFile.unit_id.in_(unit_ids), Visit.state == "open")
        .order_by(Project.project_code)
    )
    for case_id, name, visit_id in session.execute(statement):
        code, unit = monitored.codes()[name]
        yield Evaluated(code, unit, case_id, "fill", visit_id)


def _next(one: Evaluated, time: WorkingTime) -> datetime:
    """The instant of the next move; beyond today where there is no time for it yet."""
    least, most = _PACE[one.node]
    one.position += dice("evaluation pace", one.code, one.node).triangular(least, most, (2 * least + most) / 3) * DAY
    return time.instant(one.position) if one.position < time.length else monitored.NEVER


def _move(session: Session, company: Company, one: Evaluated, campaign: Campaign, at: datetime) -> dict[str, Any]:
    node, visit_id = one.node, one.visit_id
    actor = company.at_step(node, one.unit, one.code)
    case = session.get_one(CaseFile, one.case_id, populate_existing=True)
    readings.note(session, case, actor.person_id, one.seq, at)
    asked: dict[str, Any] = {"reason": "同意"}
    if node == "fill":
        kept = attachments.store(session, visit_id, actor=actor, at=at, filename="佐证材料.pdf", content=SHEET)
        content = year_end.report(one.code, campaign.fiscal_year) | {
            "evidence": [{"id": kept["id"], "filename": kept["filename"]}]
        }
        proposed = tasks.page(session, visit_id, actor=actor, at=at).form["content"]
        texts = {name: proposed[name] for name in ("report_overview", "report_organisation")}
        asked = {"form": {"self_evaluation": {**texts, **content}}, "params": {"warnings": _Explained()}}
    elif node in ("fund_review", "spot_check"):
        page = tasks.page(session, visit_id, actor=actor, at=at)
        rows = page.review["content"]["scores"] if page.review else []
        asked = {"form": {"self_evaluation_review": year_end.check(one.code, node, rows)}}
    verb = "submit" if node == "fill" else "approve"
    answer = tasks.decide(session, visit_id, verb, actor=actor, at=at, expected_seq=case.seq, simulated=True, **asked)
    one.seq = answer["seq"]
    for opened in answer.get("opened", ()):
        one.node, one.visit_id = opened["node_id"], opened["visit_id"]
    return answer


class _Explained(dict[str, str]):
    """A reason for whatever warning comes up."""

    def get(self, key: str, default: Any = None) -> Any:
        return "情况属实，已核对佐证材料"

    def __bool__(self) -> bool:
        return True


def _rectification(session: Session, one: Evaluated) -> dict[str, str]:
    """Case and first visit of the rectification a poor result has opened."""
    project = select(CaseFile.project_id).where(CaseFile.id == one.case_id).scalar_subquery()
    made = (
        select(CaseFile.id, Visit.id)
        .join(Visit, Visit.case_id == CaseFile.id)
        .where(CaseFile.process_id == "rectification", CaseFile.finished_at.is_(None), Visit.state == "open")
        .where(CaseFile.project_id == project)
    )
    case_id, visit_id = session.execute(made).one()
    return {"case": case_id, "visit": visit_id}


def pilot(units: Collection[str]) -> list[str]:
    """Which of these units take part in the pilot, by code."""
    known = {row["unit_code"] for row in demo.rows("units")}
    return sorted(code for code in PILOT if code in units and code in known)
