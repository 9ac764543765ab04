"""How are passwords kept, checked, changed and reset? argon2id, a profile of rules, the last five remembered."""

import secrets
import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.person import AccessToken, LoginSession, PasswordHistory, Person
from forms.problem import Problem
from service import security_log
from service.errors import NotFound, Problems, TooMany
from service.rules import passwords as rules
from service.rules.passwords import PROFILES

#: argon2id with the library's low-memory profile of RFC 9106 (64 MiB, 3 passes).
HASHER = PasswordHasher()
#: Hashing takes 0.1 s and 64 MiB; more at once would starve everybody else on a small server.
AT_ONCE = 2
PATIENCE_SECONDS = 8.0
_TURNS = BoundedSemaphore(AT_ONCE)
#: Verified for unknown users, so that the answer takes as long as for known ones.
_NOBODY = HASHER.hash(secrets.token_urlsafe(16))
_START_LENGTH = 14


@contextmanager
def _turn() -> Iterator[None]:
    if not _TURNS.acquire(timeout=PATIENCE_SECONDS):
        raise TooMany("登录的人较多，请稍后再试。")
    try:
        yield
    finally:
        _TURNS.release()


def hashed(password: str) -> str:
    """The argon2id hash of a password, to be stored.

    Raises:
        TooMany: too many passwords are being hashed in this process.
    """
    with _turn():
        return HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Whether a password fits a stored hash; takes its time even if there is none.

    Raises:
        TooMany: too many passwords are being checked in this process.
    """
    if len(password) > rules.LONGEST:
        return False
    with _turn():
        try:
            return HASHER.verify(stored or _NOBODY, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def start_password() -> str:
    """A random password to be told to a person once and changed at the first log-in."""
    letters = "abcdefghijkmnpqrstuvwxyz" + "ABCDEFGHJKLMNPQRSTUVWXYZ" + "23456789"
    while True:
        made = "".join(secrets.choice(letters) for _ in range(_START_LENGTH))
        if rules.classes(made) == 3 and made[0] in string.ascii_letters:
            return made


def change(
    session: Session,
    person_id: str,
    *,
    old: str,
    new: str,
    again: str,
    profile: str,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> None:
    """A person changes the own password; all sessions of the person end.

    Raises:
        Problems: the old password is wrong, the two new ones differ, or the new one breaks the profile.
        NotFound: there is no such person.

    Source:
        GB/T 22239-2019 level 3, 8.1.4 (unconfirmed).
    """
    person = _locked(session, person_id)
    found = []
    if not matches(old, person.password_hash):
        found.append(_problem("old_password", "原口令不正确，请重新输入。"))
    found += new_problems(session, person, new, again, profile)
    if found:
        raise Problems(found)
    store(session, person, hashed(new), at=at)
    person.must_change_password = False
    end_sessions(session, person_id, at=at)
    security_log.write(session, "password_changed", actor=person_id, client=client, at=at)


def new_problems(session: Session, person: Person, new: str, again: str, profile: str) -> list[Problem]:
    """Everything that speaks against a new password: repetition, profile, use among the last ones."""
    chosen = PROFILES[profile]
    found = []
    if new != again:
        found.append(_problem("again", "两次输入的新口令不一致，请重新输入。"))
    found += rules.problems(new, username=person.username, profile=chosen)
    if not found and _used_before(session, person, new, chosen.remembered):
        text = f"新口令不得与最近 {chosen.remembered} 次用过的口令相同，请更换。"
        found.append(Problem(field="new_password", message=text, severity="error", source=chosen.source))
    return found


def store(session: Session, person: Person, password_hash: str, *, at: datetime) -> None:
    """Give a person a password and remember it among the used ones."""
    person.password_hash = password_hash
    person.password_changed_at = at
    person.failed_logins = 0
    person.locked_until = None
    session.add(PasswordHistory(person_id=person.id, password_hash=password_hash, set_at=at))


def reset(
    session: Session,
    person_id: str,
    *,
    password_hash: str,
    by: str | None,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> str:
    """Replace a forgotten password by a start password; sessions and tokens end, the person must change it.

    Args:
        password_hash: hash of the start password, which is told to the person once and stored nowhere.
        by: the administrator; None for the operators' command.

    Returns:
        The username.

    Raises:
        NotFound: there is no such person.
    """
    person = _locked(session, person_id)
    store(session, person, password_hash, at=at)
    person.must_change_password = True
    end_sessions(session, person_id, at=at)
    revoke_tokens(session, person_id, at=at)
    detail = {"person_id": person_id, "username": person.username}
    security_log.write(session, "password_reset", actor=by, detail=detail, client=client, at=at)
    return person.username


def end_sessions(session: Session, person_id: str, *, at: datetime) -> None:
    """End every log-in of a person at once."""
    statement = update(LoginSession).where(LoginSession.person_id == person_id, LoginSession.ended_at.is_(None))
    session.execute(statement.values(ended_at=at))


def revoke_tokens(session: Session, person_id: str, *, at: datetime) -> None:
    """Revoke every API token of a person at once."""
    statement = update(AccessToken).where(AccessToken.person_id == person_id, AccessToken.revoked_at.is_(None))
    session.execute(statement.values(revoked_at=at))


def _used_before(session: Session, person: Person, new: str, remembered: int) -> bool:
    if remembered == 0:
        return False
    statement = (
        select(PasswordHistory.password_hash)
        .where(PasswordHistory.person_id == person.id)
        .order_by(PasswordHistory.set_at.desc())
        .limit(remembered)
    )
    return any(matches(new, stored) for stored in session.execute(statement).scalars())


def _locked(session: Session, person_id: str) -> Person:
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound("没有此人。")
    return person


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source="账户安全要求")
