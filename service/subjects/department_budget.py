"""What is a department's budget about? Its library projects, ranked; control numbers; targets that follow the money."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.budget import BudgetLine, DepartmentBudget
from db.case import CaseFile
from forms.definition import FormDefinition
from forms.problem import Problem
from service.department_library import LibraryProject, library
from service.dockets import Docket
from service.people import Actor, day
from service.rules.quantities import number_of
from service.subjects.subject import DepartmentSubject, Filling, Prepared, known, of_department

#: Where projects are chosen, control numbers set, and the second submission made.
FIRST, CONTROL, SECOND, APPROVAL = "select_projects", "set_control", "second_submission", "record_approval"
#: From how many percent on a target has to follow its money, and within how many days is replied, if a season is silent.
SYNC_PERCENT, REPLY_DAYS = Decimal(10), 20
_SOURCE = "P09 · 项目库到预算编制"
_PLACES = Decimal("0.01")


@dataclass(frozen=True)
class BudgetSubject(DepartmentSubject):
    """The budget of a department's projects in one season."""

    library: tuple[LibraryProject, ...]
    kept: DepartmentBudget | None

    @property
    def sync_percent(self) -> Decimal:
        """From which change on (percent) a target has to follow its money."""
        return Decimal(str(self.campaign.parameters.get("sync_percent", SYNC_PERCENT)))

    @property
    def reply_days(self) -> int:
        """Within how many days of the approval budget and targets are replied to."""
        return int(self.campaign.parameters.get("reply_days", REPLY_DAYS))

    def form_context(self, *, actor: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
        """Season, department, and the number and day of the reply once there is one."""
        kept = self.kept
        replied = known(
            reply_no=kept.reply_no if kept else None,
            replied_on=day(kept.replied_at).isoformat() if kept and kept.replied_at else None,
            sync_percent=str(self.sync_percent),
            reply_days=self.reply_days,
        )
        return {**super().form_context(actor=actor, at=at), **replied}

    def refreshed(self, content: Mapping[str, Any], *, node: str) -> dict[str, Any]:
        """The rows of the step as library and earlier rounds give them today, with the cells filled in already."""
        own = {project.code: project for project in self.library}
        if node == FIRST:
            rows = [_request(project) for project in self.library]
            return {**content, "requests": _filled(rows, content.get("requests"))}
        if node == CONTROL:
            chosen = [row for row in content.get("requests") or [] if row.get("selected") == "yes"]
            rows = [_control(row) for row in sorted(chosen, key=lambda row: int(row.get("rank") or 0))]
            return {**content, "controls": _filled(rows, content.get("controls"))}
        if node == SECOND:
            controls = content.get("controls") or []
            rows = [_second(row, own.get(row["project_code"])) for row in controls if _amount(row, "control_amount")]
            return {**content, "seconds": _filled(rows, content.get("seconds"))}
        return dict(content)

    def prepared(
        self, definition: FormDefinition, raw: Any, current: Mapping[str, Any], *, node: str, filling: Filling
    ) -> Prepared:
        """Only library projects of the department can be chosen; later rounds are about what was chosen."""
        return Prepared(raw, self.refreshed(current, node=node))

    def judged(self, session: Session, content: Mapping[str, Any], *, node: str) -> Iterator[Problem]:
        """Ranks that are given twice, and money that moved further from its target than the season allows."""
        if node == FIRST:
            yield from _ranks(content.get("requests") or [])
            yield from self._far(content.get("requests") or [], "requests", "first_amount")
        elif node == CONTROL:
            yield from self._far(content.get("controls") or [], "controls", "control_amount")
        elif node == SECOND:
            yield from self._unsynced(content.get("seconds") or [])

    def _far(self, rows: Sequence[Mapping[str, Any]], table: str, column: str) -> Iterator[Problem]:
        for index, row in enumerate(rows):
            change = change_percent(_amount(row, "target_amount"), _amount(row, column))
            if change is None or not _amount(row, column) or abs(change) <= self.sync_percent:
                continue
            text = (
                f"“{row.get('project_name')}”较目标库金额变化{change}%，超过{self.sync_percent}%，"
                "下达控制数后须同步调整绩效目标"
            )
            yield Problem(field=f"{table}[{index}].{column}", message=text, severity="info", source=_SOURCE, rule="P09")

    def _unsynced(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
        own = {project.code: project for project in self.library}
        for index, row in enumerate(rows):
            project, place = own.get(row.get("project_code", "")), f"seconds[{index}].second_amount"
            if project is not None and project.sync is not None and project.sync[0] != "target_synced":
                text = f"“{project.name}”的绩效目标还没有同步调整（{project.sync_state}），请督促实施单位办理后再报送"
                yield Problem(field=place, message=text, severity="error", source=_SOURCE, rule="P09")
                continue
            change = change_percent(_amount(row, "target_amount"), _amount(row, "second_amount"))
            if change is not None and abs(change) > self.sync_percent:
                text = (
                    f"“{row.get('project_name')}”二上金额较现行绩效目标的金额变化{change}%，超过{self.sync_percent}%，"
                    "目标没有同步，请改正金额或先调整目标"
                )
                yield Problem(field=place, message=text, severity="error", source=_SOURCE, rule="P09")

    def hindrances(self, session: Session, content: Mapping[str, Any], *, node: str, at: datetime) -> Iterator[Problem]:
        """A season that is closed takes no first submission; what was returned may still come back."""
        campaign = self.campaign
        if self.case.form_revision_id is not None:
            return
        if campaign.state != "open" or not campaign.opens_on <= day(at) <= campaign.closes_on:
            text = f"预算编制批次“{campaign.title}”未开放（{campaign.opens_on}至{campaign.closes_on}），不能报送一上，请联系预算科"
            yield Problem(field="", message=text, severity="error", source=_SOURCE)

    def settle(self, session: Session, docket: Docket, content: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """Lines, control number, approval and the case's amount follow what was submitted."""
        own = {project.code: project.project_id for project in self.library}
        lines = _lines(content, own)
        case_id = self.case.id
        session.execute(
            delete(BudgetLine).where(
                BudgetLine.case_id == case_id, BudgetLine.project_id.not_in([line["project_id"] for line in lines])
            )
        )
        if lines:
            statement = insert(BudgetLine).values([{"case_id": case_id, **line} for line in lines])
            changed = {name: statement.excluded[name] for name in lines[0] if name != "project_id"}
            session.execute(statement.on_conflict_do_update(index_elements=["case_id", "project_id"], set_=changed))
        approved = content.get("approved_on")
        approved_on = datetime.fromisoformat(str(approved)).date() if approved else None
        values = {
            "control_number": number_of(content.get("control_number")),
            "approved_on": approved_on,
            "reply_due": approved_on + timedelta(days=self.reply_days) if approved_on else None,
        }
        kept = insert(DepartmentBudget).values(case_id=case_id, **values)
        session.execute(kept.on_conflict_do_update(index_elements=["case_id"], set_=values))
        docket.case.amount = _latest(lines)

    def review_context(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """What the reply is told: approval, its deadline, and how much is replied for how many targets."""
        rows = content.get("seconds") or []
        approved = content.get("approved_on")
        due = datetime.fromisoformat(approved).date() + timedelta(days=self.reply_days) if approved else None
        total = sum((_amount(row, "second_amount") or Decimal(0) for row in rows), Decimal(0))
        facts = {"approved_on": approved, "reply_due": due.isoformat() if due else None}
        return known(**facts, second_total=format(total, "f"), targets=len(rows))


def change_percent(target: Decimal | None, amount: Decimal | None) -> Decimal | None:
    """How far an amount is from that of its target, percent with two places; None where there is nothing to compare."""
    if not target or amount is None:
        return None
    return ((amount - target) / target * 100).quantize(_PLACES, rounding=ROUND_HALF_UP)


def of_case(session: Session, case: CaseFile) -> BudgetSubject:
    """The budget a case is about."""
    parts = of_department(session, case)
    kept = session.get(DepartmentBudget, case.id, populate_existing=True)
    projects = library(session, case.department_id, parts[0].fiscal_year, case.id)
    return BudgetSubject(case, *parts, tuple(projects), kept)


def _request(project: LibraryProject) -> dict[str, Any]:
    return {
        "row_id": project.row_id,
        "project_code": project.code,
        "project_name": project.name,
        "unit_name": project.unit,
        "library_no": project.library_no,
        "target_amount": format(project.amount.normalize(), "f"),
    }


def _control(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("row_id", "project_code", "project_name", "rank", "target_amount", "first_amount")
    return {name: row.get(name) for name in names}


def _second(row: Mapping[str, Any], project: LibraryProject | None) -> dict[str, Any]:
    found = {name: row.get(name) for name in ("row_id", "project_code", "project_name", "control_amount")}
    if project is None:
        return {**found, "sync_state": "已不在目标库"}
    target = {"target_amount": format(project.amount.normalize(), "f"), "target_version": project.version}
    return {**found, **target, "sync_state": project.sync_state}


def _filled(rows: Sequence[Mapping[str, Any]], earlier: Any) -> list[dict[str, Any]]:
    kept = {row.get("row_id"): row for row in earlier or [] if isinstance(row, Mapping)}
    return [{**kept.get(row["row_id"], {}), **row} for row in rows]


def _ranks(rows: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    seen: dict[int, str] = {}
    for index, row in enumerate(rows):
        if row.get("selected") != "yes" or row.get("rank") is None:
            continue
        rank = int(row["rank"])
        if rank in seen:
            text = f"“{row.get('project_name')}”与“{seen[rank]}”排序同为{rank}，每个项目的排序应不同"
            yield Problem(field=f"requests[{index}].rank", message=text, severity="error", source=_SOURCE, rule="P09")
        seen.setdefault(rank, str(row.get("project_name")))


def _lines(content: Mapping[str, Any], own: Mapping[str, str]) -> list[dict[str, Any]]:
    controls, seconds = _by_code(content, "controls"), _by_code(content, "seconds")
    return [
        {
            "project_id": own[row["project_code"]],
            "rank": int(row.get("rank") or 0),
            "target_amount": _amount(row, "target_amount") or Decimal(0),
            "first_amount": _amount(row, "first_amount") or Decimal(0),
            "control_amount": _amount(controls.get(row["project_code"], {}), "control_amount"),
            "second_amount": _amount(seconds.get(row["project_code"], {}), "second_amount"),
        }
        for row in content.get("requests") or []
        if row.get("selected") == "yes" and row.get("project_code") in own
    ]


def _latest(lines: Sequence[Mapping[str, Any]]) -> Decimal:
    """The department's money as far as it has come: second submission, else control numbers, else first submission."""
    for name in ("second_amount", "control_amount", "first_amount"):
        if any(line[name] is not None for line in lines):
            return sum((line[name] or Decimal(0) for line in lines), Decimal(0))
    return Decimal(0)


def _by_code(content: Mapping[str, Any], table: str) -> dict[str, Mapping[str, Any]]:
    return {row.get("project_code"): row for row in content.get(table) or []}


def _amount(row: Mapping[str, Any], name: str) -> Decimal | None:
    return number_of(row.get(name))
