"""What would a verb do, before anybody means it? Tasks it cancels, steps it opens again, opinions it voids, people it tells."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from db.case import Seat, Visit
from service import decisions, dockets, labels, notices, recalls, returns, routing, sitting, withdrawals
from service.acts import Act, Request
from service.dockets import Docket
from service.errors import BadRequest, NotAllowed
from service.people import Actor
from service.rules.votes import LIVE

#: Verbs whose effects a page shows before they are confirmed, and what tries them on a docket.
_TRIED: Mapping[str, Callable[[Session, Docket, Visit, Request, Act], Any]] = MappingProxyType(
    {
        **dict.fromkeys(("return", "consult", "reject"), decisions.foresee),
        "recall": recalls.recall,
        "withdraw_case": recalls.withdraw,
        "agree_withdrawal": withdrawals.agree,
    }
)
VERBS = tuple(_TRIED)
#: Stands for the reason that has not been written yet; what is tried is never kept.
_UNWRITTEN = "（尚未填写理由）"


@dataclass(frozen=True)
class Before:
    """How visits and seats of a case stood before something was tried on it."""

    seq: int
    visits: Mapping[str, str]
    seats: Mapping[str, str]


def seen(docket: Docket) -> Before:
    """How a docket stands now, to compare it with later."""
    return Before(
        docket.case.seq,
        {visit.id: visit.state for visit in docket.visits.values()},
        {seat.id: seat.state for seat in docket.seats.values()},
    )


def foresee(
    session: Session, visit_id: str, verb: str, *, actor: Actor, at: datetime, params: Mapping[str, Any]
) -> dict[str, Any]:
    """What a verb would do now, before its reason, opinion and findings are written; the caller rolls back.

    Args:
        verb: one of ``VERBS``.
        params: ``to`` and ``resubmit`` of a return.

    Returns:
        What ``effects`` says.

    Raises:
        NotFound: no such visit, or it is not the actor's to see.
        NotAllowed: the verb is not the actor's to use here, or a return cannot go there.
        BadRequest: there is nothing to foresee of this verb.
    """
    docket = dockets.of_visit(session, visit_id, actor=actor)
    visit = docket.visits[visit_id]
    if verb not in _TRIED:
        raise BadRequest(f"没有可以预先查看的影响：{labels.verb(verb)}。")
    possible = {target.node_id for target in returns.targets(docket, visit)}
    if verb == "return" and params.get("to") not in possible:
        raise NotAllowed("不能退回到该环节，请从可以退回的环节中选择。")
    before, act = seen(docket), Act(actor=actor, at=max(at, docket.case.changed_at))
    _TRIED[verb](session, docket, visit, Request(verb, {}, _UNWRITTEN, (), params), act)
    return effects(session, docket, before, act)


def effects(session: Session, docket: Docket, before: Before, act: Act) -> dict[str, Any]:
    """What has become of a case since it was ``seen``.

    Returns:
        closes: open tasks that are cancelled, with ``node_name`` and ``people`` each; seats: people who need not speak
        any more at a step that stays or is decided; opens: steps that open, with people and ``due_at``; lapses and
        restores: names of steps whose opinions lapse or count again; round; finished; stage_label; told: names of
        everybody who gets a task; copied: names of everybody the process then shows the case to (抄送).
    """
    was = before.visits
    opened = [visit for visit in docket.visits.values() if visit.state == "open" and was.get(visit.id) != "open"]
    closed = [visit for visit in docket.visits.values() if visit.state == "cancelled" and was.get(visit.id) == "open"]
    again = {visit.node_id for visit in opened}
    people = _People(session, docket, before, act.at)
    return {
        "closes": [people.at(visit, before.seats) for visit in closed],
        "seats": people.unheard({visit.id for visit in closed}),
        "opens": [people.at(visit) | {"due_at": visit.due_at} for visit in opened],
        "lapses": [name for node, name in _turned(docket, was, "decided", "superseded") if node not in again],
        "restores": [name for _, name in _turned(docket, was, "superseded", "decided")],
        "round": docket.case.round,
        "finished": docket.case.finished_at is not None,
        "stage_label": labels.stage(docket.case.stage),
        "told": people.told(act.actor),
        "copied": _copied(session, docket),
    }


def _turned(docket: Docket, was: Mapping[str, str], old: str, new: str) -> list[tuple[str, str]]:
    """Steps, each once, whose visits went from one state to another."""
    turned = [visit for visit in docket.visits.values() if was.get(visit.id) == old and visit.state == new]
    return list(dict.fromkeys((visit.node_id, visit.node_name) for visit in turned))


def _copied(session: Session, docket: Docket) -> list[str]:
    sent = [change["person"] for change in docket.changes if change["type"] == "copy_sent"]
    named = sitting.names(session, sent)
    return [named[person] for person in sent if person in named]


class _People:
    """Names of those who sit at the seats of a case, substitutes and whole posts included."""

    def __init__(self, session: Session, docket: Docket, before: Before, at: datetime) -> None:
        self._seats = list(docket.seats.values())
        self._before = before.seats
        self._seated = notices.seated(session, self._seats, at=at)
        self._names = sitting.names(session, set().union(*self._seated.values()))

    def at(self, visit: Visit, states: Mapping[str, str] | None = None) -> dict[str, Any]:
        """A step with the people who sit there now, or sat there in other states of the seats."""
        there = [seat for seat in self._seats if seat.visit_id == visit.id]
        live = [seat for seat in there if (states.get(seat.id) if states else seat.state) in LIVE]
        return {"node_id": visit.node_id, "node_name": visit.node_name, "people": self._named(live)}

    def unheard(self, closed: Collection[str]) -> list[str]:
        """Who need not speak any more at a step that is decided or stays open; ``closed`` are the cancelled visits."""
        gone = [seat for seat in self._seats if self._before.get(seat.id) in LIVE and seat.state == "cancelled"]
        return self._named([seat for seat in gone if seat.visit_id not in closed])

    def told(self, actor: Actor) -> list[str]:
        """Everybody who is told that a seat is theirs now, by name; the actor is not told."""
        fresh = [seat for seat in self._seats if seat.state == "open" and self._before.get(seat.id) != "open"]
        found = set().union(*(self._seated[seat.id] for seat in fresh)) - {actor.person_id}
        return sorted(self._names[person] for person in found if person in self._names)

    def _named(self, seats: Sequence[Seat]) -> list[str]:
        """The holders by name; a post nobody has claimed by its role."""
        found = (
            self._names.get(seat.person_id, "") if seat.person_id else routing.role_name(seat.role) for seat in seats
        )
        return list(dict.fromkeys(name for name in found if name))
