"""Does running a history again say the same, in every process, and does it notice what was changed?"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from service import replay
from service.config import Config
from service.errors import NotFound
from tests.district import District, create_district

FORWARD = (
    "draft", "unit_sign", "department_review", "fund_review", "fund_chief_review", "budget_review",
    "performance_review", "performance_chief_review",
)  # fmt: skip


@pytest.fixture
def district(session: Session) -> District:
    return create_district(session)


@pytest.fixture
def admitted(district: District) -> str:
    """A case that came back once and is in the library."""
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    district.decide(case_id, "department_review", "return")
    district.walk(case_id, *FORWARD)
    return case_id


def test_a_case_run_again_agrees_with_its_history(session: Session, district: District, admitted: str):
    found = replay.rerun(session, admitted)
    case = district.case(admitted)
    assert (found.mismatch, found.events, found.stage) == (None, case.seq, "in_library")
    assert (found.digest, found.head_hash) == (case.engine_digest, case.head_hash)


def test_every_case_is_run_again_by_one_statement(session: Session, district: District, admitted: str):
    others = {district.start(project_name=f"职业技能培训第{number}期")["case_id"] for number in range(3)}
    statements = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    found = list(replay.rerun_all(session))
    assert {one.case_id for one in found} == {admitted, *others}
    assert all(one.sound for one in found)
    assert sum(" event" in statement for statement in statements) == 1


def test_a_number_or_an_id_names_a_case(session: Session, district: District, admitted: str):
    assert replay.by_number(session, district.case(admitted).number) == admitted
    assert replay.by_number(session, admitted) == admitted
    with pytest.raises(NotFound):
        replay.by_number(session, "绩目〔1999〕0001")
    with pytest.raises(NotFound):
        replay.rerun(session, "nobody")


def _forge(owner: Engine, statement: str, **values: object) -> None:
    """What somebody with the owner's rights could do behind the application's back."""
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
        assert connection.execute(text(statement), values).rowcount == 1
        connection.execute(text("ALTER TABLE event ENABLE TRIGGER USER"))


def test_a_changed_reason_is_found_at_its_event(session: Session, owner_engine: Engine, admitted: str):
    _forge(owner_engine, "UPDATE event SET reason = '同意' WHERE case_id = :case AND seq = 4", case=admitted)
    found = replay.rerun(session, admitted)
    assert found.mismatch is not None
    assert found.mismatch.seq == 4
    assert "断开" in found.mismatch.message


def test_a_cut_off_tail_is_found(session: Session, owner_engine: Engine, admitted: str):
    last = replay.rerun(session, admitted).events
    session.rollback()
    _forge(owner_engine, "DELETE FROM event WHERE case_id = :case AND seq = :seq", case=admitted, seq=last)
    found = replay.rerun(session, admitted)
    assert found.mismatch is not None
    assert "链头" in found.mismatch.message


def test_a_changed_state_of_the_case_is_found(
    session: Session, owner_engine: Engine, district: District, admitted: str
):
    other = district.start(project_name="另一个项目")["case_id"]
    statement = "UPDATE case_file SET snapshot = (SELECT snapshot FROM case_file WHERE id = :other) WHERE id = :case"
    _forge(owner_engine, statement, case=admitted, other=other)
    found = replay.rerun(session, admitted)
    assert found.mismatch is not None
    assert "现有流程状态" in found.mismatch.message


def test_a_rewritten_chain_whose_engine_would_go_elsewhere_is_found(
    session: Session, owner_engine: Engine, district: District
):
    """Somebody who recomputes every hash still cannot make another decision lead to the recorded state."""
    case_id = district.start()["case_id"]
    forged = json.dumps({"engine": [{"type": "start", "facts": {"project": "forged"}}]})
    _forge(
        owner_engine,
        "UPDATE event SET command = cast(:command AS jsonb) WHERE case_id = :case AND seq = 1",
        command=forged,
        case=case_id,
    )
    session.rollback()
    row = session.execute(text("SELECT * FROM event WHERE case_id = :case"), {"case": case_id}).one()
    rewritten = replay.history.event_hash(row)  # type: ignore[arg-type]
    session.rollback()
    _forge(owner_engine, "UPDATE event SET hash = :hash WHERE case_id = :case", hash=rewritten, case=case_id)
    _forge(owner_engine, "UPDATE case_file SET head_hash = :hash WHERE id = :case", hash=rewritten, case=case_id)
    found = replay.rerun(session, case_id)
    assert found.mismatch is not None
    assert "重新执行后的流程状态" in found.mismatch.message


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_a_fresh_process_with_another_hash_seed_says_the_same(
    session: Session, config: Config, admitted: str, seed: str, tmp_path: Path
):
    expected = replay.rerun(session, admitted)
    settings = {"JIHENG_DATABASE_URL": config.database_url, "PYTHONHASHSEED": seed, "JIHENG_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "replay", "--all", "--json"],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert json.loads(line) == expected.to_json()


def test_the_command_ends_with_status_1_where_a_history_was_changed(
    owner_engine: Engine, config: Config, district: District, admitted: str, tmp_path: Path
):
    _forge(owner_engine, "UPDATE event SET reason = '改过' WHERE case_id = :case AND seq = 2", case=admitted)
    settings = {"JIHENG_DATABASE_URL": config.database_url, "JIHENG_DATA": str(tmp_path)}
    number = district.case(admitted).number
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "replay", "--case", number],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "第 2 个事件" in done.stdout
