"""Who may sit at a step? From the step's role and organisation rule to the people in post, in one question."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ARRAY, Date, Select, Text, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.organisation import Organisation
from db.person import Person, Post
from db.statement import Statement
from service.engine import COPY_BODIES, UserStep
from service.people import PersonName, day, valid_on
from service.rules.roles import ROLES

#: Rules that name a body of the case.
OF_CASE: Mapping[str, str] = MappingProxyType(
    {
        "project.unit": "unit_id",
        "project.department": "department_id",
        "project.fund_section": "fund_section_id",
    }
)
#: Rules that name the only body of its kind in the district.
OF_DISTRICT: Mapping[str, str] = MappingProxyType(
    {
        "bureau.budget_section": "budget_section",
        "bureau.performance_section": "performance_section",
        "bureau.treasury_section": "treasury_section",
        "bureau.supervision_section": "supervision_section",
        "bureau.leaders": "bureau_leaders",
        "district.justice_bureau": "justice_bureau",
        "district.information_centre": "information_centre",
    }
)


@dataclass(frozen=True)
class Roster:
    """The body a step belongs to and the people in post there, by username."""

    role: str
    organisation_id: str
    organisation_name: str
    people: tuple[PersonName, ...]


class NoSuchBody(LookupError):
    """The district has no body of the kind a step's rule asks for."""


def role_name(code: str) -> str:
    """The Chinese name of a role."""
    return ROLES[code].name if code in ROLES else code


def rosters(session: Session, case: CaseFile, steps: Sequence[UserStep], *, at: datetime) -> dict[str, Roster]:
    """Who is in post for each step on the day of ``at``, by step id; one statement for all steps.

    Raises:
        NoSuchBody: the district lacks the body a step's rule names; the district's organisations are incomplete.
    """
    if not steps:
        return {}
    kinds, ids = _bodies(case, {step.organisation_rule for step in steps})
    roles = list({step.role for step in steps})
    found = _IN_POST.all(session, day=day(at), roles=roles, kinds=kinds, ids=ids)
    return {step.node_id: _roster(case, step, found) for step in steps}


def people_in(session: Session, case: CaseFile, roles: Collection[str], *, at: datetime) -> list[PersonName]:
    """Who holds these roles today in the bodies a case belongs to, each once, by body and username; one statement.

    Empty where a role is vacant or the district lacks its body; roles that can be sent no copy count as vacant.
    """
    rules = {role: COPY_BODIES[role] for role in roles if role in COPY_BODIES}
    kinds, ids = _bodies(case, set(rules.values()))
    found = _IN_POST.all(session, day=day(at), roles=list(rules), kinds=kinds, ids=ids)
    people = {
        person_id: PersonName(person_id, name)
        for body, role, person_id, name in found
        if person_id is not None and _is_body(case, body, rules[role])
    }
    return list(people.values())


def _is_body(case: CaseFile, body: Organisation, rule: str) -> bool:
    return bool(body.id == getattr(case, OF_CASE[rule]) if rule in OF_CASE else body.kind == OF_DISTRICT[rule])


def _bodies(case: CaseFile, rules: Set[str]) -> tuple[list[str], list[str]]:
    """The kinds of body and the bodies of the case that rules name."""
    return [OF_DISTRICT[rule] for rule in rules - OF_CASE.keys()], [
        getattr(case, OF_CASE[rule]) for rule in rules & OF_CASE.keys()
    ]


def _in_post() -> Select[Any]:
    kinds, ids, roles = (bindparam(name, type_=ARRAY(Text)) for name in ("kinds", "ids", "roles"))
    held = and_(
        Post.organisation_id == Organisation.id,
        valid_on(bindparam("day", type_=Date())),
        Post.role == func.any(roles),
    )
    return (
        select(Organisation, Post.role, Person.id, Person.name)
        .outerjoin(Post, held)
        .outerjoin(Person, and_(Person.id == Post.person_id, Person.active))
        .where(or_(Organisation.id == func.any(ids), Organisation.kind == func.any(kinds)), Organisation.active)
        .order_by(Organisation.code, Person.username)
    )


_IN_POST = Statement(_in_post)


def _roster(case: CaseFile, step: UserStep, found: Sequence[tuple[Any, ...]]) -> Roster:
    rule = step.organisation_rule
    bodies = [body for body, *_ in found if _is_body(case, body, rule)]
    if not bodies:
        raise NoSuchBody(f"步骤“{step.name}”要求的单位（{rule}）在机构目录中不存在，请系统管理员补充。")
    body = bodies[0]
    people = {
        person_id: PersonName(person_id, name)
        for other, role, person_id, name in found
        if other.id == body.id and role == step.role and person_id is not None
    }
    return Roster(step.role, body.id, body.name, tuple(people.values()))
