"""With which names does one log in to the demo district? One person for each role, where there is something to do."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.case import Seat
from db.organisation import Organisation
from db.person import Person, Post
from service.demo.staff import IMPORTER
from service.rules.roles import ROLES


@dataclass(frozen=True)
class Login:
    """A demo account."""

    role: str
    role_name: str
    role_name_en: str
    username: str
    name: str
    organisation: str
    #: Steps waiting for the post.
    waiting: int


def logins(session: Session) -> list[Login]:
    """One account for each role that somebody holds, in the order of roles: the one with the most steps waiting.

    The officer who imports workbooks comes beside.
    """
    seats = select(Seat.role, Seat.organisation_id, func.count().label("waiting")).where(Seat.state == "open")
    waiting = seats.group_by(Seat.role, Seat.organisation_id).subquery()
    busy = func.coalesce(waiting.c.waiting, 0)
    statement = (
        select(Post.role, Person.username, Person.name, Organisation.name, busy)
        .join(Person, Person.id == Post.person_id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .outerjoin(waiting, (waiting.c.role == Post.role) & (waiting.c.organisation_id == Post.organisation_id))
        .order_by(busy.desc(), Person.username)
    )
    found: dict[tuple[str, bool], tuple[Any, ...]] = {}
    for role, *rest in session.execute(statement):
        found.setdefault((role, rest[0] == IMPORTER), tuple(rest))
    return [
        Login(code, role.name, role.name_en, *found[code, importer])
        for code, role in ROLES.items()
        for importer in (False, True)
        if (code, importer) in found
    ]
