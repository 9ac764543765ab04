"""Where may a case go back to, and how does it come forward again? 退回, 会商修改 and resubmission."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import forms
from db.case import Visit
from forms.problem import Problem
from service import revisions
from service.advance import Advance, cancel_seats
from service.dockets import Docket
from service.engine import MoveRefused, UserStep
from service.engine.order import comes_before
from service.errors import NotAllowed, Problems

#: Fields of the declaration that no consultation may change without a new review at every level.
MONEY = ("amount_", "midterm_amount_total")
_SOURCE = "退回与重新报送规则（基本规定 §3.4）"


@dataclass(frozen=True)
class Target:
    """A step a visit may return to."""

    node_id: str
    name: str

    def to_json(self) -> dict[str, str]:
        """The target as pages and the API show it."""
        return {"node_id": self.node_id, "name": self.name}


def targets(docket: Docket, visit: Visit) -> list[Target]:
    """The steps a visit may return to, the drafter's first: visited, upstream, allowed by the release.

    Returns:
        [] where the step allows no return or nothing upstream was visited.
    """
    step = docket.step(visit)
    upstream = [
        other
        for other in docket.bundle.release.steps.values()
        if other.node_id != visit.node_id
        and comes_before(docket.bundle.release, other.node_id, visit.node_id)
        and _decided(docket, other.node_id)
        and not _irreversible_between(docket, other.node_id, visit.node_id)
    ]
    allowed = _allowed(docket, step, upstream)
    return [Target(other.node_id, other.name) for other in upstream if other.node_id in allowed]


def send_back(
    session: Session,
    docket: Docket,
    visit: Visit,
    place: str,
    *,
    verb: str,
    resubmit: str,
    at: datetime,
) -> Advance:
    """Return a case to an earlier step for rework; the visit is decided, what the return makes void is closed.

    Args:
        place: id of the step; one of ``targets``.
        verb: ``return`` starts a new round, ``consult`` does not.
        resubmit: how the rework comes forward: ``replay``, ``direct`` or ``ask``.

    Raises:
        NotAllowed: the engine cannot go there from here; the sentence says why.
    """
    source = docket.step(visit)
    advance = Advance(docket, at)
    _instruct(docket, visit, place, verb=verb, resubmit=resubmit)
    try:
        advance.move(place, origin=visit.engine_task)
    except MoveRefused as refused:
        raise NotAllowed(f"不能退回到该环节：{refused}") from refused
    cancel_seats(docket, visit, "returned")
    void(docket, place, source=visit)
    docket.changes.append(
        {"type": "case_returned", "from": visit.node_id, "to": place, "verb": verb, "resubmit": resubmit}
    )
    if verb == "return" and _returns(docket, visit.node_id) >= source.max_returns:
        docket.changes.append({"type": "returns_exceeded", "node": visit.node_id, "most": source.max_returns})
    return advance


def _instruct(docket: Docket, visit: Visit, place: str, *, verb: str, resubmit: str) -> None:
    """Note why the case is back and how it will come forward."""
    case = docket.case
    _keep_instruction(docket)
    if verb == "return":
        case.round += 1
    case.condition = "returned" if verb == "return" else "consulting"
    case.resubmission = {
        "place": place,
        "mode": resubmit,
        "verb": verb,
        "to": visit.node_id,
        "to_name": visit.node_name,
        "seq": docket.next_seq,
        "revision": case.form_revision_id,
    }


def _keep_instruction(docket: Docket) -> None:
    """Name the instruction that ends with this event, so that taking the decision back can put it in force again."""
    case = docket.case
    if case.resubmission:
        instruction = {"instruction": dict(case.resubmission), "condition": case.condition}
        docket.changes.append({"type": "resubmission_was", **instruction})


def chosen_way(docket: Docket, visit: Visit, params: Mapping[str, Any]) -> str:
    """How a decision at this visit goes on: ``replay``, or ``direct`` back to whoever returned it.

    Where the return left it open, or says direct, the person may choose ``replay``; more review is always allowed.
    """
    waiting = docket.case.resubmission
    if not waiting or waiting["place"] != visit.node_id:
        return "replay"
    wanted = str(params.get("resubmit") or ("replay" if waiting["mode"] == "ask" else waiting["mode"]))
    return "direct" if wanted == "direct" and waiting["mode"] in ("direct", "ask") else "replay"


def come_forward(
    session: Session, docket: Docket, visit: Visit, advance: Advance, *, way: str, content: Mapping[str, Any] | None
) -> None:
    """After the reworked step was decided: go on step by step, or straight back to whoever returned it.

    Args:
        advance: the engine has completed the reworked step already.
        content: the declaration as it is submitted now; None where the reworked step only reviews.

    Raises:
        Problems: ``direct`` although something changed that every level has to see again.
    """
    waiting = docket.case.resubmission
    if not waiting or waiting["place"] != visit.node_id:
        # Taken back and decided again: what was said of that is over.
        if not waiting:
            docket.put(condition=None, resubmission=None)
        return
    _keep_instruction(docket)
    docket.case.resubmission, docket.case.condition = None, None
    if way != "direct" or docket.case.finished_at is not None:
        return
    problems = list(_material(session, docket, waiting, content))
    if problems:
        raise Problems(problems)
    if waiting["to"] not in advance.opened.values():
        advance.move(waiting["to"])
    skipped = _skipped(docket, visit.node_id, waiting)
    for one in skipped:
        one.state, one.reason_code = "decided", None
        docket.touch(one)
        docket.changes.append({"type": "visit_restored", "visit": one.id, "node": one.node_id})
    docket.changes.append(
        {"type": "resubmitted_directly", "to": waiting["to"], "skipped": [one.node_name for one in skipped]}
    )


def _material(
    session: Session, docket: Docket, waiting: Mapping[str, Any], content: Mapping[str, Any] | None
) -> Iterator[Problem]:
    before = revisions.one(session, waiting.get("revision"))
    if content is None or before is None:
        return
    definition = docket.bundle.definitions[docket.bundle.subject_form]
    for change in forms.changes(definition, before.content, content):
        if change.material and (waiting["verb"] == "return" or change.path.startswith(MONEY)):
            yield Problem(
                field=change.path,
                message=f"“{change.label}”由“{change.old or '空'}”改为“{change.new or '空'}”，属于关键修改，"
                "不能直接送回退回的环节，请选择“从头逐级审核”后提交",
                severity="error",
                source=_SOURCE,
            )


def _skipped(docket: Docket, place: str, waiting: Mapping[str, Any]) -> list[Visit]:
    """The latest visit of each step between the reworked one and the returning one that only this return made void."""
    release, latest = docket.bundle.release, {}
    for visit in docket.visits.values():
        between = comes_before(release, place, visit.node_id) and comes_before(release, visit.node_id, waiting["to"])
        if between and visit.state == "superseded" and visit.changed_seq == waiting["seq"]:
            latest[visit.node_id] = visit
    return list(latest.values())


def _allowed(docket: Docket, step: UserStep, upstream: list[UserStep]) -> set[str]:
    wanted = step.return_targets
    if wanted == "none":
        return set()
    if wanted == "any_visited":
        return {other.node_id for other in upstream}
    if wanted == "initiator":
        return {other.node_id for other in upstream if other.outcome("submit") is not None}
    if wanted == "previous":
        decided = [visit for visit in docket.visits.values() if visit.node_id in {other.node_id for other in upstream}]
        last = max(decided, key=lambda visit: visit.closed_at or visit.opened_at, default=None)
        return {last.node_id} if last else set()
    return {other.node_id for other in upstream if other.node_id in wanted}


def _decided(docket: Docket, node_id: str) -> bool:
    return any(
        visit.node_id == node_id and visit.state in ("decided", "superseded") for visit in docket.visits.values()
    )


def _irreversible_between(docket: Docket, place: str, node_id: str) -> bool:
    release = docket.bundle.release
    return any(
        step.irreversible and comes_before(release, place, name) and comes_before(release, name, node_id)
        for name, step in release.steps.items()
        if _decided(docket, name)
    )


def void(docket: Docket, place: str, *, source: Visit | None = None, why: str = "returned") -> None:
    """Let the decisions at a step and at all that follow it count no more, for the step opens again.

    Args:
        source: the visit whose decision leads there; it stays.
        why: reason code, ``returned`` or ``withdrawn``.
    """
    release = docket.bundle.release
    after = {place} | {node for node in release.steps if comes_before(release, place, node)}
    for visit in docket.visits.values():
        if visit.state == "decided" and visit.node_id in after and visit is not source:
            visit.state, visit.reason_code = "superseded", why
            docket.touch(visit)
            said = {"reason": why} if why != "returned" else {}
            docket.changes.append({"type": "visit_superseded", "visit": visit.id, "node": visit.node_id, **said})


def _returns(docket: Docket, node_id: str) -> int:
    return sum(visit.node_id == node_id and visit.outcome == "return" for visit in docket.visits.values())
