"""Who sits at a visit? Finding one's seat, claiming it and putting it back."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.case import Seat, Visit
from db.form import DraftWriter
from db.person import Person
from service import duties, recording, routing
from service.acts import Act, Request
from service.dockets import Docket
from service.errors import NotAllowed
from service.people import Actor, PostHeld

#: Why a person with a seat cannot act at it, by its state.
_OWN = {
    "open": "您已不在该岗位任职，不能办理，请联系安全管理员。",
    "waiting": "还没有轮到您：须先由加签人员或前一位会签人员办理。",
    "delegated": "您已委派他人提供意见，须等其答复；也可以先收回委派。",
    "done": "您在本环节已经办理，还须其他人员办理。",
}


def seat_of(docket: Docket, visit: Visit, actor: Actor) -> Seat | None:
    """The open seat at which the actor may sit: their own, else one of a post they hold that nobody has claimed.

    After their own seats come those of the people they stand in for (代理).
    """
    seats = [seat for seat in docket.seats_of(visit) if seat.state == "open"]
    for person_id, posts in _standings(docket, actor):
        own = next((seat for seat in seats if seat.person_id == person_id and _in_post(seat, posts)), None)
        group = next((seat for seat in seats if seat.person_id is None and _in_post(seat, posts)), None)
        if own or group:
            return own or group
    return None


def principal(docket: Docket, seat: Seat, actor: Actor) -> str | None:
    """Whom the actor stands in for at a seat; None where they sit there in their own right."""
    for person_id, posts in _standings(docket, actor):
        if seat.person_id in (None, person_id) and _in_post(seat, posts):
            return None if person_id == actor.person_id else person_id
    return None


def of_group(docket: Docket, seat: Seat) -> bool:
    """Whether a seat belongs to a post as a whole; seats of several who decide together and added ones are personal."""
    return seat.origin == "model" and docket.step(docket.visits[seat.visit_id]).countersign == "first"


def _standings(docket: Docket, actor: Actor) -> Iterator[tuple[str, tuple[PostHeld, ...]]]:
    yield actor.person_id, actor.posts
    for one in actor.principals:
        if one.covers(docket.case.process_id, docket.case.amount):
            yield one.person_id, one.posts


def require_seat(docket: Docket, visit: Visit, actor: Actor) -> Seat:
    """The actor's seat.

    Raises:
        NotAllowed: the actor has none here; the sentence says which post decides, or that somebody else has it.
    """
    seat = seat_of(docket, visit, actor)
    if seat is not None:
        return seat
    raise NotAllowed(why_no_seat(docket, visit, actor))


def why_no_seat(docket: Docket, visit: Visit, actor: Actor) -> str:
    """Why the actor cannot sit at an open visit, in words."""
    seats = docket.seats_of(visit)
    own = {seat.state for seat in seats if seat.person_id == actor.person_id}
    for state, why in _OWN.items():
        if state in own:
            return why
    if any(seat.state == "open" and seat.person_id is not None and _in_post(seat, actor.posts) for seat in seats):
        return "本事项已由同岗位的其他人员领取或会签，不在您名下。"
    role = routing.role_name(docket.step(visit).role)
    return f"“{visit.node_name}”由{role}办理，您没有相应单位的该岗位。"


def claim(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Take a seat of one's group (领取): the others of the group no longer see it as theirs.

    Returns:
        The sentence for the person and the event's number; claiming one's own seat again changes nothing.

    Raises:
        NotAllowed: no seat here, or a duty speaks against deciding later.
    """
    seat = require_seat(docket, visit, act.actor)
    behalf = principal(docket, seat, act.actor)
    duties.require(docket, docket.step(visit), act.actor, behalf)
    if seat.person_id == (behalf or act.actor.person_id):
        return {"message": "本事项已在您名下。", "seq": docket.case.seq, "case_id": docket.case.id}
    seat.person_id = behalf or act.actor.person_id
    return _written(session, docket, visit, seat, "claim", act, message="已领取，请及时办理。")


def unclaim(session: Session, docket: Docket, visit: Visit, request: Request, act: Act) -> dict[str, Any]:
    """Put a claimed seat back (放回) for the others of the group; drafts stay with the visit.

    Raises:
        NotAllowed: the seat is not the actor's, or nobody else could take it.
    """
    seat = require_seat(docket, visit, act.actor)
    if seat.person_id is None:
        raise NotAllowed("本事项还没有人领取，无需放回。")
    if not of_group(docket, seat):
        raise NotAllowed("这是指定由您办理的席位（会签、转办、加签或委派），不能放回；请转办或办理。")
    roster = routing.rosters(session, docket.case, [docket.step(visit)], at=act.at)[visit.node_id]
    if not any(person.id != act.actor.person_id for person in roster.people):
        raise NotAllowed("同岗位没有其他人员可以领取，不能放回。")
    seat.person_id = None
    return _written(session, docket, visit, seat, "unclaim", act, message="已放回，同岗位人员可以领取。")


def note_writer(session: Session, docket: Docket, person_id: str, at: datetime) -> None:
    """Remember for good that a person wrote into the subject's form (SD1)."""
    if person_id in docket.writers:
        return
    row = insert(DraftWriter).values(case_id=docket.case.id, person_id=person_id, first_at=at)
    session.execute(row.on_conflict_do_nothing())
    docket.writers |= {person_id}


def names(session: Session, person_ids: Iterable[str | None]) -> dict[str, str]:
    """Names of persons by id; unknown ids are left out."""
    wanted = {person_id for person_id in person_ids if person_id}
    if not wanted:
        return {}
    return dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))).tuples().all())


def _in_post(seat: Seat, posts: Iterable[PostHeld]) -> bool:
    return any(post.role == seat.role and post.organisation_id == seat.organisation_id for post in posts)


def _written(
    session: Session, docket: Docket, visit: Visit, seat: Seat, verb: str, act: Act, *, message: str
) -> dict[str, Any]:
    docket.touch(seat)
    docket.touch(visit)
    docket.changes.append({"type": f"seat_{verb}ed", "seat": seat.id, "person": seat.person_id})
    kind, behalf = f"seat_{verb}ed", principal(docket, seat, act.actor) if seat.person_id else None
    seq = recording.record(session, docket, act, kind=kind, verb=verb, visit=visit, seat=seat, on_behalf_of=behalf)
    return {"message": message, "seq": seq, "case_id": docket.case.id}
