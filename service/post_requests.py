"""Which changes of posts were asked for, and who has agreed? Two administrators for every one of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db.organisation import Organisation
from db.person import Person, Post, PostRequest
from forms.problem import Problem
from service import posts, security_log
from service.errors import NotAllowed, NotFound, Problems, Stale
from service.people import day
from service.posts import problem
from service.rules.roles import ROLES

TWO_PEOPLE = "SD8 · 岗位授权须由安全管理员申请、审计管理员会签"


@dataclass(frozen=True)
class RequestRow:
    """A wanted change of posts (岗位变更申请) and what became of it."""

    id: str
    action: str
    state: str
    person_id: str
    username: str
    person_name: str
    role: str
    role_name: str
    organisation_name: str
    valid_from: date
    valid_to: date | None
    reason: str
    requested_by: str
    requested_by_name: str
    requested_at: datetime
    decided_by_name: str | None
    decided_at: datetime | None
    decision_reason: str | None

    def to_json(self) -> dict[str, Any]:
        """The request for the API; days and instants as ISO texts."""
        names = ("valid_from", "valid_to", "requested_at", "decided_at")
        texts = {name: value.isoformat() if (value := getattr(self, name)) else None for name in names}
        return {**asdict(self), **texts}


def requests(
    session: Session, *, state: str | None = None, person_id: str | None = None, limit: int = 200
) -> list[RequestRow]:
    """Requests for changes of posts, the latest first.

    Args:
        state: waiting, approved or refused; None for all.
        person_id: only about this person.
        limit: at most this many.
    """
    asker, decider = aliased(Person), aliased(Person)
    statement = (
        select(PostRequest, Person, Organisation, asker.name, decider.name)
        .join(Person, Person.id == PostRequest.person_id)
        .join(Organisation, Organisation.id == PostRequest.organisation_id)
        .join(asker, asker.id == PostRequest.requested_by)
        .outerjoin(decider, decider.id == PostRequest.decided_by)
        .order_by(PostRequest.requested_at.desc(), PostRequest.id)
        .limit(limit)
    )
    if state:
        statement = statement.where(PostRequest.state == state)
    if person_id:
        statement = statement.where(PostRequest.person_id == person_id)
    return [_request_row(*row) for row in session.execute(statement)]


def request_grant(
    session: Session,
    *,
    person_id: str,
    role: str,
    organisation_id: str,
    valid_from: date,
    valid_to: date | None,
    reason: str,
    by: str,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> str:
    """A security administrator asks for a post for a person; it holds only after the countersignature.

    Args:
        valid_to: last day, included; None without end.
        reason: why, e.g. the document of appointment.

    Returns:
        Id of the request.

    Raises:
        Problems: unknown person or organisation, wrong kind of organisation, SD7 or SD8, wrong period, no reason.

    Source:
        SD7, SD8; GB/T 22239-2019 8.1.5 (unconfirmed).
    """
    wanted: dict[str, Any] = {"person_id": person_id, "role": role, "organisation_id": organisation_id}
    wanted |= {"valid_from": valid_from, "valid_to": valid_to}
    found = posts.period_problems(valid_from, valid_to, day(at)) + posts.reason_problems(reason)
    found += posts.grant_problems(session, **wanted, waiting=True)
    if found:
        raise Problems(found)
    asked = PostRequest(action="grant", **wanted, reason=reason.strip(), requested_by=by, requested_at=at)
    return _add_request(session, asked, client)


def request_end(
    session: Session,
    post_id: str,
    *,
    last_day: date,
    reason: str,
    by: str,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> str:
    """A security administrator asks that a post end after `last_day`; the day before its first day annuls it.

    Returns:
        Id of the request.

    Raises:
        NotFound: there is no such post.
        Problems: the post has ended already, a request is waiting, the day is in the past, no reason.
    """
    post = session.get(Post, post_id)
    if post is None:
        raise NotFound("没有这个岗位记录。")
    found = posts.reason_problems(reason) + _end_problems(session, post, last_day, day(at))
    if found:
        raise Problems(found)
    wanted = PostRequest(
        action="end",
        person_id=post.person_id,
        organisation_id=post.organisation_id,
        role=post.role,
        post_id=post_id,
        valid_from=post.valid_from,
        valid_to=last_day,
        reason=reason.strip(),
        requested_by=by,
        requested_at=at,
    )
    return _add_request(session, wanted, client)


def decide(
    session: Session,
    request_id: str,
    *,
    approve: bool,
    reason: str,
    by: str,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> str | None:
    """An audit administrator countersigns or refuses a request; approved changes are effective at once.

    Args:
        reason: needed for a refusal.

    Returns:
        Id of the post that was granted or ended; None after a refusal.

    Raises:
        NotFound: there is no such request.
        Stale: it was decided meanwhile.
        NotAllowed: whoever asked, or is concerned, may not decide.
        Problems: a refusal without a reason, or the grant is no longer possible.
    """
    wanted = session.get(PostRequest, request_id, with_for_update=True)
    if wanted is None:
        raise NotFound("没有这份岗位变更申请。")
    if wanted.state != "waiting":
        raise Stale("这份申请已由他人办理，请刷新列表。")
    if by in (wanted.requested_by, wanted.person_id):
        raise NotAllowed(f"申请人和本人都不能会签，请由另一位审计管理员办理。（{TWO_PEOPLE}）")
    if not approve and not reason.strip():
        raise Problems(posts.reason_problems(reason))
    wanted.state = "approved" if approve else "refused"
    wanted.decided_by, wanted.decided_at, wanted.decision_reason = by, at, reason.strip() or None
    post_id = _carry_out(session, wanted, at) if approve else None
    _log(session, "post_approved" if approve else "post_refused", wanted, by, at, client)
    return post_id


def _end_problems(session: Session, post: Post, last_day: date, today: date) -> list[Problem]:
    found = []
    yesterday = today - timedelta(days=1)
    if post.valid_to is not None and post.valid_to < today:
        found.append(problem("", "此岗位已经结束，无须再免。"))
    if last_day < yesterday:
        found.append(problem("last_day", f"最后任职日不得早于 {yesterday.isoformat()}（即刻免去），请修改。"))
    same = select(PostRequest.id).where(PostRequest.post_id == post.id, PostRequest.state == "waiting")
    if session.execute(same).first():
        found.append(problem("", "此岗位已有一份免职申请等待会签，请勿重复申请。"))
    return found


def _carry_out(session: Session, wanted: PostRequest, at: datetime) -> str:
    if wanted.action == "end":
        return _end(session, wanted)
    late = posts.period_problems(wanted.valid_from, wanted.valid_to, day(at))
    if late:
        raise Problems(late)
    return posts.appoint(
        session,
        person_id=wanted.person_id,
        role=wanted.role,
        organisation_id=wanted.organisation_id,
        valid_from=max(wanted.valid_from, day(at)),
        valid_to=wanted.valid_to,
    )


def _end(session: Session, wanted: PostRequest) -> str:
    post = session.get(Post, wanted.post_id, with_for_update=True)
    if post is None or wanted.valid_to is None:
        raise Stale("这个岗位已经不存在，请刷新列表。")
    post_id = post.id
    if wanted.valid_to < post.valid_from:
        wanted.post_id = None
        session.flush()
        session.delete(post)  # it never took effect; the request keeps what was planned
    else:
        post.valid_to = wanted.valid_to
    return post_id


def _add_request(session: Session, wanted: PostRequest, client: Mapping[str, Any] | None) -> str:
    session.add(wanted)
    session.flush()
    _log(session, "post_requested", wanted, wanted.requested_by, wanted.requested_at, client)
    return wanted.id


def _log(
    session: Session, kind: str, wanted: PostRequest, by: str, at: datetime, client: Mapping[str, Any] | None
) -> None:
    detail = {
        "request_id": wanted.id,
        "action": wanted.action,
        "person_id": wanted.person_id,
        "person": session.get_one(Person, wanted.person_id).name,
        "role": wanted.role,
        "organisation_id": wanted.organisation_id,
        "organisation": session.get_one(Organisation, wanted.organisation_id).name,
        "valid_from": wanted.valid_from.isoformat(),
        "valid_to": wanted.valid_to.isoformat() if wanted.valid_to else None,
        "reason": wanted.decision_reason if wanted.decided_by else wanted.reason,
    }
    security_log.write(session, kind, actor=by, detail=detail, client=client, at=at)


def _request_row(
    wanted: PostRequest, person: Person, organisation: Organisation, asker: str, decider: str | None
) -> RequestRow:
    return RequestRow(
        id=wanted.id,
        action=wanted.action,
        state=wanted.state,
        person_id=person.id,
        username=person.username,
        person_name=person.name,
        role=wanted.role,
        role_name=ROLES[wanted.role].name,
        organisation_name=organisation.name,
        valid_from=wanted.valid_from,
        valid_to=wanted.valid_to,
        reason=wanted.reason,
        requested_by=wanted.requested_by,
        requested_by_name=asker,
        requested_at=wanted.requested_at,
        decided_by_name=decider,
        decided_at=wanted.decided_at,
        decision_reason=wanted.decision_reason,
    )
