"""Are workbooks read as people fill them in: one list, two lists, the official form, and what belongs to what?"""

import pytest

from forms.problem import Problem
from service.workbooks import WorkbookRefused
from tests.workbooks.books import INDICATOR, PROJECT, book, lists, messages, only, read


def form():
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


def test_all_problems_of_a_row_come_at_once_and_the_good_rows_stand_beside_it():
    bad = {**PROJECT, "项目代码": "2", "项目名称": "坏项目", "年度资金总额": "?", "项目属性": "?", "是否公开": "?"}
    good, faulty = read(lists(more_projects=[bad])).rows
    assert good.problems == []
    assert len(messages(faulty)) == 3
    assert faulty.content["amount_total"] == "?"


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
