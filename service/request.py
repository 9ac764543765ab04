"""What belongs to one request? Its database session, its instant and the one commit at its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, Response, current_app, g
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from db.connection import database_now, make_engine, make_sessions
from service.config import Config

EXTENSION = "jiheng"


@dataclass(frozen=True)
class Wiring:
    """What one process keeps: settings and the pool of connections; nothing that matters."""

    config: Config
    engine: Engine
    sessions: sessionmaker[Session]


def install(app: Flask, config: Config) -> None:
    """Give the application its pool; the answer's status decides whether a request's work is kept."""
    engine = make_engine(config.database_url, search_path=config.schema, pool_size=config.pool)
    app.extensions[EXTENSION] = Wiring(config, engine, make_sessions(engine))
    app.after_request(_finish)
    app.teardown_appcontext(_close)


def wiring() -> Wiring:
    """Settings and pool of this process."""
    return cast(Wiring, current_app.extensions[EXTENSION])


def config() -> Config:
    """Settings of this process."""
    return wiring().config


def session() -> Session:
    """This request's session; it is committed once, after the view, if the answer's status is below 400."""
    if "session" not in g:
        g.session = wiring().sessions()
    return cast(Session, g.session)


def at() -> datetime:
    """The instant of this request by the database's clock; the same for everything the request does."""
    if "at" not in g:
        g.at = database_now(session())
    return cast(datetime, g.at)


@contextmanager
def separate_session() -> Iterator[Session]:
    """A transaction of its own, kept whatever becomes of the request: refused commands, log-ins."""
    with wiring().sessions.begin() as opened:
        yield opened


def _finish(response: Response) -> Response:
    if "session" not in g:
        return response
    if response.status_code >= 400:
        g.session.rollback()
        return response
    try:
        g.session.commit()
    except DBAPIError as error:
        g.session.rollback()
        # The person must not read "saved" when nothing was.
        return current_app.make_response(current_app.handle_user_exception(error))
    return response


def _close(_: BaseException | None) -> None:
    opened = g.pop("session", None)
    if opened is not None:
        opened.close()
