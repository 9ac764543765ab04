"""Rows for tests, with sane defaults; each function names what matters to the test."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from secrets import token_urlsafe
from typing import Any

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.organisation import Organisation
from db.person import LoginSession, PasswordHistory, Person, Post
from service.accounts import fingerprint

PASSWORD = "Correct-horse-42"
#: As cheap as argon2 gets; the product verifies with the parameters in the hash.
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_HASHES: dict[str, str] = {}
_numbers = count(1)

KIND_CODES = {"department": "D", "budget_unit": "U", "fund_section": "F"}


def create_organisation(session: Session, *, kind: str = "department", **values: Any) -> Organisation:
    number = next(_numbers)
    values.setdefault("code", f"{KIND_CODES.get(kind, 'X')}{number:05d}")
    values.setdefault("name", f"{kind} {number}")
    return _add(session, Organisation(kind=kind, **values))


def create_unit(session: Session, *, department: Organisation | None = None, **values: Any) -> Organisation:
    """A budget unit with its department and fund section."""
    if department is None:
        section = create_organisation(session, kind="fund_section")
        department = create_organisation(session, kind="department", fund_section_id=section.id)
    values.setdefault("fund_section_id", department.fund_section_id)
    return create_organisation(session, kind="budget_unit", parent_id=department.id, **values)


def create_person(
    session: Session, *, username: str | None = None, password: str | None = PASSWORD, **values: Any
) -> Person:
    number = next(_numbers)
    now = datetime.now(UTC)
    stored = cheap_hash(password) if password else None
    person = Person(
        username=username or f"person{number}",
        password_hash=stored,
        **{"name": f"人员{number}", "password_changed_at": now, "created_at": now, **values},
    )
    _add(session, person)
    if stored:
        session.add(PasswordHistory(person_id=person.id, password_hash=stored, set_at=now))
    return person


def create_post(
    session: Session,
    *,
    role: str,
    organisation: Organisation,
    person: Person | None = None,
    valid_from: date = date(2020, 1, 1),
    valid_to: date | None = None,
) -> Post:
    holder = person or create_person(session)
    return _add(
        session,
        Post(
            person_id=holder.id,
            organisation_id=organisation.id,
            role=role,
            valid_from=valid_from,
            valid_to=valid_to,
        ),
    )


def create_administrators(session: Session) -> dict[str, Person]:
    """The three administrators by role code, at the information centre."""
    centre = create_organisation(session, kind="information_centre")
    made = {}
    for role in ("SYS_ADMIN", "SEC_ADMIN", "AUDIT_ADMIN"):
        made[role] = create_person(session, username=role.lower())
        create_post(session, role=role, organisation=centre, person=made[role])
    return made


def open_session(engine_or_session: Engine | Session, person_id: str, *, api: bool = False, **values: Any) -> str:
    """A log-in of the person that is committed; returns its token."""
    token = token_urlsafe(32)
    now = datetime.now(UTC)
    row = LoginSession(
        token_hash=fingerprint(token),
        person_id=person_id,
        **{
            "created_at": now,
            "last_seen_at": now,
            "expires_at": now + timedelta(hours=12),
            "client": {"ip": "127.0.0.1", "agent": "test", "api": api},
            **values,
        },
    )
    bind = engine_or_session.get_bind() if isinstance(engine_or_session, Session) else engine_or_session
    with Session(bind) as session:
        session.add(row)
        session.commit()
    return token


def log_in(client: FlaskClient, session: Session, person: Person) -> None:
    """Commit what the test has made and give the client a log-in of that person."""
    session.commit()
    client.set_cookie("jiheng", open_session(session, person.id), domain="localhost")


def bearer(session: Session, person: Person) -> dict[str, str]:
    """Commit what the test has made; headers with which the person calls the API."""
    session.commit()
    return {"Authorization": f"Bearer {open_session(session, person.id, api=True)}"}


def cheap_hash(password: str) -> str:
    if password not in _HASHES:
        _HASHES[password] = _CHEAP.hash(password)
    return _HASHES[password]


def _add(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row
