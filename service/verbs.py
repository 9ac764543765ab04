"""Which verbs does a visit offer, to this person, and if not, why not?"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.case import Seat, Visit
from service import (
    advice,
    copies,
    decisions,
    duties,
    handing,
    joining,
    labels,
    openings,
    recalls,
    returns,
    sitting,
    urging,
    withdrawals,
)
from service.dockets import Docket
from service.people import Actor

#: Verbs beside the outcomes of a step: each is listed for those whose it is to use, with why it is closed ("" if open).
Offers = Callable[[Session, Docket, Visit, Actor, datetime], list[tuple[str, str]]]
OFFERS: tuple[Offers, ...] = (
    handing.offers,
    advice.offers,
    joining.offers,
    recalls.offers,
    withdrawals.offers,
    urging.offers,
    copies.offers,
)
SUSPENDED = "本事项已挂起，恢复之前不能办理。"
#: What stays open while a case is suspended, for it decides nothing.
WHILE_SUSPENDED = frozenset({"cc", "read"})


def of_visit(session: Session, docket: Docket, visit: Visit, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """Every verb of a visit with ``allowed`` and ``why``: closed ones stay listed, so that the page can say why.

    A return brings its legal ``targets`` and whether the way back is fixed or asked for (``resubmit``); a submission
    after a return says how it will come forward. Verbs beside the outcomes (撤回, 转办, 催办 …) are listed for those
    whose they are to use, also at visits that are decided already.
    """
    step, why = docket.step(visit), _closed(docket, visit, actor)
    seat = sitting.seat_of(docket, visit, actor) if visit.state == "open" else None
    found = [
        _verb(outcome.verb, outcome.label, why or (decisions.why_not_from(seat, outcome.verb) if seat else ""))
        for outcome in step.outcomes
    ]
    for verb in found:
        if verb["verb"] == "return":
            possible = returns.targets(docket, visit)
            verb["targets"] = [target.to_json() for target in possible]
            verb["resubmit"] = step.resubmit
            if verb["allowed"] and not possible:
                verb |= {"allowed": False, "why": "本环节之前没有可以退回的环节。"}
        elif verb["verb"] in ("submit", "approve"):
            verb["resubmit"] = _way_forward(docket, visit)
    unsent = step.outcome("submit") is not None and docket.case.form_hash is None and docket.case.finished_at is None
    if unsent and not openings.by_others(session, docket.case.id):
        found.append(_verb("discard", "删除草稿", why))
    found += _claims(docket, seat, why) if seat else []
    offered = [offer for source in OFFERS for offer in source(session, docket, visit, actor, at)]
    found += [_verb(verb, labels.verb(verb), why_not) for verb, why_not in offered]
    return [_suspended(verb) for verb in found] if docket.case.suspended_at else found


def _closed(docket: Docket, visit: Visit, actor: Actor) -> str:
    if visit.state != "open":
        return f"本事项已{labels.verb(visit.outcome) or '关闭'}，不能再办理。"
    seat = sitting.seat_of(docket, visit, actor)
    if seat is None:
        return sitting.why_no_seat(docket, visit, actor)
    found = duties.problems(docket, docket.step(visit), actor, sitting.principal(docket, seat, actor))
    return "；".join(f"{problem.message}（{problem.source}）" for problem in found)


def _claims(docket: Docket, seat: Seat, why: str) -> list[dict[str, Any]]:
    if seat.person_id is None:
        return [_verb("claim", "领取", why)]
    return [_verb("unclaim", "放回", why)] if sitting.of_group(docket, seat) else []


def _way_forward(docket: Docket, visit: Visit) -> str | None:
    """``ask`` where a returned form may go straight back; ``replay`` where it goes level by level; None otherwise."""
    waiting = docket.case.resubmission
    if not waiting or waiting["place"] != visit.node_id:
        return None
    return "ask" if waiting["mode"] in ("ask", "direct") else "replay"


def _suspended(verb: dict[str, Any]) -> dict[str, Any]:
    return verb if verb["verb"] in WHILE_SUSPENDED else {**verb, "allowed": False, "why": SUSPENDED}


def _verb(verb: str, label: str, why: str) -> dict[str, Any]:
    return {"verb": verb, "label": label, "allowed": not why, "why": why, "targets": [], "resubmit": None}
