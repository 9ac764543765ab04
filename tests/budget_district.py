"""The small district while next year's budget is made: its project is in the library, seasons of departments are open."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from db.budget import BudgetLine, DepartmentBudget
from db.campaign import Campaign
from db.case import CaseFile
from db.project import Project, TargetVersion
from service import campaigns, department_seasons, revisions, subjects, tasks
from service.errors import Refused
from tests import district as declared
from tests import factories
from tests.forms import samples

AT = datetime(2026, 11, 9, 1, 0, tzinfo=UTC)
DECIDERS = {
    "select_projects": "DEPT_REVIEWER",
    "fund_review": "FUND_REVIEWER",
    "set_control": "BUDGET_REVIEWER",
    "second_submission": "DEPT_REVIEWER",
    "draft_review": "BUDGET_CHIEF",
    "record_approval": "BUDGET_REVIEWER",
    "budget_reply": "BUDGET_CHIEF",
    "performance_reply": "PERF_CHIEF",
    "draft": "UNIT_CLERK",
    "unit_sign": "UNIT_LEADER",
    "department_sign": "DEPT_LEADER",
    "fund_chief_review": "FUND_CHIEF",
    "budget_review": "BUDGET_REVIEWER",
    "performance_review": "PERF_OFFICER",
}


@dataclass
class BudgetDistrict:
    """A district whose seasons of departments are open, and its clock."""

    base: declared.District
    seasons: dict[str, Campaign]
    at: datetime = AT
    #: The season random cases are opened in.
    season: Campaign | None = None

    @property
    def session(self):
        return self.base.session

    def later(self, **step: float) -> datetime:
        self.at += timedelta(**step or {"minutes": 1})
        self.base.at = self.at
        return self.at

    def actor(self, role: str) -> Any:
        self.base.at = self.at
        return self.base.actor(role)

    @property
    def project(self) -> Project:
        return self.session.scalars(select(Project).order_by(Project.project_code)).first()

    @property
    def amount(self) -> Decimal:
        """What the project's newest target asks for."""
        newest = select(TargetVersion).where(TargetVersion.project_id == self.project.id)
        found = self.session.scalars(newest.order_by(TargetVersion.version.desc())).first()
        return Decimal(found.content["amount_total"])

    def launch(self, process_id: str) -> CaseFile:
        department_seasons.launch_due(self.session, self.later())
        self.session.commit()
        return self.case(process_id)

    def case(self, process_id: str) -> CaseFile:
        wanted = select(CaseFile).where(CaseFile.process_id == process_id).order_by(CaseFile.started_at.desc())
        return self.session.scalars(wanted.execution_options(populate_existing=True)).first()

    def decide(self, case: CaseFile, node: str, verb: str = "approve", **asked: Any) -> Any:
        role = asked.pop("role", None) or DECIDERS[node]
        asked.setdefault("reason", "已核对，情况属实")
        answer = tasks.decide(
            self.session,
            self.base.open_visits(case.id)[node].id,
            verb,
            actor=self.actor(role),
            at=self.later(),
            expected_seq=self.base.case(case.id).seq,
            **asked,
        )
        self.session.commit()
        return answer

    def refused(self, case: CaseFile, node: str, verb: str = "approve", **asked: Any) -> list[str]:
        try:
            self.decide(case, node, verb, **asked)
        except Refused as refusal:
            self.session.rollback()
            return [problem.message for problem in getattr(refusal, "problems", ())] or [refusal.detail]
        raise AssertionError(f"{verb} was not refused")

    def content(self, case: CaseFile) -> Any:
        kept = revisions.one(self.session, self.base.case(case.id).form_revision_id)
        return kept.content if kept else {}

    def rows(self, case: CaseFile, node: str, table: str) -> list[dict[str, Any]]:
        """The rows the system gives at a step."""
        subject = subjects.of_case(self.session, self.base.case(case.id))
        return [{"row_id": row["row_id"]} for row in subject.refreshed(self.content(case), node=node)[table]]

    def form(self, case: CaseFile, node: str, amount: str) -> dict[str, Any]:
        """What a step of a budget is soundly filled in with, every project getting the same amount."""
        if node == "record_approval":
            return {"approved_on": self.base.at.date().isoformat(), "approval_document": "区人大关于年度预算的决议"}
        table, cells = {
            "select_projects": ("requests", {"selected": "yes", "first_amount": amount}),
            "set_control": ("controls", {"control_amount": amount}),
            "second_submission": ("seconds", {"second_amount": amount}),
        }[node]
        rows = [{**row, **cells} for row in self.rows(case, node, table)]
        if node == "select_projects":
            rows = [{**row, "rank": number} for number, row in enumerate(rows, 1)]
        ceiling = {"control_number": str(Decimal(amount) * len(rows))} if node == "set_control" else {}
        return {table: rows, **ceiling}

    def select(self, case: CaseFile, **cells: Any) -> Any:
        chosen = {"selected": "yes", "first_amount": str(self.amount), **cells}
        rows = [
            {**row, "rank": number, **chosen}
            for number, row in enumerate(self.rows(case, "select_projects", "requests"), 1)
        ]
        return self.decide(case, "select_projects", "submit", form={"department_budget": {"requests": rows}})

    def control(self, case: CaseFile, amount: str, *, ceiling: str | None = None, method: str = "decide") -> Any:
        rows = [{**row, "control_amount": amount} for row in self.rows(case, "set_control", "controls")]
        form = {"department_budget": {"control_number": ceiling or amount, "controls": rows}}
        return getattr(self, method)(case, "set_control", "submit", form=form)

    def second(self, case: CaseFile, amount: str, *, method: str = "decide") -> Any:
        rows = [{**row, "second_amount": amount} for row in self.rows(case, "second_submission", "seconds")]
        return getattr(self, method)(case, "second_submission", "submit", form={"department_budget": {"seconds": rows}})

    def approve(self, case: CaseFile, day: str, *, method: str = "decide") -> Any:
        form = {"department_budget": {"approved_on": day, "approval_document": "区人大关于年度预算的决议"}}
        return getattr(self, method)(case, "record_approval", "submit", form=form)

    def reply(self, case: CaseFile, node: str, *, method: str = "decide", **cells: Any) -> Any:
        form = {"budget_reply": {"opinion": "同意批复", "reply_kind": "as_drafted", **cells}}
        return getattr(self, method)(case, node, "approve", form=form)

    def selected(self) -> CaseFile:
        """A budget whose first submission the fund section has passed."""
        case = self.launch("library_to_budget")
        self.select(case)
        self.decide(case, "fund_review")
        return case

    def line(self, case: CaseFile) -> BudgetLine:
        wanted = select(BudgetLine).where(BudgetLine.case_id == case.id)
        return self.session.scalars(wanted.execution_options(populate_existing=True)).one()

    def budget(self, case: CaseFile) -> DepartmentBudget:
        return self.session.get_one(DepartmentBudget, case.id, populate_existing=True)

    def synced(self, case: CaseFile) -> None:
        """Bring the synchronisation of the project's target to its end."""
        sync = self.case("target_sync")
        draft = revisions.draft(self.session, self.base.open_visits(sync.id)["draft"].id, "project_target")
        self.sync_draft(sync, dict(draft.content))
        self.decide(sync, "unit_sign")
        review = samples.review(overall_grade="优", opinion="与控制数一致")
        self.decide(sync, "fund_review", form={"target_review": review}, reason=None)

    def sync_draft(self, sync: CaseFile, content: dict[str, Any], *, method: str = "decide") -> Any:
        params = {"warnings": declared.Explained()}
        return getattr(self, method)(
            sync, "draft", "submit", form={"project_target": self.sync_form(content)}, params=params
        )

    def sync_form(self, content: dict[str, Any]) -> dict[str, Any]:
        """A target as its unit sends it, its cost indicator brought down to its amount."""
        editable = declared.declaration().keys()
        form = {name: value for name, value in content.items() if name in editable}
        budget = Decimal(content["amount_total"])
        rows = [
            {**row, "target_value": str(budget)} if row["level2_code"] == "cost" else row for row in form["indicators"]
        ]
        hidden = ("prev_target", "prev_actual")
        form["indicators"] = [{name: cell for name, cell in row.items() if name not in hidden} for row in rows]
        return form

    def overall(self, **changes: Any) -> dict[str, Any]:
        """A sound overall target: two tasks that come to the budget, one goal with its indicators."""
        amount = self.amount
        declared_rows = declared.declaration()["indicators"]
        names = (
            "level1_code",
            "level2_code",
            "level3_name",
            "nature",
            "operator",
            "target_value",
            "measure_unit",
            "weight",
        )
        rows = [{**{name: row[name] for name in names if row.get(name)}, "goal_no": "1"} for row in declared_rows]
        content = {
            "duties": "贯彻执行就业和社会保障法律法规，组织实施职业技能培训和公共就业服务。",
            "budget_basic": "40",
            "budget_project": str(amount),
            "tasks": [
                {
                    "name": "职业技能培训",
                    "content": "按计划组织培训",
                    "amount_fiscal": str(amount),
                    "project_codes": self.project.project_code,
                },
                {"name": "机构运转", "content": "保障日常运转", "amount_fiscal": "40"},
            ],
            "goals": [{"goal": "全年组织职业技能培训，促进就业创业。"}],
            "indicators": rows,
        }
        return {**content, **changes}


