"""Does `jiheng decide` print what a decision file answers, and exit as it says?"""

import json
from decimal import Decimal

import pytest
from click.testing import CliRunner

from service.cli import main
from tests.engine.dmn.models import column, decision, definitions, input_data, literal, result, rule, table

LIGHT = decision(
    "预警 灯",
    table(
        [column("执行率", "number")],
        [result("灯", "string")],
        [rule([">= 80"], ['"绿"'], "序时"), rule(["[50..80)"], ['"黄"'], "", "r2"), rule(["[40..60]"], ['"红"'])],
    ),
    decision_id="light",
)
ADVICE = decision(
    "建议", table([column("预警 灯")], [result()], [(['"绿"'], ['"继续"'])]), ["light"], decision_id="advice"
)


@pytest.fixture
def run(tmp_path):
    def ask(text, inputs, *arguments):
        model, values = tmp_path / "灯.dmn", tmp_path / "in.json"
        model.write_bytes(text)
        values.write_text(inputs if isinstance(inputs, str) else json.dumps(inputs), "utf-8")
        return CliRunner().invoke(main, ["decide", str(model), "--input", str(values), *arguments])

    return ask


def test_a_decision_is_printed_with_the_rows_that_gave_it(run):
    done = run(definitions(LIGHT), {"执行率": 85.5})
    assert done.exit_code == 0
    assert "预警 灯（light）UNIQUE" in done.output
    assert "相符的行 rows：预警 灯 1" in done.output
    assert "序时" in done.output
    assert '结果 result："绿"' in done.output


def test_json_holds_result_rows_and_what_it_rests_on(run):
    text = definitions(LIGHT, ADVICE)
    done = run(text, {"执行率": 90}, "--json", "--decision", "建议")
    assert done.exit_code == 0
    assert json.loads(done.output) == {
        "decision": {"id": "advice", "name": "建议"},
        "status": "decided",
        "decided": True,
        "result": "继续",
        "matched": [1],
        "hit_policy": "UNIQUE",
        "tables": [
            {"table": "预警 灯", "matched": [1], "rule_ids": [""], "annotations": ["序时"]},
            {"table": "建议", "matched": [1], "rule_ids": [""], "annotations": [""]},
        ],
        "required": {"预警 灯": "绿"},
        "notes": [],
        "problems": [],
    }


def test_numbers_keep_all_their_digits(run):
    text = definitions(decision("d", literal("a + b")))
    done = run(text, '{"a": 0.1, "b": 12345678901234567890.2}', "--json")
    assert json.loads(done.output, parse_float=Decimal)["result"] == Decimal("12345678901234567890.3")
    third = run(definitions(decision("d", literal("1 / 3"))), {}, "--json")
    assert json.loads(third.output, parse_float=Decimal)["result"] == Decimal("0." + "3" * 34)


def test_dates_and_durations_go_in_and_come_out_as_iso_text(run):
    parts = [input_data("day", "date"), input_data("span", "dayTimeDuration")]
    done = run(
        definitions(*parts, decision("d", literal("[day + span, span]"))),
        {"day": "2026-02-28", "span": "P1D"},
        "--json",
    )
    assert json.loads(done.output)["result"] == ["2026-03-01", "P1D"]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"执行率": 55}, "第2、3行同时相符"),
        ({"执行率": 10}, "没有一行与输入相符"),
        ({}, "缺少输入“执行率”"),
        ({"执行率": "85"}, "值应为数字"),
    ],
)
def test_what_is_not_decided_is_said_and_exits_with_1(run, inputs, said):
    plain = run(definitions(LIGHT), inputs)
    assert plain.exit_code == 1
    assert said in plain.output
    assert "结果 result" not in plain.output
    answered = json.loads(run(definitions(LIGHT), inputs, "--json").output)
    assert (answered["decided"], answered["result"], answered["matched"]) == (False, None, [])
    assert any(said in problem for problem in answered["problems"])


def test_an_unknown_decision_exits_with_1_and_lists_what_there_is(run):
    done = run(definitions(LIGHT), {}, "--decision", "x")
    assert done.exit_code == 1
    assert "预警 灯（light）" in done.output


@pytest.mark.parametrize("text", [b"", b"<html/>", b"<!DOCTYPE x><x/>", definitions()])
def test_an_unreadable_file_exits_with_2(run, text):
    done = run(text, {})
    assert done.exit_code == 2
    assert "无法读取 unreadable" in done.output
    assert json.loads(run(text, {}, "--json").output)["status"] == "unreadable"


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ("{", "不是 JSON"),
        ("[1]", "JSON 对象"),
        ('{"a": NaN}', "不是数字"),
        ('{"a": 1, "a": 2}', "同一名称出现了两次"),
        ('{"a": ' + "9" * 2000 + "}", "过长的数字"),
        ("[" * 100_000, "不是 JSON"),
    ],
)
def test_unreadable_inputs_exit_with_2(run, inputs, said):
    done = run(definitions(LIGHT), inputs)
    assert done.exit_code == 2
    assert said in done.output


def test_a_missing_file_exits_with_2(tmp_path):
    done = CliRunner().invoke(main, ["decide", str(tmp_path / "x.dmn")])
    assert done.exit_code == 2
    assert "文件“x.dmn”不存在" in done.output


def test_a_decision_without_inputs_needs_no_file_of_inputs(tmp_path):
    model = tmp_path / "m.dmn"
    model.write_bytes(definitions(decision("d", literal("1 + 1"))))
    assert "结果 result：2" in CliRunner().invoke(main, ["decide", str(model)]).output
