"""The small district in the year after: its project is in the library, a season of monitoring is open, figures are there."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.case import CaseFile, Visit
from db.monitoring import ExecutionFigure, Rectification
from db.project import Project
from service import attachments, campaigns, launches, revisions, tasks
from service.errors import Refused
from tests import district as declared
from tests import factories

AT = datetime(2027, 8, 23, 1, 0, tzinfo=UTC)
DECIDERS = {
    "fill": "UNIT_CLERK",
    "unit_sign": "UNIT_LEADER",
    "department_review": "DEPT_REVIEWER",
    "fund_review": "FUND_REVIEWER",
    "draft_notice": "PERF_OFFICER",
    "approve_notice": "PERF_CHIEF",
    "respond": "UNIT_CLERK",
    "final_review": "PERF_CHIEF",
    "leader_decision": "BUREAU_LEADER",
    "spot_check": "PERF_OFFICER",
    "finalise": "PERF_CHIEF",
}
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
TREASURY = "TREASURY"


@dataclass
class MonitoredDistrict:
    """A district whose season of monitoring is open; its clock, its season, and its only project."""

    base: declared.District
    season: Campaign
    at: datetime = AT

    @property
    def session(self) -> Session:
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
        return self.session.scalars(select(Project)).one()

    def launch(self) -> CaseFile:
        launches.launch_due(self.session, self.later())
        self.session.commit()
        return self.case("performance_monitoring")

    def case(self, process_id: str) -> CaseFile:
        wanted = select(CaseFile).where(CaseFile.process_id == process_id).order_by(CaseFile.started_at.desc()).limit(1)
        return self.session.scalars(wanted.execution_options(populate_existing=True)).one()

    def figures(self, *, executed: str = "25", budget: str | None = None, carry_over: str = "0") -> None:
        amount = Decimal(budget) if budget else self.project.amount_total
        self.session.merge(
            ExecutionFigure(
                campaign_id=self.season.id,
                project_id=self.project.id,
                annual_budget=amount,
                carry_over=Decimal(carry_over),
                executed=Decimal(executed),
                brought_by=self.base.people[TREASURY].id,
                brought_at=self.at,
            )
        )
        self.session.commit()

    def visit(self, case: CaseFile, node: str) -> Visit:
        return self.base.open_visits(case.id)[node]

    def decide(self, case: CaseFile, node: str, verb: str = "approve", **asked: Any) -> Any:
        asked.setdefault("reason", "已核对，情况属实")
        answer = tasks.decide(
            self.session,
            self.visit(case, node).id,
            verb,
            actor=self.actor(asked.pop("role", None) or DECIDERS[node]),
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

    def report(self, **changes: Any) -> dict[str, Any]:
        """A sound report: everything reached as planned, nothing behind."""
        rows = []
        for target in self.target["indicators"]:
            row: dict[str, Any] = {"possibility": "certain"}
            if target["nature"] == "quantitative":
                row |= {"value_to_date": target["target_value"], "full_year_forecast_value": target["target_value"]}
            else:
                row["state"] = "进行中" if target["nature"] == "date" else "达成"
            rows.append(row)
        executed = self.session.scalars(select(ExecutionFigure.executed)).first() or Decimal(0)
        content = {
            "full_year_forecast": format(executed.normalize(), "f"),
            "goal_progress": "截至七月底各项工作按计划推进，主要任务已完成过半，未出现偏差。",
            "indicators": rows,
        }
        return {**content, **changes}

    @property
    def target(self) -> Any:
        from service import subjects

        return subjects.approved(self.session, self.project.id)

    def submit(self, case: CaseFile, **changes: Any) -> Any:
        return self.decide(case, "fill", "submit", form={"monitoring_report": self.report(**changes)})

    def content(self, case: CaseFile) -> Any:
        fresh = self.base.case(case.id)
        kept = revisions.one(self.session, fresh.form_revision_id)
        return kept.content if kept else {}

    def sign(self, case: CaseFile) -> None:
        self.decide(case, "unit_sign")
        self.decide(case, "department_review")

    def check(self, case: CaseFile, **changes: Any) -> Any:
        review = {f"check_{name}": "ok" for name in ("timely", "compliant", "effective")}
        review |= {"opinion": "资金使用合规，同意", **changes}
        return self.decide(case, "fund_review", form={"monitoring_review": review})

    def red(self) -> CaseFile:
        """A case whose money stands still, up to the fund section's check; gives the rectification."""
        self.figures(executed="1")
        case = self.launch()
        self.submit(case)
        self.sign(case)
        self.check(case, proposed_action="continue")
        return self.case("rectification")

    def notice(self, case: CaseFile, **changes: Any) -> Any:
        content = dict(self.draft(case))
        return self.decide(case, "draft_notice", "submit", form={"rectification_notice": {**content, **changes}})

    def draft(self, case: CaseFile) -> Any:
        found = revisions.draft(self.session, self.visit(case, "draft_notice").id, "rectification_notice")
        kept = ("issues", "requirements", "due_date")
        return {name: found.content[name] for name in kept} if found else {}

    def evidence(self, case: CaseFile) -> str:
        kept = attachments.store(
            self.session,
            self.visit(case, "respond").id,
            actor=self.actor("UNIT_CLERK"),
            at=self.at,
            filename="支付凭证.pdf",
            content=PDF,
        )
        self.session.commit()
        return str(kept["id"])

    def reply(self, case: CaseFile, **changes: Any) -> Any:
        measures = [
            {"action": "倒排工期，按月调度支付进度", "responsible": "王某某", "finish_date": "2027-09-20"}
            for _ in self.content(case)["issues"]
        ]
        content = {
            "measures": measures,
            "result": "已完成合同签订和首批支付，累计执行率达到序时进度，后续按月调度。",
            "is_completed": "completed",
            "evidence": [{"id": self.evidence(case)}],
            **changes,
        }
        return self.decide(case, "respond", "submit", form={"rectification_notice": content})

    def issued(self) -> CaseFile:
        case = self.red()
        self.notice(case)
        self.decide(case, "approve_notice")
        return self.base.case(case.id)

    def reviewed(self, case: CaseFile, node: str, verb: str = "approve", **changes: Any) -> Any:
        review = {"opinion": "整改措施到位，佐证齐全", **changes}
        if node == "fund_review":
            review.setdefault("fund_budget_advice", "keep")
        params = {"to": "respond", "resubmit": "replay"} if verb == "return" else {}
        return self.decide(case, node, verb, form={"rectification_review": review}, params=params, reason=None)

    def answered(self, case: CaseFile) -> None:
        self.reply(case)
        self.decide(case, "unit_sign")
        self.reviewed(case, "department_review")


