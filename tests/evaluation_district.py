"""The small district in April of the year after: its project is in the library, a season of self-evaluation is open."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import CaseFile
from service import attachments, launches, tasks
from tests import monitoring_district
from tests.monitoring_district import PDF, MonitoredDistrict

AT = datetime(2028, 4, 5, 1, 0, tzinfo=UTC)
MET = "达成年度指标"
#: What is said of the year in words, in every report.
WORDS = dict.fromkeys(("goal_result", "analysis_economy", "analysis_efficiency", "analysis_effectiveness", "analysis_equity", "report_overview", "report_organisation", "report_problems", "report_measures"), "对照年度目标逐项核对，工作按计划完成，资金使用规范，服务对象反映良好。")  # fmt: skip


@dataclass
class EvaluatedDistrict(MonitoredDistrict):
    """A district whose season of self-evaluation is open."""

    at: datetime = AT

    def launch(self) -> CaseFile:
        launches.launch_due(self.session, self.later())
        self.session.commit()
        return self.case("self_evaluation")

    def evidence(self, case: CaseFile) -> str:
        kept = attachments.store(
            self.session,
            self.visit(case, "fill").id,
            actor=self.actor("UNIT_CLERK"),
            at=self.at,
            filename="佐证材料.pdf",
            content=PDF,
        )
        self.session.commit()
        return str(kept["id"])

    def evaluation(self, case: CaseFile, **rows: Any) -> dict[str, Any]:
        """A sound evaluation, everything reached a little above the target; ``rows`` changes rows by name (r1, r2 …)."""
        found = []
        for number, target in enumerate(self.target["indicators"], 1):
            row: dict[str, Any] = {"row_id": f"r{number}", "evidence_note": "佐证材料第1页"}
            if target["nature"] == "qualitative":
                row |= {"level": MET, "given_score": target["weight"]}
            else:
                row |= {"actual_value": target["target_value"]}
            found.append(row | rows.get(f"r{number}", {}))
        return {
            **WORDS,
            "finished": True,
            "is_public": True,
            "indicators": found,
            "evidence": [{"id": self.evidence(case)}],
        }

    def submit(self, case: CaseFile, rows: Any = (), **changes: Any) -> Any:
        content = {**self.evaluation(case, **dict(rows)), **changes}
        warnings = monitoring_district.declared.Explained()
        return self.decide(case, "fill", "submit", form={"self_evaluation": content}, params={"warnings": warnings})

    def check(self, case: CaseFile, node: str = "fund_review", *, verb: str = "approve", **scores: Any) -> Any:
        """Review or spot check; ``scores`` sets the score of a row (r1 is the execution rate) with a reason."""
        page = tasks.page(
            self.session, self.visit(case, node).id, actor=self.actor(monitoring_district.DECIDERS[node]), at=self.at
        )
        rows = []
        for row in (page.review or {})["content"]["scores"]:
            kept = {name: row[name] for name in ("row_id", "checked_score", "check_reason") if name in row}
            lowered = row["row_id"] in scores
            own = {"checked_score": scores[row["row_id"]], "check_reason": "佐证不足，核减"} if lowered else {}
            rows.append(kept | own)
        review = {"scores": rows, "opinion": "已核对佐证材料，同意"}
        params = {"to": "fill", "resubmit": "replay"} if verb == "return" else {}
        return self.decide(case, node, verb, form={"self_evaluation_review": review}, params=params, reason=None)

    def reviewed(self, case: CaseFile, **scores: Any) -> Any:  # type: ignore[override]
        """From the unit leader to the end of the fund section's review."""
        self.decide(case, "unit_sign")
        self.decide(case, "department_review")
        return self.check(case, **scores)

    def event_changes(self, case: CaseFile, kind: str) -> list[Any]:
        """Changes of one type in the case's history, in order."""
        from db.event import Event

        events = self.session.scalars(select(Event).where(Event.case_id == case.id).order_by(Event.seq))
        return [change for event in events for change in event.changes if change["type"] == kind]


def create(session: Session, *, rule_set: str = "LINEAR_2020", **parameters: Any) -> EvaluatedDistrict:
    """Make the district, walk its project into the library, open the season of 2027's evaluation; committed."""
    base = monitoring_district.with_library(session, at=AT)
    season = {
        "process_id": "self_evaluation",
        "title": "2027年度项目支出绩效自评",
        "opens_on": "2028-04-01",
        "closes_on": "2028-04-30",
        "rule_set": rule_set,
        "parameters": parameters,
    }
    return EvaluatedDistrict(base, monitoring_district.open_season(base, season, at=AT))
