"""Who has an account, and in what state? People as the system administrator keeps them."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from db.person import Person
from forms.problem import Problem
from service import passwords, security_log
from service.errors import NotFound, Problems

PAGE_SIZE = 50
LOCALES = ("zh_CN", "en")
_SOURCE = "人员登记要求"
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,39}")
_PHONE = re.compile(r"[0-9+ -]{5,20}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class PersonRow:
    """A person (人员) as administrators see them."""

    id: str
    username: str
    name: str
    phone: str | None
    email: str | None
    locale: str
    active: bool
    locked_until: datetime | None
    must_change_password: bool
    created_at: datetime

    def to_json(self) -> dict[str, Any]:
        """The person for the API."""
        instants = ("locked_until", "created_at")
        texts = {name: value.isoformat() if (value := getattr(self, name)) else None for name in instants}
        return {**asdict(self), **texts}


@dataclass(frozen=True)
class Page:
    """Some people, by username."""

    rows: list[PersonRow]
    total: int
    page: int
    size: int


def page(session: Session, *, q: str = "", active: bool | None = None, page: int = 1, size: int = PAGE_SIZE) -> Page:
    """People by username.

    Args:
        q: part of a username or name.
        active: only enabled accounts, only disabled ones; None for all.
        page: from 1.
        size: people a page.
    """
    statement: Select[tuple[Person]] = select(Person)
    if q:
        statement = statement.where(or_(Person.username.ilike(f"%{q}%"), Person.name.ilike(f"%{q}%")))
    if active is not None:
        statement = statement.where(Person.active == active)
    total = session.execute(select(func.count()).select_from(statement.subquery())).scalar_one()
    found = session.execute(statement.order_by(Person.username).limit(size).offset((page - 1) * size)).scalars()
    return Page([_row(person) for person in found], total, page, size)


def one(session: Session, person_id: str) -> PersonRow:
    """One person.

    Raises:
        NotFound: there is none with this id.
    """
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound("没有此人。")
    return _row(person)


def by_username(session: Session, username: str) -> PersonRow:
    """One person by the name used to log in.

    Raises:
        NotFound: nobody has this username.
    """
    person = session.execute(select(Person).where(Person.username == username)).scalar_one_or_none()
    if person is None:
        raise NotFound(f"没有用户名为“{username}”的人员。")
    return _row(person)


def create(
    session: Session,
    values: Mapping[str, Any],
    *,
    password_hash: str,
    by: str | None,
    at: datetime,
    client: Mapping[str, Any] | None = None,
    must_change: bool = True,
) -> str:
    """Enter a person with a start password; posts are granted separately by two other administrators.

    Args:
        values: username, name, phone, email, locale.
        password_hash: hash of the start password, which is told to the person once.
        by: the administrator.
        must_change: the person has to choose an own password at the first log-in.

    Returns:
        The person's id.

    Raises:
        Problems: all wrong fields at once.
    """
    cleaned = _cleaned(values)
    found = _problems(cleaned)
    if _username_taken(session, cleaned["username"]):
        found.append(_problem("username", f"用户名“{cleaned['username']}”已被使用，请另填。"))
    if found:
        raise Problems(found)
    person = Person(**cleaned, created_at=at, must_change_password=must_change)
    session.add(person)
    session.flush()
    passwords.store(session, person, password_hash, at=at)
    detail = {"person_id": person.id, "username": person.username, "name": person.name}
    security_log.write(session, "person_created", actor=by, detail=detail, client=client, at=at)
    return person.id


def edit(
    session: Session,
    person_id: str,
    values: Mapping[str, Any],
    *,
    by: str,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> None:
    """Change name, phone, e-mail or language; the username stays, because the history names it.

    Raises:
        NotFound: there is no such person.
        Problems: all wrong fields at once.
    """
    person = _locked(session, person_id)
    fields = ("name", "phone", "email", "locale")
    cleaned = _cleaned({**{name: getattr(person, name) for name in fields}, **values, "username": person.username})
    found = [problem for problem in _problems(cleaned) if problem.field != "username"]
    if found:
        raise Problems(found)
    changed = [name for name in fields if getattr(person, name) != cleaned[name]]
    for name in changed:
        setattr(person, name, cleaned[name])
    detail = {"person_id": person_id, "username": person.username, "fields": changed}
    security_log.write(session, "person_changed", actor=by, detail=detail, client=client, at=at)


def set_active(
    session: Session,
    person_id: str,
    active: bool,
    *,
    by: str,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> None:
    """Disable an account, which ends its sessions and tokens at once, or enable it again.

    Raises:
        NotFound: there is no such person.
        Problems: administrators cannot disable themselves.
    """
    person = _locked(session, person_id)
    if person_id == by and not active:
        raise Problems([_problem("active", "不能停用自己的账户，请由另一位系统管理员办理。")])
    person.active = active
    if not active:
        passwords.end_sessions(session, person_id, at=at)
        passwords.revoke_tokens(session, person_id, at=at)
    kind = "person_enabled" if active else "person_disabled"
    detail = {"person_id": person_id, "username": person.username}
    security_log.write(session, kind, actor=by, detail=detail, client=client, at=at)


def unlock(session: Session, person_id: str, *, by: str, at: datetime, client: Mapping[str, Any] | None = None) -> None:
    """Lift the lock that wrong passwords brought.

    Raises:
        NotFound: there is no such person.
    """
    person = _locked(session, person_id)
    person.failed_logins = 0
    person.locked_until = None
    detail = {"person_id": person_id, "username": person.username}
    security_log.write(session, "person_unlocked", actor=by, detail=detail, client=client, at=at)


def choose_locale(session: Session, person_id: str, locale: str) -> None:
    """A person chooses the language of the pages.

    Raises:
        Problems: the language is not offered.
        NotFound: there is no such person.
    """
    if locale not in LOCALES:
        raise Problems([_problem("locale", "请选择中文或 English。")])
    _locked(session, person_id).locale = locale


def _row(person: Person) -> PersonRow:
    return PersonRow(
        id=person.id,
        username=person.username,
        name=person.name,
        phone=person.phone,
        email=person.email,
        locale=person.locale,
        active=person.active,
        locked_until=person.locked_until,
        must_change_password=person.must_change_password,
        created_at=person.created_at,
    )


def _locked(session: Session, person_id: str) -> Person:
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound("没有此人。")
    return person


def _username_taken(session: Session, username: str) -> bool:
    return session.execute(select(Person.id).where(Person.username == username)).first() is not None


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: str(values.get(name) or "").strip() for name in ("username", "name", "phone", "email", "locale")}
    optional = {name: texts[name] or None for name in ("phone", "email")}
    return {**texts, **optional, "locale": texts["locale"] or LOCALES[0]}


def problems(values: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with what was entered about a person, all at once."""
    return _problems(_cleaned(values))


def _problems(values: Mapping[str, Any]) -> list[Problem]:
    found = []
    if not _USERNAME.fullmatch(values["username"]):
        found.append(_problem("username", "用户名为 3 至 40 位小写字母、数字或 . _ -，以字母开头，请修改。"))
    if not values["name"] or len(values["name"]) > 40:
        found.append(_problem("name", "请填写姓名，1 至 40 个字。"))
    if values["phone"] and not _PHONE.fullmatch(values["phone"]):
        found.append(_problem("phone", "电话只能由 5 至 20 位数字、空格、+、- 组成，请修改。"))
    if values["email"] and (len(values["email"]) > 100 or not _EMAIL.fullmatch(values["email"])):
        found.append(_problem("email", "电子邮箱格式不正确，请修改。"))
    if values["locale"] not in LOCALES:
        found.append(_problem("locale", "请选择中文或 English。"))
    return found


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_SOURCE)