def create(session, **parameters: Any) -> BudgetDistrict:
    """Make the district, walk its project into the library, open both seasons; committed."""
    base = declared.create_district(session, year=2027)
    started = base.start()
    base.walk(
        started["case_id"], "draft", "unit_sign", "department_review", "fund_review", "fund_chief_review",
        "budget_review", "performance_review", "performance_chief_review",
    )  # fmt: skip
    for role, body in (("DEPT_LEADER", "department"), ("BUDGET_CHIEF", "budget_section")):
        base.people[role] = factories.create_person(session, username=role.lower())
        factories.create_post(session, role=role, organisation=base.bodies[body], person=base.people[role])
    base.at = AT
    seasons = {}
    for process_id, title in (
        ("library_to_budget", "2027年度项目预算编制"),
        ("overall_target", "2027年度部门整体绩效目标"),
    ):
        values = {
            "process_id": process_id,
            "title": title,
            "fiscal_year": "2027",
            "opens_on": "2026-11-09",
            "closes_on": "2026-12-31",
            "indicator_template": "COST_2021",
            "parameters": parameters if process_id == "library_to_budget" else {},
            "units": [base.bodies["unit"].id],
        }
        made = campaigns.create(session, values, actor=base.actor("PERF_OFFICER"), at=AT)
        campaigns.open(session, made["id"], actor=base.actor("PERF_OFFICER"), at=AT)
        seasons[process_id] = session.get_one(Campaign, made["id"])
    session.commit()
    return BudgetDistrict(base, seasons)
