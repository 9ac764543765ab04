"""Does /health tell the truth?"""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from db.connection import database_now, make_engine
from db.event import Heartbeat
from service import health, request


def test_a_working_installation_says_it_serves(client: FlaskClient):
    answer = client.get("/health")
    assert answer.status_code == 200, answer.json
    assert answer.json["status"] == "ok"


def test_its_write_leaves_nothing_behind(client: FlaskClient, session: Session):
    client.get("/health")
    assert session.get(Heartbeat, "health") is None


def test_a_missing_right_to_write_shows(client: FlaskClient, owner_engine: Engine):
    with owner_engine.begin() as connection:
        connection.execute(text("REVOKE INSERT, UPDATE ON heartbeat FROM jiheng_app"))
    answer = client.get("/health")
    assert (answer.status_code, answer.json["database"]) == (503, "read_only")


def test_tables_of_an_older_release_show(client: FlaskClient, owner_engine: Engine):
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    answer = client.get("/health")
    assert (answer.status_code, answer.json["migrations"]) == (503, "behind")


def test_a_database_that_is_away_shows(tmp_path: Path):
    engine = make_engine(f"postgresql://nobody@/none?host={tmp_path}")
    found = health.check(engine, tmp_path)
    assert (found.database, found.serves) == ("away", False)


def test_a_full_disk_shows(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "_free", lambda _: 0.04)
    assert not health.check(engine, tmp_path).serves


def test_a_late_scheduler_shows_without_closing_the_pages(client: FlaskClient, session: Session):
    assert client.get("/health").json["scheduler"]["status"] == "missing"
    health.beat(session, database_now(session) - timedelta(minutes=5))
    session.commit()
    answer = client.get("/health")
    assert (answer.status_code, answer.json["scheduler"]["status"]) == (200, "late")
    health.beat(session, database_now(session))
    session.commit()
    assert client.get("/health").json["scheduler"]["status"] == "ok"


def test_a_request_to_a_database_that_is_away_is_told_to_come_back(app: Flask, tmp_path: Path):
    wiring = app.extensions[request.EXTENSION]
    away = make_engine(f"postgresql://nobody@/none?host={tmp_path}")
    app.extensions[request.EXTENSION] = request.Wiring(wiring.config, away, request.make_sessions(away))
    try:
        from service.permission import public

        app.add_url_rule("/api/read", view_func=public(lambda: str(request.at())))
        answer = app.test_client().get("/api/read")
    finally:
        app.extensions[request.EXTENSION] = wiring
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.json["code"] == "database_away"
