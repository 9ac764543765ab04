"""Does everything that is written come back unchanged, as text where it is text, in the official layout?"""
# ruff: noqa: RUF001 - people type full-width signs

import io
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from forms.definition import load
from service.workbooks import WorkbookRefused, empty_form, read_declarations, write_declarations
from service.workbooks.writing import MOST_FORMS
from tests.workbooks.books import filled, only, read

LAYOUTS = ("list", "form")
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "＝1", "\t=1", "'=1", "''-1", "=cmd|' /C calc'!A0", "#N/A", "_x003D_1")


def opened(data):
    return load_workbook(io.BytesIO(data))


def cells(data):
    return [cell for sheet in opened(data) for row in sheet.iter_rows() for cell in row if cell.value is not None]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_filled_form_comes_back_as_it_was(layout):
    row = only(write_declarations([filled()], template="CLASSIC_2020", layout=layout))
    assert row.content == filled()
    assert row.place() == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_cost_stands_where_the_template_of_2021_places_it(layout):
    content = filled()
    content["indicators"][4]["level1_code"] = "cost"
    assert only(write_declarations([content], template="COST_2021", layout=layout), "COST_2021").content == content


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_draft_of_a_few_cells_comes_back_too(layout):
    draft = {"project_name": "新项目", "amount_total": "12", "indicators": [{"level3_name": "培训人次"}]}
    assert only(write_declarations([draft], template="CLASSIC_2020", layout=layout)).content == draft


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("text", FORMULAS)
def test_what_looks_like_a_formula_is_a_text_for_every_spreadsheet_and_comes_back(layout, text):
    content = filled(project_name=text, owner_name=text, basis=text)
    content["indicators"][0] |= {"level3_name": text, "definition": text}
    content["indicators"][5]["target_value"] = text
    data = write_declarations([content], template="CLASSIC_2020", layout=layout)
    assert {cell.data_type for cell in cells(data)} <= {"s", "n", "d"}
    texts = [cell.value for cell in cells(data) if cell.data_type == "s"]
    assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r", "＝")) for value in texts)
    row = only(data)
    shown = text.strip()
    assert (row.content["project_name"], row.content["basis"]) == (shown, shown)
    assert row.content["indicators"][0]["level3_name"] == shown
    assert row.content["indicators"][5]["target_value"] == shown


def test_amounts_and_weights_are_numbers_days_are_days_and_codes_are_texts():
    sheet = opened(write_declarations([filled()], template="CLASSIC_2020"))["项目信息"]
    found = {heading.value: cell for heading, cell in zip(sheet[3], sheet[4], strict=True)}
    assert found["年度资金总额（万元）"].value == pytest.approx(38.123456)
    assert found["年度资金总额（万元）"].number_format == "#,##0.00"
    assert found["开始日期"].is_date
    assert found["项目代码"].value == "3701172027101001001"
    assert found["功能分类科目"].value == "0081104"


def test_numbers_a_spreadsheet_would_cut_off_stay_texts():
    content = filled(summary="x")
    content["indicators"][0]["target_value"] = "123456789012345678"
    data = write_declarations([content], template="CLASSIC_2020")
    assert only(data).content["indicators"][0]["target_value"] == "123456789012345678"


def test_the_official_layout_merges_groups_and_ends_with_the_sum_of_weights():
    sheet = opened(write_declarations([filled()], template="CLASSIC_2020", layout="form")).worksheets[1]
    assert sheet["A1"].value == "项目支出绩效目标申报表"
    assert sheet["A2"].value == "（2027年度）"
    groups = {str(area) for area in sheet.merged_cells.ranges if area.min_col == 1 and area.size["rows"] == 5}
    assert len(groups) == 1, "five output indicators share one cell"
    totals = [row for row in sheet.iter_rows() if row[0].value == "合计"]
    assert "90.00" in {cell.value for cell in totals[0]}
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.fitToHeight == 0


