"""The small district with a new major project: its declaration and its ex-ante assessment side by side."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.project import Project, TargetVersion
from service import adjustments, assessments, attachments, declarations, tasks
from service.errors import Refused
from tests import district as declared
from tests.district import District

#: Who decides at each step of an assessment; the adjustment's are those of the declaration.
DECIDERS = {
    **declared.DECIDERS,
    "materials_check": "FUND_REVIEWER",
    "expert_review": "PERF_OFFICER",
    "fund_opinion": "FUND_CHIEF",
    "performance_conclusion": "PERF_CHIEF",
    "leader_decision": "BUREAU_LEADER",
}
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
DIMENSIONS = ("D1", "D2", "D3", "D4", "D5")
MATERIALS = tuple(f"M{number}" for number in range(1, 10))
NEEDED = MATERIALS[:6]


def money(amount: str) -> dict[str, str]:
    """Amounts of a declaration, all of it the district's."""
    return {"amount_total": amount, "amount_fiscal": amount, "amount_district": amount, "amount_superior": "0"}


def report(asked: str, *, score: str = "18", **changes: Any) -> dict[str, Any]:
    """A sound assessment (F04) as its unit fills it in; the conclusion follows from the score."""
    total = 5 * float(score)
    conclusion = "support" if total >= 85 else "support_after_adjustment" if total >= 60 else "not_support"
    comment = {} if float(score) >= 16 else {"comment": "测算依据不够充分，扣分"}
    content = {
        "subject_kind": "project",
        "organizer": "unit",
        "report_object": "项目为改善辖区公共服务而设立，受益对象为全区居民。",
        "assessed_from": "2026-10-10",
        "assessed_to": "2026-10-28",
        "methods": [
            {"method": "cost_benefit", "use": "比较投入与受益人数"},
            {"method": "field", "use": "实地查看场地和条件"},
        ],
        "materials": [
            {
                "item": item,
                "provided": "yes" if item in NEEDED else "no",
                **({"note": "附件"} if item in NEEDED else {}),
            }
            for item in MATERIALS
        ],
        "scores": [{"dimension": code, "score": score, **comment} for code in DIMENSIONS],
        "conclusion": conclusion,
        "suggested_amount": asked,
        "report_content": "立项必要，投入经济，目标合理，方案可行，筹资合规。经评估可以安排。",
        "issues": "个别测算依据需补充完善",
        "suggestions": "完善成本测算，明确分月实施计划",
    }
    return {**content, **changes}


def materials(status: str = "approved", **changes: str) -> dict[str, Any]:
    """A check of the materials (F04): those that are needed have this status, but for ``changes`` by item."""
    rows = []
    for item in MATERIALS:
        found = changes.get(item, status if item in NEEDED else "none")
        rows.append(
            {"item": item, "status": found, **({"remark": "请补充"} if found in ("missing", "rejected") else {})}
        )
    return {"checks": rows, "opinion": "资料已核对，按程序办理"}


def experts(*scores: str, **changes: Any) -> dict[str, Any]:
    """What experts said (F10), one for each score."""
    rows = [
        {
            "name": f"示例专家{number}",
            "employer": f"示例大学{number}",
            "professional_title": "教授，公共财政",
            "no_conflict": True,
            "score": score,
            "conclusion": "support",
            "opinion": "项目立项依据充分，成本测算基本合理，建议按计划实施并加强绩效跟踪。",
        }
        for number, score in enumerate(scores, 1)
    ]
    sheet = {"review_by": "experts", "held_on": "2026-11-03", "record_no": "评审〔2026〕1号", "experts": rows}
    return {**sheet, "opinion": "专家组同意通过评审", **changes}


def opinion(
    conclusion: str = "support", *, score: str = "90", amount: str | None = None, **changes: Any
) -> dict[str, Any]:
    """An opinion of fund or performance section (F04)."""
    suggested = {"suggested_amount": amount} if amount is not None else {}
    return {"score": score, "conclusion": conclusion, **suggested, "opinion": "评估依据充分，结论可靠", **changes}


