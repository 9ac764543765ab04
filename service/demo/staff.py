"""Who works in the demo district, and in which post? Everybody is invented."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from db import demo
from db.base import opaque_id
from db.organisation import Organisation
from db.person import PasswordHistory, Person, Post
from service import security_log
from service.demo.bodies import SECTIONS, fund_sections
from service.demo.names import invented
from service.errors import Problems
from service.rules.roles import appointment_problems

#: Whoever imports a workbook has written the declarations and may not review them (SD1): an officer for that alone.
IMPORTER = "perfimport"


@dataclass(frozen=True)
class Place:
    """A post to be filled: who logs in under which name, in which role, at which body (by code)."""

    username: str
    role: str
    body: str


def places() -> Iterator[Place]:
    """Every post of the district that is filled; user names say where people sit."""
    for unit in demo.rows("units"):
        code = unit["unit_code"]
        yield Place(f"clerk{code}", "UNIT_CLERK", code)
        yield Place(f"head{code}", "UNIT_LEADER", code)
    for code in dict.fromkeys(unit["department_code"] for unit in demo.rows("units")):
        yield Place(f"clerk{code}", "DEPT_CLERK", code)
        yield Place(f"review{code}", "DEPT_REVIEWER", code)
        yield Place(f"head{code}", "DEPT_LEADER", code)
    for code in fund_sections():
        for number in (1, 2):
            yield Place(f"fund.{code.lower()}{number}", "FUND_REVIEWER", code)
        yield Place(f"fund.{code.lower()}.chief", "FUND_CHIEF", code)
    yield from _bureau()
    yield from _others()


def _bureau() -> Iterator[Place]:
    for number in (1, 2, 3):
        yield Place(f"budget{number}", "BUDGET_REVIEWER", SECTIONS["budget"])
    yield Place("budget.chief", "BUDGET_CHIEF", SECTIONS["budget"])
    for number in (1, 2, 3, 4):
        yield Place(f"perf{number}", "PERF_OFFICER", SECTIONS["performance"])
    yield Place(IMPORTER, "PERF_OFFICER", SECTIONS["performance"])
    yield Place("perf.chief", "PERF_CHIEF", SECTIONS["performance"])
    for number in (1, 2):
        yield Place(f"leader{number}", "BUREAU_LEADER", SECTIONS["leaders"])
    yield Place("treasury1", "TREASURY", SECTIONS["treasury"])
    yield Place("supervision1", "SUPERVISION", SECTIONS["supervision"])


def _others() -> Iterator[Place]:
    for number in (1, 2):
        yield Place(f"auditor{number}", "AUDITOR", SECTIONS["audit"])
    yield Place("congress1", "NPC_VIEWER", SECTIONS["congress"])
    yield Place("government1", "GOV_OFFICE", SECTIONS["government"])
    yield Place("legal1", "LEGAL", SECTIONS["justice"])
    for number in (1, 2, 3):
        yield Place(f"expert{number}", "EXPERT", SECTIONS["experts"])
    yield Place("agency.lead", "AGENCY_LEAD", SECTIONS["agency"])
    for number in (1, 2):
        yield Place(f"agency{number}", "AGENCY_STAFF", SECTIONS["agency"])
    for username, role in (("sysadmin", "SYS_ADMIN"), ("secadmin", "SEC_ADMIN"), ("auditadmin", "AUDIT_ADMIN")):
        yield Place(username, role, SECTIONS["centre"])


def enter(
    session: Session, bodies: Mapping[str, str], *, password_hash: str, since: date, entered: datetime, at: datetime
) -> dict[str, str]:
    """Enter everybody with their posts, all with one password; returns ids by user name. The caller commits.

    Args:
        bodies: ids of the bodies by code.
        since: first day of every post.
        entered: when the accounts were made.
        at: when the password was set, from which its age counts.

    Raises:
        Problems: a post cannot be held at its body.
    """
    kinds = {row.id: row.kind for row in session.query(Organisation)}
    people, posts, passwords = [], [], []
    for place, name in zip(places(), invented(), strict=False):
        body = bodies[place.body]
        problems = appointment_problems(place.role, kinds[body], ())
        if problems:
            raise Problems(problems)
        person = {"id": opaque_id(), "username": place.username, "name": name, "created_at": entered}
        people.append({**person, "password_hash": password_hash, "password_changed_at": at})
        posts.append({"person_id": person["id"], "organisation_id": body, "role": place.role, "valid_from": since})
        passwords.append({"person_id": person["id"], "password_hash": password_hash, "set_at": at})
    session.execute(insert(Person), people)
    session.execute(insert(Post), posts)
    session.execute(insert(PasswordHistory), passwords)
    detail = {"what": "demo", "usernames": [str(person["username"]) for person in people]}
    security_log.write(session, "person_created", detail=detail, at=entered)
    return {str(person["username"]): str(person["id"]) for person in people}
