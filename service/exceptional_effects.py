"""What would an exceptional act do to a case, may it, and how is it done? 跳转, 挂起, 恢复, 终止, 作废."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import Visit
from db.event import Event
from service import annulments, calendar, engine, labels, notices, sitting
from service.advance import Advance
from service.dockets import Docket
from service.engine import Cancel, MovePlan, MoveRefused
from service.engine.order import comes_before
from service.people import day
from service.replay import EFFECTS
from service.rules import working_days
from service.rules.votes import LIVE
from service.rules.working_days import WorkingDayTable

#: What of an effect people have to undo, by its change.
_COMPENSATIONS: Mapping[str, str] = MappingProxyType(
    {
        "target_admitted": "注销入库登记 {library_no}",
        "target_adjusted": "注销调整后的目标 {library_no}，恢复执行原版本",
        "ex_ante_concluded": "撤销事前绩效评估结论，重新评估",
        "rectification_opened": "撤销整改业务件 {number}",
        "notice_issued": "收回整改通知 {notice_no}",
        "escalation_recorded": "撤销处置登记",
    }
)
#: Stages a finished case cannot be declared void from.
_NEVER_VOID = frozenset({"voided", "discarded", "terminated"})


@dataclass(frozen=True)
class Effects:
    """What an act would do; ``why`` says why it may not ("" if it may)."""

    why: str = ""
    #: Names of steps whose open tasks close, that are passed over, and that open.
    closes: list[str] = field(default_factory=list)
    skips: list[str] = field(default_factory=list)
    opens: list[str] = field(default_factory=list)
    #: What took effect already and has to be put right by people.
    compensations: list[str] = field(default_factory=list)
    #: Names of everybody whose open tasks it closes or stops, or who waits for it to go on.
    people: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The effects for pages, the API and the row of the act."""
        return dict(vars(self))


def foresee(session: Session, docket: Docket, verb: str, place: str | None) -> Effects:
    """What an act would do to a case as it stands; nothing is changed.

    Raises:
        KeyError: there is no such act.
    """
    return _FORESEEN[verb](session, docket, place)


def with_people(session: Session, docket: Docket, found: Effects, *, at: datetime) -> Effects:
    """The same effects with the names of those whose open tasks they concern."""
    open_seats = [seat for seat in docket.seats.values() if seat.state in LIVE]
    people = set().union(*notices.seated(session, open_seats, at=at).values())
    return replace(found, people=sorted(sitting.names(session, people).values()))


def carry_out(session: Session, docket: Docket, verb: str, place: str | None, at: datetime) -> Advance:
    """Do it: rows change in the docket, changes are named for the event. ``foresee`` must have found nothing against it.

    Returns:
        The engine's part, for the event.
    """
    return _DONE[verb](session, docket, place, at)


def _foresee_jump(session: Session, docket: Docket, place: str | None) -> Effects:
    step = docket.bundle.release.steps.get(place or "")
    if step is None or place is None:
        return Effects(why="请选择要跳转到的环节。")
    why = _not_running(docket) or ("申报材料还没有提交过，不能跳转。" if docket.case.form_hash is None else "")
    if why:
        return Effects(why=why)
    try:
        found = engine.plan_move(docket.case.snapshot, docket.bundle.release, place, origin=_origin(docket))
    except MoveRefused as refused:
        return Effects(why=f"不能跳转到“{step.name}”：{refused}")
    open_names = [visit.node_name for visit in docket.open_visits()]
    passed = _passed_over(docket, place)
    skipped = [docket.bundle.step(node).name for node in passed]
    why = _not_forward(docket, place, found) or _unfilled(docket, passed)
    return Effects(why, closes=open_names, skips=skipped, opens=[step.name])


def _not_forward(docket: Docket, place: str, found: MovePlan) -> str:
    """Why a move is no jump: it goes back, or only part of what runs in parallel would go along."""
    release = docket.bundle.release
    if any(not comes_before(release, visit.node_id, place) for visit in docket.open_visits()):
        return "只能向前跳转，并且所有正在办理的环节都须在其之前；往回请用退回。"
    if found.keeps or found.restores:
        return "不能跳转到并行分支中的一支：其余分支会一直等待，请跳转到会合之后的环节。"
    return ""


def _unfilled(docket: Docket, passed: Collection[str]) -> str:
    """Why a jump would leave a gap: what is to be filled in at a step nobody has come to is asked for later."""
    filled = {visit.node_id for visit in docket.visits.values() if visit.outcome == "submit"}
    steps = (docket.bundle.step(node) for node in passed if node not in filled)
    names = "、".join(f"“{step.name}”" for step in steps if step.form == docket.bundle.subject_form)
    return f"{names}要填写业务表单，后面的环节要用，不能跳过；请跳转到该环节。" if names else ""


def _passed_over(docket: Docket, place: str) -> list[str]:
    release, now = docket.bundle.release, [visit.node_id for visit in docket.open_visits()]
    return [
        node
        for node in release.steps
        if comes_before(release, node, place) and any(node == here or comes_before(release, here, node) for here in now)
    ]


def _jump(session: Session, docket: Docket, place: str | None, at: datetime) -> Advance:
    passed = _passed_over(docket, str(place))
    advance = Advance(docket, at)
    advance.move(str(place), origin=_origin(docket))
    docket.changes.extend({"type": "node_skipped", "node": node} for node in passed)
    docket.put(condition=None, resubmission=None)
    advance.settle(session, reason_code="jumped_over")
    return advance


