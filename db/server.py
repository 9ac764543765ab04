"""Where is PostgreSQL when nobody gave one? A private server from the wheel, reached by a socket only."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL

from db import unprivileged

DATABASE = "jiheng"
OWNER = "jiheng_owner"
APPLICATION = "jiheng_app"
SUPERUSER = "postgres"
#: A socket's path may have 107 bytes; the file name takes 15.
LONGEST_SOCKET_FOLDER = 90
START_SECONDS = 60

#: Looks, a tenth of a second apart, at a server that is there but does not answer.
DYING_LOOKS = 100
CONFIGURATION = """\
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0777
max_connections = 200
shared_buffers = 128MB
max_wal_size = 1GB
timezone = 'UTC'
log_timezone = 'UTC'
log_min_duration_statement = 2000
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
"""


class ServerUnavailable(RuntimeError):
    """内置数据库没有启动。The embedded database did not start."""


@dataclass(frozen=True)
class Server:
    """A running cluster: where its files are, as whom it runs, how to reach it."""

    cluster: Path
    socket: Path
    passwords: dict[str, str]
    user: unprivileged.Account
    binaries: Path

    def url(self, role: str = APPLICATION, database: str = DATABASE) -> str:
        """The address for SQLAlchemy, with the role's password in it."""
        return _address(self.socket, role, self.passwords[role], database)

    def connect(self, database: str = SUPERUSER) -> psycopg.Connection[Any]:
        """A superuser's connection in autocommit, for making databases and roles."""
        return psycopg.connect(
            host=str(self.socket), user=SUPERUSER, password=self.passwords[SUPERUSER], dbname=database, autocommit=True
        )

    def alive(self) -> bool:
        """Whether the server's main process still runs."""
        return _running(self.cluster)

    def stop(self) -> None:
        """Stop at once: running transactions are rolled back, nothing committed is lost."""
        self._pg_ctl("stop", "-m", "fast")

    def _pg_ctl(self, *arguments: str) -> None:
        command = [str(self.binaries / "pg_ctl"), "-D", str(self.cluster), "-w", "-t", str(START_SECONDS), *arguments]
        _run(command, self.user)


def start(home: Path, *, durable: bool = True) -> Server:
    """Start the cluster under `home`, making it first if need be; a server already running there is taken over.

    Args:
        home: folder for the cluster, its socket and its passwords.
        durable: False only for tests: gives up safety at power failure for speed.

    Returns:
        The running server with the database, the owner role and the application role in place.

    Raises:
        ServerUnavailable: with the server's own last words.
    """
    home.mkdir(parents=True, exist_ok=True)
    with _alone(home):
        server = _prepared(home)
        (server.cluster / "jiheng.conf").write_text(
            CONFIGURATION.format(socket=server.socket, durable="on" if durable else "off"), encoding="utf-8"
        )
        server.user.own(server.cluster / "jiheng.conf", 0o600)
        _bring_up(server)
        _ensure_roles(server)
    return server


def address(home: Path, role: str = APPLICATION) -> str | None:
    """The address of the cluster under `home` for a role; None if no cluster was ever made there."""
    note = home / "server.json"
    if not note.exists():
        return None
    found = json.loads(note.read_text(encoding="utf-8"))
    return _address(Path(found["socket"]), role, found["passwords"][role], DATABASE)


def _address(socket: Path, role: str, password: str, database: str) -> str:
    url = URL.create("postgresql+psycopg", role, password, database=database, query={"host": str(socket)})
    return url.render_as_string(hide_password=False)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    with (home / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _prepared(home: Path) -> Server:
    user = unprivileged.account(home / "cluster")
    cluster = unprivileged.place(home / "cluster", user)
    passwords = _passwords(home)
    server = Server(cluster, _socket_folder(cluster, user), passwords, user, unprivileged.binaries(user))
    if not (cluster / "PG_VERSION").exists():
        _make(server)
    _write_private(home / "server.json", json.dumps({"socket": str(server.socket), "passwords": passwords}))
    return server


def _passwords(home: Path) -> dict[str, str]:
    note = home / "server.json"
    if note.exists():
        return dict(json.loads(note.read_text(encoding="utf-8"))["passwords"])
    passwords = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APPLICATION)}
    _write_private(note, json.dumps({"socket": "", "passwords": passwords}))
    return passwords


