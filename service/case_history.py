"""What has happened to a case, and where is it now? Timeline and diagram of its pages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from db.case import CaseFile, Seat, Visit
from db.person import Person
from db.release import ProcessRelease
from service import case_parts, changes, history, labels, people
from service.people import DISTRICT
from service.rules.roles import ROLES

#: Verbs that send a case back.
_BACK = ("return", "consult")


def timeline(session: Session, case_id: str) -> list[dict[str, Any]]:
    """Everything that happened to a case, oldest first: who did what in which post, why, and what it changed."""
    events = history.of_case(session, case_id)
    names = _Names(session, case_id, [person for event in events for person in (event.actor, event.on_behalf_of)])
    return [
        {
            "seq": event.seq,
            "at": event.at,
            "actor": names.person(event.actor),
            "on_behalf_of": names.person(event.on_behalf_of),
            "post": names.post(event.post),
            "kind": event.kind,
            "verb": event.verb,
            "verb_label": labels.VERBS.get(event.verb) or history.KINDS.get(event.kind, event.verb),
            "node_id": event.node,
            "node_name": names.step(event.node),
            "round": event.round,
            "reason": event.reason,
            "details": changes.sentences(event.changes, names.step),
        }
        for event in events
    ]


def diagram(session: Session, case: CaseFile, at: datetime) -> dict[str, Any]:
    """The case's process as it was published, with the steps that are done, that returned, and who holds the open ones.

    Returns:
        xml; current: node_id, node_name, role_name, names (empty where nobody holds the post) and since (ISO text in
        the district's time); done and returned: ids of steps.
    """
    xml = session.scalars(select(ProcessRelease.bpmn).where(ProcessRelease.id == case.release_id)).one()
    visits = session.execute(
        select(Visit.node_id, Visit.state, Visit.outcome).where(Visit.case_id == case.id).order_by(Visit.opened_seq)
    ).all()
    returned = [visit.node_id for visit in visits if visit.outcome in _BACK]
    done = [visit.node_id for visit in visits if visit.state == "decided" and visit.outcome not in _BACK]
    return {
        "xml": xml.decode("utf-8"),
        "current": current(session, case.id, at),
        "done": list(dict.fromkeys(done)),
        "returned": list(dict.fromkeys(returned)),
    }


def current(session: Session, case_id: str, at: datetime) -> list[dict[str, Any]]:
    """Where the case is now and in whose hands, one entry a step; [] when it is finished."""
    statement = (
        select(Visit.id, Visit.node_id, Visit.node_name, Visit.opened_at)
        .add_columns(Seat.role, Seat.organisation_id, Seat.person_id, Person.name)
        .outerjoin(Seat, and_(Seat.visit_id == Visit.id, Seat.state == "open"))
        .outerjoin(Person, Person.id == Seat.person_id)
        .where(Visit.case_id == case_id, Visit.state == "open")
        .order_by(Visit.opened_seq, Visit.id, Seat.position)
    )
    rows = session.execute(statement).all()
    groups = {(row.role, row.organisation_id) for row in rows if row.role and row.person_id is None}
    held = people.holders(session, groups, at=at)
    places: dict[str, dict[str, Any]] = {}
    for row in rows:
        since = row.opened_at.astimezone(DISTRICT).isoformat()
        place = places.setdefault(
            row.id, {"node_id": row.node_id, "node_name": row.node_name, "role_name": "", "names": [], "since": since}
        )
        if row.role:
            group = held.get((row.role, row.organisation_id), [])
            place["names"] += [row.name] if row.person_id else [person.name for person in group]
            place["role_name"] = place["role_name"] or _role(row.role)
    return list(places.values())


class _Names:
    """The words for ids that occur in a case's events, read once."""

    def __init__(self, session: Session, case_id: str, persons: Sequence[str | None]) -> None:
        wanted = {person for person in persons if person}
        self._people = dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))).tuples().all())
        self._steps = dict(case_parts.steps(session, case_id))

    def person(self, person_id: str | None) -> str:
        return self._people.get(person_id, person_id) if person_id else ""

    def step(self, node_id: str | None) -> str:
        return self._steps.get(node_id, node_id) if node_id else ""

    def post(self, post: Mapping[str, Any] | None) -> str:
        return _role(str(post["role"])) if post and post.get("role") else ""


def _role(code: str) -> str:
    return ROLES[code].name if code in ROLES else code