def create(session: Session, *, launch: bool = False, **parameters: Any) -> MonitoredDistrict:
    """Make the district, walk its project into the library, open the season; committed."""
    base = with_library(session, at=AT)
    season = {
        "process_id": "performance_monitoring",
        "title": "2027年1至7月绩效运行监控",
        "opens_on": "2027-08-20",
        "closes_on": "2027-08-31",
        "parameters": parameters,
    }
    return MonitoredDistrict(base, open_season(base, season, at=AT))


def with_library(session: Session, *, at: datetime) -> declared.District:
    """A district with a treasury section and one project in the library; its clock stands at ``at``."""
    base = declared.create_district(session, year=2027)
    started = base.start()
    base.walk(
        started["case_id"], "draft", "unit_sign", "department_review", "fund_review", "fund_chief_review",
        "budget_review", "performance_review", "performance_chief_review",
    )  # fmt: skip
    body = factories.create_organisation(session, kind="treasury_section")
    base.people[TREASURY] = factories.create_person(session, username="treasury")
    factories.create_post(session, role=TREASURY, organisation=body, person=base.people[TREASURY])
    base.at = at
    return base


def open_season(base: declared.District, values: dict[str, Any], *, at: datetime) -> Campaign:
    """Prepare and open a season of 2027 for the district's unit; committed."""
    session, officer = base.session, base.actor("PERF_OFFICER")
    given = {"fiscal_year": "2027", "units": [base.bodies["unit"].id], **values}
    made = campaigns.create(session, given, actor=officer, at=at)
    campaigns.open(session, made["id"], actor=officer, at=at)
    session.commit()
    return session.get_one(Campaign, made["id"])


__all__ = ["AT", "MonitoredDistrict", "Rectification", "create", "date"]
