"""A sound target, and how to spoil one cell of it."""

from copy import deepcopy
from decimal import Decimal

from service.rules.quality import QualityContext, check

_ROWS = [
    ("output", "qty", "培训技术人员人数", "quantitative", "ge", "300", "人", "15"),
    ("output", "qual", "培训合格率", "quantitative", "ge", "95", "%", "15"),
    ("output", "time", "培训完成时间", "date", "date", "2027-11-30", "日期", "10"),
    ("output", "cost", "人均培训成本", "quantitative", "le", "800", "元/人", "10"),
    ("benefit", "soc", "学员就业率", "quantitative", "ge", "60", "%", "15"),
    ("benefit", "sus", "培训机制", "qualitative", "qual", "健全", "", "15"),
    ("satisfaction", "sat", "学员满意度", "quantitative", "ge", "90", "%", "10"),
]
_CELLS = ("level1_code", "level2_code", "level3_name", "nature", "operator", "target_value", "measure_unit", "weight")
SOUND = {
    "project_code": "3701172027111001001",
    "project_name": "职业技能提升培训",
    "department_code": "111",
    "unit_code": "111001",
    "project_attribute": "ongoing",
    "start_date": "2027-01-01",
    "end_date": "2027-12-31",
    "functional_subject": "2080799",
    "basis": "职业技能提升行动方案",
    "annual_goal": "为全区企业培训技术人员300人，学员就业率达到60%以上。",
    "amount_total": "24",
    "amount_fiscal": "24",
    "amount_district": "14",
    "amount_superior": "10",
    "indicators": [
        {**dict(zip(_CELLS, row, strict=True)), "evidence_required": "台账", "levels": "健全：有制度；不健全：无制度"}
        for row in _ROWS
    ],
}
UNITS = ("人", "%", "元/人", "日期", "人次", "万人次", "万元", "万亩", "亩", "倍")


def spoiled(cells=None, rows=None, **content):
    """A copy of the sound target with other content, other cells of rows {index: {...}} or other rows."""
    target = deepcopy(SOUND) | content
    for index, changed in (cells or {}).items():
        target["indicators"][index] |= changed
    if rows is not None:
        target["indicators"] = rows
    return target


def context(**values):
    return QualityContext(measure_units=UNITS, **values)


def fired(target, **values):
    return {problem.rule for problem in check(target, context(**values))}


def weights(*points):
    return {index: {"weight": str(Decimal(value))} for index, value in enumerate(points)}
