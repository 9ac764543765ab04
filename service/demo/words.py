"""What do the demo district's people write? Opinions, remarks, answers and reviews, fitting their decisions."""

from collections.abc import Mapping
from decimal import Decimal
from random import Random
from types import MappingProxyType
from typing import Any

from service.rules.review import MAXIMA

_SIGNED = (
    "材料齐全，同意报送。", "同意报送主管部门审核。", "已核对资金测算和绩效指标，同意。", "情况属实，同意申报。",
    "同意，请主管部门审核。",
)  # fmt: skip
_ARBITRATED = (
    "目标明确、资金安排可行，同意入库。", "经研究，同意纳入绩效目标库，请按目标组织实施。",
    "同意入库，执行中请加强调度。", "符合年度重点工作安排，同意入库。",
)  # fmt: skip
_APPROVED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "department_review": (
            "符合本部门职责和年度工作计划，同意报送。", "目标清晰、指标细化，与部门年度任务衔接，同意。",
            "经初审，内容完整、依据充分，同意报送财政部门。", "与本部门中期规划一致，指标可考核，同意。",
        ),
        "fund_review": (
            "资金用途明确，指标与资金匹配，同意。", "预期产出与资金规模相当，同意提交复核。",
            "项目依据充分，成本指标合理，同意。", "与上年执行情况衔接，指标值合理，同意。",
        ),
        "fund_chief_review": ("同意审核意见。", "经复核，同意送会签。", "同意，请预算科、绩效科会签。"),
        "budget_review": (
            "金额在部门控制数以内，科目使用正确，同意。", "无重复安排，同意列入年度预算项目库。",
            "资金来源落实，同意。", "支出标准符合规定，同意会签。",
        ),
        "performance_review": (
            "指标完整、权重合理、可衡量，同意。", "产出和效益指标匹配，佐证资料明确，同意。",
            "指标体系规范，指标值有依据，同意会签。", "满意度和成本指标设置合理，同意。",
        ),
        "performance_chief_review": ("同意会签意见。", "经复核，指标规范，同意。", "同意入库。"),
    }
)  # fmt: skip
#: What is remarked on a defect: field, remark.
_REMARKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "goal": ("annual_goal", "年度总体目标没有写明数量和效果，请按“做什么、做多少、达到什么效果”补充。"),
        "value": ("indicators[0].target_value", "指标值与年度总体目标中的数量不一致，请核对后修改。"),
        "evidence": ("indicators[1].evidence_required", "没有写明佐证资料，年终无法核实，请补充。"),
        "summary": ("summary", "项目概况过于简单，请补充实施内容、资金测算和进度安排。"),
        "amount": ("amount_total", "申请金额超出同类项目支出标准，请重新测算。"),
        "duplicate": ("project_name", "与本部门已安排的同类项目内容重复，不再单独安排。"),
    }
)
_BESIDE = ("indicators[2].target_value", "请说明时效指标的设定依据。")
_OPINIONS: Mapping[str, str] = MappingProxyType(
    {
        "goal": "总体目标不够具体，请修改后重新报送。",
        "value": "总体目标与绩效指标不衔接，请核对修改。",
        "evidence": "个别指标缺少佐证资料要求，请补充完善。",
        "summary": "项目概况不完整，资金测算依据不清，请补充。",
        "amount": "资金测算依据不足，预算安排不予同意。",
        "duplicate": "项目内容与已安排项目重复，不予安排。",
    }
)
_EXPLAINED = "按照行业规范和上年实际完成情况设定，已在项目概况中说明。"
_GRADES = MappingProxyType({"approve": "优", "consult": "良", "return": "中", "reject": "差"})
#: Least and most points of a hundred that a scored review gives for a verb.
_POINTS = MappingProxyType({"approve": (92, 99), "consult": (82, 88), "return": (64, 76), "reject": (40, 55)})
_ITEM = MappingProxyType(
    {"goal": "C2", "value": "C4", "evidence": "C4", "summary": "C1", "amount": "C6", "duplicate": "C3"}
)
WARNING_REASONS = (
    "已核对，情况属实。", "按照上级文件要求填写，情况属实。", "与历年口径一致，经单位研究确认。",
)  # fmt: skip


def opinion(node: str, verb: str, defect: str, random: Random) -> str:
    """What a person writes with a decision."""
    if verb != "approve":
        return _OPINIONS[defect]
    if node == "unit_sign":
        return random.choice(_SIGNED)
    return random.choice(_ARBITRATED if node == "arbitration" else _APPROVED[node])


def remarks(defect: str, random: Random) -> list[dict[str, str]]:
    """The findings that go with a return or a consultation: what must be mended, now and then a question beside."""
    field, message = _REMARKS[defect]
    found = [{"field": field, "message": message, "severity": "error"}]
    if random.random() < 0.3:
        found.append({"field": _BESIDE[0], "message": _BESIDE[1], "severity": "warning"})
    return found


def answer(field: str) -> dict[str, str]:
    """The drafter's answer to a finding on a field."""
    return (
        {"kind": "explained", "text": _EXPLAINED} if field == _BESIDE[0] else {"kind": "done", "text": "已按意见修改。"}
    )


def spoilt(content: Mapping[str, Any], defect: str) -> dict[str, Any]:
    """A declaration before it was mended: with the defect, but without any error that would block it."""
    rows = [dict(row) for row in content["indicators"]]
    changed = {**content, "indicators": rows}
    if defect == "goal":
        first = str(content["annual_goal"]).split("，")[0]
        changed["annual_goal"] = f"{first.rstrip('。')}，圆满完成年度各项工作任务，取得预期成效。"
    elif defect == "value" and rows[0]["nature"] == "quantitative":
        rows[0]["target_value"] = str(round(Decimal(str(rows[0]["target_value"])) * Decimal("0.9"), 2))
    elif defect == "evidence":
        rows[1].pop("evidence_required", None)
    elif defect == "summary":
        changed["summary"] = (
            f"{str(content['summary']).split('。')[0]}。按照年度工作计划组织实施，年底前完成全部工作任务，资金按规定使用。"
        )
    return changed


def review(node: str, verb: str, defect: str, *, scored: bool, random: Random) -> dict[str, Any]:
    """A complete review (F03) whose grade asks for the verb; scored for key projects, else rated item by item."""
    text = opinion(node, verb, defect, random)
    if scored:
        return {"items": _scores(verb, random), "opinion": text}
    weak = _ITEM.get(defect, "")
    ratings = {code: "良" if random.random() < 0.12 else "优" for code in MAXIMA}
    if weak:
        ratings[weak] = _GRADES[verb]
    comment = {"comment": _REMARKS[defect][1]} if weak else {}
    items = [{"code": code, "rating": rating, **(comment if code == weak else {})} for code, rating in ratings.items()]
    return {"items": items, "overall_grade": _GRADES[verb], "opinion": text}


def _scores(verb: str, random: Random) -> list[dict[str, str]]:
    least, most = _POINTS[verb]
    share = Decimal(random.randint(least, most)) / 100
    return [
        _score(code, (most_points * share * 2).to_integral_value() / 2, most_points)
        for code, most_points in MAXIMA.items()
    ]


def _score(code: str, points: Decimal, most: Decimal) -> dict[str, str]:
    low = points < most * Decimal("0.8")
    return {"code": code, "score": str(points), **({"comment": "依据不够充分，按审核要点扣分。"} if low else {})}
