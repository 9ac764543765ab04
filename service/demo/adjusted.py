"""Which targets of this year were adjusted in the demo district? A few, after the monitoring, by real commands."""

import heapq
from collections.abc import Collection, Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.project import Project, TargetVersion
from service import adjustments, attachments, readings, subjects, tasks
from service.demo import words
from service.demo.chance import dice
from service.demo.company import Company
from service.demo.working_time import DAY, WorkingTime
from service.demo.year import with_amount
from service.errors import Problems
from service.people import day
from service.rules.working_days import WorkingDayTable

#: Of so many projects of the year one is adjusted; no more than this.
_ONE_OF, _MOST = 40, 10
#: The last of them still wait at these steps.
_WAITING = ("department_review", "budget_review")
_WAY = (
    "draft", "unit_sign", "department_review", "fund_review", "fund_chief_review", "budget_review",
    "performance_review", "performance_chief_review",
)  # fmt: skip
#: The time everybody takes for a step, at least and at most, in working days.
_PACE = (0.2, 1.4)
#: They begin after the monitoring, or in spring while that is still to come (month, day).
_AFTER_MONITORING, _SPRING = (9, 10), (3, 1)
_LARGEST = 400
_SHEET = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
_REASONS = {
    "budget_change": "因上级转移支付资金下达和区级预算调整，项目年度资金发生变化，相应调整年度总体目标和成本指标。",
    "midyear_addition": "年中追加资金用于扩大项目实施范围，按追加后的资金规模相应调整年度总体目标和成本指标。",
    "policy_change": "因上级出台新的实施标准，原定任务量和实施范围发生变化，相应调整数量指标和年度总体目标。",
}
_KINDS = ("budget_change", "midyear_addition", "policy_change")


class Adjusting:
    """One adjustment while its moves are made."""

    def __init__(self, project: Project, code: str, unit: str, end: int) -> None:
        self.project, self.code, self.unit = project, code, unit
        self.steps = ("start", *_WAY[:end])
        self.visits: dict[str, str] = {}
        self.case_id, self.seq = "", 1

    def make(self, session: Session, company: Company, node: str, at: datetime) -> None:
        """Make one move at an instant."""
        actor = company.at_step(node, self.unit, self.code)
        if node == "start":
            begun = adjustments.start(session, self.project.id, actor=actor, at=at, simulated=True)
            self.case_id, self.visits = begun["case_id"], {"draft": begun["visit_id"]}
            return
        case = session.get_one(CaseFile, self.case_id, populate_existing=True)
        readings.note(session, case, actor.person_id, self.seq, at)
        asked: dict[str, Any]
        if node == "draft":
            file = attachments.store(
                session, self.visits[node], actor=actor, at=at, filename="调整依据文件.pdf", content=_SHEET
            )
            asked = {
                "form": {
                    "target_adjustment": {
                        **self._content(session, case),
                        "documents": [{"id": file["id"], "filename": "调整依据文件.pdf"}],
                    }
                }
            }
        elif node == "unit_sign":
            asked = {"reason": "情况属实，同意报送"}
        else:
            random = dice("adjustment", self.code, node)
            review = words.review(node, "approve", "", scored=case.is_key_project, random=random)
            asked = {"form": {"target_review": review}}
        self._decide(session, node, actor, at, asked)

    def _decide(self, session: Session, node: str, actor: Any, at: datetime, asked: dict[str, Any]) -> None:
        verb = "submit" if node == "draft" else "approve"
        given = {"actor": actor, "at": at, "expected_seq": self.seq, "simulated": True}
        try:
            answer = tasks.decide(session, self.visits[node], verb, **given, **asked)
        except Problems as refused:
            if any(problem.severity != "warning" for problem in refused.problems):
                raise
            session.rollback()
            explained = {f"{problem.rule}:{problem.field}": "与原批准目标一致" for problem in refused.problems}
            answer = tasks.decide(session, self.visits[node], verb, **given, **asked, params={"warnings": explained})
        self.seq = answer["seq"]
        self.visits |= {opened["node_id"]: opened["visit_id"] for opened in answer.get("opened", ())}

    def _content(self, session: Session, case: CaseFile) -> dict[str, Any]:
        """More or less money with the figures that follow from it."""
        subject = subjects.of_case(session, case)
        base = subject.base.content  # type: ignore[attr-defined]
        kind = _KINDS[dice("kind", self.code).randrange(len(_KINDS))]
        start = subject.start()  # type: ignore[attr-defined]
        head = {"adjust_kind": kind, "reason": _REASONS[kind]}
        if kind == "policy_change":
            goal = f"{base['annual_goal']}按新的实施标准组织实施，确保年内完成。"
            return {**start, "annual_goal": goal, **head}
        share = dice("share", self.code).choice((5, 8, 12, 15))
        sign = -1 if kind == "budget_change" and share > 10 else 1
        amount = Decimal(str(base["amount_total"])) * (100 + sign * share) / 100
        changed = with_amount(base, amount.quantize(Decimal("0.1"), ROUND_HALF_UP))
        return {**{name: changed[name] for name in start if name in changed}, **head}


