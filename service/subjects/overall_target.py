"""What is a department's overall target (F02) about? Tasks with their money, linked projects, goals and indicators."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from db.case import CaseFile
from forms.definition import FormDefinition
from forms.problem import Problem
from service.department_library import LibraryProject, library
from service.dockets import Docket
from service.people import Actor, day
from service.rules.quantities import half_width, number_of
from service.subjects.subject import DepartmentSubject, Filling, Prepared, of_department

#: Money of the tasks may differ from the department's budget by so many percent.
TOLERANCE = Decimal(1)
#: Points of all indicators together.
WEIGHTS = Decimal(90)
_APART = re.compile(r"[、，,；;\s]+")
_SOURCE = "P07 · 部门整体绩效目标"


@dataclass(frozen=True)
class OverallSubject(DepartmentSubject):
    """The overall target of a department in one season, with the department's library of the year."""

    library: tuple[LibraryProject, ...]

    def form_context(self, *, actor: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
        """Season, department, template, and how much of its money is in the target library."""
        amount = sum((project.amount for project in self.library), Decimal(0))
        library = {"library_projects": len(self.library), "library_amount": format(amount, "f")}
        template = {"indicator_template": self.campaign.indicator_template}
        return {**super().form_context(actor=actor, at=at), **library, **template}

    def prepared(
        self, definition: FormDefinition, raw: Any, current: Mapping[str, Any], *, node: str, filling: Filling
    ) -> Prepared:
        """Each task shows what the projects linked to it ask for."""
        tasks = raw.get("tasks") if isinstance(raw, Mapping) else None
        if not isinstance(tasks, list):
            return Prepared(raw, current)
        amounts = {project.code: project.amount for project in self.library}
        named, linked = [], []
        for number, row in enumerate(tasks, 1):
            cells = dict(row) if isinstance(row, Mapping) else {}
            key = str(cells.get("row_id") or f"r{number}")
            codes = _codes(cells.get("project_codes"))
            known = [amounts[code] for code in codes if code in amounts]
            named.append({**cells, "row_id": key})
            linked.append({"row_id": key, "linked_amount": format(sum(known, Decimal(0)), "f")} if known else {})
        return Prepared({**raw, "tasks": named}, {**current, "tasks": [row for row in linked if row]})

    def judged(self, session: Session, content: Mapping[str, Any], *, node: str) -> Iterator[Problem]:
        """Links to projects that are not in the library, sums that do not roll up, goals without an indicator."""
        yield from self._links(content.get("tasks") or [])
        yield from self._sums(content)
        yield from _goals(content.get("goals") or [], content.get("indicators") or [])
        total = sum((number_of(row.get("weight")) or Decimal(0) for row in content.get("indicators") or []), Decimal(0))
        if content.get("indicators") and total != WEIGHTS:
            yield _error("indicators", f"指标权重合计为{total.normalize():f}，应为{WEIGHTS}")

    def _links(self, tasks: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
        own, used = {project.code for project in self.library}, dict[str, int]()
        for index, row in enumerate(tasks):
            for code in _codes(row.get("project_codes")):
                place = f"tasks[{index}].project_codes"
                if code not in own:
                    yield _error(
                        place, f"第{index + 1}项任务关联的“{code[:30]}”不是本部门目标库中的项目，请核对项目代码"
                    )
                elif code in used:
                    yield _error(place, f"项目{code}已关联第{used[code] + 1}项任务，一个项目只关联一项任务")
                used.setdefault(code, index)
            amount, linked = number_of(row.get("amount_total")), number_of(row.get("linked_amount"))
            if amount is not None and linked is not None and linked > amount:
                text = f"第{index + 1}项任务金额{amount}万元小于关联项目金额之和{linked}万元"
                yield _warning(f"tasks[{index}].amount_fiscal", text)

    def _sums(self, content: Mapping[str, Any]) -> Iterator[Problem]:
        budget, tasks = number_of(content.get("budget_total")), number_of(content.get("tasks_total"))
        if budget and tasks is not None and tasks != budget:
            apart = abs(tasks - budget) / budget * 100
            text = f"任务金额合计{tasks}万元与部门预算{budget}万元相差{apart.quantize(Decimal('0.01'))}%"
            yield _error("tasks", f"{text}，不得超过{TOLERANCE}%") if apart > TOLERANCE else _warning("tasks", text)
        asked = sum((project.amount for project in self.library), Decimal(0))
        projects = number_of(content.get("budget_project"))
        if projects is not None and asked and abs(projects - asked) / asked * 100 > TOLERANCE:
            text = f"项目支出{projects}万元与目标库中本部门项目合计{asked.normalize():f}万元不一致"
            yield _warning("budget_project", text)

    def hindrances(self, session: Session, content: Mapping[str, Any], *, node: str, at: datetime) -> Iterator[Problem]:
        """A season that is closed takes no new target; what was returned may still come back."""
        campaign = self.campaign
        if self.case.form_revision_id is not None:
            return
        if campaign.state != "open" or not campaign.opens_on <= day(at) <= campaign.closes_on:
            text = f"批次“{campaign.title}”未开放（{campaign.opens_on}至{campaign.closes_on}），不能提交，请联系绩效科"
            yield _error("", text)

    def settle(self, session: Session, docket: Docket, content: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """The case bears the department's budget."""
        docket.case.amount = number_of(content.get("budget_total"))


def of_case(session: Session, case: CaseFile) -> OverallSubject:
    """The overall target a case declares."""
    parts = of_department(session, case)
    projects = library(session, case.department_id, parts[0].fiscal_year, case.id)
    return OverallSubject(case, *parts, tuple(projects))


def _codes(text: Any) -> list[str]:
    return [part for part in _APART.split(half_width(str(text or ""))) if part]


def _goals(goals: Sequence[Mapping[str, Any]], indicators: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    served = {str(row.get("goal_no")) for row in indicators}
    for number in range(1, len(goals) + 1):
        if str(number) not in served:
            yield _error(f"goals[{number - 1}].goal", f"目标{number}没有对应的绩效指标，每个目标至少对应一条指标")
    for index, row in enumerate(indicators):
        if row.get("goal_no") and int(row["goal_no"]) > len(goals):
            yield _error(f"indicators[{index}].goal_no", f"第{index + 1}行对应的目标{row['goal_no']}不存在，请改正")


def _error(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_SOURCE, rule="P07")


def _warning(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="warning", source=_SOURCE, rule="P07")
