"""What a table cannot answer under its hit policy it says, with rows and columns; it never picks one."""

from decimal import Decimal

import pytest

from service.engine.dmn import Undecided, decide, read_model
from tests.engine.dmn.models import column, decision, definitions, made, result, rule, table


def ask(rows, policy="UNIQUE", aggregation="", outputs=None, **inputs):
    asked = table([column("金额", "number")], outputs or [result()], rows, policy, aggregation)
    return made(decision("级别", asked), **{"金额": 100, **inputs})


def problems(rows, policy="UNIQUE", aggregation="", outputs=None):
    asked = table([column("金额", "number")], outputs or [result()], rows, policy, aggregation)
    return [problem.message for problem in read_model(definitions(decision("级别", asked))).problems]


OVERLAP = [(["< 200"], ["1"]), (["< 300"], ["2"])]


def test_overlapping_rows_of_a_unique_table_are_an_error():
    with pytest.raises(Undecided, match="决策表“级别”第1、2行同时相符"):
        ask(OVERLAP)


def test_overlap_is_an_error_even_if_the_rows_agree():
    with pytest.raises(Undecided, match="第1、2行"):
        ask([(["< 200"], ["1"]), (["< 300"], ["1"])])


def test_any_needs_rows_that_agree():
    assert ask([(["< 200"], ["1"]), (["-"], ["1.0"])], "ANY").rows == (1, 2)
    with pytest.raises(Undecided, match="第1、2行同时相符而结果不同"):
        ask(OVERLAP, "ANY")


def test_first_takes_the_first_row_and_asks_no_further():
    answer = ask([(["< 200"], ["1"]), (['"文字"'], ["2"])], "FIRST")
    assert (answer.value, answer.rows) == (1, (1,))


def test_priority_follows_the_list_of_results_and_not_the_rows():
    ranked = [result(allowed='"暂缓","通过"')]
    answer = ask([(["-"], ['"通过"']), (["< 200"], ['"暂缓"'])], "PRIORITY", outputs=ranked)
    assert (answer.value, answer.rows) == ("暂缓", (2,))


def test_priority_uses_the_allowed_values_of_the_declared_type():
    kind = (
        '<itemDefinition name="结论"><typeRef>string</typeRef>'
        '<allowedValues><text>"暂缓","通过"</text></allowedValues></itemDefinition>'
    )
    asked = table([column("金额")], [result()], [(["-"], ['"通过"']), (["-"], ['"暂缓"'])], "PRIORITY")
    assert made(kind, decision("级别", asked, kind="结论"), 金额=1).value == "暂缓"


def test_a_result_outside_the_list_has_no_priority():
    asked = [result(allowed='"暂缓","通过"')]
    with pytest.raises(Undecided, match=r"第1行“结果1”列.*不在允许的值"):
        ask([(["-"], ['"退回"'])], "PRIORITY", outputs=asked)


def test_equal_priority_with_different_results_is_an_error():
    columns = [result("结论", allowed='"通过"'), result("说明")]
    rows = [(["-"], ['"通过"', '"甲"']), (["-"], ['"通过"', '"乙"'])]
    with pytest.raises(Undecided, match="第1、2行同时相符，优先级相同而结果不同"):
        ask(rows, "PRIORITY", outputs=columns)


def test_several_columns_rank_from_the_left():
    columns = [result("结论", allowed='"通过","暂缓"'), result("档次", allowed="1,2,3")]
    rows = [(["-"], ['"暂缓"', "1"]), (["-"], ['"通过"', "3"]), (["-"], ['"通过"', "2"])]
    assert ask(rows, "OUTPUT ORDER", outputs=columns).rows == (3, 2, 1)
    assert ask(rows, "PRIORITY", outputs=columns).value == {"结论": "通过", "档次": 2}


@pytest.mark.parametrize("policy", ["PRIORITY", "OUTPUT ORDER"])
def test_an_order_of_results_must_be_given(policy):
    assert "须在输出列中列出输出值" in problems([(["-"], ["1"])], policy)[0]
    assert any("区间" in text for text in problems([(["-"], ["1"])], policy, outputs=[result(allowed="[1..3]")]))


