"""Is a form refused, with its place, that cases could not be run on?"""

import copy
import json
from pathlib import Path

import pytest

import forms
from forms.example import example
from service.engine import ReleaseError
from service.engine.outline import read_outline
from service.form_soundness import form_problems

DIAGRAMS = sorted((Path(__file__).parents[2] / "workflows").glob("*.bpmn"))
#: The steps of every process; a form names those of the processes it is filled in by.
STEPS = {node: step for path in DIAGRAMS for node, step in read_outline(path.read_bytes()).steps.items()}


def review():
    return copy.deepcopy(dict(forms.load("target_review").raw))


def problems_of(raw, code="target_review"):
    return list(form_problems(json.dumps(raw).encode(), f"{code}.json", STEPS))


@pytest.mark.parametrize("code", forms.definition.SHIPPED)
def test_the_shipped_forms_are_sound(code):
    assert problems_of(forms.load(code).raw, code) == []


@pytest.mark.parametrize("text", [b"[", b"[]", b"[" * 100_000, b" " * 600_000])
def test_what_is_no_definition_is_said_in_a_sentence(text):
    with pytest.raises(ReleaseError, match=r"表单定义|KiB"):
        list(form_problems(text, "target_review.json", STEPS))


def test_a_made_up_content_is_of_the_fields_own_types():
    for code in forms.definition.SHIPPED:
        definition = forms.load(code)
        _, problems = forms.accept(definition, example(definition), node="none", complete=False)
        assert problems == []


def field(raw, name):
    return next(one for one in raw["fields"] if one["id"] == name)


def extra(**properties):
    return lambda raw: raw["fields"].append({"id": "extra", "type": "text", "label": "补充", **properties})


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (lambda raw: raw["rules"].append({"test": "__import__('os')", "message": "x"}), "rules.1.test", "第2条规则"),
        (extra(show_if="().__class__"), "fields.11.show_if", "显示条件"),
        (extra(pattern="(a+)+"), "fields.11.pattern", "重复之内又有重复"),
        (extra(pattern="(a|a)*b"), "fields.11.pattern", "重复之内又有重复"),
        (extra(pattern=r"(a)\1"), "fields.11.pattern", "反向引用"),
        (extra(id="opinion"), "fields.11.id", "重复"),
        (extra(type="decimal", minimum="9", maximum="1"), "fields.11.minimum", "最小值大于最大值"),
        (extra(choices_from="opinion", type="choice"), "fields.11.choices_from", "不是系统提供的数据"),
        (lambda raw: raw["fields"].remove(field(raw, "overall_grade")), "layout.2.rows.0.3", "不存在的字段"),
        (lambda raw: field(raw, "opinion").update(type="integer"), "fields.6.type", "类型和填写方式不能改"),
        (lambda raw: field(raw, "overall_grade")["choices"].pop(), "fields.4.choices", "缺少选项差"),
        (lambda raw: field(raw, "items")["fixed_rows"].pop(), "fields.2.fixed_rows", "固定行不能增减"),
        (lambda raw: field(raw, "items")["fixed_rows"][0].pop("code"), "fields.2.fixed_rows.0", "缺少识别列"),
        (lambda raw: raw["context"].update(more=1), "context", "不能增减"),
        (lambda raw: raw["layout"][2]["rows"][1].pop(), "layout.2.rows.1", "占1列，第1行占4列"),
        (lambda raw: raw["layout"].append({"rows": "x"}), "layout.4.rows", "每行是一列格子"),
        (lambda raw: raw["layout"].append({"rows": [[{"field": "opinion", "cols": 99}]]}), "layout.4.rows.0.0", "1与24之间"),
        (lambda raw: raw["layout"].append({"table": "opinion"}), "layout.4", "不存在的明细表"),
        (lambda raw: raw["layout"].append({"signatures": [{"text": 1}]}), "layout.4.signatures.0", "签字栏"),
        (lambda raw: raw["permissions"].update(fund_review={"*": "read"}), "permissions.fund_review", "没有一个字段可以填写"),
        (lambda raw: raw.update(code="other"), "code", "与文件名 target_review.json 不一致"),
    ],
)  # fmt: skip
def test_an_unsound_form_is_refused_with_its_place(change, place, words):
    raw = review()
    change(raw)
    found = problems_of(raw)
    assert any(one.element_id == place and words in one.message for one in found), found
    assert all(one.severity == "error" for one in found if one.element_id == place)


def test_what_would_be_odd_is_pointed_out_and_does_not_stand_in_the_way():
    raw = review()
    raw["fields"].append({"id": "extra", "type": "text", "label": "补充", "required": True})
    raw["permissions"]["gone"] = {"*": "edit"}
    for rules in raw["permissions"].values():
        rules["extra"] = "read"
    found = {problem.code: problem for problem in problems_of(raw)}
    assert set(found) == {"form.node", "form.unfilled", "form.unprinted"}
    assert {problem.severity for problem in found.values()} == {"warning"}
    assert "必填，但没有一个填写本表的步骤可以填写它" in found["form.unfilled"].message
