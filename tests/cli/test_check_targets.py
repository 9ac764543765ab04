"""Does `jiheng check-targets` say which rules fire, for every kind of file, without server or database?"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from db import demo
from service.cli import main
from service.workbooks import write_declarations
from tests.workbooks.books import INDICATOR, district, lists

FLAWED = Path(__file__).parents[1] / "rules" / "flawed_targets.json"


def run(*arguments):
    return CliRunner().invoke(main, ["check-targets", *map(str, arguments)])


def as_json(*arguments):
    done = run(*arguments, "--json")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return json.loads(done.stdout), done.exit_code


def written(tmp_path, content, name="targets.json"):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode())
    return file


def test_every_flawed_sample_fires_all_it_must_and_no_other_error():
    found, status = as_json(FLAWED)
    samples = json.loads(FLAWED.read_text("utf-8"))
    assert [target["id"] for target in found] == [sample["id"] for sample in samples]
    for target, sample in zip(found, samples, strict=True):
        assert set(sample["expect"]) <= set(target["rules"]), target
        assert {problem["rule"] for problem in target["errors"]} <= set(sample["expect"]), target
    assert status == 1


def test_the_whole_district_has_no_error_as_json_and_as_workbook(tmp_path):
    projects = written(tmp_path, {"fiscal_year": 2021, "projects": demo.projects()})
    workbook = written(tmp_path, write_declarations(district(), template="CLASSIC_2020"), "district.xlsx")
    from_json, status = as_json(projects)
    assert status == 0
    assert len(from_json) == 477
    assert all(target["errors"] == [] for target in from_json)
    assert {rule for target in from_json for rule in target["rules"]} == {"Q15", "Q22"}
    from_workbook, status = as_json(workbook)
    assert status == 0
    assert [(target["id"], target["rules"]) for target in from_workbook] == [
        (target["id"], target["rules"]) for target in from_json
    ]


def test_levels_stand_apart_each_with_message_and_source():
    found, _ = as_json(FLAWED)
    x08 = next(target for target in found if target["id"] == "X08")
    [warning] = x08["warnings"]
    assert x08["errors"] == []
    assert warning["rule"] == "Q16"
    assert "计算符号应使用" in warning["message"]
    assert warning["source"] == "Q16 · 绩效目标质量规则"
    assert warning["field"].startswith("indicators[")


def test_people_read_rules_per_target_and_a_sum():
    done = run(FLAWED)
    assert "X01  残疾儿童康复救助  Q01 Q02 Q03" in done.output
    assert "  错误 error  缺少服务对象满意度指标" in done.output
    assert "8 个目标 targets：错误 error 8" in done.output
    assert done.exit_code == 1


def test_a_single_target_and_a_plain_list_are_read_too(tmp_path):
    project = demo.projects()[0]
    for given in (project, [project], {"id": "甲", "project": project}):
        found, status = as_json(written(tmp_path, given))
        assert (len(found), status) == (1, 0)
    assert found[0]["id"] == "甲"


def test_a_target_without_code_is_not_similar_to_itself(tmp_path):
    project = {**demo.projects()[0]}
    del project["project_code"]
    [found], _ = as_json(written(tmp_path, [project]))
    assert found["rules"] == []
    again, _ = as_json(written(tmp_path, [project, project]))
    assert all({"Q20", "Q29"} & set(target["rules"]) for target in again)


def test_the_template_comes_from_the_entry_else_from_the_option(tmp_path):
    project = demo.projects()[0]
    assert as_json(written(tmp_path, [project]), "--template", "COST_2021")[1] == 0
    mixed = {**project, "indicators": [{**row, "weight": row["weight_cost_2021"]} for row in project["indicators"]]}
    assert "Q03" in as_json(written(tmp_path, [mixed]))[0][0]["rules"]
    assert as_json(written(tmp_path, [{"template": "COST_2021", "project": mixed}]))[0][0]["rules"] == []


def test_cells_of_a_workbook_that_cannot_be_read_are_errors_with_their_address(tmp_path):
    lost = {**INDICATOR, "项目代码": "999"}
    file = written(tmp_path, lists({"年度资金总额": "约四十万"}, more_indicators=[lost]), "a.xlsx")
    [target, orphan], status = as_json(file)
    assert status == 1
    assert target["errors"][0]["cell"] == "项目信息!J2"
    assert orphan["id"] == "绩效指标!A3"
    assert orphan["rules"] == []
    assert "不在项目信息中" in orphan["errors"][0]["message"]
    assert "项目信息!J2 “年度资金总额”写为“约四十万”" in run(file).output


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", b"{", "既不是 JSON"),
        ("a.json", b"\xff\xfe\x00", "既不是 JSON"),
        ("a.json", b"[" * 100_000, "既不是 JSON"),
        ("a.json", b"[]", "文件中没有目标"),
        ("a.json", b'"x"', "应为目标列表"),
        ("a.json", b"[1]", "第1项不是绩效目标"),
        ("a.json", b'{"weather": "fine"}', "第1项不是绩效目标"),
        ("a.json", b'[{"project": {"indicators": 5}}]', "第1项无法识别"),
        ("a.json", b'[{"template": "NEW", "project": {"indicators": []}}]', "没有指标模板“NEW”"),
        ("a.csv", "项目名称,金额".encode(), "既不是 JSON"),
        ("a.xlsx", b"PK\x03\x04", "文件不完整"),
        ("a.xlsx", "项目名称,金额".encode(), "不是 .xlsx"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_sentence_of_both_languages(tmp_path, name, content, said):
    done = run(written(tmp_path, content, name), "--json")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert "Cannot read this file as targets" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_file_that_is_not_there_is_named(tmp_path):
    done = run(tmp_path / "nowhere.json")
    assert done.exit_code == 2
    assert "“nowhere.json”：文件不存在" in done.stderr
    assert run(tmp_path).exit_code == 2


def test_neither_database_nor_settings_are_needed(tmp_path):
    environment = {"PATH": os.environ["PATH"], "JIHENG_DATABASE_URL": "postgresql://nowhere.invalid/x"}
    command = [sys.executable, "-m", "service.cli", "check-targets", str(FLAWED), "--json"]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 1, done.stderr
    assert len(json.loads(done.stdout)) == 8
    assert list(tmp_path.iterdir()) == []
