"""`jiheng release` as an operator sees it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from service.cli import main
from tests import factories
from tests.district import create_district

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


@pytest.fixture
def installation(database, monkeypatch, session: Session):
    monkeypatch.setenv("JIHENG_DATABASE_URL", database.url)
    made = create_district(session)
    centre = factories.create_organisation(session, kind="information_centre")
    admin = factories.create_person(session, username="admin")
    factories.create_post(session, role="SYS_ADMIN", organisation=centre, person=admin)
    session.commit()
    return made


def publish(file: Path, approver: str = "perf_chief", **options: str):
    asked = {"legal-basis": "《办法》（演示〔2027〕3号）第八条", "effective": "2099-01-01", **options}
    more = [part for name, value in asked.items() for part in (f"--{name}", value)]
    return run("publish", file, "--prepared-by", "admin", "--approved-by", approver, *more)


def test_a_version_is_published_by_two_persons_and_exported(installation, tmp_path: Path):
    file = tmp_path / "b.bpmn"
    file.write_bytes(Path(SHIPPED).read_bytes().replace(b'jh:dueDays="2"', b'jh:dueDays="4"', 1))
    alone = publish(file, "admin")
    assert (alone.exit_code, "绩效科长办理" in alone.output) == (1, True)
    assert "缺少文号" in publish(file, **{"legal-basis": "《办法》第八条"}).output
    result = publish(file)
    assert result.exit_code == 0, result.output
    assert "target_declaration 第 2 版，2099-01-01 起生效" in result.output
    assert "单位负责人审签申报材料 的办理期限由“2个工作日”改为“4个工作日”" in result.output
    out = tmp_path / "out"
    assert run("export", "target_declaration", "--out", out).exit_code == 0
    assert (out / "target_declaration.bpmn").read_bytes() == file.read_bytes()
    assert json.loads((out / "manifest.json").read_text("utf-8"))["version"] == 2
    assert run("export", "nothing", "--out", out).exit_code == 1


def test_a_faulty_version_is_not_published_and_every_fault_is_said(installation, tmp_path: Path):
    file = tmp_path / "b.bpmn"
    file.write_bytes(
        Path(SHIPPED).read_bytes().replace(b'default="fund_yes"', b"").replace(b'default="leader_yes"', b"")
    )
    result = publish(file)
    assert result.exit_code == 1
    assert ("（fund_agrees）没有默认出线" in result.output, "（leader_agrees）没有默认出线" in result.output) == (
        True,
        True,
    )
