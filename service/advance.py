"""What does a decision do to the case? Runs the engine and turns what opened and closed into visits and seats."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import Seat, Visit
from service import calendar, drawn_copies, duties, engine, routing, seats, weights
from service.dockets import Docket
from service.engine import Command, Effect, Move, UserStep
from service.people import PersonName
from service.routing import Roster
from service.rules.votes import LIVE
from service.rules.working_days import WorkingDayTable, due_at

#: Why visits and seats stop being open without a decision of their own (closed list).
REASONS = (
    "decided_by_other_seat",
    "early_decision",
    "returned",
    "recalled",
    "withdrawn",
    "jumped_over",
    "terminated",
    "dropped",
    "discarded",
    "timed_out",
    "post_filled",
)
NOBODY = "没有人在“{organisation}”任“{role}”，事项停在此处，请安全管理员补充任职。"
ALL_CONFLICTED = "“{organisation}”的任职人员都须回避本项目，事项停在此处，请安全管理员补充任职。"


@dataclass
class Advance:
    """The engine's part of one decision: commands applied in order, and what came of them."""

    docket: Docket
    at: datetime
    commands: list[Command] = field(default_factory=list)
    opened: dict[int, str] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)
    effects: list[Effect] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)
    #: Steps that opened and were passed over within this decision.
    passed_over: list[str] = field(default_factory=list)
    #: Weights of people at the steps being opened, by step and person.
    weights: dict[str, Mapping[str, int]] = field(default_factory=dict)
    #: Stage of a case that ends without reaching an end.
    ending: str = "discarded"

    def apply(self, command: Command) -> None:
        """Let the engine carry out one command on the case."""
        case = self.docket.case
        result = engine.apply(case.snapshot or None, self.docket.bundle.release, command, at=self.at)
        case.snapshot, case.engine_digest, case.wake_at = result.snapshot, result.digest, result.due
        self.commands.append(command)
        self.docket.changes.extend({"type": "table_asked", **asked.to_json()} for asked in result.asked)
        for closed in result.closed:
            node = self.opened.pop(closed.task, None)
            if node is not None:
                self.passed_over.append(node)
            elif closed.how == "cancelled":
                self.cancelled.add(closed.task)
        self.opened |= {task.task: task.node_id for task in result.opened}
        self.effects += result.effects
        self.reached += result.reached
        if result.completed:
            case.finished_at = self.at

    def move(self, place: str, *, origin: int | None = None) -> None:
        """Place a token at a step and withdraw the open tasks it makes void.

        Raises:
            MoveRefused: the step cannot be reached from here.
        """
        plan = engine.plan_move(self.docket.case.snapshot, self.docket.bundle.release, place, origin=origin)
        self.apply(Move(cancel=plan.cancel, place=place, scope=plan.scope))

    def command(self) -> dict[str, Any]:
        """What was applied, for the event."""
        return {"engine": [command.to_json() for command in self.commands]}

    def settle(self, session: Session, *, reason_code: str) -> list[Visit]:
        """Close the visits whose tasks were withdrawn, open those of new tasks, set stage and end of the case.

        Returns:
            The visits that were opened.
        """
        for task in sorted(self.cancelled):
            visit = self.docket.at_task(task)
            if visit is not None:
                cancel_visit(self.docket, visit, reason_code, self.at)
        made = self._open(session)
        self._stage()
        drawn_copies.at_openings(session, self.docket, made, self.at)
        if self.docket.case.finished_at is not None:
            drawn_copies.at_ends(session, self.docket, self.reached, self.at)
        return made

    def reseat(self, session: Session, visit: Visit) -> str:
        """Make the seats of a visit nobody could take anew, for whoever is in post now.

        Returns:
            Why still nobody may decide there; "" if somebody may, and the visit is no incident any more.
        """
        step = self.docket.step(visit)
        roster = self._rosters(session, [step])[step.node_id]
        why = _incident(self.docket, step, roster)
        if why:
            return why
        cancel_seats(self.docket, visit, "post_filled")
        visit.incident = None
        self.docket.touch(visit)
        self.docket.changes.append({"type": "incident_ended", "visit": visit.id})
        for seat in self._seats(visit, step, roster):
            seat.opened_at = self.at
            self.docket.changes.append({"type": "seat_made", **seats.named(seat)})
        return ""

    def _open(self, session: Session) -> list[Visit]:
        steps = {task: self.docket.bundle.step(node) for task, node in sorted(self.opened.items())}
        if not steps:
            return []
        rosters = self._rosters(session, list(steps.values()))
        table = calendar.table(session) if any(step.due_days is not None for step in steps.values()) else None
        return [self._visit(task, step, rosters[step.node_id], table) for task, step in steps.items()]

    def _rosters(self, session: Session, steps: Sequence[UserStep]) -> dict[str, Roster]:
        """Who is in post for each step, by step id; their weights are kept for the seats."""
        found = routing.rosters(session, self.docket.case, steps, at=self.at)
        for step in steps:
            self.weights[step.node_id] = weights.of_roster(session, step, found[step.node_id], at=self.at)
        return found

    def _visit(self, task: int, step: UserStep, roster: Roster, table: WorkingDayTable | None) -> Visit:
        docket = self.docket
        visit = Visit(
            id=opaque_id(),
            case_id=docket.case.id,
            node_id=step.node_id,
            node_name=step.name,
            stage=step.stage,
            round=docket.case.round,
            engine_task=task,
            state="open",
            opened_seq=docket.next_seq,
            opened_at=self.at,
            due_at=due_at(self.at, step.due_days, table) if table and step.due_days is not None else None,
            incident=_incident(docket, step, roster),
        )
        docket.touch(visit)
        seat, *further = self._seats(visit, step, roster)
        opened = {"type": "visit_opened", "visit": visit.id, "node": visit.node_id, "task": task}
        opened |= {"due_at": visit.due_at.isoformat()} if visit.due_at else {}
        opened |= {"seat": seat.id, "role": seat.role, "organisation": seat.organisation_id}
        opened |= {name: value for name, value in (("person", seat.person_id), ("incident", visit.incident)) if value}
        opened |= {"weight": seat.weight} if seat.weight != 1 else {}
        docket.changes.append(opened)
        docket.changes.extend({"type": "seat_made", **seats.named(one)} for one in further)
        return visit

    def _seats(self, visit: Visit, step: UserStep, roster: Roster) -> list[Seat]:
        """One seat for the whole post, or, where several decide together, one for each person who may."""
        able = [person.id for person in roster.people if _free(self.docket, step, person)]
        if step.countersign == "first" or not able:
            return [self._seat(visit, roster, _earlier_decider(self.docket, step, roster.people))]
        waits = step.countersign == "sequential"
        return [
            self._seat(visit, roster, person_id, position=place, state="waiting" if waits and place else "open")
            for place, person_id in enumerate(able)
        ]

    def _seat(
        self, visit: Visit, roster: Roster, person_id: str | None, *, position: int = 0, state: str = "open"
    ) -> Seat:
        seat = Seat(
            id=opaque_id(),
            visit_id=visit.id,
            case_id=visit.case_id,
            role=roster.role,
            organisation_id=roster.organisation_id,
            stage=visit.stage,
            due_at=visit.due_at,
            opened_at=visit.opened_at,
            person_id=person_id,
            origin="model",
            weight=self.weights[visit.node_id].get(person_id or "", 1),
            position=position,
            state=state,
        )
        self.docket.touch(seat)
        return seat

    def _stage(self) -> None:
        case, bundle = self.docket.case, self.docket.bundle
        if case.finished_at is not None:
            ends = [bundle.release.ends[node].stage for node in self.reached if node in bundle.release.ends]
            case.stage = ends[-1] if ends else self.ending
            self.docket.changes.append({"type": "case_finished", "stage": case.stage, "ends": list(self.reached)})
            return
        stages = [visit.stage for visit in self.docket.open_visits()]
        if stages and case.stage not in stages:
            case.stage = stages[0]


