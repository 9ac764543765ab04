"""Are headings, numbers, days and terms understood as people write them, and mistakes told by cell?"""
# ruff: noqa: RUF001 - people type full-width signs

import datetime

import pytest

from tests.workbooks.books import PROJECT, book, lists, only


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("项目全称", "project_name"),
        ("1. 项目名称*", "project_name"),
        ("＊项目名称：", "project_name"),
        ("项 目 名 称", "project_name"),
        ("项目\n名称", "project_name"),
        ("项目名称（全称）", "project_name"),
        ("项目名称【必填】", "project_name"),
    ],
)
def test_headings_may_be_worded_numbered_starred_and_spaced_otherwise(heading, field):
    renamed = {heading if name == "项目名称" else name: value for name, value in PROJECT.items()}
    data = book(项目信息=[list(renamed), list(renamed.values())])
    assert only(data).content[field] == "职业技能提升培训"


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        ("年度", "预算年度", "fiscal_year", 2027),
        ("实施单位", "预算单位", "unit_name", "区职业技能培训中心"),
        ("项目属性", "项目性质", "project_attribute", "ongoing"),
        ("年度总体目标", "绩效目标", "annual_goal", "完成职业技能培训300人次，合格率达到95%以上。"),
        ("年度资金总额", "预算金额", "amount_total", "38.5"),
        ("上级转移支付", "上级专项", "amount_superior", "8.5"),
        ("联系电话", "联系方式", "owner_phone", "0531-75870000"),
    ],
)
def test_common_synonyms_of_headings_are_known(old, new, field, value):
    renamed = {new if name == old else name: given for name, given in PROJECT.items()}
    assert only(book(项目信息=[list(renamed), list(renamed.values())])).content[field] == value


@pytest.mark.parametrize(
    ("heading", "written", "expected"),
    [
        ("年度资金总额（元）", 385000, "38.5"),
        ("年度资金总额（元）", 123, "0.0123"),
        ("年度资金总额(千元)", 385, "38.5"),
        ("年度资金总额（万元）", "３８．５", "38.5"),
        ("年度资金总额", "1,860.50", "1860.5"),
        ("年度资金总额（亿元）", 0.12, "1200"),
        ("年度资金总额（元）", "38.5万元", "38.5"),
        ("年度资金总额（万元）", "385000元", "38.5"),
    ],
)
def test_amounts_leave_in_ten_thousand_yuan_whatever_their_heading_names(heading, written, expected):
    row = only(lists({heading: written}, drop=["年度资金总额"] if heading != "年度资金总额" else ()))
    assert (row.content["amount_total"], row.problems) == (expected, [])


@pytest.mark.parametrize("note", ["金额单位：元", "（单位：元）", "单位:元", "( 金额单位 ： 元 )"])
def test_a_note_above_the_list_names_the_unit_of_all_amounts(note):
    row = only(lists(above=[["2027年度项目汇总"], [note]]))
    assert (row.content["amount_total"], row.content["amount_district"]) == ("0.00385", "0.003")


@pytest.mark.parametrize(
    ("written", "operator", "value", "unit"),
    [
        ("≥300人次", "ge", "300", "人次"),
        ("＞＝３００ 人次", "ge", "300", "人次"),
        (">=300人次", "ge", "300", "人次"),
        ("不低于300人次", "ge", "300", "人次"),
        ("300人次以上", "ge", "300", "人次"),
        ("≤0.5%", "le", "0.5", "%"),
        ("不超过3.5％", "le", "3.5", "%"),
        ("＝1,200万元", "eq", "1200", "万元"),
        ("2027年11月底前", "date", "2027-11-30", None),
        ("11月底前", "date", "2027-11-30", None),
        ("2027.6.30", "date", "2027-06-30", None),
    ],
)
def test_a_target_written_in_one_cell_is_split_into_operator_value_and_unit(written, operator, value, unit):
    row = only(lists(indicator={"指标值": written}, drop=["计算符号", "计量单位"]))
    [found] = row.content["indicators"]
    assert (found["operator"], found["target_value"], found.get("measure_unit")) == (operator, value, unit)
    assert found["nature"] == ("date" if operator == "date" else "quantitative")
    assert row.problems == []


