"""Does the downloaded list of problems say where each lies, what stands there and what to do?"""

import io

from openpyxl import load_workbook

from forms.problem import Problem
from service.workbooks import error_sheet, write_declarations
from service.workbooks.error_sheet import MOST
from service.workbooks.reading import PlacedProblem
from tests.workbooks.books import PROJECT, filled, lists, only, read


def lines(data):
    sheet = load_workbook(io.BytesIO(data))["问题清单"]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def problem(severity="error", message="“权重”有误，请改正", **place):
    found = Problem(field="indicators", message=message, severity=severity, source="Q02 · 财预〔2020〕10号", rule="Q02")
    return PlacedProblem(**{"sheet": "表", "row": 3, "cell": "B3", "project": "甲", "problem": found} | place)


def test_every_problem_has_sheet_row_cell_text_level_rule_source_and_what_to_do():
    reading = read(lists({"年度资金总额": "约四十万", "项目属性": "不清楚"}))
    title, summary, headings, *found = lines(error_sheet(reading.placed(), reading.sheets, filename="上报.xlsx"))
    assert title[0] == "问题清单：上报.xlsx"
    assert "错误 2 处" in summary[0]
    rows = [dict(zip(headings, line, strict=True)) for line in found]
    assert [(row["工作表"], row["行"], row["单元格"], row["填写的内容"]) for row in rows] == [
        ("项目信息", 2, "H2", "不清楚"),
        ("项目信息", 2, "J2", "约四十万"),
    ]
    assert {row["级别"] for row in rows} == {"错误"}
    assert "无法识别，应为数字，如 38.5，请改正" in rows[1]["问题"]
    assert "改正前该项目不能导入" in rows[1]["处理"]
    assert (rows[1]["项目"], rows[1]["依据"]) == (PROJECT["项目名称"], "工作簿填写要求")


def test_levels_and_rules_are_named():
    found = lines(error_sheet([problem("error"), problem("warning"), problem("info")]))
    assert "错误 1 处、警告 1 处、提示 1 处" in found[1][0]
    assert [line[1] for line in found[3:]] == ["错误", "警告", "提示"]
    assert [line[9] for line in found[3:]] == ["Q02"] * 3


def test_a_problem_of_a_whole_sheet_has_no_row_and_no_cell():
    [line] = lines(error_sheet([problem(row=0, cell="", sheet="备忘")]))[3:]
    assert (line[2], line[3], line[4], line[6]) == ("备忘", None, None, None)


def test_what_a_person_wrote_is_never_a_formula_there():
    reading = read(lists({"年度资金总额": "=1+1"}, {"指标值": "@SUM(A1)", "权重": "-x"}))
    data = error_sheet(
        [*reading.placed(), problem(message="=HYPERLINK()", project="+1", sheet="-表")], reading.sheets, filename="=x"
    )
    cells = [cell for row in load_workbook(io.BytesIO(data))["问题清单"].iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert not any(str(cell.value).startswith(("=", "+", "-", "@")) for cell in cells)


def test_no_problem_is_said_too():
    assert lines(error_sheet([]))[1][0] == "没有发现问题。"


def test_the_list_ends_after_ten_thousand_problems_and_says_so():
    found = lines(error_sheet([problem()] * (MOST + 5)))
    assert len(found) == MOST + 4
    assert found[-1][0] == "还有 5 处未列出，请先改正以上问题"


def test_the_list_copied_into_the_corrected_workbook_is_passed_over():
    book = load_workbook(io.BytesIO(write_declarations([filled()], template="CLASSIC_2020")))
    for line in lines(error_sheet([problem()])):
        (book["问题清单"] if "问题清单" in book.sheetnames else book.create_sheet("问题清单")).append(line)
    buffer = io.BytesIO()
    book.save(buffer)
    assert only(buffer.getvalue()).content == filled()
    assert read(buffer.getvalue()).placed() == []
