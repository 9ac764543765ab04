"""Are the values of the indicators given, possible and comparable? (Q04 to Q06, Q10 to Q13, Q19, Q24 to Q26)"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from difflib import get_close_matches

from service.rules.quality.context import QualityContext, bare
from service.rules.quality.target import SYMBOLS, Row, Target
from service.rules.quantities import base, plain

Findings = Iterator[tuple[str, str]]
#: Units of money in 元, for amounts that stand for themselves (not 元/人).
_MONEY = {"元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10000), "亿元": Decimal(10**8)}


def missing_value(target: Target, context: QualityContext) -> Findings:
    """Q04: a quantitative indicator lacks its number or its unit, or any indicator its value.

    Source: 财预〔2015〕88号 (targets are specific and, where possible, quantified; unconfirmed: article).
    """
    for row in target.rows:
        if row.quantitative and row.value is None:
            problem = f"指标值“{row.text}”不是数字" if row.text else "缺少指标值"
            yield row.path("target_value"), f"{row.title}{problem}，定量指标请填写数字"
        elif not row.quantitative and not row.text:
            yield row.path("target_value"), f"{row.title}缺少指标值，请填写"
        if row.quantitative and not row.unit:
            yield row.path("measure_unit"), f"{row.title}缺少计量单位，请填写，如“%”“个”“万元”"


def impossible_percentage(target: Target, context: QualityContext) -> Findings:
    """Q05: a percentage below 0 or above 100, growth rates and multiples excepted. Source: rule of the product."""
    rules = context.rule_set
    for row in target.rows:
        if not row.quantitative or row.value is None or row.unit not in ("%", "百分比"):
            continue
        if rules.percent_min <= row.value <= rules.percent_max or _is_free(row, context):
            continue
        yield (
            row.path("target_value"),
            f"{row.title}指标值{plain(row.value)}%超出{plain(rules.percent_min)}%～{plain(rules.percent_max)}%，请核对数值或单位",
        )


def _is_free(row: Row, context: QualityContext) -> bool:
    return any(word in row.name for word in context.rule_set.percent_free_words)


def unlisted_unit(target: Target, context: QualityContext) -> Findings:
    """Q06: the unit is not in the district's list of measure units; silent while there is no list.

    Suggests the listed unit people mean (百分比 → %) or a similar one. Source: rule of the product.
    """
    listed = context.units
    if not listed:
        return
    for row in target.rows:
        if not row.quantitative or not row.unit or row.unit in listed:
            continue
        known = context.rule_set.unit_synonyms.get(row.unit, "")
        near = [known] if known in listed else get_close_matches(row.unit, sorted(listed), n=1, cutoff=0.5)
        advice = f"建议改为“{near[0]}”" if near else "请从计量单位库中选择，或请管理员增补"
        yield row.path("measure_unit"), f"{row.title}计量单位“{row.unit}”不在单位库中，{advice}"


def alike_values(target: Target, context: QualityContext) -> Findings:
    """Q10: at least 80 % of the quantitative values are the same number (all 100, say), in projects with a few rows.

    Source: rule of the product, against meaningless filling.
    """
    values = [row.value for row in target.rows if row.quantitative and row.value is not None]
    if len(values) < context.rule_set.same_value_rows:
        return
    value, times = Counter(values).most_common(1)[0]
    if times >= context.rule_set.same_value_share * len(values):
        yield (
            "indicators",
            f"{len(values)}个定量指标中有{times}个指标值都是{plain(value)}，请逐项核实，按实际预期分别填写",
        )


def cost_above_budget(target: Target, context: QualityContext) -> Findings:
    """Q11: a cost indicator given in money (元, 万元, 亿元; not per person) is more than the project's amount of the year.

    Source: rule of the product (财预〔2021〕101号 on cost indicators; unconfirmed).
    """
    if target.total is None:
        return
    for row in target.rows:
        factor = _MONEY.get(row.unit)
        if not row.is_cost or factor is None or row.value is None:
            continue
        cost = row.value * factor / _MONEY["万元"]
        if cost > target.total:
            yield (
                row.path("target_value"),
                f"{row.title}成本{plain(cost)}万元大于项目年度资金{plain(target.total)}万元，请核对成本或预算",
            )


def date_outside_project(target: Target, context: QualityContext) -> Findings:
    """Q12: an indicator's day is not inside the project's start and end, or is no day at all.

    Silent about a side the project does not state. Source: rule of the product.
    """
    for row in target.rows:
        if row.nature != "date" or not row.text:
            continue
        if row.day is None:
            yield row.path("target_value"), f"{row.title}时限“{row.text}”不是日期，请填写如 2027-11-30"
        elif (target.start and row.day < target.start) or (target.end and row.day > target.end):
            period = f"{target.start or '…'}至{target.end or '…'}"
            yield (
                row.path("target_value"),
                f"{row.title}时限{row.day}超出项目起止时间（{period}），请核对日期或项目周期",
            )


def odd_satisfaction(target: Target, context: QualityContext) -> Findings:
    """Q13: a satisfaction goal under 80 % or of 100 % and more is hardly meant. Source: rule of the product."""
    low, high = context.rule_set.satisfaction_min, context.rule_set.satisfaction_below
    for row in target.rows:
        if not row.is_satisfaction or row.value is None or row.unit != "%":
            continue
        if not low <= row.value < high:
            yield (
                row.path("target_value"),
                f"{row.title}满意度目标{plain(row.value)}%是否合理？一般不低于{plain(low)}%、低于{plain(high)}%，请核实",
            )


def not_better_than_before(target: Target, context: QualityContext) -> Findings:
    """Q19: an ongoing project asks for less than last year's actual, or for the same value a third year.

    Compares in base units with the row's own ``prev_actual``/``prev_target``, else with last year's row of the same
    name. Values that cannot improve (100 %, 0) may stay. Silent without a history. Source: rule of the product
    (财预〔2020〕10号: history as a basis of values; unconfirmed).
    """
    if target.content.get("project_attribute") != "ongoing":
        return
    before = {bare(row.name): row for row in context.previous_target.rows} if context.previous_target else {}
    for row in target.rows:
        if not row.quantitative or row.value is None:
            continue
        old = before.get(bare(row.name))
        if row.prev_actual is not None and _is_less(row, row.prev_actual):
            yield (
                row.path("target_value"),
                f"{row.title}上年实际{plain(row.prev_actual)}{row.unit}，今年目标{SYMBOLS.get(row.operator, '')}"
                f"{plain(row.value)}{row.unit}，低于上年水平，请说明理由或调整",
            )
        elif _stands_still(row, old, context):
            yield row.path("target_value"), f"{row.title}指标值{plain(row.value)}{row.unit}已三年不变，请说明理由或调整"


def _is_less(row: Row, actual: Decimal) -> bool:
    value = row.value if row.value is not None else actual
    return value > actual if row.operator in ("le", "lt") else row.operator in ("ge", "gt") and value < actual


def _stands_still(row: Row, old: Row | None, context: QualityContext) -> bool:
    if old is None or row.value is None or old.value is None or old.prev_target is None:
        return False
    if row.value in context.rule_set.unimprovable_values:
        return False
    earlier = base(old.prev_target, old.unit)[0]
    return row.base_value == old.base_value == earlier


def zero_lower_bound(target: Target, context: QualityContext) -> Findings:
    """Q24: "at least 0" binds nobody. Source: rule of the product."""
    for row in target.rows:
        if row.operator in ("ge", "gt") and row.quantitative and row.value == 0:
            yield row.path("target_value"), f"{row.title}目标为{SYMBOLS[row.operator]}0，没有约束力，请填写应达到的数值"


def missing_levels(target: Target, context: QualityContext) -> Findings:
    """Q25: a qualitative indicator needs the description of its grades. Source: 财预〔2020〕10号 (unconfirmed: article)."""
    for row in target.rows:
        if row.nature == "qualitative" and not row.levels:
            yield (
                row.path("levels"),
                f"{row.title}是定性指标，没有分级标准，请写明各档次的标准，如“达成预期：…；部分达成：…；未达成：…”",
            )


def missing_evidence(target: Target, context: QualityContext) -> Findings:
    """Q26: nothing says by which papers the value will be proved. Source: 财预〔2021〕101号 (unconfirmed: article)."""
    for row in target.rows:
        if not row.evidence:
            yield row.path("evidence_required"), f"{row.title}没有佐证资料要求，请说明如何证明，如“验收单”“台账”"
