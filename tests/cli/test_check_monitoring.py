"""Does `jiheng check-monitoring` judge files of monitored projects?"""

import json
import shutil
from importlib.resources import files

import pytest
from click.testing import CliRunner

from service.cli import main

DEMO = files("db") / "demo"


def run(*arguments):
    return CliRunner().invoke(main, ["check-monitoring", *map(str, arguments)])


def project(**changes):
    row = {"nature": "quantitative", "operator": "ge", "target_value": "12", "measure_unit": "次", "value": "7"}
    return {"project_code": "1", "annual_budget": "100", "executed": "60", "indicators": [row], **changes}


@pytest.fixture
def written(tmp_path):
    def write(content, name="m.json"):
        (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return tmp_path / name

    return write


def test_the_demo_year_is_judged_as_recorded():
    found = run(DEMO / "monitoring.csv")
    assert found.exit_code == 0, found.output
    assert "477 个项目 projects：红灯 93，黄灯 83，绿灯 301，蓝灯 0；0 个不一致 differ" in found.output


def test_a_wrong_light_in_a_file_is_named(tmp_path):
    for name in ("monitoring.csv", "monitoring_indicators.csv", "indicators.csv"):
        shutil.copy(DEMO / name, tmp_path / name)
    rows = (tmp_path / "monitoring_indicators.csv").read_text("utf-8").splitlines()
    rows[1] = rows[1].replace("green", "red")
    (tmp_path / "monitoring_indicators.csv").write_text("\n".join(rows), "utf-8")
    found = run(tmp_path / "monitoring.csv")
    assert found.exit_code == 1
    assert "indicators[1]服务保障重要会议：文件为 red，判定为 green（MR3 达到计划进度" not in found.output
    assert "indicators[1]服务保障重要会议：文件为 red，判定为 green（MR3 " in found.output


def test_json_tells_lights_and_reasons(written):
    found = run(written({"projects": [project(executed="20", overall_light="green")]}), "--json")
    (judged,) = json.loads(found.output)
    assert found.exit_code == 1
    assert (judged["execution_light"], judged["overall_light"]) == ("red", "red")
    assert judged["differences"] == ["overall_light：文件为 green，判定为 red"]
    assert judged["indicators"] == [{"light": "green", "why": "MR3 计划进度的80%以上、不到120%"}]


def test_other_tables_and_months_can_be_tried(written, tmp_path):
    changed = (
        (files("workflows") / "performance_monitoring.dmn").read_text("utf-8").replace("[0.80..1.20)", "[0.80..2.50)")
    )
    (tmp_path / "own.dmn").write_text(changed.replace("&gt;= 1.20", "&gt;= 2.50"), "utf-8")
    file = written([project()])
    assert json.loads(run(file, "--json", "--month", "3").output)[0]["indicators"][0]["light"] == "blue"
    own = run(file, "--json", "--month", "3", "--tables", tmp_path / "own.dmn")
    assert json.loads(own.output)[0]["indicators"][0]["light"] == "green"


@pytest.mark.parametrize(
    "content, name",
    [
        ("{", "m.json"),
        ("[]", "m.json"),
        ('{"projects": [1]}', "m.json"),
        ('[{"project_code": "1", "executed": "-3", "annual_budget": "9"}]', "m.json"),
        ('[{"project_code": "1", "executed": "3"}]', "m.json"),
        ("a,b\n1,2\n", "m.csv"),
        ("project_code\n1\n", "m.csv"),
        ('project_code\n"1', "m.csv"),
    ],
)
def test_nonsense_is_refused_with_exit_status_2(written, content, name):
    found = run(written(content, name))
    assert found.exit_code == 2, found.output
    assert "无法读取" in found.output


def test_a_file_that_is_no_table_of_lights_is_refused(written):
    found = run(written([project()]), "--tables", written("<a/>", "x.dmn"))
    assert found.exit_code == 2
    assert "无法读取“x.dmn”" in found.output
