"""Rows for tests, with sane defaults; each function names what matters to the test."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from secrets import token_urlsafe
from typing import Any

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.campaign import Campaign, CampaignUnit
from db.case import CaseFile
from db.organisation import Organisation
from db.person import LoginSession, PasswordHistory, Person, Post
from db.project import Project
from db.release import ProcessRelease
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


def create_release(session: Session, *, process_id: str = "target_declaration", **values: Any) -> ProcessRelease:
    """A published process of which nothing but its existence matters."""
    number = next(_numbers)
    stated = {
        "version": number,
        "title": "项目绩效目标申报",
        "hash": f"{number:064x}",
        "bpmn": b"<definitions/>",
        "forms": {},
        "legal_basis": "",
        "effective_from": date(2020, 1, 1),
        "published_at": datetime(2020, 1, 1, tzinfo=UTC),
        **values,
    }
    return _add(session, ProcessRelease(process_id=process_id, **stated))


def create_campaign(
    session: Session,
    *,
    fiscal_year: int = 2027,
    units: Iterable[Organisation] = (),
    release: ProcessRelease | None = None,
    **values: Any,
) -> Campaign:
    """An open season for the units."""
    stated = {
        "process_id": "target_declaration",
        "title": f"{fiscal_year}年度项目绩效目标申报",
        "indicator_template": "CLASSIC_2020",
        "rule_set": "LINEAR_2020",
        "parameters": {},
        "opens_on": date(fiscal_year - 1, 8, 1),
        "closes_on": date(fiscal_year - 1, 12, 31),
        "state": "open",
        "created_at": datetime(fiscal_year - 1, 7, 1, tzinfo=UTC),
        **values,
    }
    held = release or create_release(session)
    row: Campaign = _add(session, Campaign(fiscal_year=fiscal_year, process_release_id=held.id, **stated))
    for unit in units:
        _add(session, CampaignUnit(campaign_id=row.id, unit_id=unit.id))
    return row


def create_project(session: Session, *, campaign: Campaign, unit: Organisation, **values: Any) -> Project:
    number = next(_numbers)
    stated = {
        "project_code": f"370117{campaign.fiscal_year}{number:09d}",
        "name": f"项目{number}",
        "department_id": unit.parent_id,
        "fund_section_id": unit.fund_section_id,
        "created_at": campaign.created_at,
        **values,
    }
    held = {"campaign_id": campaign.id, "fiscal_year": campaign.fiscal_year, "unit_id": unit.id}
    return _add(session, Project(**held, **stated))


def create_case(session: Session, *, project: Project, campaign: Campaign, **values: Any) -> CaseFile:
    """A case whose history does not matter."""
    initiator = values.pop("initiator", None) or create_person(session)
    stated = {
        "number": f"绩目〔{campaign.fiscal_year}〕{next(_numbers):04d}",
        "title": project.name,
        "stage": "draft",
        "seq": 1,
        "head_hash": "",
        "snapshot": b"",
        "engine_digest": "",
        "started_at": campaign.created_at,
        "changed_at": campaign.created_at,
        **values,
    }
    held = {name: getattr(project, name) for name in ("unit_id", "department_id", "fund_section_id")}
    ids = {"project_id": project.id, "campaign_id": campaign.id, "release_id": campaign.process_release_id}
    row = CaseFile(process_id=campaign.process_id, initiator_id=initiator.id, **ids, **held, **stated)
    return _add(session, row)


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
