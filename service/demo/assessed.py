"""What happens in the ex-ante assessments of the demo district? Their moves, and what everybody writes at each."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from db import demo
from db.case import CaseFile
from service import assessments, attachments, readings, tasks
from service.demo.chance import dice
from service.demo.moves import Move
from service.demo.year import Declared
from service.people import Actor, day

#: How moves of an assessment are told from those of the declaration beside it.
PREFIX = "ex_ante."
#: From these amounts (万元) on experts are heard and the leader decides.
_EXPERTS, _LEADER = Decimal(200), Decimal(500)
_MATERIALS = tuple(f"M{number}" for number in range(1, 10))
_TITLES = (
    "实施方案", "可行性研究报告", "成本测算明细表", "立项依据文件", "绩效目标申报表", "集体决策会议纪要",
)  # fmt: skip
_DIMENSIONS = tuple(f"D{number}" for number in range(1, 6))
_SHEET = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
_METHODS = (
    ("cost_benefit", "测算投入与受益人数、服务量的比例"),
    ("comparison", "与周边区县同类项目比较"),
    ("field", "实地查看实施场地和条件"),
    ("experts", "征求行业专业人员意见"),
)
_SAID = (
    "项目立项依据充分，与部门职责相符，成本测算基本合理，建议按计划实施并加强绩效跟踪。",
    "实施方案具有可操作性，绩效目标明确，资金来源合规，建议细化分月支出计划。",
    "投入与预期产出匹配，风险应对措施较完善，建议完善后续管护责任和佐证资料。",
)


def moves(project: Declared) -> Iterator[Move]:
    """An assessment from its draft to its conclusion."""
    yield Move(f"{PREFIX}start")
    yield Move(f"{PREFIX}draft", "submit")
    way = ["unit_sign", "department_review", "materials_check"]
    way += ["expert_review"] if project.amount >= _EXPERTS else []
    way += ["fund_opinion", "performance_conclusion"]
    way += ["leader_decision"] if project.amount >= _LEADER else []
    yield from (Move(f"{PREFIX}{node}", "approve") for node in way)


def unfinished(project: Declared) -> list[Move]:
    """Target and assessment sent together, the assessment waiting for its experts, the target for its department."""
    ahead = [move for move in moves(project) if move.node.removeprefix(PREFIX) != "leader_decision"][:5]
    return [*ahead[:3], Move("draft", "submit"), Move("unit_sign", "approve"), *ahead[3:]]


class Assessing:
    """One assessment while its moves are made."""

    def __init__(self, project: Declared, project_id: str) -> None:
        self._project, self._project_id = project, project_id
        self._visits: dict[str, str] = {}
        self._case_id, self._seq = "", 1

    def make(self, session: Session, node: str, verb: str, actor: Actor, at: datetime) -> None:
        """Make one move at an instant."""
        if node == "start":
            begun = assessments.start(session, self._project_id, actor=actor, at=at, simulated=True)
            self._visits, self._case_id = {"draft": begun["visit_id"]}, begun["case_id"]
            return
        case = session.get_one(CaseFile, self._case_id, populate_existing=True)
        readings.note(session, case, actor.person_id, self._seq, at)
        visit_id = self._visits.pop(node)
        asked = self._asked(session, node, visit_id, actor, at)
        answer = tasks.decide(
            session, visit_id, verb, actor=actor, at=at, expected_seq=self._seq, simulated=True, **asked
        )
        self._seq = answer["seq"]
        self._visits |= {opened["node_id"]: opened["visit_id"] for opened in answer.get("opened", ())}

    def _asked(self, session: Session, node: str, visit_id: str, actor: Actor, at: datetime) -> dict[str, Any]:
        if node == "draft":
            kept = attachments.store(session, visit_id, actor=actor, at=at, filename="评估资料.pdf", content=_SHEET)
            return {
                "form": {
                    "ex_ante_assessment": {
                        **self._report(at),
                        "attachments": [{"id": kept["id"], "filename": "评估资料.pdf"}],
                    }
                }
            }
        if node in ("unit_sign", "leader_decision"):
            return {"reason": "同意报送" if node == "unit_sign" else "同意评估结论，按程序办理"}
        forms: Mapping[str, tuple[str, Mapping[str, Any]]] = {
            "department_review": ("ex_ante_opinion", {"opinion": "符合部门规划和年度重点，同意报送"}),
            "materials_check": ("ex_ante_materials", self._checked()),
            "expert_review": ("ex_ante_experts", self._experts(at)),
        }
        code, content = forms.get(node, ("ex_ante_opinion", self._opinion()))
        return {"form": {code: content}}

    @property
    def _conclusion(self) -> tuple[str, Decimal]:
        conclusion, score = self._project.ex_ante or ("support", "88")
        return conclusion, Decimal(score or "88")

    def _report(self, at: datetime) -> dict[str, Any]:
        content, (conclusion, score) = self._project.content, self._conclusion
        random = dice("assessment", self._project.code)
        amount = str(content["amount_total"])
        chosen = sorted(random.sample(range(len(_METHODS)), 2))
        return {
            "subject_kind": "project",
            "organizer": "unit",
            "report_object": str(content["summary"])[:1000],
            "assessed_from": (day(at) - timedelta(days=random.randrange(8, 20))).isoformat(),
            "assessed_to": (day(at) - timedelta(days=1)).isoformat(),
            "methods": [{"method": _METHODS[place][0], "use": _METHODS[place][1]} for place in chosen],
            "materials": [_material(number, item) for number, item in enumerate(_MATERIALS)],
            "scores": _scores(score),
            "conclusion": conclusion,
            "suggested_amount": amount,
            "report_content": "经评估，项目立项必要、投入经济、绩效目标合理、实施方案可行、筹资合规，"
            + ("可以安排预算。" if conclusion == "support" else "完善成本测算和绩效目标后可以安排预算。"),
            "issues": random.choice(("部分成本测算依据不够充分", "后续管护责任还需细化", "个别绩效指标值偏低")),
            "suggestions": random.choice(("按季度细化支出计划", "明确建后管护单位和经费", "补充可比项目的成本数据")),
        }

    def _checked(self) -> dict[str, Any]:
        rows = [
            {"item": item, "status": "approved" if number < len(_TITLES) else "none"}
            for number, item in enumerate(_MATERIALS)
        ]
        return {"checks": rows, "opinion": "资料齐全有效，予以受理"}

    def _experts(self, at: datetime) -> dict[str, Any]:
        conclusion, score = self._conclusion
        random = dice("experts", self._project.code)
        drawn = random.sample(_pool(), 3)
        apart = (Decimal("1.5"), Decimal(0), Decimal("-1.5"))
        rows = [
            {
                "name": expert["name"],
                "employer": expert["employer"],
                "professional_title": f"{expert['title']}，{expert['field']}",
                "no_conflict": True,
                "score": str(min(score + more, Decimal(100)).quantize(Decimal("0.1"))),
                "conclusion": conclusion,
                "opinion": said,
            }
            for expert, more, said in zip(drawn, apart, _SAID, strict=True)
        ]
        held = day(at).isoformat()
        number = f"评审〔{day(at).year}〕{dice('record', self._project.code).randrange(1, 90):03d}号"
        sheet = {"review_by": "experts", "held_on": held, "record_no": number, "experts": rows}
        return {**sheet, "opinion": "专家组一致同意评审结论，意见原件已存档"}

    def _opinion(self) -> dict[str, Any]:
        conclusion, score = self._conclusion
        amount = str(self._project.content["amount_total"])
        words = "评估依据充分，同意按评估结论办理"
        return {"score": str(score), "conclusion": conclusion, "suggested_amount": amount, "opinion": words}


def _material(number: int, item: str) -> dict[str, str]:
    if number < len(_TITLES):
        return {"item": item, "provided": "yes", "note": _TITLES[number]}
    return {"item": item, "provided": "no"}


def _scores(total: Decimal) -> list[dict[str, str]]:
    """The dimensions' points, which add up to the total."""
    each = (total / 5).quantize(Decimal("0.1"), ROUND_DOWN)
    points = [each] * 4 + [total - 4 * each]
    return [
        {"dimension": code, "score": str(score), **({"comment": "依据不够充分，酌情扣分"} if score < 16 else {})}
        for code, score in zip(_DIMENSIONS, points, strict=True)
    ]


@cache
def _pool() -> list[dict[str, str]]:
    return demo.rows("experts")
