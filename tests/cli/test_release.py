"""`jiheng release` as an operator sees it."""

import json
from pathlib import Path

from click.testing import CliRunner

from service.cli import main

SHIPPED = "workflows/target_declaration.bpmn"


def run(*arguments):
    return CliRunner().invoke(main, ["release", *map(str, arguments)])


def test_a_clean_file_ends_with_0():
    result = run("check", SHIPPED)
    assert (result.exit_code, "没有问题" in result.output) == (0, True)


def test_problems_end_with_1_and_name_the_element(tmp_path: Path):
    file = tmp_path / "a.bpmn"
    file.write_text(Path(SHIPPED).read_text("utf-8").replace('default="fund_yes"', ""), "utf-8")
    result = run("check", file)
    assert result.exit_code == 1
    assert "gateway.default [fund_agrees]" in result.output


def test_what_is_no_process_ends_with_2_in_one_sentence(tmp_path: Path):
    file = tmp_path / "a.bpmn"
    file.write_bytes(b"\x89PNG")
    result = run("check", file)
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1)


def test_a_missing_file_is_said_and_the_others_are_checked(tmp_path: Path):
    result = run("check", tmp_path / "none.bpmn", SHIPPED, "--json")
    found = json.loads(result.output)
    assert result.exit_code == 2
    assert [len(one["problems"]) for one in found] == [1, 0]
    assert found[0].keys() == {"file", "problems"}
    assert found[0]["problems"][0].keys() == {"code", "severity", "element_id", "message", "remedy"}


def test_versions_are_compared_in_sentences(tmp_path: Path):
    file = tmp_path / "b.bpmn"
    file.write_bytes(Path(SHIPPED).read_bytes().replace(b'jh:dueDays="2"', b'jh:dueDays="4"', 1))
    result = run("diff", SHIPPED, file)
    assert (result.exit_code, result.output) == (
        1,
        "1. 单位负责人审签申报材料 的办理期限由“2个工作日”改为“4个工作日”。\n",
    )
    assert run("diff", SHIPPED, SHIPPED).exit_code == 0
    (change,) = json.loads(run("diff", SHIPPED, file, "--json").output)
    assert (change["kind"], change["old"], change["new"]) == ("step.deadline", ["unit_sign"], ["unit_sign"])


def test_a_comparison_with_what_is_no_process_ends_with_2(tmp_path: Path):
    file = tmp_path / "b.bpmn"
    file.write_text("nothing")
    assert run("diff", SHIPPED, file).exit_code == 2
    assert run("diff", SHIPPED, tmp_path / "none").exit_code == 2