def _origin(docket: Docket) -> int | None:
    return next((visit.engine_task for visit in docket.open_visits()), None)


def _foresee_suspend(session: Session, docket: Docket, place: str | None) -> Effects:
    return Effects(_not_running(docket))


def _suspend(session: Session, docket: Docket, place: str | None, at: datetime) -> Advance:
    docket.case.suspended_at = at
    docket.changes.append({"type": "case_suspended"})
    for visit in docket.open_visits():
        if visit.due_at is not None:
            _move_deadline(docket, visit, None)
    return Advance(docket, at)


def _foresee_resume(session: Session, docket: Docket, place: str | None) -> Effects:
    return Effects("" if docket.case.suspended_at else "本事项没有挂起。")


def _resume(session: Session, docket: Docket, place: str | None, at: datetime) -> Advance:
    since = docket.case.suspended_at
    suspended = select(Event.changes).where(Event.case_id == docket.case.id, Event.kind == "case_suspended")
    changes = session.scalars(suspended.order_by(Event.seq.desc()).limit(1)).one()
    docket.case.suspended_at = None
    pause = int((at - since).total_seconds()) if since else 0
    docket.changes.append({"type": "case_resumed", "paused_seconds": pause})
    table = calendar.table(session)
    for change in changes:
        visit = docket.visits.get(change.get("visit", ""))
        if change["type"] == "deadline_moved" and visit is not None and visit.state == "open" and since:
            was = datetime.fromisoformat(change["was"])
            _move_deadline(docket, visit, shifted(was, since, at, table))
    return Advance(docket, at)


def shifted(due_at: datetime, suspended_at: datetime, resumed_at: datetime, table: WorkingDayTable) -> datetime:
    """A deadline after a pause: as many working days are left as were left before; what was overdue stays so."""
    if due_at <= suspended_at:
        return due_at + timedelta(0)
    left = working_days.count(day(suspended_at), day(due_at), table)
    return working_days.due_at(resumed_at, left, table)


def _move_deadline(docket: Docket, visit: Visit, due_at: datetime | None) -> None:
    texts = {
        "was": visit.due_at.isoformat() if visit.due_at else None,
        "due_at": due_at.isoformat() if due_at else None,
    }
    docket.changes.append({"type": "deadline_moved", "visit": visit.id, "node": visit.node_id, **texts})
    visit.due_at = due_at
    docket.touch(visit)
    for seat in docket.seats_of(visit):
        seat.due_at = due_at
        docket.touch(seat)


def _foresee_terminate(session: Session, docket: Docket, place: str | None) -> Effects:
    if docket.case.finished_at is not None:
        return Effects(_finished(docket))
    closes = [visit.node_name for visit in docket.open_visits()]
    return Effects(closes=closes, compensations=_compensations(session, docket))


def _terminate(session: Session, docket: Docket, place: str | None, at: datetime) -> Advance:
    docket.changes.extend({"type": "compensation", "text": text} for text in _compensations(session, docket))
    advance = Advance(docket, at, ending="terminated")
    advance.apply(Cancel())
    docket.case.finished_at = at
    if docket.case.suspended_at is not None:
        docket.case.suspended_at = None
        docket.changes.append({"type": "case_resumed"})
    docket.put(condition=None, resubmission=None)
    advance.settle(session, reason_code="terminated")
    return advance


def _foresee_void(session: Session, docket: Docket, place: str | None) -> Effects:
    case = docket.case
    if case.finished_at is None:
        return Effects("本事项还没有办结；要停止办理请用终止。")
    if case.stage in _NEVER_VOID:
        return Effects(f"本事项{labels.stage(case.stage)}，不能作废。")
    return Effects(compensations=_compensations(session, docket))


def _void(session: Session, docket: Docket, place: str | None, at: datetime) -> Advance:
    docket.changes.extend({"type": "compensation", "text": text} for text in _compensations(session, docket))
    docket.changes.append({"type": "case_voided"})
    docket.case.stage = "voided"
    annulments.take_effect(session, docket.case, at)
    return Advance(docket, at)


def _compensations(session: Session, docket: Docket) -> list[str]:
    """What the case's service tasks have registered already, as things for people to put right."""
    events = session.scalars(select(Event.changes).where(Event.case_id == docket.case.id).order_by(Event.seq))
    done = (change for changes in events for change in changes if change["type"] in EFFECTS.values())
    return [_COMPENSATIONS[change["type"]].format(**change) for change in done if change["type"] in _COMPENSATIONS]


def _not_running(docket: Docket) -> str:
    if docket.case.finished_at is not None:
        return _finished(docket)
    return "本事项已挂起，请先恢复。" if docket.case.suspended_at else ""


def _finished(docket: Docket) -> str:
    return f"本事项已办结（{labels.stage(docket.case.stage)}）。"


_FORESEEN: Mapping[str, Callable[[Session, Docket, str | None], Effects]] = MappingProxyType(
    {
        "jump": _foresee_jump,
        "suspend": _foresee_suspend,
        "resume": _foresee_resume,
        "terminate": _foresee_terminate,
        "void": _foresee_void,
    }
)
_DONE: Mapping[str, Callable[[Session, Docket, str | None, datetime], Advance]] = MappingProxyType(
    {"jump": _jump, "suspend": _suspend, "resume": _resume, "terminate": _terminate, "void": _void}
)
