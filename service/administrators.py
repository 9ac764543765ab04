"""How does an empty installation get its first three administrators? By a one-time token and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from db.organisation import Organisation
from db.person import Post, SetupToken
from forms.problem import Problem
from service import organisations, passwords, personnel, posts, security_log
from service.accounts import fingerprint
from service.errors import NotFound, Problems
from service.people import day
from service.rules import passwords as password_rules
from service.rules.passwords import PROFILES
from service.rules.roles import ADMINISTRATORS, ROLES

VALID = timedelta(hours=24)
CENTRE_CODE = "XXZX"
CENTRE_NAME = "信息中心"


@dataclass(frozen=True)
class NewAdministrator:
    """What one of the first three enters about themselves."""

    username: str
    name: str
    password: str
    again: str


class SetupClosed(NotFound):
    """初始化令牌无效、已使用或已过期。请在服务器上运行 jiheng accounts setup-token 重新生成。"""

    code = "setup_closed"
    title = "不能初始化"


def needed(session: Session) -> bool:
    """Whether nobody has ever been made an administrator here."""
    return not session.execute(select(exists(select(Post.id).where(Post.role.in_(ADMINISTRATORS))))).scalar_one()


def new_token(session: Session, *, at: datetime) -> str | None:
    """Make the one-time token, good for 24 hours; earlier unused ones end.

    Returns:
        The token, stored only as a hash; None if there are administrators already.
    """
    if not needed(session):
        return None
    session.execute(delete(SetupToken).where(SetupToken.used_at.is_(None)))
    token = token_urlsafe(32)
    session.add(SetupToken(token_hash=fingerprint(token), created_at=at))
    security_log.write(session, "setup_token_created", at=at)
    return token


def check_token(session: Session, token: str, *, at: datetime, lock: bool = False) -> SetupToken:
    """The unused token of an installation without administrators.

    Raises:
        SetupClosed: it is unknown, used or too old, or there are administrators already.
    """
    row = session.get(SetupToken, fingerprint(token), with_for_update=lock)
    if row is None or row.used_at is not None or at - row.created_at > VALID or not needed(session):
        raise SetupClosed
    return row


def set_up(
    session: Session,
    token: str,
    entered: Mapping[str, NewAdministrator],
    *,
    profile: str,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> list[str]:
    """Make the three administrators (三员), three different persons, and the information centre they belong to.

    Args:
        token: from `new_token`; used up by this.
        entered: one person for each of SYS_ADMIN, SEC_ADMIN and AUDIT_ADMIN.
        profile: password profile.

    Returns:
        The three usernames, in that order.

    Raises:
        SetupClosed: the token is not valid.
        Problems: all wrong fields at once, as `SEC_ADMIN.username`.

    Source:
        SD8; GB/T 22239-2019 8.1.5 (unconfirmed).
    """
    row = check_token(session, token, at=at, lock=True)
    found = _problems(entered, profile)
    if found:
        raise Problems(found)
    centre_id = _centre(session, at=at)
    for role in ADMINISTRATORS:
        person_id = _enter(session, role, entered[role], at=at)
        posts.appoint(session, person_id=person_id, role=role, organisation_id=centre_id, valid_from=day(at))
    row.used_at = at
    usernames = [entered[role].username.strip() for role in ADMINISTRATORS]
    security_log.write(session, "administrators_created", detail={"usernames": usernames}, client=client, at=at)
    return usernames


def _enter(session: Session, role: str, person: NewAdministrator, *, at: datetime) -> str:
    values = {"username": person.username, "name": person.name}
    stored = passwords.hashed(person.password)
    try:
        return personnel.create(session, values, password_hash=stored, by=None, at=at, must_change=False)
    except Problems as error:
        raise Problems([_at(role, problem) for problem in error.problems]) from error


def _problems(entered: Mapping[str, NewAdministrator], profile: str) -> list[Problem]:
    found = []
    seen: set[str] = set()
    names: set[str] = set()
    for role in ADMINISTRATORS:
        person = entered[role]
        username = person.username.strip()
        found += [_at(role, problem) for problem in personnel.problems({"username": username, "name": person.name})]
        if username in seen or person.name.strip() in names:
            text = f"{ROLES[role].name}必须是另一个人：三员的用户名和姓名不得相同，请修改。"
            found.append(Problem(field=f"{role}.username", message=text, severity="error", source="SD8", rule="SD8"))
        seen.add(username)
        names.add(person.name.strip())
        wrong = password_rules.problems(person.password, username=username, profile=PROFILES[profile])
        found += [_at(role, problem, field="password") for problem in wrong]
        if person.password != person.again:
            text = "两次输入的口令不一致，请重新输入。"
            found.append(Problem(field=f"{role}.again", message=text, severity="error", source="账户安全要求"))
    return found


def _at(role: str, problem: Problem, field: str | None = None) -> Problem:
    where = f"{role}.{field or problem.field}"
    text = f"{ROLES[role].name}：{problem.message}"
    return Problem(field=where, message=text, severity="error", source=problem.source, rule=problem.rule)


def _centre(session: Session, *, at: datetime) -> str:
    existing = select(Organisation.id).where(Organisation.kind == "information_centre").limit(1)
    found = session.execute(existing).scalar_one_or_none()
    if found is not None:
        return found
    values = {"code": CENTRE_CODE, "name": CENTRE_NAME, "kind": "information_centre"}
    return organisations.create(session, values, by=None, at=at)
