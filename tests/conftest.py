"""Fixtures every test may use: a private PostgreSQL, a database of one's own, the application, a browserless client."""

import os
import shutil
import socket
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import roles, schema
from db import server as embedded
from db.connection import make_engine, make_sessions
from db.models import Base
from service import request
from service.app import create_app
from service.config import Config
from tests.spare_databases import Spares

# The same examples in every run; scripts/test --long looks for new ones.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("long", deadline=None, max_examples=500)
hypothesis.settings.load_profile("same")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a change is judged nothing may be left out: a skipped test has failed."""
    report = yield
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report


@dataclass(frozen=True)
class Database:
    """A migrated database without rows: addresses for both roles."""

    name: str
    url: str
    owner_url: str


@pytest.fixture(scope="session")
def server() -> Iterator[embedded.Server]:
    """A PostgreSQL of this test process alone; not durable, for speed."""
    _sweep()
    home = Path(tempfile.mkdtemp(prefix="jiheng-test-"))
    home.chmod(0o711)  # root runs the server under another account, which must get through
    (home / "owner").write_text(str(os.getpid()))
    running = embedded.start(home, durable=False)
    yield running
    running.stop()
    for folder in (running.cluster, running.socket, home):
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Stop the servers of earlier test processes that were killed before they could."""
    for home in Path(tempfile.gettempdir()).glob("jiheng-test-*"):
        try:
            owner = int((home / "owner").read_text())
            if not Path(f"/proc/{owner}").exists():
                embedded.start(home, durable=False).stop()
                shutil.rmtree(home, ignore_errors=True)
        except (OSError, ValueError, embedded.ServerUnavailable):
            continue  # somebody else's, or being removed right now


@pytest.fixture(scope="session")
def template(server: embedded.Server) -> str:
    """Name of the migrated database that each test's own is copied from."""
    engine = make_engine(server.url(embedded.OWNER))
    schema.upgrade(engine, application=embedded.APPLICATION)
    if schema.newest() is None:
        with engine.begin() as connection:
            Base.metadata.create_all(connection)
            roles.grant(connection, embedded.APPLICATION)
    engine.dispose()
    return embedded.DATABASE


@pytest.fixture(scope="session")
def spares(server: embedded.Server, template: str) -> Spares:
    """The databases that tests of this process hand on to each other."""
    return Spares(server, template)


@pytest.fixture
def database(server: embedded.Server, spares: Spares, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of this test's own: it may commit what it likes."""
    name = spares.take()
    yield Database(name, server.url(database=name), server.url(embedded.OWNER, name))
    # Where a browser was served, a request may still be under way after the test.
    spares.give_back(name, as_new="address" not in request.fixturenames)


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    """Connects to the test's own database as the application's role, as the product does."""
    made = make_engine(database.url)
    yield made
    made.dispose()


@pytest.fixture
def owner_engine(database: Database) -> Iterator[Engine]:
    """Connects to the test's own database as the owner of its tables."""
    made = make_engine(database.owner_url)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on the test's own database; committing is allowed."""
    with make_sessions(engine)() as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may talk to anything but this machine."""
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: object) -> None:
        if (
            self.family != socket.AF_UNIX
            and isinstance(address, tuple)
            and address[0] not in {"127.0.0.1", "::1", "localhost"}
        ):
            raise AssertionError(f"the test tried to reach {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", local_only)


@pytest.fixture
def config(database: Database, tmp_path: Path) -> Config:
    """Settings of an application on the test's own database and a data folder of its own."""
    environment = {"JIHENG_DATABASE_URL": database.url, "JIHENG_OWNER_DATABASE_URL": database.owner_url}
    return Config.from_environment({**environment, "JIHENG_LOG": "ERROR"}, data=tmp_path / "data")


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    """The whole application on the test's own database."""
    made = create_app(config)
    made.testing = True
    yield made
    made.extensions[request.EXTENSION].engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Sends requests to the application without a network."""
    return app.test_client()