def test_a_description_is_a_qualitative_target():
    [found] = only(lists(indicator={"指标值": "长期有效"}, drop=["计算符号", "计量单位"])).content["indicators"]
    assert (found["nature"], found["operator"], found["target_value"]) == ("qualitative", "qual", "长期有效")


def test_terms_may_be_written_in_full_in_short_or_as_codes():
    row = only(lists({"项目属性": "新增"}, {"一级指标": "产出", "二级指标": "质量", "计算符号": "大于等于"}))
    [found] = row.content["indicators"]
    assert row.content["project_attribute"] == "new"
    assert (found["level1_code"], found["level2_code"], found["operator"]) == ("output", "qual", "ge")


def test_cost_counts_where_the_template_places_it():
    cells = {"一级指标": "成本指标", "二级指标": "经济成本指标"}
    assert only(lists(indicator=cells)).content["indicators"][0]["level1_code"] == "output"
    assert only(lists(indicator=cells), "COST_2021").content["indicators"][0]["level1_code"] == "cost"


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("2027-01-01至2027-12-31", "2027-01-01", "2027-12-31"),
        ("2027年1月—2027年6月", "2027-01-01", "2027-06-30"),
        ("2027.3.5-2027.9.10", "2027-03-05", "2027-09-10"),
    ],
)
def test_both_days_of_a_project_may_stand_in_one_cell(written, start, end):
    content = only(lists({"项目起止时间": written})).content
    assert (content["start_date"], content["end_date"]) == (start, end)


@pytest.mark.parametrize(
    "written", [datetime.date(2027, 1, 1), "2027-1-1", "2027年1月1日", "2027/01/01", "２０２７．１．１"]
)
def test_days_are_read_as_cells_and_as_texts(written):
    assert only(lists({"开始日期": written})).content["start_date"] == "2027-01-01"


@pytest.mark.parametrize(
    ("project", "indicator", "cell", "said"),
    [
        ({"年度资金总额": "约四十万"}, {}, "项目信息!J2", "“年度资金总额”写为“约四十万”，无法识别，应为数字"),
        ({"项目属性": "不清楚"}, {}, "项目信息!H2", "应为“新增项目”、“延续项目”之一"),
        ({"年度": "明年"}, {}, "项目信息!E2", "应为整数"),
        ({"是否公开": "也许"}, {}, "项目信息!O2", "应为“是”或“否”"),
        ({"开始日期": "开春"}, {}, "项目信息!P2", "应为日期，如 2027-01-01"),
        ({"项目起止时间": "全年"}, {}, "项目信息!P2", "请填写如 2027-01-01至2027-12-31"),
        ({"项目代码": 3701172027101001001}, {}, "项目信息!A2", "Excel 只保留前15位"),
        ({}, {"权重": "二十"}, "绩效指标!H2", "第1行“权重”写为“二十”"),
        ({}, {"二级指标": "其他指标"}, "绩效指标!C2", "“二级指标”写为“其他指标”"),
        ({}, {"指标值": "≤300"}, "绩效指标!E2", "与计算符号不一致"),
        ({}, {"指标值": "300万人"}, "绩效指标!G2", "与计量单位“人次”不一致"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_with_its_address_and_keeps_its_text(project, indicator, cell, said):
    indicator = {"项目代码": "", "项目名称": PROJECT["项目名称"], **indicator} if "项目代码" in project else indicator
    [problem] = only(lists(project, indicator)).place()
    assert f"{problem.sheet}!{problem.cell}" == cell
    assert problem.row == 2
    assert said in problem.problem.message
    assert problem.problem.severity == "error"
    assert problem.project == PROJECT["项目名称"]


def test_a_share_typed_into_a_cell_shown_in_percent_draws_a_warning():
    row = only(lists(indicator={"指标值": 0.95, "计量单位": "%"}))
    [problem] = row.problems
    assert problem.severity == "warning"
    assert "填写95" in problem.message


def test_a_text_too_long_for_the_form_is_kept_for_the_form_to_name():
    assert only(lists({"项目名称": "长" * 5000})).content["project_name"] == "长" * 5000
