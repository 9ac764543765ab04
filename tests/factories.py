"""Rows for tests, with sane defaults; each function names what matters to the test."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from secrets import token_urlsafe
from typing import Any

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import forms
from db.campaign import Campaign, CampaignUnit
from db.case import CaseFile, Finding, Seat, Visit
from db.event import Event
from db.form import FormRevision
from db.organisation import Organisation
from db.person import LoginSession, PasswordHistory, Person, Post
from db.project import Project, TargetVersion
from db.release import FormRelease, ProcessRelease
from service import people, releases
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


def shipped_release(session: Session, process_id: str = "target_declaration") -> ProcessRelease:
    """A process as it comes with the product, with its forms."""
    releases.install_shipped(session, at=datetime(2020, 1, 1, tzinfo=UTC))
    return session.scalars(select(ProcessRelease).where(ProcessRelease.process_id == process_id)).one()


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
    row = CaseFile(process_id=campaign.process_id, initiator_id=initiator.id, **{**ids, **held, **stated})
    return _add(session, row)


#: Who sits where in the shipped process: stage, name, role and whose body.
STEPS = {
    "draft": ("draft", "填报绩效目标", "UNIT_CLERK", "unit_id"),
    "unit_sign": ("unit_signing", "审签申报材料", "UNIT_LEADER", "unit_id"),
    "department_review": ("dept_review", "初审绩效目标", "DEPT_REVIEWER", "department_id"),
    "fund_review": ("fund_review", "审核绩效目标", "FUND_REVIEWER", "fund_section_id"),
}


def create_visit(session: Session, *, case: CaseFile, node: str = "department_review", **values: Any) -> Visit:
    """An activation of a step without seats."""
    stage, name, _, _ = STEPS[node]
    stated = {
        "node_name": name,
        "stage": stage,
        "round": case.round,
        "engine_task": next(_numbers),
        "state": "open",
        "opened_seq": case.seq,
        "changed_seq": case.seq,
        "opened_at": case.started_at,
        **values,
    }
    return _add(session, Visit(case_id=case.id, node_id=node, **stated))


def create_seat(session: Session, *, visit: Visit, person: Person | None = None, **values: Any) -> Seat:
    """A seat for the group of the step's role, or for one person; decided if a vote is given."""
    _, _, role, body = STEPS[visit.node_id]
    case = session.get_one(CaseFile, visit.case_id)
    of_visit = {name: getattr(visit, name) for name in ("stage", "due_at", "opened_at")}
    stated = {"role": role, "organisation_id": getattr(case, body), "state": "open", **of_visit, **values}
    if "vote" in stated and person is not None:
        decided = {"state": "done", "decided_by": person.id, "decided_at": visit.opened_at + timedelta(hours=2)}
        stated = {**stated, **decided, **values}
    return _add(session, Seat(visit_id=visit.id, case_id=case.id, person_id=person.id if person else None, **stated))


def create_waiting(
    session: Session, *, case: CaseFile, node: str = "department_review", person: Person | None = None, **values: Any
) -> Visit:
    """An open visit with one open seat, of the group or of one person."""
    visit = create_visit(session, case=case, node=node, **values)
    create_seat(session, visit=visit, person=person)
    return visit


def create_decided(
    session: Session, *, case: CaseFile, person: Person, vote: str = "approve", node: str = "unit_sign", **values: Any
) -> Visit:
    """A visit that a person has decided; values beside those of the visit: opinion, review_revision_id."""
    of_seat = {name: values.pop(name) for name in ("opinion", "review_revision_id", "decided_at") if name in values}
    visit = create_visit(session, case=case, node=node, **{"state": "decided", "outcome": vote, **values})
    create_seat(session, visit=visit, person=person, vote=vote, **of_seat)
    return visit


def create_event(session: Session, *, case: CaseFile, **values: Any) -> Event:
    """The next event of a case; its place in the chain is not a true hash."""
    seq = values.pop("seq", case.seq)
    stated = {
        "at": case.started_at,
        "kind": "visit_approved",
        "verb": "approve",
        "round": case.round,
        "release_hash": "",
        "changes": [],
        "simulated": False,
        "engine_digest": "",
        "prev_hash": "",
        "hash": "",
        **values,
    }
    return _add(session, Event(case_id=case.id, seq=seq, **stated))


def create_form_release(session: Session, *, code: str = "project_target", **values: Any) -> FormRelease:
    """The shipped version of a form, published."""
    definition = forms.load(code)
    number = next(_numbers)
    stated = {
        "version": number,
        "title": definition.title,
        "hash": f"{number:064x}",
        "definition": dict(definition.raw),
        "published_at": datetime(2020, 1, 1, tzinfo=UTC),
        **values,
    }
    return _add(session, FormRelease(code=code, **stated))


def create_revision(
    session: Session,
    *,
    visit: Visit,
    person: Person,
    content: dict[str, Any],
    code: str = "project_target",
    **values: Any,
) -> FormRevision:
    """What was filled in at a visit."""
    release = values.pop("form_release", None) or create_form_release(session, code=code)
    number = next(_numbers)
    held = {"case_id": visit.case_id, "visit_id": visit.id, "form_code": code, "form_release_id": release.id}
    made = {"created_by": person.id, "created_at": visit.opened_at}
    stated = {"revision": number, "hash": f"{number:064x}", **made, **values}
    return _add(session, FormRevision(content=content, **held, **stated))


def create_finding(session: Session, *, visit: Visit, person: Person, **values: Any) -> Finding:
    stated = {
        "round": visit.round,
        "field": "annual_goal",
        "message": "请写明受益人群。",
        "severity": "error",
        "raised_at": visit.opened_at,
        **values,
    }
    return _add(session, Finding(case_id=visit.case_id, visit_id=visit.id, raised_by=person.id, **stated))


def create_target(session: Session, *, case: CaseFile, revision: FormRevision, **values: Any) -> TargetVersion:
    """An approved target, frozen in the library."""
    project = session.get_one(Project, case.project_id)
    stated = {
        "version": 1,
        "fiscal_year": project.fiscal_year,
        "library_no": f"库〔{project.fiscal_year}〕{next(_numbers):04d}",
        "content": revision.content,
        "content_hash": revision.hash,
        "admitted_at": case.changed_at,
        **values,
    }
    return _add(session, TargetVersion(project_id=project.id, case_id=case.id, form_revision_id=revision.id, **stated))


def actor_of(session: Session, person: Person, *, at: datetime | None = None) -> people.Actor:
    """The person with the posts of the day, as use cases get them."""
    return people.actor(session, person.id, at=at or datetime.now(UTC))


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
