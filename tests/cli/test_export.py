"""Do verify and export say the truth from the command line, and is the package checked outside the project?"""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from db.connection import database_now
from db.event import SecurityEvent
from service.cli import main
from service.seals import copies, keys, sealing
from tests.district import District, create_district


@pytest.fixture
def district(session: Session) -> District:
    return create_district(session)


@pytest.fixture
def case_id(session: Session, district: District, tmp_path: Path) -> str:
    made = district.start()["case_id"]
    district.walk(made, "draft", "unit_sign")
    district.decide(made, "department_review", "return")
    forward = ("draft", "unit_sign", "department_review", "fund_review", "fund_chief_review", "budget_review")
    district.walk(made, *forward, "performance_review", "performance_chief_review")
    signer = keys.signer(tmp_path)
    sealing.seal(session, signer, at=database_now(session))
    session.commit()
    copies.export(session, tmp_path, signer, at=database_now(session))
    session.commit()
    return made


@pytest.fixture
def run(database, monkeypatch, tmp_path):
    monkeypatch.setenv("JIHENG_DATABASE_URL", database.url)
    monkeypatch.setenv("JIHENG_DATA", str(tmp_path))
    return lambda *arguments: CliRunner().invoke(main, [str(one) for one in arguments])


def forge(owner_engine: Engine, statement: str, **values: str) -> None:
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
        connection.execute(text(statement), values)
        connection.execute(text("ALTER TABLE event ENABLE TRIGGER USER"))


def test_verify_says_consistent_for_one_and_for_all(run, district, case_id):
    number = district.case(case_id).number
    one, everything = run("verify", "--case", number), run("verify", "--all", "--json")
    assert (one.exit_code, everything.exit_code) == (0, 0), (one.output, everything.output)
    assert f"一致  {number}  12 个事件，12 个已封存" in one.output
    lines = [json.loads(line) for line in everything.output.splitlines()]
    assert [(line["case_id"], line["state"]) for line in lines] == [(case_id, "consistent"), ("", "consistent")]


def test_verify_names_the_first_bad_event_and_exits_with_1(run, case_id, owner_engine):
    forge(owner_engine, "UPDATE event SET reason = '改过' WHERE case_id = :case AND seq = 4", case=case_id)
    done = run("verify", "--case", case_id)
    assert done.exit_code == 1
    assert "事件链 · 第 4 个事件：内容与其校验值不一致" in done.output


def test_a_deleted_case_can_still_be_asked_for(run, case_id, owner_engine):
    forge(owner_engine, "DELETE FROM event WHERE case_id = :case", case=case_id)
    done = run("verify", "--case", case_id)
    assert done.exit_code == 1
    assert "封存 · 第 1 个事件：事件在封存后被删除" in done.output


def test_verify_wants_one_case_or_all(run):
    assert run("verify").exit_code == 2
    assert run("verify", "--case", "nobody").exit_code == 1


def unpacked(run, case_id, tmp_path) -> Path:
    out = tmp_path / "evidence.zip"
    done = run("export", "evidence", "--case", case_id, "--out", out)
    assert done.exit_code == 0, done.output
    folder = tmp_path / "outside"
    with zipfile.ZipFile(out) as archive:
        archive.extractall(folder)
    return folder


def checked(folder: Path, *asked: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "verifier.py", ".", *asked]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_package_proves_itself_without_us(run, session, case_id, tmp_path):
    folder = unpacked(run, case_id, tmp_path)
    done = checked(folder, "--key", keys.signer(tmp_path).public_key)
    assert done.returncode == 0, done.stdout + done.stderr
    qualities = json.loads((folder / "self_check.json").read_text("utf-8"))
    assert [(one["quality"], one["against"]) for one in qualities] == [
        ("真实性", []), ("完整性", []), ("可用性", []), ("安全性", []),
    ]  # fmt: skip
    assert json.loads((folder / "verdict.json").read_text("utf-8"))["label"] == "一致"
    logged = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "exported")).one()
    assert (logged.case_id, logged.detail["what"]) == (case_id, "evidence")


@pytest.mark.parametrize("part", ["events.jsonl", "forms/", "releases/", "seals/receipts.jsonl", "roster.json"])
def test_a_package_shows_what_was_changed_in_it(run, case_id, tmp_path, part):
    folder = unpacked(run, case_id, tmp_path)
    path = next(file for file in sorted(folder.rglob("*")) if file.is_file() and part in file.as_posix())
    content = path.read_bytes()
    changed = content.replace("同意".encode(), "反对".encode(), 1)
    path.write_bytes(changed if changed != content else content + b" ")
    assert checked(folder).returncode == 1


def test_whoever_recomputes_a_package_lacks_the_key(run, case_id, tmp_path):
    folder = unpacked(run, case_id, tmp_path)
    forger = keys.signer(tmp_path / "forger").public_key
    assert "不是用这个密钥签名" in checked(folder, "--key", forger).stdout


def test_event_logs_hold_every_event(run, case_id, tmp_path):
    out = tmp_path / "log.xes"
    assert run("export", "xes", "--out", out).exit_code == 0
    log = etree.fromstring(out.read_bytes())
    space = {"x": "http://www.xes-standard.org/"}
    names = log.xpath("//x:trace/x:event/x:string[@key='concept:name']/@value", namespaces=space)
    assert len(names) == 12
    assert names.count("初审绩效目标") == 2

    out = tmp_path / "log.json"
    assert run("export", "ocel", "--out", out, "--year", 2027).exit_code == 0
    log = json.loads(out.read_text("utf-8"))
    known = {one["id"] for one in log["objects"]}
    types = {one["name"]: {attribute["name"] for attribute in one["attributes"]} for one in log["objectTypes"]}
    assert {one["type"] for one in log["objects"]} == set(types) - {"nothing"}
    for one in log["objects"]:
        assert {attribute["name"] for attribute in one["attributes"]} == types[one["type"]]
    for one in [*log["objects"], *log["events"]]:
        assert {related["objectId"] for related in one["relationships"]} <= known
    assert len(log["events"]) == 12
    out = tmp_path / "empty.json"
    assert run("export", "ocel", "--out", out, "--year", 1999).exit_code == 0
    assert json.loads(out.read_text("utf-8"))["events"] == []