@dataclass
class AssessedDistrict:
    """The district, the declaration of its new major project, and the assessment beside it."""

    base: District
    amount: str

    @property
    def session(self) -> Session:
        return self.base.session

    @property
    def project(self) -> Project:
        return self.session.scalars(select(Project).execution_options(populate_existing=True)).one()

    @property
    def declaration(self) -> str:
        return str(self.base.started[-1]["case_id"])

    def save(self) -> None:
        """Keep the declaration as drafted, as the page does by itself."""
        visit = self.base.open_visits(self.declaration)["draft"]
        declarations.save_draft(
            self.session,
            visit.id,
            actor=self.base.actor("UNIT_CLERK"),
            at=self.base.later(),
            form_code="project_target",
            content=self.base.started[-1]["declared"],
        )
        self.session.commit()

    def begin(self, role: str = "UNIT_CLERK") -> CaseFile:
        made = assessments.start(self.session, self.project.id, actor=self.base.actor(role), at=self.base.later())
        self.session.commit()
        return self.base.case(made["case_id"])

    def adjust(self, role: str = "UNIT_CLERK") -> CaseFile:
        made = adjustments.start(self.session, self.project.id, actor=self.base.actor(role), at=self.base.later())
        self.session.commit()
        return self.base.case(made["case_id"])

    def decide(self, case: CaseFile, node: str, verb: str = "approve", **asked: Any) -> Any:
        asked.setdefault("reason", "已核对，情况属实")
        answer = tasks.decide(
            self.session,
            self.base.open_visits(case.id)[node].id,
            verb,
            actor=self.base.actor(asked.pop("role", None) or DECIDERS[node]),
            at=self.base.later(),
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

    def file(self, case: CaseFile, node: str = "draft") -> list[dict[str, str]]:
        kept = attachments.store(
            self.session,
            self.base.open_visits(case.id)[node].id,
            actor=self.base.actor("UNIT_CLERK"),
            at=self.base.at,
            filename="实施方案.pdf",
            content=PDF,
        )
        self.session.commit()
        return [{"id": str(kept["id"])}]

    def submit(self, case: CaseFile, **changes: Any) -> Any:
        content = report(self.amount, **{"attachments": self.file(case), **changes})
        return self.decide(case, "draft", "submit", form={"ex_ante_assessment": content})

    def reviewed(self, case: CaseFile, node: str, verb: str = "approve", **changes: Any) -> Any:
        """Decide at a step with its review form, sound unless ``form`` says otherwise."""
        forms = {
            "department_review": ("ex_ante_opinion", {"opinion": "同意报送，情况属实"}),
            "materials_check": ("ex_ante_materials", materials()),
            "expert_review": ("ex_ante_experts", experts("90", "88", "92")),
            "fund_opinion": ("ex_ante_opinion", opinion(amount=self.amount)),
            "performance_conclusion": ("ex_ante_opinion", opinion(amount=self.amount)),
        }
        code, content = forms[node]
        content = changes.pop("form", content)
        params = {"to": changes.pop("to", "draft"), "resubmit": "replay"} if verb == "return" else {}
        return self.decide(case, node, verb, form={code: content}, params=params, reason=None, **changes)

    def up_to(self, case: CaseFile, last: str, *, large: bool = True) -> None:
        """Walk a submitted assessment to the step that waits."""
        way = ["department_review", "materials_check", *(["expert_review"] if large else []), "fund_opinion"]
        self.decide(case, "unit_sign")
        for node in way:
            if node == last:
                return
            self.reviewed(case, node)

    @property
    def target(self) -> TargetVersion:
        """The newest version of the project's target."""
        newest = select(TargetVersion).order_by(TargetVersion.version.desc()).limit(1)
        return self.session.scalars(newest.execution_options(populate_existing=True)).one()


def create(session: Session, *, amount: str = "300", **parameters: Any) -> AssessedDistrict:
    """The district with a new major project whose declaration is drafted; committed."""
    base = declared.create_district(session, **parameters)
    base.start(project_attribute="new", **money(amount))
    made = AssessedDistrict(base, amount)
    made.save()
    return made