@pytest.mark.parametrize("template", ["CLASSIC_2020", "COST_2021"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_empty_form_explains_itself_and_offers_answers(template, layout):
    book = opened(empty_form(template=template, layout=layout, year=2027, measure_units=["人次", "%"]))
    said = "\n".join(str(cell.value) for row in book["填表说明"].iter_rows() for cell in row if cell.value)
    assert "财预〔2015〕88号" in said
    assert ("成本指标20分" in said) == (template == "COST_2021")
    for field in load("project_target").questions:
        if field.required and field.type != "table":
            assert field.label.removeprefix("其中：") in said
    rules = [rule for sheet in book.worksheets[1:] for rule in sheet.data_validations.dataValidation]
    options = {heading.value: [cell.value for cell in column[1:] if cell.value] for heading, *column in _columns(book)}
    assert book["选项"].sheet_state == "hidden"
    assert len(rules) >= 8
    assert options["indicators.measure_unit"] == ["人次", "%"]
    assert ("成本指标" in options["indicators.level1_code"]) == (template == "COST_2021")
    assert options["is_public"] == ["是", "否"]


def _columns(book):
    return [(column[0], None, *column[1:]) for column in book["选项"].iter_cols()]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_empty_form_uploaded_as_it_is_has_no_project(layout):
    with pytest.raises(WorkbookRefused, match="没有找到填写的项目"):
        read(empty_form(template="CLASSIC_2020", layout=layout, year=2027))


def test_an_empty_form_filled_in_by_a_person_is_read_with_its_preprinted_groups():
    book = opened(empty_form(template="CLASSIC_2020", year=2027))
    sheet = book.worksheets[1]
    places = {cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value}
    sheet.cell(places["项目名称"].row, places["项目名称"].column + 2).value = "职业技能培训"
    row = places["三级指标"].row + 1
    for heading, value in {"三级指标": "培训人次", "指标值": "≥300人次", "权重": 20}.items():
        sheet.cell(row, places[heading].column).value = value
    buffer = io.BytesIO()
    book.save(buffer)
    found = only(buffer.getvalue()).content
    assert found["fiscal_year"] == 2027
    [indicator] = found["indicators"]
    assert (indicator["level1_code"], indicator["level2_code"]) == ("output", "qty")
    assert (indicator["operator"], indicator["target_value"], indicator["measure_unit"]) == ("ge", "300", "人次")


def test_many_forms_are_many_sheets_up_to_a_limit():
    contents = [filled(project_name=f"项目[{number}]/甲", project_code=f"37{number:04}") for number in range(3)]
    rows = read(write_declarations(contents, template="CLASSIC_2020", layout="form")).rows
    assert [row.content for row in rows] == contents
    with pytest.raises(ValueError, match="列表格式"):
        write_declarations([{}] * (MOST_FORMS + 1), template="CLASSIC_2020", layout="form")


def test_an_unknown_template_is_named():
    with pytest.raises(ValueError, match="NEW_2030"):
        empty_form(template="NEW_2030")
    with pytest.raises(ValueError, match="NEW_2030"):
        read_declarations(empty_form(template="CLASSIC_2020"), template="NEW_2030")


WORDS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"), include_characters="\n"), min_size=1, max_size=30
).map(lambda text: text.strip().replace("\r", "")).filter(bool)  # fmt: skip
NAMES = WORDS.filter(lambda text: text not in ("合计", "总计", "小计"))
AMOUNTS = st.decimals(0, 99999999, places=6).map(lambda number: format(number.normalize() or Decimal(0), "f"))
INDICATORS = st.fixed_dictionaries(
    {
        "level1_code": st.just("output"),
        "level2_code": st.sampled_from(["qty", "qual", "time", "cost"]),
        "level3_name": NAMES,
        "nature": st.just("quantitative"),
        "operator": st.sampled_from(["ge", "gt", "eq", "le", "lt"]),
        "target_value": AMOUNTS,
        "measure_unit": st.sampled_from(["人次", "%", "万元", "万头（只、羽）", "㎡"]),
        "weight": st.sampled_from(["0", "7.5", "15", "12.25"]),
    },
    optional={"planned_month": st.integers(1, 12), "definition": WORDS, "evidence_required": WORDS},
)
CONTENTS = st.fixed_dictionaries(
    {"project_code": st.from_regex(r"[0-9]{19}", fullmatch=True), "project_name": NAMES},
    optional={
        "owner_name": WORDS,
        "basis": WORDS,
        "annual_goal": WORDS,
        "summary": WORDS,
        "amount_total": AMOUNTS,
        "amount_other": AMOUNTS,
        "is_public": st.booleans(),
        "start_date": st.dates().map(str),
        "project_attribute": st.sampled_from(["new", "ongoing"]),
        "indicators": st.lists(INDICATORS, min_size=1, max_size=4),
    },
)


def test_answers_that_read_like_labels_are_told_from_them():
    words = {"basis": "政策依据", "summary": "项目简介", "annual_goal": "三级指标", "owner_name": "'项目名称"}
    content = filled(**words, midterm_goal="年度目标")
    content["indicators"][0] |= {"level3_name": "项目名称", "definition": "指标说明"}
    assert only(write_declarations([content], template="CLASSIC_2020", layout="form")).content == content
    assert only(write_declarations([content], template="CLASSIC_2020", layout="list")).content == content


def test_an_indicator_called_like_a_field_stays_an_indicator():
    draft = {
        "project_name": "甲",
        "owner_name": "乙",
        "indicators": [{"level3_name": "完成时间"}, {"level3_name": "审核人次"}],
    }
    assert only(write_declarations([draft], template="CLASSIC_2020", layout="form")).content == draft


def test_an_empty_goal_is_not_read_from_the_table_below_it():
    content = {"project_name": "甲", "owner_name": "乙", "indicators": [{"level3_name": "培训人次"}]}
    found = only(write_declarations([content], template="CLASSIC_2020", layout="form")).content
    assert "annual_goal" not in found


@settings(max_examples=40)
@given(st.lists(CONTENTS, min_size=1, max_size=4, unique_by=lambda content: content["project_code"]))
def test_any_contents_come_back_from_a_list(contents):
    found = read(write_declarations(contents, template="CLASSIC_2020"))
    assert [row.content for row in found.rows] == contents


@settings(max_examples=20)
@given(CONTENTS)
def test_any_content_comes_back_from_the_official_layout(content):
    assert only(write_declarations([content], template="CLASSIC_2020", layout="form")).content == content