def test_rule_order_and_output_order_may_be_written_with_an_underscore():
    assert ask([(["-"], ["2"]), (["-"], ["1"])], "RULE_ORDER").value == [2, 1]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("SUM", Decimal("6.3")), ("MIN", 1), ("MAX", Decimal("3.3")), ("COUNT", 3), ("", [Decimal("3.3"), 1, 2])],
)
def test_collect_sums_up(name, expected):
    assert ask([(["-"], ["3.3"]), (["-"], ["1"]), (["-"], ["2"])], "COLLECT", name).value == expected


def test_collect_finds_the_earliest_date():
    rows = [(["-"], ['date("2026-05-01")']), (["-"], ['date("2026-03-01")'])]
    assert ask(rows, "COLLECT", "MIN").value.isoformat() == "2026-03-01"


@pytest.mark.parametrize("name", ["SUM", "MIN", "MAX"])
def test_results_that_cannot_be_summed_up_are_said(name):
    with pytest.raises(Undecided, match=f"汇总 {name} 算不出来：.*“甲”"):
        ask([(["-"], ["1"]), (["-"], ['"甲"'])], "COLLECT", name)


def test_summing_up_several_columns_is_refused_as_the_standard_leaves_it_open():
    rows = [(["-"], ["1", "2"])]
    assert "只能用于一个输出列" in problems(rows, "COLLECT", "SUM", [result("a"), result("b")])[0]


@pytest.mark.parametrize(
    ("policy", "aggregation", "said"),
    [
        ("NONSENSE", "", "没有命中策略 NONSENSE"),
        ("UNIQUE", "SUM", "汇总 SUM 不可用"),
        ("COLLECT", "MEAN", "汇总 MEAN 不可用"),
    ],
)
def test_unknown_policies_are_refused(policy, aggregation, said):
    assert said in problems([(["-"], ["1"])], policy, aggregation)[0]


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY", "FIRST", "RULE ORDER", "COLLECT"])
def test_no_matching_row_is_null_and_said(policy):
    answer = ask([(["> 500"], ["1"])], policy)
    assert (answer.value, answer.decided, answer.rows) == (None, False, ())
    assert "决策表“级别”没有一行与输入相符" in answer.notes[0]


def test_no_matching_row_counts_as_none():
    answer = ask([(["> 500"], ["1"])], "COLLECT", "COUNT")
    assert (answer.value, answer.decided, answer.rows) == (0, True, ())


def test_without_a_matching_row_the_default_holds_and_is_said():
    answer = ask([(["> 500"], ["1"])], outputs=[result(default="9")])
    assert (answer.value, answer.decided, answer.rows) == (9, True, ())
    assert "取默认结果" in answer.notes[0]
    pair = ask([(["> 500"], ["1", "2"])], outputs=[result("a", default="9"), result("b")])
    assert pair.value == {"a": 9, "b": None}
    assert ask([(["> 500"], ["1"])], "COLLECT", "MAX", [result(default="0")]).value == 0


def test_a_missing_input_is_named():
    asked = table([column("金额", "number")], [result()], [(["-"], ["1"])])
    with pytest.raises(Undecided, match="决策表“级别”输入“金额”：缺少输入“金额”"):
        made(decision("级别", asked))
    deeper = table([column("case.金额", "number", label="金额")], [result()], [(["-"], ["1"])])
    with pytest.raises(Undecided, match="决策表“级别”输入“金额”：缺少“金额”"):
        made(decision("级别", deeper), case={"其他": 1})


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", "300"),
        ("number", True),
        ("integer", Decimal("1.5")),
        ("long", "1"),
        ("string", 3),
        ("boolean", "true"),
        ("date", "gestern"),
        ("date", 20260301),
        ("time", "25:00:00"),
        ("dateTime", "2026-02-30T00:00:00"),
        ("dayTimeDuration", "P1M"),
        ("yearMonthDuration", "P1D"),
        ("number", [1, 2]),
        ("number", {"a": 1}),
    ],
)
def test_a_value_of_the_wrong_type_is_named(kind, value):
    asked = table([column("金额", kind)], [result()], [(["-"], ["1"])])
    with pytest.raises(Undecided, match="决策表“级别”输入“金额”：值应为"):
        made(decision("级别", asked), 金额=value)


