"""Does the embedded server come up, come back and keep to itself?"""

import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from db import server as embedded
from db import unprivileged


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder that the server's account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="jiheng-server-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def running(home: Path) -> Iterator[embedded.Server]:
    """A server of this test alone."""
    started = embedded.start(home, durable=False)
    yield started
    if started.alive():
        started.stop()


def _process(server: embedded.Server) -> int:
    return int((server.cluster / "postmaster.pid").read_text().splitlines()[0])


def test_a_second_start_takes_over_the_running_server(home: Path, running: embedded.Server):
    before = _process(running)
    assert embedded.start(home, durable=False).url() == running.url()
    assert _process(running) == before


def test_a_killed_server_starts_again_and_has_its_rows(home: Path, running: embedded.Server):
    with running.connect(embedded.DATABASE) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        connection.execute("CHECKPOINT")
    os.kill(_process(running), signal.SIGKILL)
    again = embedded.start(home, durable=False)
    with again.connect(embedded.DATABASE) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)


def test_a_process_number_that_now_belongs_to_another_program_is_no_obstacle(home: Path, running: embedded.Server):
    running.stop()
    stale = running.cluster / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{running.cluster}\n0\n5432\n{running.socket}\n")
    running.user.own(stale, 0o600)
    assert embedded.start(home, durable=False).alive()


def test_stopping_leaves_no_process(running: embedded.Server):
    process = _process(running)
    running.stop()
    for _ in range(50):
        if not Path(f"/proc/{process}").exists():
            break
        time.sleep(0.1)
    assert not Path(f"/proc/{process}").exists()
    assert not running.alive()


def test_passwords_are_readable_by_their_owner_only(home: Path, running: embedded.Server):
    assert stat.S_IMODE((home / "server.json").stat().st_mode) == 0o600


def test_there_is_no_way_in_without_a_password_or_by_network(running: embedded.Server):
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(running.socket), user=embedded.SUPERUSER, dbname="postgres", password="wrong")
    with running.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_the_address_is_known_without_starting(home: Path, running: embedded.Server):
    assert embedded.address(home) == running.url()
    assert make_url(embedded.address(home, embedded.OWNER) or "").username == embedded.OWNER
    assert embedded.address(home / "elsewhere") is None


def test_a_long_path_gets_a_short_socket(home: Path):
    started = embedded.start(home / ("x" * 90), durable=False)
    try:
        assert len(str(started.socket)) <= embedded.LONGEST_SOCKET_FOLDER
        with started.connect() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        started.stop()
        shutil.rmtree(started.socket)


def test_a_closed_folder_sends_the_cluster_to_the_system_folder(home: Path):
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    account = unprivileged.Account(uid=54321, gid=54321, switch=True)
    assert unprivileged.place(closed / "cluster", account).parent == unprivileged.SYSTEM_HOME
    mine = unprivileged.Account(os.geteuid(), os.getegid(), switch=False)
    assert unprivileged.place(closed / "cluster", mine) == closed / "cluster"


def test_a_folder_of_somebody_else_is_refused(home: Path):
    (home / "link").symlink_to(home)
    with pytest.raises(PermissionError, match="属于其他用户"):
        unprivileged.private_folder(home / "link", unprivileged.account(home / "cluster"))
