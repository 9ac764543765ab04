"""Are workbooks read as people fill them in: other headings, signs, units, layouts, and mistakes told by cell?"""
# ruff: noqa: RUF001 - people type full-width signs

import datetime

import pytest

from forms.problem import Problem
from service.workbooks import WorkbookRefused
from tests.workbooks.books import INDICATOR, PROJECT, book, lists, messages, only, read


def form(change=lambda sheet: None):
    """One project in the layout of published county templates, filled in by hand."""

    def fill(sheet):
        sheet["A1"] = "项目支出绩效目标申报表"
        sheet["A2"] = "（2027年度）"
        sheet["A3"] = "填报单位：区职业技能培训中心            金额单位：元"
        for line in (
            ["项目名称", None, "职业技能提升培训", None, None, None, "项目属性", "新增"],
            ["主管部门及代码", None, "区人社局（111）", None, None, None, "实施单位", "培训中心（111002）"],
            ["项目资金（元）", None, "年度资金总额：", 385000, None, None, None, None],
            [None, None, "其中：财政拨款", 385000, None, None, None, None],
            [None, None, "其他资金", 0, None, None, None, None],
            ["总体目标", "年度目标", None, None, None, None, None, None],
            [None, "完成培训300人次，合格率95%以上。", None, None, None, None, None, None],
            ["绩效指标", "一级指标", "二级指标", "三级指标", None, "指标值", None, "权重"],
            [None, "产出指标", "数量指标", "培训人次", None, "≥300人次", None, 20],
            [None, None, None, "审核人次", None, "不少于50人", None, 10],
            [None, None, "时效指标", "完成时间", None, "2027年11月底前", None, 20],
            [None, "效益指标", "社会效益指标", "培训机制", None, "健全", None, 40],
            [None, None, None, None, None, None, None, None],
            ["填报人：李四", None, None, "单位负责人：王五", None, None, None, None],
        ):
            sheet.append(line)
        for area in (
            "A4:B4",
            "C4:F4",
            "A5:B5",
            "C5:F5",
            "A6:B8",
            "A9:A10",
            "B9:H9",
            "B10:H10",
            "A11:A15",
            "B12:B14",
            "C12:C13",
        ):
            sheet.merge_cells(area)
        for line in range(11, 16):
            sheet.merge_cells(f"D{line}:E{line}")
            sheet.merge_cells(f"F{line}:G{line}")
        change(sheet)

    return book(申报表=fill)


def test_a_list_of_projects_and_a_list_of_indicators_are_read_together():
    row = only(lists())
    assert (row.sheet, row.row, row.problems) == ("项目信息", 2, [])
    assert row.content["project_attribute"] == "ongoing"
    assert row.content["amount_total"] == "38.5"
    assert row.content["is_public"] is True
    assert row.content["indicators"] == [
        {
            "level1_code": "output",
            "level2_code": "qty",
            "level3_name": "培训人次",
            "nature": "quantitative",
            "operator": "ge",
            "target_value": "300",
            "measure_unit": "人次",
            "weight": "20",
        }
    ]


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


def test_one_list_may_hold_projects_and_their_indicators():
    headings = [*PROJECT, *(name for name in INDICATOR if name not in PROJECT)]
    both = {**PROJECT, **INDICATOR}
    rows = [
        [both.get(name) for name in headings],
        [{**INDICATOR, "项目代码": None, "三级指标": "第二个指标"}.get(name) for name in headings],
        [{**both, "项目代码": "2", "项目名称": "另一个项目"}.get(name) for name in headings],
    ]
    first, second = read(book(申报=[headings, *rows])).rows
    assert [row["level3_name"] for row in first.content["indicators"]] == ["培训人次", "第二个指标"]
    assert second.content["project_name"] == "另一个项目"
    assert first.cells["indicators[1].level3_name"] == "申报!R3"


def test_columns_left_of_the_list_may_be_empty():
    def shifted(sheet):
        for line, row in enumerate([list(PROJECT), list(PROJECT.values())]):
            for place, value in enumerate(row):
                sheet.cell(line + 3, place + 4).value = value

    row = only(book(项目=shifted))
    assert row.content["project_name"] == "职业技能提升培训"
    assert row.cells["project_name"] == "项目!E4"


def test_the_official_form_of_one_project_is_read():
    row = only(form())
    content = row.content
    assert row.problems == []
    assert (content["fiscal_year"], content["project_name"]) == (2027, "职业技能提升培训")
    assert (content["department_name"], content["department_code"]) == ("区人社局", "111")
    assert (content["unit_name"], content["unit_code"]) == ("培训中心", "111002")
    assert (content["amount_total"], content["amount_fiscal"], content["amount_other"]) == ("38.5", "38.5", "0")
    assert content["annual_goal"] == "完成培训300人次，合格率95%以上。"
    found = [(row["level2_code"], row["level3_name"], row["target_value"]) for row in content["indicators"]]
    assert found == [
        ("qty", "培训人次", "300"),
        ("qty", "审核人次", "50"),
        ("time", "完成时间", "2027-11-30"),
        ("soc", "培训机制", "健全"),
    ]
    assert row.cells["indicators[1].target_value"] == "申报表!F13"


