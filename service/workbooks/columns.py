"""Which column or label of a workbook is which field of the form, however people head it?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from forms.definition import Field, FormDefinition
from service.rules.quantities import half_width

#: Automatic fields an official table shows; the others are the system's own.
_SHOWN_AUTO = {
    "project_code", "department_code", "department_name", "unit_code", "unit_name", "ex_ante_conclusion",
}  # fmt: skip
#: Texts of digits; typed as numbers they would lose their end.
CODES = {"project_code", "department_code", "unit_code", "functional_subject"}
_NO_CELL = {"files", "computed", "section", "table"}
#: Other headings people use, compared without spaces, brackets, numbering and units.
_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "fiscal_year": ("预算年度", "年份", "申报年度", "项目年度", "所属年度"),
    "project_name": ("项目", "项目全称", "预算项目名称", "项目支出名称"),
    "project_code": ("项目编码", "项目编号", "项目代码"),
    "department_name": (
        "主管部门名称",
        "主管部门及代码",
        "主管部门及编码",
        "项目主管部门",
        "主管单位",
        "预算部门",
        "部门名称",
        "部门",
    ),
    "department_code": ("主管部门编码", "部门编码", "部门代码"),
    "unit_name": (
        "单位名称",
        "实施单位及代码",
        "项目实施单位及代码",
        "预算单位",
        "项目单位",
        "项目实施单位",
        "申报单位",
        "单位",
    ),
    "unit_code": ("单位代码", "单位编码", "预算单位编码", "预算单位代码"),
    "owner_name": ("负责人", "项目联系人", "联系人"),
    "owner_phone": ("电话", "联系方式", "负责人电话", "联系人电话"),
    "project_attribute": ("项目性质", "新增或延续", "新增/延续"),
    "project_category": ("项目类型", "支出类别"),
    "start_date": ("项目开始日期", "起始日期", "开始时间", "项目开始时间", "项目起始时间", "起始时间"),
    "end_date": ("项目结束日期", "终止日期", "结束时间", "项目结束时间", "项目终止时间", "完成时间"),
    "functional_subject": (
        "功能科目",
        "支出功能分类科目",
        "支出功能分类",
        "功能分类",
        "功能分类科目编码",
        "功能分类代码",
    ),
    "basis": ("项目立项依据", "设立依据", "政策依据"),
    "summary": ("项目内容", "实施内容", "项目概况及实施内容", "项目概况/实施内容", "项目简介", "项目实施内容"),
    "midterm_amount_total": ("中期资金", "实施期资金总额", "项目资金总额", "项目总投资"),
    "amount_total": ("年度资金", "资金总额", "预算金额", "年度预算", "预算数", "申请金额", "年度预算金额", "项目金额"),
    "amount_fiscal": ("财政拨款", "财政资金", "年度财政拨款", "本年财政拨款"),
    "amount_district": ("区级", "区级财政资金", "本级资金", "区本级", "区级财政拨款"),
    "amount_superior": ("上级资金", "上级补助", "上级专项", "转移支付", "上级转移支付资金"),
    "amount_other": ("其他资金", "其他", "自筹资金", "单位自筹"),
    "midterm_goal": ("中期目标", "实施期目标", "实施期总目标", "实施期总体目标", "中长期目标"),
    "annual_goal": ("年度目标", "总体目标", "绩效目标", "年度绩效目标", "项目绩效目标", "年度总目标"),
    "is_public": ("公开", "是否公开绩效目标"),
    "non_public_reason": ("不公开原因", "不予公开理由"),
    "ex_ante_conclusion": ("事前绩效评估结论", "事前评估"),
    "indicators.level1_code": ("一级", "一级指标名称"),
    "indicators.level2_code": ("二级", "二级指标名称", "指标类型"),
    "indicators.level3_name": ("指标名称", "三级", "三级指标名称", "指标", "绩效指标名称", "具体指标"),
    "indicators.nature": ("性质", "定性定量", "定量/定性", "定性/定量"),
    "indicators.operator": ("符号", "指标符号", "运算符", "指标方向", "比较符号"),
    "indicators.target_value": ("目标值", "年度指标值", "年度目标值", "指标目标值", "计划指标值"),
    "indicators.measure_unit": ("单位", "度量单位", "指标单位"),
    "indicators.weight": ("分值", "权重分值", "权重/分值", "指标权重", "权重分数"),
    "indicators.planned_month": ("达成月份", "完成月份", "计划完成月份"),
    "indicators.levels": ("分级标准", "定性标准", "评分标准", "等级标准"),
    "indicators.definition": ("指标说明", "指标内容", "计算公式", "指标解释及计算公式"),
    "indicators.value_basis": ("指标值设定依据", "指标值依据", "取值依据", "目标值依据"),
    "indicators.evidence_required": ("佐证", "证明材料", "佐证材料", "佐证资料要求", "数据来源"),
    "schedule.item": ("进度内容", "工作内容", "阶段内容"),
    "schedule.planned_amount": ("计划金额", "计划支出金额"),
}
#: Both days in one cell.
PERIOD = "start_date~end_date"
_PERIOD_NAMES = (
    "项目起止时间",
    "起止时间",
    "起止日期",
    "项目起止日期",
    "实施期限",
    "项目周期",
    "项目期限",
    "项目实施期",
)
_BRACKETED = re.compile(r"[(\[【〔〈<][^)\]】〕〉>]*[)\]】〕〉>]")
_NUMBERING = re.compile(r"^(?:[一二三四五六七八九十]+[、.]|\d+[、.]|其中[:：]?)")
_MONEY_UNIT = re.compile(r"(亿元|百万元|万元|千元|元)")


@dataclass(frozen=True)
class Column:
    """A field as it stands in workbooks: its path (``amount_total``, ``indicators.weight``), its form field, its label."""

    path: str
    field: Field

    @property
    def label(self) -> str:
        """The heading our own workbooks use, the unit in brackets."""
        label = self.field.label.removeprefix("其中：")
        return f"{label}（{self.field.unit}）" if self.field.unit == "万元" else label

    @property
    def is_money(self) -> bool:
        """An amount, written in whatever unit the heading names."""
        return self.field.unit == "万元"

    @property
    def name(self) -> str:
        """The field's name without its table."""
        return self.path.rpartition(".")[2]


