"""What do the demo district's people write in its self-evaluation? The recorded results in words, with reviews."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from db import demo
from service.demo.chance import dice
from service.demo.year import DATA_YEAR

_GOOD = "对照年初批复的绩效目标，各项任务已按计划完成，资金按合同和进度支付，服务对象反映良好。"
_SHORT = "对照年初批复的绩效目标，主要任务基本完成，个别指标受前期准备和外部条件影响没有达到预期，已列出改进措施。"
_ANALYSIS: Mapping[str, str] = {
    "analysis_economy": "支出按预算和采购规定执行，主要单价不高于同类项目，没有超范围、超标准支出。",
    "analysis_efficiency": "项目按实施方案推进，关键节点有台账，人员和设备安排合理，资金支付与进度匹配。",
    "analysis_effectiveness": "项目实施后服务能力和管理水平有所提高，受益对象明显增加，效果可持续。",
    "analysis_equity": "补助和服务面向规定范围内的全部对象，按标准公开执行，没有发现遗漏和优亲厚友。",
}
_PROBLEMS = (
    "年初目标编制时对外部条件估计不足，个别指标设定不够精准；支付多集中在下半年。",
    "项目前期准备时间偏长，部分任务晚于计划开工；绩效台账由多人分头登记，汇总不及时。",
)
_MEASURES = (
    "下年度编制目标时参考三年完成情况，逐项测算指标值；上半年完成采购和合同，按月调度支付。",
    "明确专人负责绩效台账，按季度核对；自评结果用于下年度预算安排和目标调整。",
)
_CHECKED = "佐证材料与填报数据一致，同意自评得分"
_LOWERED = "抽查时佐证材料不能完全证明完成值，酌情核减"


@cache
def recorded() -> Mapping[str, Mapping[str, str]]:
    """The recorded self-evaluation of every project, by its code in the demo data."""
    return {row["project_code"]: row for row in demo.rows("self_evaluation")}


@cache
def _indicators() -> Mapping[str, Sequence[tuple[Mapping[str, str], Mapping[str, str]]]]:
    targets = {(row["project_code"], row["seq"]): row for row in demo.rows("indicators")}
    found: defaultdict[str, list[tuple[Mapping[str, str], Mapping[str, str]]]] = defaultdict(list)
    for row in demo.rows("self_evaluation_indicators"):
        found[row["project_code"]].append((targets[row["project_code"], row["seq"]], row))
    return found


def report(code: str, fiscal_year: int) -> dict[str, Any]:
    """The self-evaluation (F07) of a project as its unit fills it in, without the evidence it attaches."""
    row, random = recorded()[code], dice("evaluation", code)
    return {
        "finished": True,
        "goal_result": _GOOD if row["grade"] == "优" else _SHORT,
        "indicators": [_cells(target, result, fiscal_year) for target, result in _indicators()[code]],
        **_ANALYSIS,
        "report_problems": random.choice(_PROBLEMS),
        "report_measures": random.choice(_MEASURES),
        "is_public": True,
    }


def _cells(target: Mapping[str, str], result: Mapping[str, str], fiscal_year: int) -> dict[str, str]:
    cells = {"evidence_note": f"佐证材料.pdf（{target['evidence'] or '台账'}）"[:200]}
    if target["nature"] == "qualitative":
        cells |= {"level": result["actual_value"], "given_score": result["score"]}
    elif target["nature"] == "date":
        cells["actual_value"] = _moved(result["actual_value"], fiscal_year)
    else:
        cells["actual_value"] = result["actual_value"]
    if result["explanation"]:
        cells["deviation_reason"] = result["explanation"]
    return cells


def _moved(text: str, fiscal_year: int) -> str:
    day = date.fromisoformat(text)
    return day.replace(year=day.year + fiscal_year - DATA_YEAR).isoformat()


def check(code: str, node: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a reviewer sends back of the rows the form gives: as they are, but that a spot check lowers one now and then."""
    kept = [{name: row[name] for name in ("row_id", "checked_score", "check_reason") if name in row} for row in rows]
    random = dice("spot check", code)
    full = [place for place, row in enumerate(rows) if place and row.get("self_score") == f"{row.get('weight')}.00"]
    if node == "spot_check" and full and random.random() < 0.4:
        place = random.choice(full)
        lowered = str(int(int(float(rows[place]["weight"])) * 0.7))
        kept[place] |= {"checked_score": lowered, "check_reason": _LOWERED}
        return {"scores": kept, "opinion": _LOWERED}
    return {"scores": kept, "opinion": _CHECKED}
