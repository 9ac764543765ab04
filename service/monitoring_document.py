"""How does the summary report of monitoring read as a Word file? Headings, figures and tables of an official report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from docx.document import Document as Paper

from service.people import day
from service.rules.monitoring import LIGHTS
from service.word_paper import begin, heading, line, saved, table

_LIGHTS = ("red", "yellow", "green", "unreported")
_NAMES = {**LIGHTS, "unreported": "未报送"}


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who signed the report, when, and with which opinion."""

    name: str
    at: datetime
    opinion: str


def write(facts: Mapping[str, Any], *, drafter: str, at: datetime, signature: Signature | None = None) -> bytes:
    """The report of these figures as a Word file; nothing in it is counted anew.

    Args:
        at: when it was drafted.
        signature: None for what is still to be signed (送审稿).
    """
    paper = begin(f"关于{facts['fiscal_year']}年1至{facts['month']}月绩效运行监控情况的报告", at)
    if signature is None:
        line(paper, "（送审稿）", centred=True)
    for part in (_overview, _departments, _red, _money, _advice):
        part(paper, facts)
    line(paper, f"起草：{drafter}")
    if signature:
        signed = day(signature.at)
        line(paper, f"签发意见：{signature.opinion}")
        line(paper, f"签发：{signature.name}")
        line(paper, "区财政局", right=True)
        line(paper, f"{signed.year}年{signed.month}月{signed.day}日", right=True)
    return saved(paper)


def _overview(paper: Paper, facts: Mapping[str, Any]) -> None:
    sums = facts["sums"]
    reported = sums["total"] - sums["unreported"]
    heading(paper, "一、总体情况")
    line(
        paper,
        f"本次监控共下达项目{sums['total']}个，已报送{reported}个，报送率{_percent(reported, sums['total'])}%。"
        f"已报送项目全年预算{sums['annual_budget']}万元，截至{facts['month']}月底执行{sums['executed']}万元，"
        f"执行率{sums['rate'] or '0.00'}%；预计全年执行{sums['forecast']}万元，预计结余{sums['surplus']}万元。",
    )
    counted = "，".join(f"{_NAMES[name]}{sums[name]}个" for name in _LIGHTS if sums[name] or name != "unreported")
    line(paper, f"按预警规则判定：{counted}。数据截至{facts['as_of']}。")


def _departments(paper: Paper, facts: Mapping[str, Any]) -> None:
    heading(paper, "二、各部门监控情况")
    heads = ("主管部门", "项目数", "红灯", "黄灯", "绿灯", "未报送", "预算（万元）", "执行（万元）", "执行率（%）")
    rows = [_counts(one["name"], one["sums"]) for one in facts["departments"]]
    table(paper, heads, [*rows, _counts("合计", facts["sums"])])


def _counts(name: str, sums: Mapping[str, Any]) -> list[str]:
    counts = [str(sums[key]) for key in ("total", *_LIGHTS)]
    return [name, *counts, sums["annual_budget"], sums["executed"], sums["rate"] or "—"]


def _red(paper: Paper, facts: Mapping[str, Any]) -> None:
    heading(paper, "三、红灯项目及整改")
    red, follow = facts["red"], facts["rectifications"]
    if not red:
        line(paper, "本次监控没有红灯项目。")
        return
    line(
        paper,
        f"红灯项目{len(red)}个，已转整改{follow['opened']}件，其中办结{follow['finished']}件。"
        + (f"满10个工作日仍未作处置选择的{facts['overdue']}个，建议暂停拨付。" if facts["overdue"] else ""),
    )
    heads = ("项目名称", "单位", "预算（万元）", "执行率（%）", "判灯依据", "整改")
    rows = [
        [one["title"], one["unit"], one["annual_budget"] or "—", one["rate"] or "—", one["why"] or "—", _follow(one)]
        for one in red
    ]
    table(paper, heads, rows)


def _follow(one: Mapping[str, Any]) -> str:
    return f"{one['rectification']} {one['stage'] or ''}".strip() if one["rectification"] else "未转整改"


def _money(paper: Paper, facts: Mapping[str, Any]) -> None:
    heading(paper, "四、预算执行和预计结余")
    line(paper, "执行最慢的项目：")
    heads = ("项目名称", "单位", "预算（万元）", "执行（万元）", "执行率（%）")
    rows = [
        [one["title"], one["unit"], one["annual_budget"] or "—", one["executed"] or "—", one["rate"] or "—"]
        for one in facts["slowest"]
    ]
    table(paper, heads, rows)
    if facts["surplus"]:
        line(paper, "预计结余最大的项目：")
        left = ("项目名称", "单位", "预算（万元）", "预计结余（万元）")
        rows = [
            [one["title"], one["unit"], one["annual_budget"] or "—", one["surplus"] or "—"] for one in facts["surplus"]
        ]
        table(paper, left, rows)


def _advice(paper: Paper, facts: Mapping[str, Any]) -> None:
    sums = facts["sums"]
    heading(paper, "五、下一步工作")
    advice = []
    if sums["unreported"]:
        advice.append(f"督促尚未报送的{sums['unreported']}个项目限期报送")
    if sums["red"]:
        advice.append(f"对{sums['red']}个红灯项目逐项督办整改，整改不到位的暂停拨付或调减预算")
    if sums["yellow"]:
        advice.append(f"对{sums['yellow']}个黄灯项目提醒主管部门加强调度")
    if Decimal(sums["surplus"]) > 0:
        advice.append(f"对预计结余{sums['surplus']}万元按规定收回统筹或调整用途")
    advice.append("将监控结果作为年度自评和下年度预算安排的依据")
    for number, text in enumerate(advice, 1):
        line(paper, f"{number}、{text}。")


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01")) if whole else Decimal(0)
