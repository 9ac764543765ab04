import json
from decimal import Decimal

import pytest

from forms import accept, compute, load
from forms.problem import Problem
from tests.forms.samples import CONTEXT, declaration

TARGET = load("project_target")


def check(raw, **options):
    return accept(TARGET, raw, **{"node": "draft", "context": CONTEXT, **options})


def fields(problems: list[Problem]) -> list[str]:
    return [problem.field for problem in problems]


def wide(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


def said(problems: list[Problem], field: str) -> str:
    return next(problem.message for problem in problems if problem.field == field)


def test_a_complete_declaration_has_no_problems_and_keeps_amounts_exactly():
    content, problems = check(declaration())
    assert problems == []
    assert content["amount_total"] == "38.50"
    assert content["unit_name"] == "区委办公室"
    assert content["is_finance_own"] is False
    assert json.loads(json.dumps(content)) == content


def test_accepted_content_is_accepted_again_unchanged():
    content, _ = check(declaration())
    again, problems = check(compute(TARGET, content), current=content)
    assert (again, problems) == (content, [])


def test_an_empty_form_reports_every_required_field_in_the_order_of_the_form():
    _, problems = check({})
    assert fields(problems)[:3] == ["fiscal_year", "project_name", "owner_name"]
    assert fields(problems)[-2:] == ["indicators", "is_public"]
    assert len(problems) == 17
    assert said(problems, "annual_goal") == "“年度总体目标”没有填写，请补充"


def test_all_problems_come_at_once_and_name_the_row_counted_from_one():
    raw = declaration(amount_total="三十八", start_date="2027-02-30", basis="  ")
    raw["indicators"][2]["weight"] = "很多"
    raw["indicators"][3].pop("operator")
    _, problems = check(raw)
    assert fields(problems) == [
        "start_date",
        "basis",
        "amount_total",
        "indicators[2].weight",
        "indicators[3].operator",
    ]
    assert said(problems, "indicators[2].weight").startswith("绩效指标第3行“权重”不是数字")
    assert said(problems, "indicators[3].operator") == "绩效指标第4行“计算符号”没有填写，请补充"


def test_every_problem_names_the_form_and_its_document():
    _, problems = check({})
    assert {problem.source for problem in problems if problem.field != "indicators"} == {
        "F01 填表要求 · 财预〔2015〕88号附件"
    }


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1,860.50", "1860.50"),
        (wide("1860.50"), "1860.50"),
        ("1，860.50万元", "1860.50"),
        (" 1860.50 ", "1860.50"),
        (1860.5, "1860.5"),
        (Decimal("1860.50"), "1860.50"),
        (1860, "1860"),
    ],
)
def test_a_number_is_read_as_people_write_it(typed, kept):
    content, _ = check({"amount_total": typed}, complete=False)
    assert content["amount_total"] == kept


@pytest.mark.parametrize(
    "typed",
    ["1,5", "1e3", "--1", "38元", "1.234", "-1", True, [], {}, "9" * 30, 10**40, float("nan"), "\u0663", "1 2 x"],
)
def test_what_is_no_amount_is_refused(typed):
    content, problems = check({"amount_total": typed}, complete=False)
    assert "amount_total" not in content
    assert fields(problems) == ["amount_total"]


@pytest.mark.parametrize("typed", ["2027-3-1", "2027/03/01", "2027年3月1日", wide("2027-03-01")])
def test_a_day_is_read_as_people_write_it(typed):
    content, _ = check({"start_date": typed}, complete=False)
    assert content["start_date"] == "2027-03-01"


def test_full_width_signs_become_plain_where_they_are_digits_and_units_but_not_in_sentences():
    goal = f"完成{wide('300')}人次，达到95％。"
    raw = declaration(functional_subject=wide("2081104"), annual_goal=goal)
    raw["indicators"][1]["measure_unit"] = "％"
    raw["indicators"][0]["target_value"] = wide("1,300")
    content, problems = check(raw)
    assert problems == []
    assert content["functional_subject"] == "2081104"
    assert content["indicators"][1]["measure_unit"] == "%"
    assert content["indicators"][0]["target_value"] == "1300"
    assert content["annual_goal"] == goal


def test_words_pasted_from_a_spreadsheet_choose_the_option():
    raw = declaration()
    raw["indicators"][0] |= {"level1_code": "产出指标", "operator": "≥", "nature": "定量", "planned_month": "6月"}
    content, problems = check(raw)
    assert problems == []
    assert content["indicators"][0]["level1_code"] == "output"
    assert content["indicators"][0]["operator"] == "ge"
    assert content["indicators"][0]["planned_month"] == 6


@pytest.mark.parametrize("text", ["空\x00字符", "半个\ud83d字", "响铃\x07"])
def test_characters_that_cannot_be_stored_are_refused(text):
    content, problems = check(declaration(annual_goal=text))
    assert fields(problems) == ["annual_goal"]
    assert "annual_goal" not in content


def test_an_unknown_name_is_a_problem_naming_it():
    raw = declaration(amont_total="1")
    raw["indicators"][0]["wieght"] = "1"
    _, problems = check(raw)
    assert fields(problems) == ["indicators[0].wieght", "amont_total"]
    assert "“amont_total”" in problems[1].message


