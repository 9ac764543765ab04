"""Who may be asked to take over, to join in or to advise at a step? People in post, free of conflicts, once a visit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import Seat, Visit
from db.organisation import Organisation
from db.person import Person, Post
from forms.problem import Problem
from service import access, duties, people, seats
from service.dockets import Docket
from service.errors import NotFound, Problems
from service.people import Actor, PostHeld
from service.rules.roles import ROLES
from service.rules.votes import LIVE

#: The head of a section, by the roles that work in it: may pass its tasks on within it.
CHIEFS: Mapping[str, str] = {
    "UNIT_CLERK": "UNIT_LEADER",
    "DEPT_CLERK": "DEPT_LEADER",
    "DEPT_REVIEWER": "DEPT_LEADER",
    "FUND_REVIEWER": "FUND_CHIEF",
    "BUDGET_REVIEWER": "BUDGET_CHIEF",
    "PERF_OFFICER": "PERF_CHIEF",
}
_SOURCE = "转办、委派、加签规则（基本规定 §3.5）"


@dataclass(frozen=True)
class Chosen:
    """A person who may sit at a visit, and the post they sit there in."""

    actor: Actor
    role: str
    organisation_id: str

    @property
    def sits(self) -> dict[str, str]:
        """Person and post as members of a seat."""
        return {"person_id": self.actor.person_id, "role": self.role, "organisation_id": self.organisation_id}


def choose(
    session: Session, docket: Docket, visit: Visit, like: Seat, person_id: object, *, scope: str, at: datetime
) -> Chosen:
    """The person somebody wants at a visit, in the post they would sit there in.

    Args:
        like: the seat they would take over or sit beside.
        scope: ``roster`` or ``scope`` for people in the seat's own post, ``any`` for whoever takes part in decisions.

    Raises:
        Problems: nobody is named, or everything that speaks against this person.
    """
    if not isinstance(person_id, str) or not person_id:
        raise Problems([_problem("请选择人员")])
    try:
        who = people.actor(session, person_id, at=at)
    except NotFound as missing:
        raise Problems([_problem(missing.detail)]) from missing
    post = _post(who, like, scope)
    found = list(_problems(docket, visit, who, post))
    if found:
        raise Problems(found, "；".join(problem.message for problem in found))
    assert post is not None  # noqa: S101 - said above
    return Chosen(who, post.role, post.organisation_id)


def people_for(session: Session, like: Seat | None, *, scope: str, at: datetime) -> list[dict[str, Any]]:
    """People to choose from, by organisation and name: person_id, name, post; whether each may is seen on choosing.

    Without a seat to be like, everybody who decides anything.
    """
    statement = (
        select(Person.id, Person.name, Person.username, Post.role, Organisation.name.label("organisation"))
        .join(Post, Post.person_id == Person.id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(people.valid_on(people.day(at)), Person.active, Organisation.active)
        .order_by(Organisation.code, Person.username)
    )
    if like is not None and scope != "any":
        statement = statement.where(Post.role == like.role, Post.organisation_id == like.organisation_id)
    else:
        statement = statement.where(Post.role.in_(access.DECIDING_ROLES))
    return [
        {"person_id": row.id, "name": row.name, "post": f"{row.organisation} {ROLES[row.role].name}"}
        for row in session.execute(statement)
    ]


def is_chief(actor: Actor, seat: Seat) -> bool:
    """Whether the actor heads the section a seat belongs to."""
    chief = CHIEFS.get(seat.role)
    return any(post.role == chief and post.organisation_id == seat.organisation_id for post in actor.posts)


def _post(who: Actor, like: Seat, scope: str) -> PostHeld | None:
    own = (post for post in who.posts if (post.role, post.organisation_id) == (like.role, like.organisation_id))
    other = (post for post in who.posts if scope == "any" and post.role in access.DECIDING_ROLES)
    return next(own, None) or next(other, None)


def _problems(docket: Docket, visit: Visit, who: Actor, post: PostHeld | None) -> Iterator[Problem]:
    if post is None:
        yield _problem(f"{who.name}不在可选范围内，请选择本岗位的任职人员")
    if any(seat.person_id == who.person_id and seat.state in LIVE for seat in docket.seats_of(visit)):
        yield _problem(f"{who.name}在本环节已有席位，不必重复")
    elif any(seat.person_id == who.person_id and _spoke(seat) for seat in docket.seats_of(visit)):
        yield _problem(f"{who.name}在本环节已经办理过")
    for problem in duties.problems(docket, docket.step(visit), who):
        yield Problem(
            field="person",
            message=f"{who.name}须回避：{problem.message}",
            severity="error",
            source=problem.source,
            rule=problem.rule,
        )


def _spoke(seat: Seat) -> bool:
    return seat.state == "done" and seats.part(seat) == "vote"


def _problem(message: str) -> Problem:
    return Problem(field="person", message=message, severity="error", source=_SOURCE)
