"""Does `jiheng score` compare every recorded score, and fail when one differs?"""

import json
from importlib.resources import files

import pytest
from click.testing import CliRunner

from db import demo
from service.cli.score import command

VECTORS = files(demo) / "score_test_vectors.json"


@pytest.fixture
def run(tmp_path):
    def invoke(given, *arguments):
        file = tmp_path / "vectors.json"
        file.write_text(given if isinstance(given, str) else json.dumps(given, ensure_ascii=False), "utf-8")
        return CliRunner().invoke(command, [str(file), *arguments])

    return invoke


@pytest.fixture
def vectors():
    return json.loads(VECTORS.read_text("utf-8"))


def test_all_vectors_of_the_demo_data_come_out_equal(run, vectors):
    result = run(vectors, "--json")
    found = json.loads(result.output)
    assert result.exit_code == 0, result.output
    assert [entry["id"] for entry in found] == [entry["id"] for entry in vectors["unit"] + vectors["projects"]]
    assert all(entry["equal"] is True for entry in found)
    assert set(found[0]) == {"id", "expected", "got", "equal"}


def _wrong(vectors, place):
    kind, number, *names = place
    entry = vectors[kind][number]
    for name in names[:-1]:
        entry = entry[name]
    entry[names[-1]] = {"优": "良", True: False}.get(entry[names[-1]], "1.01")
    return vectors[kind][number]["id"]


@pytest.mark.parametrize(
    "place",
    [
        ("unit", 0, "expect"),
        ("unit", 28, "expect"),
        ("projects", 0, "total"),
        ("projects", 1, "grade"),
        ("projects", 2, "execution_score"),
        ("projects", 3, "indicators", 4, "score"),
        ("projects", 3, "indicators", 4, "actual"),
    ],
)
def test_one_wrong_figure_makes_the_command_fail(run, vectors, place):
    wrong = _wrong(vectors, place)
    result = run(vectors, "--json")
    assert result.exit_code == 1
    assert [entry["id"] for entry in json.loads(result.output) if not entry["equal"]] == [wrong]


def test_people_see_formula_and_figures_beside_each_score(run, vectors):
    output = run(vectors).output
    assert "GE2  quant  应为 expected 14.67  得 got 14.67  一致" in output
    assert "公式：分值×实际完成值÷指标值；15×88÷90=14.67" in output
    assert "共 48 项 results，0 项不一致 differ" in output


@pytest.mark.parametrize(
    ("vector", "said"),
    [
        ({"id": "A", "kind": "mystery", "args": {}, "expect": 1}, "没有种类“mystery”"),
        ({"id": "A", "kind": "quant", "args": {"op": "ge", "target": 1}, "expect": 1}, "缺少'actual'"),
        ({"id": "A", "kind": "quant", "args": 3, "expect": 1}, "无法计算"),
        ("text", "无法计算"),
        ({"id": "A", "kind": "grade", "args": {"total": "high"}, "expect": "优"}, "“high”不是数字"),
        ({"id": "A", "kind": "grade", "args": {"total": 1, "ruleset": "OLD"}, "expect": "优"}, "没有评分规则“OLD”"),
        ({"id": "A", "kind": "date", "args": {"start": "x", "due": "y"}, "expect": "1"}, "应为日期"),
        ({"id": "A", "kind": "experts", "args": {"scores": []}, "expect": ["1", False]}, "没有专家评分"),
        ({"id": "A", "kind": "experts", "args": {"scores": ["1e999999999"]}, "expect": ["1", False]}, "不是数字"),
        ({"id": "A", "kind": "grade", "args": {"total": float("nan")}, "expect": "优"}, "“nan”不是数字"),
    ],
)
def test_a_vector_that_cannot_be_computed_differs_and_says_why(run, vector, said):
    result = run({"unit": [vector]}, "--json")
    assert result.exit_code == 1
    assert said in json.loads(result.output)[0]["got"]


@pytest.mark.parametrize("given", ["", "no json", "[]", "{}", '{"unit": [], "projects": []}'])
def test_a_file_without_vectors_is_refused_with_the_shape_it_should_have(run, given):
    result = run(given)
    assert result.exit_code == 2
    assert "无法读取“vectors.json”" in result.output
    assert "score_test_vectors.json" in result.output


def test_a_file_that_is_not_there_is_said():
    result = CliRunner().invoke(command, ["nowhere.json"])
    assert result.exit_code == 2
    assert "文件不存在" in result.output
