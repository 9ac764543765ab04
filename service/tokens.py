"""With which tokens do a person's programs use the API? Made by the person, shown once, revocable."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.person import AccessToken
from forms.problem import Problem
from service import security_log
from service.accounts import fingerprint
from service.errors import NotFound, Problems

#: API tokens are told apart from sessions by their first letters.
PREFIX = "jht_"
GREATEST_DAYS = 365
MOST_TOKENS = 20
_SOURCE = "账户安全要求"


@dataclass(frozen=True)
class TokenRow:
    """A token in its owner's list; the token itself is not kept."""

    id: str
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


def new_secret() -> str:
    """A new random token of 256 bits; the caller shows it once and stores it nowhere."""
    return PREFIX + token_urlsafe(32)


def create(
    session: Session,
    *,
    person_id: str,
    name: str,
    days: int,
    secret: str,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> TokenRow:
    """Make a bearer token for a person's programs; it acts with the person's rights of the day.

    Args:
        name: what it is for.
        days: how long it is valid, 1 to 365.
        secret: from `new_secret`.

    Raises:
        Problems: no name, wrong number of days, or 20 tokens already.
    """
    found = _wrong(name, days)
    if len(own(session, person_id, at=at)) >= MOST_TOKENS:
        found.append(_problem("", f"每人最多 {MOST_TOKENS} 个有效令牌，请先撤销不用的。"))
    if found:
        raise Problems(found)
    row = AccessToken(
        token_hash=fingerprint(secret),
        person_id=person_id,
        name=name.strip(),
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    detail = {"token_id": row.id, "name": row.name, "days": days}
    security_log.write(session, "token_created", actor=person_id, detail=detail, client=client, at=at)
    return _row(row)


def own(session: Session, person_id: str, *, at: datetime) -> list[TokenRow]:
    """The tokens of a person that still work, the newest first."""
    statement = (
        select(AccessToken)
        .where(AccessToken.person_id == person_id, AccessToken.revoked_at.is_(None), AccessToken.expires_at > at)
        .order_by(AccessToken.created_at.desc(), AccessToken.id)
    )
    return [_row(row) for row in session.execute(statement).scalars()]


def revoke(
    session: Session, token_id: str, *, person_id: str, at: datetime, client: Mapping[str, Any] | None = None
) -> None:
    """End a token at once.

    Raises:
        NotFound: the person has no such token, or it is already revoked.
    """
    statement = (
        update(AccessToken)
        .where(AccessToken.id == token_id, AccessToken.person_id == person_id, AccessToken.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(AccessToken.id)
    )
    if session.execute(statement).first() is None:
        raise NotFound("没有这个令牌，或它已经撤销。")
    security_log.write(session, "token_revoked", actor=person_id, detail={"token_id": token_id}, client=client, at=at)


def _wrong(name: str, days: int) -> list[Problem]:
    found = []
    if not name.strip() or len(name) > 60:
        found.append(_problem("name", "请填写令牌用途，1 至 60 个字。"))
    if not 1 <= days <= GREATEST_DAYS:
        found.append(_problem("days", f"有效期为 1 至 {GREATEST_DAYS} 天，现为 {days} 天，请修改。"))
    return found


def _row(row: AccessToken) -> TokenRow:
    return TokenRow(row.id, row.name, row.created_at, row.expires_at, row.last_used_at)


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_SOURCE)
