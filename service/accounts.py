"""Has this person logged in? Log-in with lock-out, sessions kept at the server, log-out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from db.connection import database_now
from db.event import SecurityEvent
from db.person import AccessToken, LoginSession, Person
from db.statement import Statement
from service import credentials, passwords, people, security_log
from service.errors import NotFound, NotLoggedIn, TooMany
from service.people import Actor
from service.rules.passwords import PROFILES, expired

#: Wrong passwords in a row that lock an account, and for how long (登录失败处理).
FAILURES = 5
LOCK = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
#: Last use is written down at most this often.
SEEN_EVERY = timedelta(minutes=1)
#: Refused log-ins one address may have in a minute before passwords are no longer looked at.
REFUSALS_A_MINUTE = 60
_RANDOM_BYTES = 32


class LoginRefused(NotLoggedIn):
    """用户名或口令不正确，或账户暂不能登录。连续 5 次输错将锁定 15 分钟；如忘记口令，请联系系统管理员重置。"""

    code = "login_refused"
    title = "登录失败"


@dataclass(frozen=True)
class LoggedIn:
    """A fresh log-in: the token is known only to the caller from now on."""

    token: str
    person_id: str
    expires_at: datetime


@dataclass(frozen=True)
class Recognised:
    """Whoever presented a valid token, at the database's instant."""

    actor: Actor
    at: datetime
    #: Id of the log-in; None for an API token.
    session_id: str | None
    #: Only the own password may be changed until that is done.
    must_change_password: bool
    #: The last use should be written down again.
    stale: bool
    credential_id: str


