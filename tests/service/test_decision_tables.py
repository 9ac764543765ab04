"""Does the page that tries tables learn what a decision file holds?"""

from pathlib import Path

from service.decision_tables import Column, outline
from service.readable_tables import questions
from tests.engine.dmn.models import column, decision, definitions, input_data, literal, result, table

LIGHT = table([column("执行率", "number")], [result("灯", "string")], [([">= 80"], ['"绿"'])], "COLLECT", "COUNT")


def test_an_outline_lists_decisions_columns_and_inputs():
    found = outline(definitions(input_data("执行率", "number"), decision("预警", LIGHT), decision("数", literal("1"))))
    assert found.inputs == (Column(label="执行率", type="数字"),)
    assert found.problems == ()
    light, plain = found.decisions
    assert (light.id, light.name, light.hit_policy, light.rows) == ("d_预警", "预警", "COLLECT COUNT", 1)
    assert light.inputs == (Column(label="执行率", type="数字"),)
    assert light.outputs == (Column(label="灯", type="文字"),)
    assert (plain.name, plain.hit_policy, plain.inputs) == ("数", "", ())


def test_an_outline_says_what_is_wrong():
    broken = outline(definitions(decision("预警", LIGHT.replace("&gt;= 80", "&gt;"))))
    assert [decision.name for decision in broken.decisions] == ["预警"]
    assert "第1行“执行率”列写错了" in broken.problems[0].message
    assert outline(b"<x/>", "灯.dmn").problems[0].message == "文件 灯.dmn 不是 DMN 决策文件。"


def test_a_file_of_many_decisions_says_what_each_of_them_asks_for():
    text = (Path(__file__).parents[2] / "workflows" / "performance_monitoring.dmn").read_bytes()
    asked = {one["name"]: {value["name"]: value["type"] for value in one["inputs"]} for one in questions(text)}
    assert asked["预算执行率"] == {"executed": "number", "annual_budget": "number"}
    assert set(asked["预算执行灯"]) == {"month", "executed", "annual_budget"}
