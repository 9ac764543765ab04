"""Does `jiheng check-evaluations` say of every table what is provably wrong in it?"""

import json
from importlib.resources import files

import pytest
from click.testing import CliRunner

from db import demo
from service.cli.check_evaluations import command
from tests.rules.filled_tables.sheets import OFFICIAL, OFFICIAL_MERGED, SIGNS, SIGNS_MERGED, with_cell, workbook
from tests.rules.filled_tables.tables import RIGHT, WRONG, expected

SAMPLE = files(demo) / "filled_tables_sample.json"


@pytest.fixture
def run(tmp_path):
    def invoke(given, *arguments, name="tables.json"):
        file = tmp_path / name
        if isinstance(given, bytes):
            file.write_bytes(given)
        else:
            file.write_text(given if isinstance(given, str) else json.dumps(given, ensure_ascii=False), "utf-8")
        return CliRunner().invoke(command, [str(file), *arguments])

    return invoke


def test_the_samples_come_out_exactly():
    result = CliRunner().invoke(command, [str(SAMPLE), "--json"])
    wanted = json.loads(SAMPLE.read_text("utf-8"))["tables"]
    assert result.exit_code == 1
    assert json.loads(result.output) == [{"id": own["id"], "errors": own["expect"], "warnings": []} for own in wanted]


def test_tables_of_many_districts_in_one_file(run):
    tables = RIGHT + WRONG
    found = json.loads(run({"tables": tables}, "--json").output)
    assert [entry["id"] for entry in found] == [own["id"] for own in tables]
    assert [sorted(entry["errors"]) for entry in found] == [expected(own) for own in tables]


@pytest.mark.parametrize("shape", [lambda own: own, lambda own: [own], lambda own: {"tables": [own]}])
def test_one_table_or_a_list_of_them(run, shape):
    result = run(shape(RIGHT[0]), "--json")
    assert result.exit_code == 0
    assert json.loads(result.output) == [{"id": RIGHT[0]["id"], "errors": [], "warnings": []}]


def test_people_see_code_place_and_words(run):
    output = run(WRONG[2]).output
    assert (
        "错误 error  EXEC_SCORE_WRONG  money[0].score  执行率得分计算有误：填9，执行率86.2%，应得10×86.2%=8.62"
        in output
    )
    assert "1 张自评表 tables：错误 error 1，警告 warning 0" in output


def test_a_workbook_gives_a_table_a_sheet_with_its_cells(run):
    wrong = with_cell(OFFICIAL, "H6", "95%")
    book = workbook(
        ("甲", OFFICIAL, OFFICIAL_MERGED),
        ("乙", wrong, OFFICIAL_MERGED),
        ("丙", SIGNS, SIGNS_MERGED),
        ("说明", [["无"]], []),
    )
    found = json.loads(run(book, "--json", name="tables.xlsx").output)
    assert [entry["id"] for entry in found] == ["甲", "乙", "丙"]
    assert [entry["errors"] for entry in found[:2]] == [[], ["EXEC_RATE_WRONG"]]
    assert "EXEC_RATE_WRONG  H6  执行率计算有误：填95%，应为93.75%" in run(book, name="tables.xlsx").output


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "既不是 JSON 也不是 .xlsx"),
        ("3", "应为自评表列表"),
        ("[]", "文件中没有自评表"),
        ([{"name": "x"}], "第1项不是自评表"),
        ([{"money": 3, "indicators": []}], "第1项无法识别，“money”应为对象的列表"),
        (b"PK\x03\x04 no workbook", "无法读取"),
        (workbook(("空", [["无"]], [])), "文件中没有自评表"),
    ],
)
def test_a_file_without_tables_is_refused(run, given, said):
    result = run(given, "--json")
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize("number", ["1e999999999", "NaN", "-Infinity", "true", "null", "[1]"])
def test_a_number_nobody_means_breaks_nothing(run, number):
    given = json.dumps(WRONG[2], ensure_ascii=False).replace('"43.2"', number)
    assert run(given, "--json").exit_code in (0, 1)


def test_a_file_that_is_not_there_is_said():
    result = CliRunner().invoke(command, ["nowhere.json"])
    assert result.exit_code == 2
    assert "文件不存在" in result.output
