"""Do approvers read in sentences what a change does to tables and forms?"""

import copy
import json

import forms
from service import bundle_diff
from service.form_diff import compare_forms
from service.table_diff import compare_tables
from tests.engine.dmn.models import column, decision, definitions, result, rule, table

RATIO = column("ratio", "number", label="完成比例")
LIGHT = result("light", "string", label="结果")
ROWS = [("r1", ">= 0.97", '"绿灯"'), ("r2", "[0.90..0.97)", '"黄灯"'), ("r3", "< 0.90", '"黄灯"')]


def lights(rows, policy="UNIQUE", columns=(RATIO,), outputs=(LIGHT,), name="预警灯"):
    made = [rule(cells[:-1], cells[-1:], rule_id=row_id) for row_id, *cells in rows]
    return definitions(decision(name, table(list(columns), list(outputs), made, policy), decision_id="lights"))


def said(old, new):
    return [change.sentence for change in compare_tables(old, new)]


def test_a_changed_result_is_said_with_row_and_column():
    rows = [*ROWS[:2], ("r3", "< 0.90", '"红灯"')]
    assert said(lights(ROWS), lights(rows)) == ["决策表“预警灯”第3行“结果”由“黄灯”改为“红灯”"]


def test_added_removed_and_moved_rows_are_told_apart():
    rows = [ROWS[2], ROWS[0], ("r4", "-", '"蓝灯"')]
    assert said(lights(ROWS), lights(rows)) == [
        "决策表“预警灯”新增第3行：任何输入时“结果”为蓝灯",
        "决策表“预警灯”删去原第2行：“完成比例”[0.90..0.97)时“结果”为黄灯",
        "决策表“预警灯”的行次序改变：原第3行现为第1行、原第1行现为第2行",
    ]


def test_rows_of_a_tool_that_renames_them_are_matched_by_what_they_say():
    renamed = [(f"x{number}", *cells) for number, (_, *cells) in enumerate(ROWS)]
    assert said(lights(ROWS), lights(renamed)) == []
    renamed[2] = ("x2", "< 0.90", '"红灯"')
    assert said(lights(ROWS), lights(renamed)) == ["决策表“预警灯”第3行“结果”由“黄灯”改为“红灯”"]


def test_hit_policy_name_and_columns_are_said():
    typed = result("light", "string", default='"红灯"', label="结果")
    assert said(lights(ROWS), lights(ROWS, "FIRST", outputs=[typed], name="三色灯")) == [
        "决策表“预警灯”的名称由“预警灯”改为“三色灯”",
        "决策表“三色灯”的命中策略由“UNIQUE”改为“FIRST”",
        '决策表“三色灯”“结果”列的默认结果由“空”改为“"红灯"”',
    ]


def review():
    return copy.deepcopy(dict(forms.load("target_review").raw))


def form_said(new, **names):
    return [change.sentence for change in compare_forms(review(), new, lambda node: names.get(node, node))]


def test_a_new_field_with_rule_and_permission_is_said():
    new = review()
    field = {"id": "site_visit", "type": "textarea", "label": "现场核查结论", "required": True}
    new["fields"].append(field)
    new["rules"].append({"test": "len(site_visit) >= 5", "at": "site_visit", "message": "不少于5字"})
    hidden = {"department_review": {"*": "edit"}, "*": {"*": "read"}}
    new["permissions"] |= {node: {**rules, "site_visit": "hidden"} for node, rules in hidden.items()}
    for node in ("fund_review", "fund_chief_review", "performance_chief_review"):
        del new["permissions"][node]
    names = {"department_review": "主管部门审核", "performance_review": "绩效科审核", "budget_review": "b"}
    assert [sentence for sentence in form_said(new, **names) if "现场核查" in sentence or "不少于" in sentence] == [
        "表单“绩效目标审核表”新增字段“现场核查结论”（多行文字，必填）",
        "表单“绩效目标审核表”新增规则：须 len(site_visit) >= 5，否则提示“不少于5字”",
        "表单“绩效目标审核表”的“现场核查结论”在“主管部门审核”、“fund_review”、“fund_chief_review”、"
        "“performance_chief_review”、其他步骤和查阅页不可见",
        "表单“绩效目标审核表”的“现场核查结论”在“b”、“绩效科审核”可以填写",
    ]


def test_changed_words_limits_choices_and_layout_are_said():
    new = review()
    opinion = next(field for field in new["fields"] if field["id"] == "opinion")
    opinion.update(label="审核总体意见", max_length=800, required=False)
    grade = next(field for field in new["fields"] if field["id"] == "overall_grade")
    grade["choices"][0]["label"] = "优秀"
    new["layout"] = new["layout"][:-1]
    assert form_said(new) == [
        "表单“绩效目标审核表”字段“综合评定等级”选项“优”的名称由“优”改为“优秀”",
        "表单“绩效目标审核表”字段“审核总体意见”的名称由“总体意见”改为“审核总体意见”",
        "表单“绩效目标审核表”字段“审核总体意见”的必填由“是”改为“否”",
        "表单“绩效目标审核表”字段“审核总体意见”的最多字数由“500”改为“800”",
        "表单“绩效目标审核表”的打印版式有调整",
    ]


def test_a_bundle_names_tables_that_come_and_go():
    form = json.dumps(review()).encode()
    old, new = {"review.json": form, "old.dmn": lights(ROWS)}, {"review.json": form, "new.dmn": lights(ROWS)}
    found = [change.sentence for change in bundle_diff.compare(old, new)]
    assert found == ["新增决策表“预警灯”（3行规则）", "删去决策表“预警灯”（3行规则）"]