def test_a_value_outside_the_allowed_ones_is_named():
    asked = table([column("风险", "string", '"高","低"')], [result()], [(["-"], ["1"])])
    with pytest.raises(Undecided, match="输入“风险”的值“中”不在允许的值"):
        made(decision("级别", asked), 风险="中")


def test_an_input_that_cannot_be_worked_out_is_an_error_and_not_null():
    asked = table([column("a / b", label="比例")], [result()], [(["-"], ["1"])])
    with pytest.raises(Undecided, match="输入“比例”算不出来：1 / 0"):
        made(decision("级别", asked), a=1, b=0)


@pytest.mark.parametrize(
    ("kind", "cell", "said"),
    [("number", '"甲"', "结果应为数字"), ("date", '"morgen"', "结果应为日期"), ("string", "1", "结果应为文字")],
)
def test_a_result_of_the_wrong_type_is_named(kind, cell, said):
    with pytest.raises(Undecided, match=f"第1行“级次”列：{said}"):
        ask([(["-"], [cell])], outputs=[result("级次", kind)])


def test_an_empty_result_is_warned_of_and_an_error_once_the_row_matches():
    asked = [(["< 200"], [""]), ([">= 200"], ["2"])]
    assert "第1行“结果1”列是空的" in problems(asked)[0]
    assert ask(asked, 金额=300).value == 2
    with pytest.raises(Undecided, match="第1行“结果1”列是空的"):
        ask(asked)


def test_the_row_s_id_and_annotation_go_into_the_record():
    asked = table([column("x")], [result()], [rule(["1"], ["1"]), rule(["2"], ["2"], "财预〔2020〕10号", "r2")])
    firing = made(decision("级别", asked), x=2).firings[0]
    assert (firing.title, firing.rows, firing.rule_ids, firing.annotations) == (
        "级别",
        (2,),
        ("r2",),
        ("财预〔2020〕10号",),
    )


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (([column("x")], [result()], []), "规则行数"),
        (([column("x")], [], [(["1"], [])]), "没有输出列"),
        (([column("x")], [result()], [(["1", "2"], ["1"])]), "第1行的列数与表头不符"),
        (([column("x")], [result("a"), result("a")], [(["1"], ["1", "2"])]), "各列须有不同的名称"),
        (([column("x")], [result("a"), result()], [(["1"], ["1", "2"])]), "各列须有不同的名称"),
        (([column("x")], [result()], [(["1"], ["-"])]), "输出列须有结果"),
        (([column("")], [result()], [(["1"], ["1"])]), "没有表达式"),
        (([column("x")], [result()], [(["1"], ["1"])] * 1001), "规则行数"),
    ],
)
def test_an_unsound_table_is_refused_when_it_is_read(parts, said):
    found = [problem.message for problem in read_model(definitions(decision("级别", table(*parts)))).problems]
    assert any(said in message for message in found)


def test_an_unknown_type_is_warned_of_and_values_are_still_compared_strictly():
    parts = definitions(decision("级别", table([column("x", "tNichts")], [result()], [(["1"], ["1"])])))
    (warning,) = read_model(parts).problems
    assert (warning.severity, "类型“tNichts”没有定义" in warning.message) == ("warning", True)
    assert decide(read_model(parts), None, {"x": 1}).value == 1
    with pytest.raises(Undecided, match="不能与数字"):
        decide(read_model(parts), None, {"x": "1"})


@pytest.mark.parametrize(("tests", "results"), [(["高"], ["1"]), (["-"], ["高"])])
def test_a_text_without_quotes_is_warned_of_and_named_when_the_row_is_asked(tests, results):
    asked = decision("级别", table([column("x")], [result()], [(tests, results)]))
    (warning,) = read_model(definitions(asked)).problems
    assert "的“高”不是文件中的名称；如果是文字，须用双引号括起来" in warning.message
    with pytest.raises(Undecided, match="缺少输入“高”；如果是文字，须用双引号括起来"):
        made(asked, x=1)
    assert problems([(["金额"], ["金额"])]) == []