def play(session: Session, company: Company, *, at: datetime, table: WorkingDayTable) -> Iterator[bool]:
    """Adjust a few of this year's targets, move by move in order of time; yields after each, for the caller to commit."""
    today = day(at)
    last = min(today, date(today.year, 11, 30))
    first = next(
        (date(today.year, *begin) for begin in (_AFTER_MONITORING, _SPRING) if date(today.year, *begin) < last), last
    )
    if first == last:
        return
    time = WorkingTime(first, last, table)
    chosen = list(_chosen(session, company, today.year))
    queue: list[tuple[datetime, int, int]] = []
    instants = []
    for number, one in enumerate(chosen):
        instants.append(_instants(time, one, len(chosen), number))
        heapq.heappush(queue, (instants[-1][0], number, 0))
    while queue:
        instant, number, index = heapq.heappop(queue)
        if instant > at:
            continue
        one = chosen[number]
        one.make(session, company, one.steps[index], instant)
        if index + 1 < len(one.steps):
            heapq.heappush(queue, (instants[number][index + 1], number, index + 1))
        yield True


def _instants(time: WorkingTime, one: Adjusting, count: int, number: int) -> list[datetime]:
    random = dice("adjusting", one.code)
    waits = [random.uniform(*_PACE) * DAY for _ in one.steps]
    room = time.length - sum(waits) - DAY
    # The last ones are under way now; the others lie spread over the months before.
    share = 1.0 if len(one.steps) <= len(_WAY) else (number + 0.5) / count
    position, found = max(room, 0.0) * share, []
    for wait in waits:
        position = min(position + wait, time.length - 1)
        found.append(time.instant(position))
    return found


def _chosen(session: Session, company: Company, year: int) -> Iterator[Adjusting]:
    units = {unit_id: code for code, unit_id in company.unit_ids.items()}
    approved = select(TargetVersion.project_id).where(TargetVersion.voided_at.is_(None))
    statement = (
        select(Project)
        .where(Project.fiscal_year == year, Project.id.in_(approved), Project.amount_total < _LARGEST)
        .order_by(Project.project_code)
    )
    found: Collection[Project] = [
        project
        for project in session.scalars(statement)
        if not project.needs_ex_ante
        and units[project.unit_id][:3] != "115"
        and dice("adjusted", project.project_code).randrange(_ONE_OF) == 0
    ]
    some = list(found)[:_MOST]
    for number, project in enumerate(some):
        place = number - (len(some) - len(_WAITING))
        waits = place >= 0 and len(some) > 2 * len(_WAITING)
        end = _WAY.index(_WAITING[place]) if waits else len(_WAY)
        yield Adjusting(project, project.project_code, units[project.unit_id], end)
