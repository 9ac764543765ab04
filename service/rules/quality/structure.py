"""Is the indicator table complete and weighted as the season's template asks? (Q01 to Q03, Q07, Q22, Q23)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from service.rules.quality.context import QualityContext, bare
from service.rules.quality.target import LEVEL1_NAMES, LEVEL2_NAMES, Row, Target
from service.rules.quantities import plain

Findings = Iterator[tuple[str, str]]


def required_groups(target: Target, context: QualityContext) -> Findings:
    """Q01: quantity, quality, timeliness, cost, any benefit and satisfaction indicators must be there.

    A row counts in the level 2 group it names; any row under benefit or satisfaction counts there. Satisfaction is not
    asked for when the season waives it. One finding names all missing groups. Source: 财预〔2020〕10号附件
    指标框架 (unconfirmed: article).
    """
    missing = [
        LEVEL2_NAMES[group] for group in ("qty", "qual", "time") if not any(row.level2 == group for row in target.rows)
    ]
    if not any(row.is_cost for row in target.rows):
        missing.append(LEVEL2_NAMES["cost"])
    if not any(row.is_benefit for row in target.rows):
        missing.append("效益指标（经济、社会、生态、可持续影响至少一项）")
    if not context.satisfaction_waived and not any(row.is_satisfaction for row in target.rows):
        missing.append(LEVEL2_NAMES["sat"])
    if missing:
        yield "indicators", f"缺少{'、'.join(missing)}，请在绩效指标表中各补充至少一行"


def weight_sum(target: Target, context: QualityContext) -> Findings:
    """Q02: the weights of all indicators add up to 90 points; the execution rate has the other 10.

    An empty weight counts 0 and is named. Source: 财预〔2020〕10号 (90 + 10 confirmed in practice; article
    unconfirmed); COST_2021: 财预〔2021〕101号 (unconfirmed).
    """
    total = sum((row.weight or Decimal(0) for row in target.rows), Decimal(0))
    wanted = context.rule_set.weight_total
    if total == wanted:
        return
    difference = f"多{plain(total - wanted)}" if total > wanted else f"少{plain(wanted - total)}"
    empty = [f"第{row.index + 1}行" for row in target.rows if row.weight is None]
    hint = f"；{'、'.join(empty)}未填权重" if empty else ""
    yield (
        "indicators",
        f"指标权重合计为{plain(total)}分，应为{plain(wanted)}分，{difference}分{hint}，请调整权重（预算执行率另计10分）",
    )


def template_weights(target: Target, context: QualityContext) -> Findings:
    """Q03: each level 1 group has the points of the template, unless an explanation is given (``weight_exception``).

    CLASSIC_2020: output with cost 50, benefit 30, satisfaction 10. COST_2021: cost 20, output 40, benefit 20,
    satisfaction 10. Without satisfaction, where the season waives it, its points move to benefit. Source:
    财预〔2020〕10号, 财预〔2021〕101号 (unconfirmed: points).
    """
    if str(target.content.get("weight_exception") or "").strip():
        return
    expected = _expected(target, context)
    actual: dict[str, Decimal] = dict.fromkeys(expected, Decimal(0))
    for row in target.rows:
        group = _group(row, context)
        actual[group] = actual.get(group, Decimal(0)) + (row.weight or Decimal(0))
    for group, points in actual.items():
        wanted = expected.get(group, Decimal(0))
        if points == wanted:
            continue
        name = LEVEL1_NAMES.get(group, group or "未填一级指标")
        inside = "（含成本指标）" if group == "output" and context.weights.cost_within == "output" else ""
        yield (
            "indicators",
            f"{name}{inside}权重合计为{plain(points)}分，模板为{plain(wanted)}分，请调整；确需例外的，填写权重例外说明",
        )


def _expected(target: Target, context: QualityContext) -> Mapping[str, Decimal]:
    if context.satisfaction_waived and not any(row.is_satisfaction for row in target.rows):
        return context.weights.without_satisfaction()
    return context.weights.weights


def _group(row: Row, context: QualityContext) -> str:
    """Cost under output and cost of its own are the same group, which the template places."""
    if row.level1 == "cost" or (row.level1 == "output" and row.level2 == "cost"):
        return context.weights.cost_within
    return row.level1


def repeated_names(target: Target, context: QualityContext) -> Findings:
    """Q07: the same level 3 indicator stands twice in one project; signs and spaces do not tell two apart.

    Source: rule of the product (财预〔2015〕88号 asks for clear, non-repeating indicators; unconfirmed).
    """
    seen: dict[str, Row] = {}
    for row in target.rows:
        name = bare(row.name)
        first = seen.setdefault(name, row) if name else row
        if first is not row:
            yield row.path("level3_name"), f"{row.title}与第{first.index + 1}行重复，请删去其中一行或写明区别"


def few_indicators(target: Target, context: QualityContext) -> Findings:
    """Q22: a key project (from 500 万元) with fewer than seven indicators could say more. Source: rule of the product."""
    count, wanted = len(target.rows), context.rule_set.key_project_indicators
    if target.total is not None and target.total >= context.key_threshold and 0 < count < wanted:
        yield (
            "indicators",
            f"项目年度资金{plain(target.total)}万元，属大额项目（{plain(context.key_threshold)}万元及以上），"
            f"只有{count}个指标，建议补充到{wanted}个以上",
        )


def unbalanced_weights(target: Target, context: QualityContext) -> Findings:
    """Q23: one output indicator weighs more than 20 points, or any indicator less than 2. Source: rule of the product."""
    most, least = context.rule_set.output_weight_max, context.rule_set.weight_min
    for row in target.rows:
        if row.weight is None:
            continue
        if row.weight < least:
            yield (
                row.path("weight"),
                f"{row.title}权重{plain(row.weight)}分，低于{plain(least)}分，请合并指标或提高权重",
            )
        elif row.level1 == "output" and row.weight > most:
            yield (
                row.path("weight"),
                f"{row.title}权重{plain(row.weight)}分，单个产出指标超过{plain(most)}分，请分给其他产出指标或细化本指标",
            )
