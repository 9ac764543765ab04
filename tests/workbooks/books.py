"""Workbooks as people make them, and contents of F01 to write."""

import io
from copy import deepcopy

from openpyxl import Workbook

from db import demo
from service.rules.interchange import from_interchange
from service.workbooks import read_declarations

PROJECT = {
    "项目代码": "3701172027101001001",
    "项目名称": "职业技能提升培训",
    "主管部门": "区人力资源和社会保障局",
    "实施单位": "区职业技能培训中心",
    "年度": 2027,
    "项目负责人": "王晓燕",
    "联系电话": "0531-75870000",
    "项目属性": "延续项目",
    "项目类别": "特定目标类",
    "年度资金总额": 38.5,
    "财政拨款": 38.5,
    "区级资金": 30,
    "上级转移支付": 8.5,
    "年度总体目标": "完成职业技能培训300人次，合格率达到95%以上。",
    "是否公开": "是",
}
INDICATOR = {
    "项目代码": "3701172027101001001",
    "一级指标": "产出指标",
    "二级指标": "数量指标",
    "三级指标": "培训人次",
    "计算符号": "≥",
    "指标值": 300,
    "计量单位": "人次",
    "权重": 20,
}


def book(**sheets):
    """The bytes of a workbook: each sheet a list of rows, or a function that fills it."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        if callable(rows):
            rows(sheet)
        else:
            for row in rows:
                sheet.append(row)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def lists(project=(), indicator=(), *, more_projects=(), more_indicators=(), drop=(), above=()):
    """A workbook of one sound project and one indicator, with some cells changed, added or dropped."""
    projects = [{**PROJECT, **dict(project)}, *more_projects]
    indicators = [{**INDICATOR, **dict(indicator)}, *more_indicators]
    return book(项目信息=_table(projects, drop, above), 绩效指标=_table(indicators, drop))


def _table(rows, drop, above=()):
    headings = [name for name in dict.fromkeys(name for row in rows for name in row) if name not in drop]
    return [*above, headings, *([row.get(name) for name in headings] for row in rows)]


def read(data, template="CLASSIC_2020"):
    return read_declarations(data, template=template)


def only(data, template="CLASSIC_2020"):
    """The one project of a workbook."""
    [row] = read(data, template).rows
    return row


def messages(row):
    return [problem.message for problem in row.problems]


def district(template="CLASSIC_2020"):
    """Contents of the demo district's 477 projects."""
    return [from_interchange(project, template) for project in demo.projects()]


def filled(**changes):
    """Complete content of F01, every field that a workbook holds."""
    first = (
        "level1_code",
        "level2_code",
        "level3_name",
        "nature",
        "operator",
        "target_value",
        "measure_unit",
        "weight",
    )
    rows = [
        ("output", "qty", "培训人次", "quantitative", "ge", "300", "人次", "20"),
        ("output", "qual", "培训合格率", "quantitative", "ge", "95.5", "%", "20"),
        ("output", "qual", "差错率", "quantitative", "le", "0.5", "%", "7.25"),
        ("output", "time", "完成时间", "date", "date", "2028-11-30", "日期", "2.75"),
        ("output", "cost", "培训总成本", "quantitative", "le", "38.123456", "万元", "10"),
        ("benefit", "sus", "培训机制", "qualitative", "qual", "健全", "", "20"),
        ("satisfaction", "sat", "学员满意度", "quantitative", "ge", "90", "%", "10"),
    ]
    indicators = [{name: value for name, value in zip(first, row, strict=True) if value} for row in rows]
    indicators[0] |= {
        "planned_month": 9,
        "definition": "全年培训\n人次之和",
        "value_basis": "年度计划",
        "evidence_required": "签到表",
    }
    indicators[5]["levels"] = "健全：有制度；不健全：无制度"
    content = {
        "fiscal_year": 2027,
        "project_name": "职业技能提升培训（一期）",
        "project_code": "3701172027101001001",
        "department_code": "111",
        "department_name": "区人力资源和社会保障局",
        "unit_code": "111002",
        "unit_name": "区职业技能培训中心",
        "owner_name": "王晓燕",
        "owner_phone": "0531-75870000",
        "project_attribute": "new",
        "project_category": "特定目标类",
        "start_date": "2027-01-01",
        "end_date": "2028-12-31",
        "functional_subject": "0081104",
        "basis": "济人社发〔2026〕3号",
        "summary": "面向辖区失业人员开展培训。\n第二段：" + "培训内容" * 40,
        "midterm_amount_total": "77.25",
        "amount_total": "38.123456",
        "amount_fiscal": "38.123456",
        "amount_district": "30",
        "amount_superior": "8.123456",
        "amount_other": "0",
        "midterm_goal": "两年培训600人次。",
        "annual_goal": "完成职业技能培训300人次，合格率达到95%以上。",
        "indicators": indicators,
        "schedule": [
            {"item": "招标", "start": "2027-03-01", "end": "2027-04-30", "planned_amount": "3.5"},
            {"item": "培训", "start": "2027-05-01", "end": "2027-11-30"},
        ],
        "is_public": False,
        "non_public_reason": "涉及个人信息",
        "ex_ante_conclusion": "support_after_adjustment",
    }
    return deepcopy({**content, **changes})