def cancel_visit(docket: Docket, visit: Visit, reason_code: str, at: datetime) -> None:
    """Close an open visit without a decision of its own; its open seats close with it, each named in the event."""
    visit.state, visit.reason_code, visit.closed_at = "cancelled", reason_code, at
    docket.touch(visit)
    docket.changes.append({"type": "visit_cancelled", "visit": visit.id, "node": visit.node_id, "reason": reason_code})
    cancel_seats(docket, visit, reason_code)


def cancel_seats(docket: Docket, visit: Visit, reason_code: str) -> None:
    """Close what is left open at a visit, keeping what was written there."""
    for seat in docket.seats_of(visit):
        if seat.state in LIVE:
            seats.becomes(docket, seat, "cancelled", reason_code)


def _incident(docket: Docket, step: UserStep, roster: Roster) -> str | None:
    names = {"organisation": roster.organisation_name, "role": routing.role_name(roster.role)}
    if not roster.people:
        return NOBODY.format(**names)
    if not any(_free(docket, step, person) for person in roster.people):
        return ALL_CONFLICTED.format(**names)
    return None


def _earlier_decider(docket: Docket, step: UserStep, people: Iterable[PersonName]) -> str | None:
    """Whoever decided here last and still may; the drafter of the case at its drafting step; else nobody yet."""
    able = {person.id for person in people if _free(docket, step, person)}
    done = [
        (seat.decided_at, seat.on_behalf_of or seat.decided_by)
        for seat in docket.seats.values()
        if seat.decided_at and seats.part(seat) == "vote" and docket.visits[seat.visit_id].node_id == step.node_id
    ]
    drafter = docket.case.initiator_id if step.outcome("submit") else None
    wanted = max(done)[1] if done else drafter
    return wanted if wanted in able else None


def _free(docket: Docket, step: UserStep, person: PersonName) -> bool:
    return not any(duties.conflicts(docket, step, person.id))
