"""Do the words of goal and indicators say something that can be measured? (Q08, Q09, Q14 to Q18)"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from service.rules.quality.context import QualityContext
from service.rules.quality.target import Row, Target
from service.rules.quantities import Quantity, base, leading_unit, quantities

Findings = Iterator[tuple[str, str]]
#: A comparison inside a name; "65岁以上" describes people, so words after the number are no sign.
_COMPARED = re.compile(
    r"[≥≤><=]\s*\d*(?:\.\d+)?[%‰]?|(?:不低于|不少于|不超过|不高于|不大于|不小于|达到|超过|低于|高于|大于|小于)\d+(?:\.\d+)?[%‰\u4e00-\u9fff]?"
)
_SHARE = re.compile(r"\d+(?:\.\d+)?[%‰]")
#: What follows a number that names a time, an age or a place in an order instead of a quantity to be reached.
_NO_QUANTITY = re.compile(
    r"年(?!以)|月|日(?!均)|岁|周岁|季度|号|届|期工程|级|类|[-—~～至]\s*\d|分钟[\u4e00-\u9fff]{0,4}圈"
)
_ORDER = re.compile(r"第$|[-—~～至]$|[A-Za-z]$")


def vague_words(target: Target, context: QualityContext) -> Findings:
    """Q08: a vague word (提升, 较好, 有效 …) where neither a number nor a graded standard makes it measurable.

    Looks at indicators without number, day and grades, and at a goal without any number.
    Source: 财预〔2015〕88号 (明确清晰; unconfirmed: article).
    """
    for row in target.rows:
        if row.levels or row.day is not None or (row.value is not None and row.nature != "qualitative"):
            continue
        word = _first(context.rule_set.vague_words, row.name + " " + row.text)
        if word:
            yield row.path("level3_name"), f"{row.title}中的“{word}”不可衡量，请给出数值或分级标准"
    word = _first(context.rule_set.vague_words, target.goal)
    if word and not any(letter.isdigit() for letter in target.goal):
        yield "annual_goal", f"年度总体目标只写“{word}”，没有数量，不可衡量，请给出数值"


def _first(words: Iterable[str], text: str) -> str:
    """The vague word that stands first in the text, the longest at the same place."""
    found = [(text.index(word), -len(word), word) for word in words if word in text]
    return min(found)[2] if found else ""


def value_in_name(target: Target, context: QualityContext) -> Findings:
    """Q09: the indicator's name repeats its value, or holds a comparison or percentage, which belong to the value cell.

    Numbers that only describe (65岁以上, 24小时修复率, PM2.5) stay; 1.2万人次 equals a value of 12000 人次.
    Source: rule of the product (F01: names without numbers and signs).
    """
    for row in target.rows:
        match = _COMPARED.search(row.name) or _SHARE.search(row.name)
        text = match[0] if match else next((q.text + row.unit for q in quantities(row.name) if _is_value(q, row)), "")
        if text:
            yield row.path("level3_name"), f"{row.title}的名称里写了“{text}”，请移到指标值和计算符号列"


def _is_value(quantity: Quantity, row: Row) -> bool:
    if row.value is None:
        return False
    value, unit = base(row.value, row.unit)
    return bool(unit) and quantity.value == value and quantity.after.startswith(unit)


def thin_goal(target: Target, context: QualityContext) -> Findings:
    """Q14: the goal has fewer than 20 characters or no number. Source: 财预〔2015〕88号 (unconfirmed: article)."""
    wanted = context.rule_set.goal_min_characters
    advice = "请写明做什么、做多少、达到什么效果"
    if len(target.goal) < wanted:
        yield "annual_goal", f"年度总体目标只有{len(target.goal)}个字，少于{wanted}个字，{advice}"
    elif not any(letter.isdigit() for letter in target.goal):
        yield "annual_goal", f"年度总体目标没有一个数字，{advice}"


def numbers_not_in_table(target: Target, context: QualityContext) -> Findings:
    """Q15: a quantity of the goal is in no indicator, compared in base units (1.2万亩 is 12000 亩).

    Years, days, ages, ranges and ordinals are no quantities; amounts of the project's money and numbers in names of
    indicators count as found. Source: rule of the product (goal and indicators belong together).
    """
    known = _known_numbers(target)
    absent: dict[str, None] = {}
    for quantity in quantities(target.goal):
        if _NO_QUANTITY.match(quantity.after) or _ORDER.search(quantity.before) or quantity.value in known:
            continue
        absent[quantity.text + _unit(quantity.after, context)] = None
    if absent:
        yield "annual_goal", f"年度总体目标中的{'、'.join(absent)}未在指标表中体现，请补充相应指标或核对数字"


def _unit(after: str, context: QualityContext) -> str:
    listed = [unit for unit in context.units if after.startswith(unit)]
    return max(listed, key=len) if listed else leading_unit(after)


def _known_numbers(target: Target) -> set[Decimal]:
    known = {number for row in target.rows for number in (row.value, row.base_value) if number is not None}
    known |= {quantity.value for row in target.rows for quantity in quantities(f"{row.name} {row.levels}")}
    known |= {quantity.value for row in target.rows if row.value is None for quantity in quantities(row.text)}
    amounts = [amount for amount in target.amounts.values() if amount is not None]
    return known | set(amounts) | {amount * 10000 for amount in amounts}


def wrong_direction(target: Target, context: QualityContext) -> Findings:
    """Q16: what should become less is asked "at least", or what should become more "at most".

    The word standing last in the name decides (投诉按期办结率 is good, 有效投诉率 bad); names that begin with work
    done (查处…, 推动…) have no direction of their own. Source: rule of the product.
    """
    for row in target.rows:
        direction = _direction(row.name, context)
        if direction < 0 and row.operator in ("ge", "gt"):
            yield row.path("operator"), f"{row.title}应越低越好，计算符号应使用“≤”或“=”，现为“≥”，请改正"
        elif direction > 0 and row.operator in ("le", "lt"):
            yield row.path("operator"), f"{row.title}应越高越好，计算符号应使用“≥”或“=”，现为“≤”，请改正"


def _direction(name: str, context: QualityContext) -> int:
    rules = context.rule_set
    good, bad = _last(rules.positive_words, name), _last(rules.negative_words, name)
    if bad > good:
        return 0 if name.startswith(rules.handling_words) else -1
    return 1 if good > bad else 0


def _last(words: Iterable[str], text: str) -> int:
    return max((text.rindex(word) + len(word) for word in words if word in text), default=0)


def input_as_output(target: Target, context: QualityContext) -> Findings:
    """Q17: spending money (预算执行率, 资金到位率) is an input, no output or benefit.

    Source: 财预〔2020〕10号 (the execution rate is scored apart with 10 points; unconfirmed: article).
    """
    for row in target.rows:
        word = _first(context.rule_set.input_words, row.name)
        if word:
            yield (
                row.path("level3_name"),
                f"{row.title}是投入或过程指标（{word}），预算执行率另计10分，请改为项目的产出或效益",
            )


def output_as_benefit(target: Target, context: QualityContext) -> Findings:
    """Q18: a benefit that begins with 完成, 开展, 举办 … describes work done, an output. Source: rule of the product."""
    for row in target.rows:
        if row.level1 != "benefit":
            continue
        word = next((word for word in context.rule_set.activity_words if row.name.startswith(word)), "")
        if word:
            yield (
                row.path("level3_name"),
                f"{row.title}以“{word}”开头，更像产出，请写项目带来的变化，或移到产出指标",
            )
