"""Who holds which post from when to when, and may this person get that one?"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.organisation import Organisation
from db.person import Person, Post, PostRequest
from forms.problem import Problem
from service.errors import Problems
from service.rules.roles import ROLES, appointment_problems

_SOURCE = "岗位授权要求"


@dataclass(frozen=True)
class PostRow:
    """A post (岗位) somebody held, holds or will hold."""

    id: str
    person_id: str
    username: str
    person_name: str
    role: str
    role_name: str
    organisation_id: str
    organisation_code: str
    organisation_name: str
    valid_from: date
    valid_to: date | None

    def state(self, today: date) -> str:
        """`current`, `future` or `past` on that day."""
        if self.valid_from > today:
            return "future"
        return "current" if self.valid_to is None or self.valid_to >= today else "past"

    def to_json(self) -> dict[str, Any]:
        """The post for the API; days as ISO texts."""
        until = self.valid_to.isoformat() if self.valid_to else None
        return {**asdict(self), "valid_from": self.valid_from.isoformat(), "valid_to": until}


def held(session: Session, *, person_id: str | None = None, organisation_id: str | None = None) -> list[PostRow]:
    """Posts of a person, of an organisation or of everybody, with their periods; the latest first."""
    statement = (
        select(Post, Person, Organisation)
        .join(Person, Person.id == Post.person_id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .order_by(Post.valid_from.desc(), Post.role, Organisation.code, Person.username)
    )
    if person_id:
        statement = statement.where(Post.person_id == person_id)
    if organisation_id:
        statement = statement.where(Post.organisation_id == organisation_id)
    return [_post_row(*row) for row in session.execute(statement)]


def appoint(
    session: Session,
    *,
    person_id: str,
    role: str,
    organisation_id: str,
    valid_from: date,
    valid_to: date | None = None,
) -> str:
    """Enter a post without a request: the first administrators and the people of a demo district only.

    Returns:
        Id of the post.

    Raises:
        Problems: as for `request_grant`.
    """
    found = grant_problems(
        session,
        person_id=person_id,
        role=role,
        organisation_id=organisation_id,
        valid_from=valid_from,
        valid_to=valid_to,
        waiting=False,
    )
    if found:
        raise Problems(found)
    post = Post(
        person_id=person_id, role=role, organisation_id=organisation_id, valid_from=valid_from, valid_to=valid_to
    )
    session.add(post)
    session.flush()
    return post.id


def grant_problems(
    session: Session,
    *,
    person_id: str,
    role: str,
    organisation_id: str,
    valid_from: date,
    valid_to: date | None,
    waiting: bool,
) -> list[Problem]:
    """Why a person may not get a post in a period.

    The person's row stays locked, so that two grants at the same moment see each other.

    Args:
        waiting: also look at requests that are not decided yet.
    """
    person = session.get(Person, person_id, with_for_update=True) if person_id else None
    organisation = session.get(Organisation, organisation_id) if organisation_id else None
    found = []
    if person is None or not person.active:
        found.append(problem("person_id", "请选择一位账户在用的人员。"))
    if organisation is None or not organisation.active:
        found.append(problem("organisation_id", "请选择一个在用的单位。"))
    if person is None or organisation is None:
        return found
    same = _overlapping(session, Post, person_id, valid_from, valid_to)
    if waiting:
        same += _overlapping(session, PostRequest, person_id, valid_from, valid_to)
    found += appointment_problems(role, organisation.kind, {code for code, _ in same})
    if (role, organisation_id) in same:
        found.append(problem("role", "此人在这段时间已任（或已申请）这个岗位，请勿重复。"))
    return found


def period_problems(start: date, end: date | None, today: date) -> list[Problem]:
    """Why a period cannot be granted any more, or ends before it begins."""
    if end is not None and end < start:
        return [problem("valid_to", "结束日期不得早于开始日期，请修改。")]
    if end is not None and end < today:
        return [problem("valid_to", "结束日期已经过去，请修改。")]
    return []


def reason_problems(reason: str) -> list[Problem]:
    """Why a reason will not do: too short or too long."""
    if len(reason.strip()) < 2 or len(reason) > 500:
        return [problem("reason", "请填写理由（2 至 500 字），如任职文件的名称和文号。")]
    return []


def _overlapping(
    session: Session, table: type[Post] | type[PostRequest], person_id: str, start: date, end: date | None
) -> list[tuple[str, str]]:
    statement = select(table.role, table.organisation_id).where(
        table.person_id == person_id, or_(table.valid_to.is_(None), table.valid_to >= start)
    )
    if end is not None:
        statement = statement.where(table.valid_from <= end)
    if table is PostRequest:
        statement = statement.where(PostRequest.state == "waiting", PostRequest.action == "grant")
    return [(role, organisation_id) for role, organisation_id in session.execute(statement)]


def _post_row(post: Post, person: Person, organisation: Organisation) -> PostRow:
    return PostRow(
        id=post.id,
        person_id=person.id,
        username=person.username,
        person_name=person.name,
        role=post.role,
        role_name=ROLES[post.role].name,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
        organisation_name=organisation.name,
        valid_from=post.valid_from,
        valid_to=post.valid_to,
    )


def problem(field: str, message: str) -> Problem:
    """A problem of a change of posts."""
    return Problem(field=field, message=message, severity="error", source=_SOURCE)
