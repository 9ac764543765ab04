"""Which steps of a version would wait for nobody? Posts and bodies the district has not filled, told before publishing."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.organisation import Organisation
from db.person import Person, Post
from service.engine import Release, UserStep
from service.people import valid_on
from service.release_words import organisation_words, step_title
from service.routing import OF_DISTRICT, role_name

#: The kind of body a rule about the project names.
_OF_PROJECT = {
    "project.unit": "budget_unit",
    "project.department": "department",
    "project.fund_section": "fund_section",
}
_REMEDY = "请安全管理员先补充机构或任职，或改由其他岗位办理。"


def problems(session: Session, release: Release, when: date) -> list[dict[str, str]]:
    """What stands against a version as the district is staffed on a day, in the shape of the lint.

    A case that comes to such a step stops there and is listed as an incident, so these are warnings: the post may be
    filled before the first case arrives. For bodies of the project one holder anywhere is enough.
    """
    held = _held(session, when)
    bodies = set(session.scalars(select(Organisation.kind).where(Organisation.active).distinct()))
    return [
        {
            "code": "step.roster",
            "severity": "warning",
            "element_id": step.node_id,
            "message": message,
            "remedy": _REMEDY,
        }
        for step in release.steps.values()
        for message in _missing(step, bodies, held)
    ]


def _held(session: Session, when: date) -> set[tuple[str, str]]:
    """Kinds of active bodies with the roles somebody holds in one of them."""
    statement = (
        select(Organisation.kind, Post.role)
        .join(Post, Post.organisation_id == Organisation.id)
        .join(Person, Person.id == Post.person_id)
        .where(Organisation.active, Person.active, valid_on(when))
        .distinct()
    )
    return set(session.execute(statement).tuples())


def _missing(step: UserStep, bodies: set[str], held: set[tuple[str, str]]) -> Iterator[str]:
    kind = OF_DISTRICT.get(step.organisation_rule) or _OF_PROJECT.get(step.organisation_rule)
    if kind is None:
        return
    who = f"步骤“{step_title(step)}”（{step.node_id}）"
    body = organisation_words(step.organisation_rule)
    if kind not in bodies:
        yield f"{who}由“{body}”办理，本区还没有登记这个机构，事项办到这里会停下来。"
    elif (kind, step.role) not in held:
        yield f"{who}由“{body}”的“{role_name(step.role)}”办理，现在没有人任职，事项办到这里会停下来。"
