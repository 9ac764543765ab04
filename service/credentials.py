"""Who presents a token? The two statements every request asks, composed once."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, Text, and_, bindparam, func, or_, select

from db.organisation import Organisation
from db.person import AccessToken, LoginSession, Person, Post
from db.statement import Statement
from service import people
from service.people import valid_on

#: A browser's log-in ends after so long without a request.
IDLE = timedelta(minutes=30)


def _session_asked() -> Select[Any]:
    """The log-in of a browser with the person, the posts of today and the database's instant; parameter ``token``."""
    now = func.clock_timestamp()
    idle_matters = func.coalesce(LoginSession.client["api"].astext, "false") != "true"
    statement = (
        select(LoginSession, Person, Post, Organisation, now)
        .join(Person, and_(Person.id == LoginSession.person_id, Person.active))
        .where(LoginSession.token_hash == bindparam("token", type_=Text()), LoginSession.ended_at.is_(None))
        .where(LoginSession.expires_at > now)
        .where(or_(~idle_matters, LoginSession.last_seen_at > now - IDLE))
    )
    return _with_posts(statement)


def _token_asked() -> Select[Any]:
    """The same for the token of a program."""
    now = func.clock_timestamp()
    statement = (
        select(AccessToken, Person, Post, Organisation, now)
        .join(Person, and_(Person.id == AccessToken.person_id, Person.active))
        .where(AccessToken.token_hash == bindparam("token", type_=Text()), AccessToken.revoked_at.is_(None))
        .where(AccessToken.expires_at > now)
    )
    return _with_posts(statement)


def _with_posts(statement: Select[Any]) -> Select[Any]:
    today = func.timezone("Asia/Shanghai", func.clock_timestamp()).cast(Post.valid_from.type)
    joined = statement.outerjoin(Post, and_(Post.person_id == Person.id, valid_on(today))).outerjoin(
        Organisation, and_(Organisation.id == Post.organisation_id, Organisation.active)
    )
    return joined.add_columns(people.stands_in(today)).order_by(Post.role, Organisation.code)


#: Who presents the token of a browser's log-in, and who that of a program; parameter ``token`` is its fingerprint.
SESSION, TOKEN = Statement(_session_asked), Statement(_token_asked)