@dataclass(frozen=True)
class SessionRow:
    """A log-in in the person's own list."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    client: dict[str, Any] | None


def fingerprint(token: str) -> str:
    """What is stored of a token: SHA-256, enough for 256 random bits."""
    return sha256(token.encode()).hexdigest()


def log_in(
    sessions: sessionmaker[Session],
    *,
    username: str,
    password: str,
    client: Mapping[str, Any],
    api: bool = False,
) -> LoggedIn:
    """Check name and password and open a session of 12 hours; a new token each time.

    Attempts are counted in the database *before* the password is looked at, so any number of processes
    together look at no more than five wrong ones. Unknown, locked and disabled accounts get the same
    sentence after the same work.

    Args:
        client: `ip` and `agent` of the caller.
        api: the token is for a program; it does not end by being idle.

    Raises:
        LoginRefused: name or password wrong, account locked or disabled.
        TooMany: too many refusals from this address, or too many log-ins at once.
    """
    name = username.strip()[:100]
    with sessions() as session:
        at = database_now(session)
        _throttle(session, client, at)
        attempt = _count_attempt(session, name, at)
        session.commit()
    right = passwords.matches(password, attempt.password_hash if attempt else None)
    if attempt is None or not right:
        _record_refusal(sessions, name, attempt, client)
        raise LoginRefused
    with sessions() as session:
        opened = open_session(session, attempt.person_id, client, api=api, at=database_now(session))
        security_log.write(session, "login_accepted", actor=opened.person_id, detail={"api": api}, client=client, at=at)
        session.commit()
    return opened


@dataclass(frozen=True)
class _Attempt:
    person_id: str
    password_hash: str | None
    failures: int


def _throttle(session: Session, client: Mapping[str, Any], at: datetime) -> None:
    recent = (
        select(func.count())
        .select_from(SecurityEvent)
        .where(
            SecurityEvent.kind == "login_failed",
            SecurityEvent.at > at - timedelta(minutes=1),
            SecurityEvent.client["ip"].astext == str(client.get("ip", "")),
        )
    )
    if session.execute(recent).scalar_one() >= REFUSALS_A_MINUTE:
        raise TooMany("来自此地址的失败登录过多，请一分钟后再试。")


def _count_attempt(session: Session, username: str, at: datetime) -> _Attempt | None:
    """Take one of the five attempts; None if the account does not exist, is disabled or is locked."""
    counted = case((Person.locked_until.is_(None), Person.failed_logins + 1), else_=1)
    statement = (
        update(Person)
        .where(Person.username == username, Person.active)
        .where(or_(Person.locked_until.is_(None), Person.locked_until <= at))
        .values(failed_logins=counted, locked_until=case((counted >= FAILURES, at + LOCK), else_=None))
        .returning(Person.id, Person.password_hash, Person.failed_logins)
    )
    row = session.execute(statement, execution_options={"synchronize_session": False}).first()
    return _Attempt(*row) if row else None


def _record_refusal(
    sessions: sessionmaker[Session], username: str, attempt: _Attempt | None, client: Mapping[str, Any]
) -> None:
    who = attempt.person_id if attempt else None
    security_log.record(sessions, "login_failed", actor=who, detail={"username": username}, client=client)
    if attempt and attempt.failures >= FAILURES:
        security_log.record(sessions, "login_locked", actor=who, detail={"username": username}, client=client)


def open_session(
    session: Session, person_id: str, client: Mapping[str, Any], *, at: datetime, api: bool = False
) -> LoggedIn:
    """Open a session for a person who has just proved who they are: after log-in or a change of password.

    Raises:
        LoginRefused: the account was disabled meanwhile.
    """
    statement = update(Person).where(Person.id == person_id, Person.active)
    if session.execute(statement.values(failed_logins=0, locked_until=None).returning(Person.id)).first() is None:
        raise LoginRefused
    token = token_urlsafe(_RANDOM_BYTES)
    expires = at + ABSOLUTE
    session.add(
        LoginSession(
            token_hash=fingerprint(token),
            person_id=person_id,
            created_at=at,
            last_seen_at=at,
            expires_at=expires,
            client={**client, "api": api},
        )
    )
    return LoggedIn(token, person_id, expires)


def recognise(session: Session, token: str, *, profile: str) -> Recognised | None:
    """Who presents this session token? One SQL statement with the posts of today and the database's instant.

    Returns:
        None if the token is unknown, ended, idle for too long or expired, or the account is disabled.
    """
    return _recognised(session, credentials.SESSION, token, profile)


def recognise_token(session: Session, token: str, *, profile: str) -> Recognised | None:
    """Who presents this API token? One SQL statement, as for a session.

    Returns:
        None if the token is unknown, revoked or expired, or the account is disabled.
    """
    return _recognised(session, credentials.TOKEN, token, profile)


def _recognised(session: Session, asked: Statement, token: str, profile: str) -> Recognised | None:
    rows = asked.all(session, token=fingerprint(token))
    if not rows:
        return None
    credential, person, _, _, at, stands_in = rows[0]
    used = credential.last_seen_at if isinstance(credential, LoginSession) else credential.last_used_at
    too_old = expired(person.password_changed_at, profile=PROFILES[profile], at=at)
    return Recognised(
        actor=people.assemble(
            person,
            [(row[2], row[3]) for row in rows],
            people.principals(session, person.id, at=at) if stands_in else (),
        ),
        at=at,
        session_id=credential.id if isinstance(credential, LoginSession) else None,
        must_change_password=person.must_change_password or too_old,
        stale=used is None or at - used > SEEN_EVERY,
        credential_id=credential.id,
    )


def note_use(session: Session, who: Recognised) -> None:
    """Write down that a session or token was used; the caller commits. Done at most once a minute."""
    if who.session_id:
        rows: Any = update(LoginSession).where(LoginSession.id == who.credential_id).values(last_seen_at=who.at)
    else:
        rows = update(AccessToken).where(AccessToken.id == who.credential_id).values(last_used_at=who.at)
    session.execute(rows)


def log_out(session: Session, who: Recognised, *, client: Mapping[str, Any]) -> None:
    """End the session the request came with."""
    session.execute(update(LoginSession).where(LoginSession.id == who.session_id).values(ended_at=who.at))
    security_log.write(session, "logout", actor=who.actor.person_id, client=client, at=who.at)


def own_sessions(session: Session, person_id: str, *, at: datetime) -> list[SessionRow]:
    """The log-ins of a person that are still valid, the latest used first."""
    statement = (
        select(LoginSession)
        .where(LoginSession.person_id == person_id, LoginSession.ended_at.is_(None), LoginSession.expires_at > at)
        .order_by(LoginSession.last_seen_at.desc())
    )
    rows = session.execute(statement).scalars()
    alive = (row for row in rows if (row.client or {}).get("api") or at - row.last_seen_at < credentials.IDLE)
    return [SessionRow(row.id, row.created_at, row.last_seen_at, row.expires_at, row.client) for row in alive]


def end_session(
    session: Session, session_id: str, *, person_id: str, at: datetime, client: Mapping[str, Any] | None = None
) -> None:
    """A person ends one of the own log-ins, for instance on another computer.

    Raises:
        NotFound: the person has no such log-in that is still open.
    """
    statement = (
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.person_id == person_id, LoginSession.ended_at.is_(None))
        .values(ended_at=at)
        .returning(LoginSession.id)
    )
    if session.execute(statement).first() is None:
        raise NotFound("没有这个登录，或它已经结束。")
    security_log.write(
        session, "session_ended", actor=person_id, detail={"session_id": session_id}, client=client, at=at
    )