def test_several_sheets_are_several_projects_and_hidden_ones_are_passed_over():
    rows = read(
        book(
            甲=lambda sheet: _copy(sheet, "项目甲"),
            乙=lambda sheet: _copy(sheet, "项目乙"),
            丙=lambda sheet: _copy(sheet, "项目丙", hidden=True),
        )
    ).rows
    assert [row.name for row in rows] == ["项目甲", "项目乙"]


def _copy(sheet, name, hidden=False):
    for row in (
        ["项目名称", name],
        ["年度", 2027],
        ["项目负责人", "王晓燕"],
        ["三级指标", "指标值"],
        ["培训人次", 300],
    ):
        sheet.append(row)
    sheet.sheet_state = "hidden" if hidden else "visible"


def test_projects_whose_names_differ_in_brackets_are_two():
    second = {**PROJECT, "项目代码": None, "项目名称": "道路改造（二期）"}
    data = lists(
        {"项目代码": None, "项目名称": "道路改造（一期）"},
        {"项目代码": None, "项目名称": "道路改造（一期）"},
        more_projects=[second],
        more_indicators=[{**INDICATOR, "项目代码": None, "项目名称": "道路改造（二期）", "三级指标": "二期里程"}],
    )
    one, two = read(data).rows
    assert one.problems == two.problems == []
    assert [one.content["indicators"][0]["level3_name"], two.content["indicators"][0]["level3_name"]] == [
        "培训人次",
        "二期里程",
    ]


def test_projects_of_one_name_are_told_apart_by_their_unit():
    second = {**PROJECT, "项目代码": None, "实施单位": "另一单位"}
    data = lists(
        {"项目代码": None},
        {"项目代码": None, "项目名称": PROJECT["项目名称"], "实施单位": "另一单位"},
        more_projects=[second],
    )
    one, two = read(data).rows
    assert "indicators" not in one.content
    assert len(two.content["indicators"]) == 1


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


def test_all_problems_of_a_row_come_at_once_and_the_good_rows_stand_beside_it():
    bad = {**PROJECT, "项目代码": "2", "项目名称": "坏项目", "年度资金总额": "?", "项目属性": "?", "是否公开": "?"}
    good, faulty = read(lists(more_projects=[bad])).rows
    assert good.problems == []
    assert len(messages(faulty)) == 3
    assert faulty.content["amount_total"] == "?"


def test_a_share_typed_into_a_cell_shown_in_percent_draws_a_warning():
    row = only(lists(indicator={"指标值": 0.95, "计量单位": "%"}))
    [problem] = row.problems
    assert problem.severity == "warning"
    assert "填写95" in problem.message


def test_a_repeated_project_names_the_first_one():
    repeated = {**PROJECT, "项目代码": None}
    first, second = read(lists({"项目代码": None}, {"项目代码": None, "项目名称": "x"}, more_projects=[repeated])).rows
    assert first.problems == []
    assert messages(second) == ["项目“职业技能提升培训”与工作表“项目信息”第2行重复，请删去其中一个"]


def test_an_indicator_of_no_project_is_a_problem_of_its_row():
    reading = read(lists(more_indicators=[{**INDICATOR, "项目代码": "999"}]))
    [problem] = reading.problems
    assert (problem.sheet, problem.row, problem.cell) == ("绩效指标", 3, "A3")
    assert "“999”不在项目信息中" in problem.problem.message


def test_an_unknown_sheet_is_passed_over_and_said_so():
    data = book(项目信息=[list(PROJECT), list(PROJECT.values())], 备忘=[["随便写写"]], 填表说明=[["说明"]])
    [problem] = read(data).problems
    assert problem.problem.severity == "info"
    assert "“备忘”" in problem.problem.message


def test_totals_and_blank_lines_are_no_projects():
    data = book(项目信息=[list(PROJECT), list(PROJECT.values()), [], [None, "合计", *[None] * 7, 38.5]])
    assert len(read(data).rows) == 1


def test_problems_of_form_and_rules_find_their_cell():
    row = only(lists())
    said = {"message": "…", "severity": "error", "source": "Q02", "rule": "Q02"}
    placed = row.place([Problem(field=path, **said) for path in ("indicators[0].weight", "indicators", "basis")])
    assert [(found.sheet, found.cell) for found in placed] == [
        ("绩效指标", "H2"),
        ("绩效指标", "B1"),
        ("项目信息", "B2"),
    ]


def test_a_workbook_without_projects_is_refused():
    with pytest.raises(WorkbookRefused, match="没有找到填写的项目"):
        read(book(表=[["甲", "乙"], [1, 2]]))


def test_a_text_too_long_for_the_form_is_kept_for_the_form_to_name():
    assert only(lists({"项目名称": "长" * 5000})).content["project_name"] == "长" * 5000
