"""Starts the processes of one installation in order, keeps them running, and stops them in reverse order."""

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from sqlalchemy.exc import OperationalError

from db import server
from db.unprivileged import NoAccount
from service import installation
from service.config import Config

READY_SECONDS = 60
GRACE_SECONDS = 15
#: A process that ends more often than this within a minute is not started again.
RESTARTS = 5
PR_SET_PDEATHSIG = 1


class CannotServe(RuntimeError):
    """Another `jiheng serve` uses this data folder, or a part did not come up; the text says what to do."""


class Supervisor:
    """The running processes of one data folder; a context manager that stops what it started."""

    def __init__(self, data: Path, *, say: Callable[[str], None]) -> None:
        self._data = data
        self._say = say
        self._database: server.Server | None = None
        self._commands: dict[str, list[str]] = {}
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._ended: dict[str, list[float]] = {}
        self._asked_to_stop = False

    def __enter__(self) -> Self:
        self._data.mkdir(parents=True, exist_ok=True)
        self._lock = (self._data / "serve.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotServe(
                f"{self._data} 正被另一个绩衡使用，请先停止它或用 --data 另选目录。Another Jiheng uses this folder."
            ) from error
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        self._say("\n· 正在停止 · stopping …")
        for name in reversed(list(self._children)):
            self._end(self._children[name])
        if self._database is not None:
            self._database.stop()
        self._say("✓ 已停止 · stopped")

    def start_database(self) -> None:
        """Start the embedded PostgreSQL unless an address was given."""
        if os.environ.get("JIHENG_DATABASE_URL"):
            self._say("· 使用给定的数据库 · using JIHENG_DATABASE_URL")
            return
        self._say("· 启动数据库 · starting PostgreSQL …")
        try:
            self._database = server.start(self._data / "postgres")
        except (server.ServerUnavailable, NoAccount, OSError) as error:
            raise CannotServe(str(error)) from error

    def migrate(self) -> bool:
        """Bring the tables to this release; says whether the installation is still empty."""
        self._say("· 更新数据库结构 · migrating …")
        config = Config.from_environment(data=self._data)
        if config.owner_database_url == config.database_url:
            self._say(
                "! 应用使用数据库属主账户，请另设 JIHENG_OWNER_DATABASE_URL · give the owner an address of its own"
            )
        try:
            return installation.migrate(config)
        except OperationalError as error:
            raise CannotServe(f"数据库连接不上：{error.orig}。The database cannot be reached.") from error

    def start_web(self, bind: str, *, workers: int, threads: int) -> None:
        """Start gunicorn; `wait_for` tells when it serves."""
        self._say(f"· 启动网页服务 · starting {workers} × {threads} web threads …")
        command = ["gunicorn", "service.app:create_app()", "--worker-class", "gthread", "--bind", bind]
        command += ["--workers", str(workers), "--threads", str(threads), "--timeout", "60"]
        command += ["--graceful-timeout", "10", "--preload", "--no-control-socket", "--log-level", "warning"]
        self._start("web", [sys.executable, "-m", *command])

    def start_scheduler(self) -> None:
        """Start the process that runs the background jobs."""
        self._say("· 启动后台任务 · starting the scheduler …")
        self._start("scheduler", [sys.executable, "-m", "service.cli", "jobs"])

    def wait_for(self, url: str) -> None:
        """Wait until this address says that the installation serves."""
        until = time.monotonic() + READY_SECONDS
        found: object = None
        while time.monotonic() < until and not self._asked_to_stop:
            if self._children["web"].poll() is not None:
                break
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
                    if answer.status == 200:
                        return
            except urllib.error.HTTPError as error:
                found = json.loads(error.read() or b"{}")
            except OSError as error:
                found = error
            time.sleep(0.05)
        if not self._asked_to_stop:
            raise CannotServe(f"网页服务没有就绪：{found}。The web processes did not become ready.")

    def watch(self) -> None:
        """Wait for Ctrl-C or SIGTERM; whatever ends before is started again."""
        while not self._asked_to_stop:
            time.sleep(0.2)
            if self._database is not None and not self._database.alive():
                self._say("! 数据库意外停止，正在重新启动 · PostgreSQL ended, starting it again")
                self._database = server.start(self._data / "postgres")
            for name, child in list(self._children.items()):
                if child.poll() is not None and not self._asked_to_stop:
                    self._again(name, child.returncode)

    def _again(self, name: str, status: int) -> None:
        now = time.monotonic()
        recent = [instant for instant in self._ended.get(name, []) if now - instant < 60] + [now]
        self._ended[name] = recent
        if len(recent) > RESTARTS:
            raise CannotServe(f"进程 {name} 反复退出（{status}），已停止。Process {name} keeps ending.")
        self._say(f"! 进程 {name} 退出（{status}），正在重新启动 · starting {name} again")
        self._start(name, self._commands[name])

    def _ask(self, number: int, _: FrameType | None) -> None:
        if not self._asked_to_stop and not self._children:
            # Still starting: the exception unwinds whatever step is at work.
            raise SystemExit(128 + number)
        self._asked_to_stop = True

    def _start(self, name: str, command: list[str]) -> None:
        self._commands[name] = command
        self._children[name] = subprocess.Popen(command, start_new_session=True, preexec_fn=_end_with_parent)

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        child.terminate()
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _end_with_parent() -> None:
    """In the child: end if the parent is killed, so that no orphan keeps the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
