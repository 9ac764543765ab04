"""Is a well-formed target permitted? The quality rules Q01 to Q30, in order, each with its level and its document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from forms.problem import Problem, Severity
from service.rules.quality import project, structure, values, wording
from service.rules.quality.context import OtherProject, QualityContext
from service.rules.quality.rule_set import RuleSet, default, shipped_parameters, with_parameters
from service.rules.quality.target import Target, read

__all__ = [
    "RULES",
    "OtherProject",
    "QualityContext",
    "Rule",
    "RuleSet",
    "check",
    "default",
    "shipped_parameters",
    "with_parameters",
]

_OWN = "绩效目标质量规则"
#: Stands for the document of the season's indicator template.
_TEMPLATE = "{template}"


@dataclass(frozen=True)
class Rule:
    """A quality rule: its code, what it finds, how grave that is, where it comes from, and the function that looks."""

    code: str
    title: str
    severity: Severity
    document: str
    find: Callable[[Target, QualityContext], Iterable[tuple[str, str]]]

    def problems(self, target: Target, context: QualityContext) -> list[Problem]:
        """Return what the rule finds in a target, as problems with its level and source."""
        document = context.weights.document if self.document == _TEMPLATE else self.document
        source = f"{self.code} · {document}"
        return [
            Problem(field=path, message=message, severity=self.severity, source=source, rule=self.code)
            for path, message in self.find(target, context)
        ]


_ORDERED = (
    Rule("Q01", "缺少必备二级指标", "error", _TEMPLATE, structure.required_groups),
    Rule("Q02", "权重合计不等于90", "error", _TEMPLATE, structure.weight_sum),
    Rule("Q03", "一级指标权重不符合模板", "error", _TEMPLATE, structure.template_weights),
    Rule("Q04", "指标缺数值或单位", "error", "财预〔2015〕88号", values.missing_value),
    Rule("Q05", "百分比超出范围", "error", _OWN, values.impossible_percentage),
    Rule("Q06", "计量单位不在单位库", "warning", "计量单位库", values.unlisted_unit),
    Rule("Q07", "三级指标重复", "error", _OWN, structure.repeated_names),
    Rule("Q08", "模糊词且无量化或分级", "warning", "财预〔2015〕88号", wording.vague_words),
    Rule("Q09", "指标名称里写了指标值或符号", "warning", "F01 填表说明", wording.value_in_name),
    Rule("Q10", "定量指标值雷同", "warning", _OWN, values.alike_values),
    Rule("Q11", "成本指标大于项目预算", "error", _OWN, values.cost_above_budget),
    Rule("Q12", "时限不在项目起止期内", "error", _OWN, values.date_outside_project),
    Rule("Q13", "满意度目标不合理", "warning", _OWN, values.odd_satisfaction),
    Rule("Q14", "总体目标过短或没有数字", "warning", "财预〔2015〕88号", wording.thin_goal),
    Rule("Q15", "总体目标中的数字未在指标中体现", "info", _OWN, wording.numbers_not_in_table),
    Rule("Q16", "指标方向矛盾", "warning", _OWN, wording.wrong_direction),
    Rule("Q17", "投入类指标充当产出", "warning", "财预〔2020〕10号", wording.input_as_output),
    Rule("Q18", "效益指标像产出", "warning", _OWN, wording.output_as_benefit),
    Rule("Q19", "延续项目目标低于上年或三年不变", "warning", _OWN, values.not_better_than_before),
    Rule("Q20", "与其他项目名称相似", "warning", _OWN, project.similar_project),
    Rule(
        "Q21",
        "新增项目缺事前绩效评估",
        "error",
        "中发〔2018〕34号、区事前绩效评估管理暂行办法",
        project.missing_ex_ante,
    ),
    Rule("Q22", "大额项目指标偏少", "info", _OWN, structure.few_indicators),
    Rule("Q23", "权重分布失衡", "warning", _OWN, structure.unbalanced_weights),
    Rule("Q24", "目标为0没有约束力", "warning", _OWN, values.zero_lower_bound),
    Rule("Q25", "定性指标没有分级标准", "error", "财预〔2020〕10号", values.missing_levels),
    Rule("Q26", "没有佐证资料要求", "info", "财预〔2021〕101号", values.missing_evidence),
    Rule("Q27", "资金构成不平", "error", "F01 填表说明", project.unbalanced_money),
    Rule("Q28", "功能分类科目不在科目表", "error", "政府收支分类科目", project.unknown_subject),
    Rule("Q29", "总体目标与本部门其他项目相同", "warning", _OWN, project.copied_goal),
    Rule("Q30", "预算请求与绩效目标不同时提交", "error", "区预算绩效目标管理暂行办法", project.money_without_target),
)

#: All quality rules by code, in the order they are reported.
RULES: Mapping[str, Rule] = MappingProxyType({rule.code: rule for rule in _ORDERED})


def check(target: Mapping[str, Any], context: QualityContext) -> list[Problem]:
    """Return everything the quality rules find in a target, in the order of the rules; [] if there is nothing.

    ``target`` is content of F01 (amounts in 万元, weights in points, as texts or numbers); cells that cannot be read
    count as empty, which the form itself reports. Errors block the submission, warnings need a reason, infos are only
    shown. Never raises for odd content; ValueError where the context names an unknown indicator template.
    """
    declared = read(target)
    return [problem for rule in _ORDERED for problem in rule.problems(declared, context)]
