"""Does the project fit its money, its tables and its neighbours? (Q20, Q21, Q27 to Q30)"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from service.rules.quality.context import QualityContext, bare
from service.rules.quality.target import Target
from service.rules.quantities import plain

Findings = Iterator[tuple[str, str]]
_LISTED = 3


def similar_project(target: Target, context: QualityContext) -> Findings:
    """Q20: another project of the year has a name alike by 0.85 or more; the three most similar are named.

    Source: rule of the product, against asking twice for the same money.
    """
    found = context.resemblance.similar(target.name, target.code, context.rule_set.name_similarity)
    for ratio, other in found[:_LISTED]:
        basis = "，立项依据也相同" if target.basis and bare(target.basis) == bare(other.basis) else ""
        share = plain((ratio * 100).quantize(Decimal(1)))
        yield (
            "project_name",
            f"“{target.name}”与“{other.name}”（{other.project_code}）名称相似{share}%{basis}，疑似重复，请核实并说明区别",
        )


def missing_ex_ante(target: Target, context: QualityContext) -> Findings:
    """Q21: a new project from the threshold on (200 万元) needs an ex-ante assessment that supports it.

    Source: the district's 事前绩效评估管理暂行办法; 中发〔2018〕34号 (threshold unconfirmed, data of the season).
    """
    total, threshold = target.total, context.ex_ante_threshold
    if target.content.get("project_attribute") != "new" or total is None or total < threshold:
        return
    conclusion = str(target.content.get("ex_ante_conclusion") or "")
    if conclusion in context.rule_set.support_conclusions:
        return
    state = f"结论为“{conclusion}”" if conclusion else "没有事前绩效评估结论"
    yield (
        "ex_ante_conclusion",
        f"新增项目年度资金{plain(total)}万元，达到{plain(threshold)}万元，{state}，请先完成事前绩效评估并取得“支持”结论",
    )


def unbalanced_money(target: Target, context: QualityContext) -> Findings:
    """Q27: the amount of the year is its sources' sum and more than 0 (万元, compared exactly).

    amount_total = amount_fiscal + amount_other; amount_fiscal = amount_district + amount_superior; empty sources count
    0, and the parts of the fiscal amount are only compared where one is given. Source: F01 填表说明 (财预〔2015〕88号附件).
    """
    total, fiscal, other = (target.amounts[name] for name in ("amount_total", "amount_fiscal", "amount_other"))
    if total is None:
        return
    if total <= 0:
        yield "amount_total", f"年度资金总额为{plain(total)}万元，应大于0，请填写本年度申请的资金"
        return
    sources = (fiscal or Decimal(0)) + (other or Decimal(0))
    if total != sources:
        yield (
            "amount_total",
            f"年度资金总额{plain(total)}万元不等于财政拨款与其他资金之和{plain(sources)}万元，请核对资金构成",
        )
    parts = [target.amounts[name] for name in ("amount_district", "amount_superior")]
    if any(part is not None for part in parts):
        summed = sum((part for part in parts if part is not None), Decimal(0))
        if (fiscal or Decimal(0)) != summed:
            yield (
                "amount_fiscal",
                f"财政拨款{plain(fiscal or Decimal(0))}万元不等于区级资金与上级转移支付之和{plain(summed)}万元，请核对资金构成",
            )
    for name, amount in target.amounts.items():
        if amount is not None and amount < 0:
            yield name, f"资金为{plain(amount)}万元，不能小于0，请改正"


def unknown_subject(target: Target, context: QualityContext) -> Findings:
    """Q28: the functional subject is not in the year's table; silent while the district has imported none.

    Source: 政府收支分类科目（年度）(unconfirmed: the table of each year).
    """
    code = str(target.content.get("functional_subject") or "").strip()
    if context.functional_subjects and code and code not in context.functional_subjects:
        yield "functional_subject", f"功能分类科目{code}不在当年科目表中，请按当年政府收支分类科目填写到“项”"


def copied_goal(target: Target, context: QualityContext) -> Findings:
    """Q29: the goal is word for word the goal of another project of the department. Source: rule of the product."""
    if len(bare(target.goal)) < context.rule_set.copied_goal_characters:
        return
    found = context.resemblance.same_goal(target.department, target.goal, target.code)
    if found:
        names = "、".join(f"“{other.name}”" for other in found[:_LISTED])
        yield "annual_goal", f"年度总体目标与本部门项目{names}完全相同，疑似复制粘贴，请按本项目实际填写"


def money_without_target(target: Target, context: QualityContext) -> Findings:
    """Q30: the budget request and the target are submitted together: neither comes without the other.

    Fires where exactly one side is there (an import, the API); an untouched draft has neither. Source: the district's
    practice 谁申请资金，谁编制目标; 预算绩效目标管理暂行办法 (unconfirmed: article).
    """
    asks = target.total is not None and target.total != 0
    aims = bool(target.goal) or bool(target.rows)
    if asks and not aims:
        yield "", "只有预算请求，没有绩效目标，两者必须同时上报，请填写年度总体目标和绩效指标"
    elif aims and not asks:
        yield "", "只有绩效目标，没有预算请求，两者必须同时上报，请填写年度资金总额"