class Columns:
    """The fields of one form that workbooks hold: of the project itself, and of each of its tables."""

    def __init__(self, definition: FormDefinition) -> None:
        self.project = tuple(
            Column(field.id, field)
            for field in definition.questions
            if field.type not in _NO_CELL and (not field.auto or field.id in _SHOWN_AUTO)
        )
        self.tables: Mapping[str, tuple[Column, ...]] = MappingProxyType(
            {
                table.id: tuple(Column(f"{table.id}.{field.id}", field) for field in table.columns)
                for table in definition.questions
                if table.type == "table" and not table.fixed_rows
            }
        )
        self.titles = {field.id: field.label for field in definition.questions}
        self._by_key = {"": names_of(self.project)} | {name: names_of(table) for name, table in self.tables.items()}
        self._by_key[""] |= dict.fromkeys(map(heading_key, _PERIOD_NAMES), PERIOD)
        self._by_path = {column.path: column for group in (self.project, *self.tables.values()) for column in group}

    def of(self, path: str) -> Column:
        """Return the column of a path; KeyError if workbooks do not hold it."""
        return self._by_path[path]

    def match(self, heading: str, table: str = "") -> str:
        """Return the path a heading means among the project's fields or a table's, "" if it means none."""
        return self._by_key[table].get(heading_key(heading), "")


class Labels:
    """Tells labels from answers on form sheets, where both stand side by side.

    An answer that reads like a label (立项依据：“政策依据”) is written with an apostrophe before it.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def is_label(self, text: str) -> bool:
        """Return whether a text names a field of the form or of one of its tables."""
        return any(self._columns.match(text, table) for table in ("", *self._columns.tables))

    def guarded(self, answer: str) -> str:
        """Return an answer as it is written on a form sheet."""
        return f"'{answer}" if self.is_label(answer.lstrip("'")) else answer

    def answer(self, guarded: str) -> str:
        """Return the answer a guarded text stands for."""
        return guarded[1:] if guarded.startswith("'") and self.is_label(guarded.lstrip("'")) else guarded


def names_of(columns: Iterable[Column]) -> dict[str, str]:
    """Return heading keys and the paths they mean: labels first, then synonyms, a field's own label winning."""
    columns = tuple(columns)
    found: dict[str, str] = {}
    for column in columns:
        for name in _SYNONYMS.get(column.path, ()):
            found.setdefault(heading_key(name), column.path)
    found.update({heading_key(column.field.label): column.path for column in columns})
    return found


@lru_cache(maxsize=2**15)
def heading_key(heading: str) -> str:
    """Return a heading as it is compared: half-width, without spaces, brackets, numbering, stars and colons."""
    if len(heading) > 200:
        return ""
    text = re.sub(r"\s+", "", half_width(heading))
    if len(text) > 40:
        return ""
    text = _BRACKETED.sub("", text).strip("*:：※·")
    return _NUMBERING.sub("", text).lower()


def money_unit(text: str) -> str:
    """Return the unit of money a heading or note names (万元, 元 …), "" if it names none."""
    match = _MONEY_UNIT.search(re.sub(r"\s+", "", half_width(text)))
    return match[1] if match else ""


def noted_unit(text: str) -> str:
    """Return the unit of money a note beside a table names (金额单位：元), "" if the text is no such note."""
    plain_text = re.sub(r"\s+", "", half_width(text[:100])).lstrip("([")
    return money_unit(plain_text) if plain_text.startswith(("单位:", "金额单位", "资金单位")) else ""
