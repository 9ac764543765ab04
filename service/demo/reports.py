"""What do the demo district's people write in its monitoring? The recorded figures in words, with replies and reviews."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

from db import demo
from service.demo.chance import dice
from service.people import day
from service.rules.quantities import number_of, plain

#: Texts of causes shorter than this are made a sentence.
_LEAST = 10
_PROGRESS = (
    "截至七月底，项目按年初计划组织实施，主要工作已完成前期准备和阶段任务，资金按进度支付。",
    "截至七月底，已完成合同签订和年度任务的主要部分，服务对象反映良好，后续工作正在推进。",
    "截至七月底，项目进展与计划基本一致，阶段性目标已经实现，正在按月调度剩余任务。",
)
_BEHIND = (
    "截至七月底，受前期准备和资金支付进度影响，部分任务晚于计划，正在倒排工期抓紧推进。",
    "截至七月底，项目实施进度慢于年初计划，主要任务集中在下半年，已逐项明确完成时间。",
)
_MEASURES = (
    "倒排工期，按周调度，九月底前完成主要任务",
    "明确专人负责，加快审批和支付，确保年底前完成",
    "与实施单位签订进度承诺，逐月通报完成情况",
)
_ACTIONS = ("倒排工期，逐月调度支付进度", "明确专人，限期完成合同和验收", "调整实施方案，集中力量完成指标")
_PEOPLE = ("项目科科长", "分管负责人", "财务科科长", "项目经办人")
_CAUSES: Mapping[str, str] = MappingProxyType(
    {"funding": "资金", "institution": "制度", "staffing": "人员", "hardware": "设备", "other": "其他"}
)


@cache
def recorded() -> Mapping[str, Mapping[str, str]]:
    """The recorded monitoring of every project, by its code in the demo data."""
    return {row["project_code"]: row for row in demo.rows("monitoring")}


@cache
def _indicators() -> Mapping[str, Sequence[tuple[Mapping[str, str], Mapping[str, str]]]]:
    targets = {(row["project_code"], row["seq"]): row for row in demo.rows("indicators")}
    found: defaultdict[str, list[tuple[Mapping[str, str], Mapping[str, str]]]] = defaultdict(list)
    for row in demo.rows("monitoring_indicators"):
        found[row["project_code"]].append((targets[row["project_code"], row["seq"]], row))
    return found


def report(code: str) -> dict[str, Any]:
    """The report (F05) of a project as its unit fills it in."""
    row, random = recorded()[code], dice("report", code)
    behind = row["overall_light"] != "green"
    return {
        "full_year_forecast": row["full_year_forecast"],
        "goal_progress": random.choice(_BEHIND if behind else _PROGRESS),
        "indicators": [_indicator(target, reached, code) for target, reached in _indicators()[code]],
    }


def _indicator(target: Mapping[str, str], row: Mapping[str, str], code: str) -> dict[str, str]:
    cells = {"possibility": row["possibility"]}
    value = row["jan_jul_value"]
    if target["nature"] == "quantitative":
        cells |= {"value_to_date": value, "full_year_forecast_value": _forecast(target, row)}
    else:
        cells["state"] = next((word for word in ("部分达成", "未达成", "达成") if value.startswith(word)), value)
    if row["reason_kind"]:
        text = row["reason_text"]
        cells[f"reason_{row['reason_kind']}"] = f"{_CAUSES[row['reason_kind']]}保障不足"
        cells["reason_text"] = text if len(text) >= _LEAST else f"{text}，已督促抓紧解决"
    if row["possibility"] != "certain":
        cells["measures"] = dice("measures", code, row["seq"]).choice(_MEASURES)
    return cells


def _forecast(target: Mapping[str, str], row: Mapping[str, str]) -> str:
    """What the unit expects by the end of the year: the target where it is certain, else half of what is missing."""
    wanted, reached = number_of(target["target_value"]), number_of(row["jan_jul_value"])
    if wanted is None or reached is None or reached >= wanted or target["operator"] in ("le", "lt"):
        return row["jan_jul_value"]
    if row["possibility"] == "certain":
        return target["target_value"]
    return plain((reached + (wanted - reached) / 2).quantize(reached.normalize() if reached % 1 else wanted // wanted))


def check(code: str) -> dict[str, Any]:
    """The fund section's three checks."""
    row, random = recorded()[code], dice("check", code)
    red, slow = row["overall_light"] == "red", row["execution_light"] == "red"
    content = {
        "check_timely": "issue" if slow else "ok",
        "check_compliant": "ok",
        "check_effective": "issue" if red and not slow else "ok",
        "opinion": "红灯项目，请单位按整改要求抓紧落实" if red else "资金使用合规，进度与计划一致",
    }
    if slow:
        content["check_timely_note"] = f"截至七月执行率{row['jan_jul_rate']}%，支付进度偏慢"
    elif red:
        content["check_effective_note"] = "部分指标明显落后于计划，绩效没有显现"
    if red:
        content["proposed_action"] = random.choice(("continue", "continue", "continue", "adjust_target", "cut_budget"))
    return content


def reply(code: str, issues: int, begun: datetime) -> dict[str, Any]:
    """The unit's reply: a measure for each issue."""
    random = dice("reply", code)
    finished = (day(begun) + timedelta(days=24)).isoformat()
    measures = [
        {"action": random.choice(_ACTIONS), "responsible": random.choice(_PEOPLE), "finish_date": finished}
        for _ in range(issues)
    ]
    return {
        "measures": measures,
        "result": "已按整改通知逐项落实：支付进度达到序时要求，落后的指标明确了完成时间并按月调度。",
        "is_completed": random.choice(("completed", "completed", "partly")),
    }


def review(code: str, node: str, verb: str) -> dict[str, Any]:
    """What a reviewer of the reply writes."""
    words = {"return": "佐证材料不足，请补充后再报", "reject": "两轮整改仍未到位，提请局领导处理"}
    content: dict[str, Any] = {"opinion": words.get(verb, "整改措施到位，佐证材料齐全")}
    if node == "fund_review":
        content["fund_budget_advice"] = dice("advice", code).choice(("keep", "keep", "keep", "suspend"))
    if node == "leader_decision":
        content |= {"fund_budget_advice": "suspend", "opinion": "暂停拨付未支付资金，由财政监督科跟踪"}
    return content
