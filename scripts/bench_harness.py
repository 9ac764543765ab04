"""The measuring bench: a database, servers under equal conditions, interleaved rounds, ratios and their noise."""

import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Engine, event

SCRIPTS = Path(__file__).resolve().parent
sys.path.insert(0, str(SCRIPTS.parent))

import bench_baseline  # noqa: E402 - found only now

from db import schema, server  # noqa: E402
from db.connection import make_engine  # noqa: E402

WORKERS, THREADS, POOL = 2, 4, 8


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One line of the report: what was measured, against which budget, and how sure that is."""

    name: str
    #: The figure the budget speaks of: a ratio, seconds, a rate, bytes, a count.
    value: float
    unit: str
    budget: float
    #: False if more is better (events per second).
    less_is_better: bool = True
    #: Half the width of the 95 % interval of `value`.
    noise: float = 0.0
    #: Seconds of one unit of work, to be shown as a multiple of the baseline's request.
    seconds: float | None = None
    remarks: tuple[str, ...] = ()

    @property
    def missed(self) -> bool:
        """Whether even the friendly end of the interval misses the budget."""
        if self.less_is_better:
            return self.value - self.noise > self.budget
        return self.value + self.noise < self.budget


@dataclass(frozen=True)
class Pair:
    """Two things measured in turns: medians in seconds, the ratio and its noise."""

    first: float
    second: float
    ratio: float
    noise: float


@dataclass
class Bench:
    """What a section works with; made once a run."""

    quick: bool
    server: server.Server
    folder: Path
    #: Databases made once a run that others are copied from.
    made: set[str] = field(default_factory=set)
    _baselines: list[float] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        """How many interleaved rounds a section takes."""
        return 5 if self.quick else 25

    def database(self, name: str, *, migrated: bool = True) -> str:
        """A fresh database; returns the application's address, `owner` in the same place for the owner's."""
        with self.server.connect() as connection:
            server.make_database(connection, name)
        engine = make_engine(self.server.url(server.OWNER, name))
        if migrated:
            schema.upgrade(engine, application=server.APPLICATION)
        engine.dispose()
        return self.server.url(database=name)

    def owner_url(self, name: str) -> str:
        """The owner's address of a database made before."""
        return self.server.url(server.OWNER, name)

    @cached_property
    def baseline_url(self) -> str:
        """The database of the yardstick."""
        url = self.database("bench_baseline", migrated=False)
        engine = make_engine(self.owner_url("bench_baseline"))
        bench_baseline.ROW.metadata.create_all(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"GRANT ALL ON bench_row TO {server.APPLICATION}")
        engine.dispose()
        return url

    @contextmanager
    def baseline(self) -> Iterator["Client"]:
        """The yardstick's application, served like the product."""
        with self.served("bench_baseline:create_app()", self.baseline_url) as client:
            yield client

    @contextmanager
    def served(self, application: str, url: str, **settings: str) -> Iterator["Client"]:
        """Serve an application with the product's worker class, processes, threads and pool; yields a client."""
        given = {"JIHENG_DATABASE_URL": url, "JIHENG_POOL": str(POOL), "JIHENG_DATA": str(self.folder / "data")}
        with serve(application, given | {"JIHENG_LOG": "WARNING", **settings}) as client:
            yield client

    def interleaved(
        self,
        first: Callable[[], object],
        second: Callable[[], object],
        *,
        each: int = 20,
        before: Callable[[], object] = lambda: None,
    ) -> Pair:
        """Do both in turns, `each` times a round, so that the machine's moods hit both alike.

        Args:
            before: what a round of the first needs to be ready; not measured.

        Returns:
            Medians of seconds a call, and the median of the rounds' ratios first / second with its noise.
        """
        rounds = []
        for _ in range(self.rounds + 1):
            before()
            rounds.append((_timed(first, each), _timed(second, each)))
        rounds = rounds[1:]  # the first one warmed caches and pools
        ratios = [one / other for one, other in rounds]
        spread = statistics.stdev(ratios) if len(ratios) > 1 else 0.0
        self._baselines += [other for _, other in rounds]
        return Pair(
            first=statistics.median(one for one, _ in rounds),
            second=statistics.median(other for _, other in rounds),
            ratio=statistics.median(ratios),
            noise=1.96 * 1.2533 * spread / len(ratios) ** 0.5,  # of a median
        )

    def baseline_seconds(self) -> float:
        """Seconds of one request to the yardstick, from its own rounds in this run."""
        if not self._baselines:
            with self.baseline() as client:
                self._baselines = [_timed(lambda: client.post("/"), 50) for _ in range(self.rounds)]
        return statistics.median(self._baselines)


class Client:
    """One kept-alive connection, the same for every application measured."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)

    def post(self, path: str, body: object = None, headers: dict[str, str] | None = None) -> object:
        """POST JSON and read the JSON of the answer; an answer of 400 or more ends the bench."""
        return self.request("POST", path, body, headers)

    def get(self, path: str, headers: dict[str, str] | None = None) -> object:
        """GET and read the JSON of the answer, or its text."""
        return self.request("GET", path, None, headers)

    def request(self, method: str, path: str, body: object, headers: dict[str, str] | None) -> object:
        content = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        self._connection.request(method, path, content, sent)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:2000].decode(errors='replace')}")
        return json.loads(text) if "json" in (answer.getheader("Content-Type") or "") else text.decode()

    def wait(self) -> None:
        """Wait until the application says that it serves."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                self._connection.request("GET", "/health")
                answer = self._connection.getresponse()
                answer.read()
                if answer.status == 200:
                    return
            except (OSError, http.client.HTTPException):
                self._connection.close()
            time.sleep(0.05)
        raise SystemExit(f"{self.address} did not become ready")

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


@dataclass
class Counted:
    """How many statements and commits an engine made."""

    statements: int = 0
    commits: int = 0
    texts: list[str] = field(default_factory=list)


@contextmanager
def counted(engine: Engine) -> Iterator[Counted]:
    """Count the statements and commits of an engine in this process."""
    found = Counted()

    def statement(*arguments: object) -> None:
        found.statements += 1
        found.texts.append(str(arguments[2]))

    def commit(_: object) -> None:
        found.commits += 1

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


@contextmanager
def serve(application: str, settings: dict[str, str]) -> Iterator[Client]:
    """Serve an application on a free port until the end of the block; yields a client."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--worker-class", "gthread"]
    command += ["--workers", str(WORKERS), "--threads", str(THREADS), "--bind", f"127.0.0.1:{port}"]
    command += ["--no-control-socket", "--log-level", "warning", "--keep-alive", "75"]
    path = {"PYTHONPATH": f"{SCRIPTS}{os.pathsep}{SCRIPTS.parent}"}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env={**os.environ, **path, **settings}, stderr=log)
        client = Client(f"http://127.0.0.1:{port}")
        try:
            client.wait()
            yield client
        except SystemExit as failure:
            log.seek(0)
            raise SystemExit(f"{failure}\n{log.read()[-8000:].decode(errors='replace')}") from failure
        finally:
            client.close()
            process.terminate()
            process.wait()


@contextmanager
def opened(*, quick: bool) -> Iterator[Bench]:
    """A bench with a durable PostgreSQL of its own; everything is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="jiheng-bench-"))
    folder.chmod(0o711)
    running = server.start(folder / "postgres")
    try:
        yield Bench(quick, running, folder)
    finally:
        running.stop()
        for made in (running.cluster, running.socket, folder):
            shutil.rmtree(made, ignore_errors=True)


def _timed(work: Callable[[], object], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