def _write_private(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)


def _socket_folder(cluster: Path, user: unprivileged.Account) -> Path:
    wanted = cluster.parent / "socket"
    if len(os.fsencode(wanted)) > LONGEST_SOCKET_FOLDER:
        mark = hashlib.sha256(os.fsencode(cluster)).hexdigest()[:12]
        wanted = Path(tempfile.gettempdir()) / f"jiheng-{mark}"
    elif cluster.parent == unprivileged.SYSTEM_HOME:
        wanted = cluster.with_name(cluster.name.replace("cluster", "socket"))
    return unprivileged.private_folder(wanted, user)


def _make(server: Server) -> None:
    partial = server.cluster.with_name(f"{server.cluster.name}.new")
    if partial.exists():  # an earlier attempt was killed
        shutil.rmtree(partial)
    partial.mkdir()
    server.user.own(partial, 0o700)
    secret = partial.with_name(f"{partial.name}.password")
    _write_private(secret, server.passwords[SUPERUSER])
    server.user.own(secret, 0o600)
    command = [str(server.binaries / "initdb"), "-D", str(partial), "-U", SUPERUSER, "--pwfile", str(secret)]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"]
    try:
        _run(command, server.user)
    finally:
        secret.unlink()
    with (partial / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write("include = 'jiheng.conf'\n")
    partial.rename(server.cluster)


def _running(cluster: Path) -> bool:
    try:
        process = (cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0]
        # The number may meanwhile belong to another program: a server works in its own cluster's folder.
        return Path(os.readlink(f"/proc/{int(process)}/cwd")) == cluster.resolve()
    except (OSError, ValueError, IndexError):
        return False


def _bring_up(server: Server) -> None:
    """Launch the server, or find that it answers; one that is just dying is waited for and launched again."""
    for _ in range(DYING_LOOKS):
        if not _running(server.cluster):
            (server.cluster / "postmaster.pid").unlink(missing_ok=True)  # left behind by a killed server
            _launch(server)
            return
        try:
            server.connect().close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)


def _launch(server: Server) -> None:
    log = server.cluster / "server.log"
    for attempt in (1, 2, 3):
        try:
            server._pg_ctl("start", "-l", str(log))
            return
        except ServerUnavailable as failure:
            if attempt == 3:
                words = log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else ""
                raise ServerUnavailable(f"{ServerUnavailable.__doc__}\n{failure}\n{words}") from failure
            time.sleep(1)  # processes of a killed server still hold its shared memory for a moment


def _ensure_roles(server: Server) -> None:
    with server.connect() as connection:
        known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
        for role in (OWNER, APPLICATION):
            if role not in known:
                make = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                connection.execute(make.format(sql.Identifier(role), sql.Literal(server.passwords[role])))
        databases = {row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()}
        if DATABASE not in databases:
            make_database(connection, DATABASE)


def make_database(connection: psycopg.Connection[Any], name: str, template: str = "template0") -> None:
    """Create a database of the owner role that nobody but the owner and the application may enter."""
    make = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
    connection.execute(make.format(sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    allow = sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}")
    connection.execute(allow.format(sql.Identifier(name), sql.Identifier(APPLICATION)))


def _run(command: list[str], user: unprivileged.Account) -> None:
    # A file, not a pipe: the server keeps its parent's output open and a pipe would never end.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            check=False,
            start_new_session=True,  # a Ctrl-C is for the one who started it, who then stops the server in order
            env={**os.environ, "LC_ALL": "C"},
            **user.popen(),
        )
        output.seek(0)
        if done.returncode:
            raise ServerUnavailable(f"{Path(command[0]).name}: {output.read().strip()}")
