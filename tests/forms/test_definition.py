import copy
import json
from pathlib import Path

import pytest

import forms
from forms import DefinitionError, load, parse, permission


def simple(**changes):
    fields = [
        {"id": "amount", "type": "decimal", "label": "金额"},
        {
            "id": "lines",
            "type": "table",
            "label": "明细",
            "columns": [{"id": "cost", "type": "decimal", "label": "费用"}],
        },
    ]
    raw = {
        "code": "sample",
        "official_code": "X1",
        "version": 1,
        "title": "样表",
        "source": "示例文件",
        "fields": fields,
    }
    return copy.deepcopy({**raw, **changes})


def problems_of(raw):
    with pytest.raises(DefinitionError) as caught:
        parse(raw)
    return [problem.message for problem in caught.value.problems]


def test_the_shipped_forms_are_sound_and_carry_their_official_codes():
    codes = {"F01", "F02", "F03", "F04", "F05", "F06", "F07", "F10", "F12", "P09", "P19"}
    assert {load(code).official_code for code in forms.definition.SHIPPED} == codes
    with pytest.raises(KeyError):
        load("../secret")


def test_the_hash_is_of_the_content_not_of_its_spelling():
    raw = json.loads((Path(forms.__file__).parent / "project_target.json").read_text(encoding="utf-8"))
    reordered = dict(reversed(list(raw.items())))
    assert parse(reordered).hash == load("project_target").hash
    assert len(load("project_target").hash) == 64
    assert parse({**raw, "version": 2}).hash != load("project_target").hash


def rule(test, message="不对", at="amount"):
    return {"rules": [{"test": test, "message": message, "at": at}]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (rule("__import__('os')"), "第1条规则"),
        (rule("().__class__"), "第1条规则"),
        (rule("amuont > 0"), "不存在的字段“amuont”"),
        (rule("sum(lines.cots) > 0"), "不存在的列“lines.cots”"),
        (rule("amount > 0", "现为{amuont}"), "“{amuont}”"),
        (rule("amount > 0", at="nowhere"), "位置“nowhere”不存在"),
        ({"layout": [{"rows": [[{"field": "amuont"}]]}]}, "版式第1块"),
        ({"layout": [{"table": "rows"}]}, "版式第1块"),
        ({"permissions": {"draft": {"amuont": "edit"}}}, "节点“draft”"),
        ({"permissions": {"draft": {"*": "write"}}}, "只能是 edit、read 或 hidden"),
        ({"colour": "red"}, "不是表单定义的属性"),
        ({"version": "1"}, "应为整数"),
        ({"fields": []}, "至少要有一个字段"),
        ({"title": ""}, "不得为空"),
    ],
)
def test_a_bad_definition_is_refused_naming_the_place(changes, words):
    assert any(words in message for message in problems_of(simple(**changes)))


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"id": "amount", "type": "text", "label": "重名"}, "“amount”重复"),
        ({"id": "sum", "type": "text", "label": "合计"}, "“sum”是保留名称"),
        ({"id": "class", "type": "text", "label": "班级"}, "“class”是保留名称"),
        ({"id": "row_id", "type": "text", "label": "行号"}, "保留名称"),
        ({"id": "Amount", "type": "text", "label": "金额"}, "小写字母"),
        ({"id": "kind", "type": "choice", "label": "类别"}, "没有选项"),
        ({"id": "kind", "type": "colour", "label": "颜色"}, "没有这种类型"),
        ({"id": "all_", "type": "computed", "label": "合计"}, "计算公式"),
        ({"id": "rows", "type": "table", "label": "表"}, "缺少列"),
        ({"id": "note", "type": "text", "label": "说明", "pattern": "("}, "正则表达式"),
        ({"id": "note", "type": "text", "label": "说明", "show_if": "x =="}, "显示条件"),
        ({"id": "note", "type": "text", "label": "说明", "min_length": 9, "max_length": 3}, "最少字数"),
    ],
)
def test_a_bad_field_is_refused_naming_it(field, words):
    raw = simple()
    raw["fields"].append(field)
    assert any(words in message for message in problems_of(raw))


def test_all_faults_of_a_definition_come_at_once():
    raw = simple(**rule("amuont > 0"))
    raw["fields"].append({"id": "kind", "type": "choice", "label": "类别"})
    assert len(problems_of(raw)) == 2


@pytest.mark.parametrize("raw", [None, [], {}, {"fields": 3}, {"fields": [None]}, {"fields": [{"columns": "x"}]}])
def test_nonsense_is_refused_not_a_crash(raw):
    assert problems_of(raw)


def test_permissions_are_by_step_and_default_to_reading():
    target = load("project_target")
    assert permission(target, "draft", "annual_goal") == "edit"
    assert permission(target, "draft", "project_code") == "read"
    assert permission(target, "draft", "is_key_project") == "read"
    assert permission(target, "fund_review", "annual_goal") == "read"
    assert permission(parse(simple(permissions={"draft": {"amount": "hidden"}})), "draft", "amount") == "hidden"