def test_what_the_system_fills_in_is_not_taken_from_a_client():
    content, problems = check(declaration(project_code="999", is_key_project=True))
    assert content["project_code"] == CONTEXT["project_code"]
    assert fields(problems) == ["project_code", "is_key_project"]
    assert said(problems, "project_code") == "“项目代码”由系统填写，请不要提交"


def test_a_step_that_may_only_read_changes_nothing():
    content, _ = check(declaration())
    kept, problems = check({"annual_goal": "改写目标"}, node="fund_review", current=content)
    assert kept["annual_goal"] == content["annual_goal"]
    assert [problem.message for problem in problems] == ["“年度总体目标”在本环节只能查看，不能修改"]


def test_a_draft_keeps_what_is_sound_and_reports_only_what_cannot_be_read():
    raw = {"annual_goal": "写到一半", "summary": "太短", "amount_total": "abc", "indicators": [{"weight": "x"}]}
    content, problems = check(raw, complete=False)
    assert content["annual_goal"] == "写到一半"
    assert content["summary"] == "太短"
    assert fields(problems) == ["amount_total", "indicators[0].weight"]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"amount_total": "40"}, "amount_total", "应等于财政拨款与其他资金之和38.50万元"),
        ({"amount_district": "31"}, "amount_fiscal", "之和39.50万元"),
        ({"end_date": "2026-12-31"}, "end_date", "早于“开始日期”2027-01-01"),
        ({"functional_subject": "20811"}, "functional_subject", "7位数字"),
        ({"summary": "太短"}, "summary", "不得少于50字，现有2字"),
        ({"annual_goal": "长" * 801}, "annual_goal", "不得超过800字，现有801字"),
        ({"fiscal_year": 2026}, "fiscal_year", "应为申报年度2027年"),
        ({"is_public": False}, "non_public_reason", "没有填写"),
        ({"end_date": "2029-12-31"}, "midterm_goal", "没有填写"),
        (
            {"schedule": [{"item": "招标", "start": "2026-12-01", "end": "2027-02-01"}]},
            "schedule[0].start",
            "早于项目开始",
        ),
        ({"attachments": [{"id": "a1", "filename": "x.exe"}]}, "attachments", "只接受"),
        ({"indicators": [{}] * 61}, "indicators", "不得超过60行"),
        ({"indicators": "表"}, "indicators", "应为多行内容"),
    ],
)
def test_a_contradiction_is_said_at_its_field(changes, field, words):
    _, problems = check(declaration(**changes))
    assert words in said(problems, field)


def test_an_answer_whose_question_does_not_apply_is_dropped():
    content, problems = check(declaration(midterm_goal="三年目标", non_public_reason="涉密"))
    assert problems == []
    assert "midterm_goal" not in content
    assert "non_public_reason" not in content


@pytest.mark.parametrize(("template", "accepted"), [("CLASSIC_2020", True), ("COST_2021", False)])
def test_cost_stands_under_output_only_in_the_template_of_2020(template, accepted):
    raw = declaration()
    raw["indicators"][2]["level1_code"] = "output"
    _, problems = check(raw, context={**CONTEXT, "indicator_template": template})
    assert (fields(problems) == []) is accepted
    raw["indicators"][2]["level1_code"] = "cost"
    assert check(raw, context={**CONTEXT, "indicator_template": template})[1] == []


def test_a_second_level_outside_its_first_level_is_refused():
    raw = declaration()
    raw["indicators"][0]["level2_code"] = "soc"
    _, problems = check(raw)
    assert said(problems, "indicators[0].level2_code").startswith("绩效指标第1行“二级指标”的选项“社会效益指标”")


def test_the_kind_of_indicator_decides_how_its_target_is_written():
    raw = declaration()
    raw["indicators"][0]["target_value"] = "三百"
    raw["indicators"][1] |= {"nature": "date", "operator": "date", "target_value": "2027年11月30日"}
    content, problems = check(raw)
    assert fields(problems) == ["indicators[0].target_value"]
    assert content["indicators"][1]["target_value"] == "2027-11-30"


def test_rows_keep_their_hidden_names_and_new_ones_get_new_names():
    content, _ = check(declaration())
    assert [row["row_id"] for row in content["indicators"]] == ["r1", "r2", "r3", "r4", "r5"]
    rows = declaration()["indicators"]
    added = {**rows[0], "level3_name": "培训期数"}
    copied = {**rows[1], "level3_name": "考核通过率", "row_id": "r2"}
    sent = [{**rows[4], "row_id": "r5"}, added, {**rows[1], "row_id": "r2"}, copied, rows[3]]
    again, _ = check(declaration(indicators=sent), current=content)
    assert [row["row_id"] for row in again["indicators"]] == ["r5", "r6", "r2", "r7", "r4"]


def test_last_years_values_are_filled_into_the_row_of_the_same_name():
    previous = {"indicators": [{"level3_name": "就业率", "target_value": "55", "actual_value": "57.5", "row_id": "x"}]}
    raw = declaration()
    raw["indicators"][0]["prev_target"] = "1"
    content, _ = check(raw, context={**CONTEXT, "previous": previous})
    row = content["indicators"][3]
    assert (row["prev_target"], row["prev_actual"]) == ("55", "57.5")
    assert "prev_target" not in content["indicators"][0]


@pytest.mark.parametrize("raw", [None, [], "表", 3, True])
def test_what_is_no_form_is_said_so(raw):
    content, problems = check(raw)
    assert content == {}
    assert "不是表单" in problems[0].message
