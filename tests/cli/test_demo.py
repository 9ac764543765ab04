"""Do the operators' commands on the demo district say what they find?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from db.connection import database_now
from service.config import Config
from service.demo import PASSWORD_FILE, bodies, staff
from service.people import day
from tests import factories

SECRET = "Lauter-Erfundenes-7"


@pytest.fixture
def run(config: Config, tmp_path: Path):
    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        settings = {"JIHENG_DATABASE_URL": config.database_url, "JIHENG_OWNER_DATABASE_URL": config.owner_database_url}
        return subprocess.run(
            [sys.executable, "-m", "service.cli", "demo", *arguments, "--data", str(tmp_path)],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
        )

    return command


def test_an_installation_that_is_no_demo_has_no_log_ins_to_show(run):
    done = run("logins")
    assert (done.returncode, done.stdout) == (0, "")


def test_an_installation_with_people_is_not_turned_into_a_demo(session: Session, run, tmp_path: Path):
    factories.create_person(session)
    session.commit()
    done = run("load")
    assert done.returncode == 1
    assert "演示数据只能装入空的系统" in done.stderr
    assert not (tmp_path / PASSWORD_FILE).exists()


def test_the_log_ins_are_shown_with_the_password_they_were_made_with(session: Session, run, tmp_path: Path):
    at = database_now(session)
    ids = bodies.enter(session, at=at)
    staff.enter(session, ids, password_hash=factories.cheap_hash(SECRET), since=day(at), entered=at, at=at)
    session.commit()
    (tmp_path / PASSWORD_FILE).write_text(f"{SECRET}\n")
    done = run("logins")
    assert done.returncode == 0, done.stderr
    assert SECRET in done.stdout
    assert "perf1" in done.stdout
    assert "单位经办人" in done.stdout
