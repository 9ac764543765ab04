"""Who is acting, and in which posts? What every decision about rights starts from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from db.organisation import Organisation
from db.participation import Substitution
from db.person import Person, Post
from service.errors import NotFound

#: Days begin and end in the district, not in UTC.
DISTRICT = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class PostHeld:
    """A post (岗位) held today: a role at an organisation."""

    id: str
    role: str
    organisation_id: str
    organisation_code: str
    organisation_name: str
    organisation_kind: str


@dataclass(frozen=True)
class Principal:
    """A person somebody stands in for today (代理), with that person's posts and the limits of the substitution."""

    person_id: str
    name: str
    posts: tuple[PostHeld, ...]
    #: Process ids; empty for all.
    processes: tuple[str, ...] = ()
    #: Only cases up to this amount (万元); None for any.
    greatest_amount: Decimal | None = None

    def covers(self, process_id: str, amount: Decimal | None) -> bool:
        """Whether the substitution holds for a case; without a limit it holds for cases without an amount too."""
        if self.processes and process_id not in self.processes:
            return False
        return self.greatest_amount is None or (amount is not None and amount <= self.greatest_amount)


@dataclass(frozen=True)
class Actor:
    """A person who acts, with the posts valid on the day of the act."""

    person_id: str
    username: str
    name: str
    locale: str
    posts: tuple[PostHeld, ...]
    #: Those the person stands in for on that day.
    principals: tuple[Principal, ...] = ()

    def holds(self, *roles: str) -> bool:
        """Whether at least one of the roles is held, at whatever organisation."""
        return any(post.role in roles for post in self.posts)

    def organisations(self, *roles: str) -> tuple[str, ...]:
        """Ids of the organisations at which one of the roles is held, each once."""
        return tuple(dict.fromkeys(post.organisation_id for post in self.posts if post.role in roles))


@dataclass(frozen=True)
class PersonName:
    """A person as others see them: id and name."""

    id: str
    name: str


def day(at: datetime) -> date:
    """The district's calendar day of an instant."""
    return at.astimezone(DISTRICT).date()


def valid_on(when: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Condition on Post: held on that day (the last day of the period included)."""
    return and_(Post.valid_from <= when, or_(Post.valid_to.is_(None), Post.valid_to >= when))


def actor(session: Session, person_id: str, *, at: datetime) -> Actor:
    """A person with the posts held on the day of `at`; one SQL statement, a second for those who stand in for somebody.

    Raises:
        NotFound: there is no such person, or the account is disabled.
    """
    statement = (
        select(Person, Post, Organisation, stands_in(day(at)))
        .outerjoin(Post, and_(Post.person_id == Person.id, valid_on(day(at))))
        .outerjoin(Organisation, and_(Organisation.id == Post.organisation_id, Organisation.active))
        .where(Person.id == person_id, Person.active)
        .order_by(Post.role, Organisation.code)
    )
    rows = session.execute(statement).all()
    if not rows:
        raise NotFound("没有此人，或其账户已停用。")
    instead = principals(session, person_id, at=at) if rows[0][3] else ()
    return assemble(rows[0][0], [(row[1], row[2]) for row in rows], instead)


def assemble(
    person: Person, posts: list[tuple[Post | None, Organisation | None]], instead: tuple[Principal, ...] = ()
) -> Actor:
    """An actor from rows that were read together.

    Args:
        instead: the people the person stands in for.
    """
    return Actor(person.id, person.username, person.name, person.locale, _held(posts), instead)


def stands_in(when: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Whether the Person of a statement stands in for anybody on a day: asked along, so that most need no more."""
    return (
        select(Substitution.id).where(Substitution.substitute_id == Person.id, _stands(when)).exists().correlate(Person)
    )


def principals(session: Session, person_id: str, *, at: datetime) -> tuple[Principal, ...]:
    """The people somebody stands in for on the day of `at`, by username, with the posts they hold that day."""
    statement = (
        select(Substitution, Person, Post, Organisation)
        .join(Person, and_(Person.id == Substitution.principal_id, Person.active))
        .join(Post, and_(Post.person_id == Person.id, valid_on(day(at))))
        .join(Organisation, and_(Organisation.id == Post.organisation_id, Organisation.active))
        .where(Substitution.substitute_id == person_id, _stands(day(at)))
        .order_by(Person.username, Substitution.set_at, Post.role, Organisation.code)
    )
    found: dict[str, list[Any]] = {}
    for row in session.execute(statement):
        found.setdefault(row[0].id, []).append(row)
    return tuple(_principal(rows) for rows in found.values())


def _principal(rows: list[Any]) -> Principal:
    substitution, person = rows[0][0], rows[0][1]
    held = _held([(row[2], row[3]) for row in rows])
    limits = tuple(substitution.processes), substitution.greatest_amount
    return Principal(person.id, person.name, held, *limits)


def _stands(when: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Condition on Substitution: in force on a day (its last day not included) and not ended before."""
    return and_(Substitution.begins_on <= when, Substitution.ends_before > when, Substitution.ended_at.is_(None))


def _held(posts: list[tuple[Post | None, Organisation | None]]) -> tuple[PostHeld, ...]:
    return tuple(
        PostHeld(post.id, post.role, organisation.id, organisation.code, organisation.name, organisation.kind)
        for post, organisation in posts
        if post is not None and organisation is not None
    )


def holders(
    session: Session, wanted: Collection[tuple[str, str]], *, at: datetime
) -> dict[tuple[str, str], list[PersonName]]:
    """Who can act in each of the wanted posts on the day of `at`.

    Args:
        wanted: pairs of role code and organisation id.

    Returns:
        For every wanted pair the active persons, by username; an empty list where nobody holds the post.
    """
    found: dict[tuple[str, str], list[PersonName]] = {pair: [] for pair in wanted}
    if not found:
        return found
    statement = (
        select(Post.role, Post.organisation_id, Person.id, Person.name)
        .join(Person, Person.id == Post.person_id)
        .where(tuple_(Post.role, Post.organisation_id).in_(list(found)), valid_on(day(at)), Person.active)
        .order_by(Person.username)
    )
    for role, organisation_id, person_id, name in session.execute(statement):
        person = PersonName(person_id, name)
        if person not in found[role, organisation_id]:
            found[role, organisation_id].append(person)
    return found


def of_role(session: Session, role: str, *, at: datetime) -> set[str]:
    """Ids of the active persons who hold a role anywhere on the day of `at`."""
    held = select(Post.person_id).join(Person, Person.id == Post.person_id)
    return set(session.scalars(held.where(Post.role == role, valid_on(day(at)), Person.active)))


def to_json(who: Actor) -> dict[str, Any]:
    """An actor for pages and the API."""
    return {
        "person_id": who.person_id,
        "username": who.username,
        "name": who.name,
        "locale": who.locale,
        "posts": [vars(post) for post in who.posts],
    }
