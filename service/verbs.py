"""Which verbs does a visit offer, to this person, and if not, why not?"""

from typing import Any

from db.case import Visit
from service import duties, labels, returns, sitting
from service.dockets import Docket
from service.people import Actor


def of_visit(docket: Docket, visit: Visit, actor: Actor) -> list[dict[str, Any]]:
    """Every verb of a visit with ``allowed`` and ``why``: closed ones stay listed, so that the page can say why.

    A return brings its legal ``targets`` and whether the way back is fixed or asked for (``resubmit``); a submission
    after a return says how it will come forward.
    """
    step, why = docket.step(visit), _closed(docket, visit, actor)
    found = [_verb(outcome.verb, outcome.label, why) for outcome in step.outcomes]
    for verb in found:
        if verb["verb"] == "return":
            possible = returns.targets(docket, visit)
            verb["targets"] = [target.to_json() for target in possible]
            verb["resubmit"] = step.resubmit
            if verb["allowed"] and not possible:
                verb |= {"allowed": False, "why": "本环节之前没有可以退回的环节。"}
        elif verb["verb"] in ("submit", "approve"):
            verb["resubmit"] = _way_forward(docket, visit)
    if step.outcome("submit") is not None and docket.case.form_hash is None and docket.case.finished_at is None:
        found.append(_verb("discard", "删除草稿", why))
    return [*found, *_claims(docket, visit, actor, why)]


def _closed(docket: Docket, visit: Visit, actor: Actor) -> str:
    if visit.state != "open":
        return f"本事项已{labels.verb(visit.outcome) or '关闭'}，不能再办理。"
    if sitting.seat_of(docket, visit, actor) is None:
        return sitting.why_no_seat(docket, visit, actor)
    found = duties.problems(docket, docket.step(visit), actor)
    return "；".join(f"{problem.message}（{problem.source}）" for problem in found)


def _claims(docket: Docket, visit: Visit, actor: Actor, why: str) -> list[dict[str, Any]]:
    seat = sitting.seat_of(docket, visit, actor) if visit.state == "open" else None
    if seat is None:
        return []
    return [_verb("claim" if seat.person_id is None else "unclaim", "领取" if seat.person_id is None else "放回", why)]


def _way_forward(docket: Docket, visit: Visit) -> str | None:
    """``ask`` where a returned form may go straight back; ``replay`` where it goes level by level; None otherwise."""
    waiting = docket.case.resubmission
    if not waiting or waiting["place"] != visit.node_id:
        return None
    return "ask" if waiting["mode"] in ("ask", "direct") else "replay"


def _verb(verb: str, label: str, why: str) -> dict[str, Any]:
    return {"verb": verb, "label": label, "allowed": not why, "why": why, "targets": [], "resubmit": None}
