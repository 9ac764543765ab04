"""The engine as a pure function: one command in, a new snapshot and everything that happened out.

Nothing here reads a clock, a random number, a database or a network. Any failure leaves the given snapshot as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition, SignalEventDefinition
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.util.task import TaskState

from forms.expression import ExpressionError
from service.engine import codec, moves
from service.engine.commands import Cancel, Command, Complete, Message, Migrate, Move, Signal, Start, Tick
from service.engine.determinism import CommandRun
from service.engine.merge import merge_branches
from service.engine.migrate import migrate
from service.engine.moves import MovePlan
from service.engine.release import CASE, EngineError, Release
from service.engine.result import ClosedTask, Effect, OpenTask, Result, ThrownEvent
from service.engine.specs import EffectTask, is_arrival
from service.engine.tokens import flows_from, tokens
from service.engine.workflow import Workflow, run_task


def apply(
    snapshot: bytes | None, release: Release, command: Command, *, at: datetime, target: Release | None = None
) -> Result:
    """Carry out a command on the instance of a snapshot (``None`` before its start) and run it until it rests.

    ``at`` is the zone-aware instant of the command. ``target`` is the release a ``Migrate`` names.

    Raises ``EngineError`` (``MoveRefused``, ``MigrationRefused``) if the command is not possible; nothing has changed then.
    """
    try:
        workflow, last_id, revision = _open(snapshot, release, command, at)
        before = {task.id: task for task in workflow.human_tasks()}
        with CommandRun(at, last_id, revision) as run:
            notes = _carry_out(workflow, command, target)
            workflow.run_to_rest()
            return _result(workflow, run, before, notes)
    except (WorkflowException, ExpressionError, OverflowError) as fault:
        raise EngineError(f"流程不能继续：{fault}") from fault


def open_tasks(snapshot: bytes, release: Release) -> tuple[OpenTask, ...]:
    """Return the user tasks waiting now, by id."""
    workflow, _, _ = codec.load(snapshot, release)
    found = (OpenTask(task.id, task.task_spec.bpmn_id) for task in workflow.human_tasks())
    return tuple(sorted(found, key=lambda item: item.task))


def plan_move(
    snapshot: bytes, release: Release, place: str, scope: int | None = None, origin: int | None = None
) -> MovePlan:
    """Return what a move to a step would do, without doing it.

    ``scope`` is the task that called the process the step lies in. Without it the step is looked for around the open task
    ``origin``, from the inside out, and without that in the case's own process. Raises ``MoveRefused``.
    """
    workflow, _, _ = codec.load(snapshot, release)
    return moves.plan(workflow, release, place, scope, origin)


def digest(snapshot: bytes) -> str:
    """Return the SHA-256 (hex) of a snapshot; equal states have equal digests on every machine."""
    return hashlib.sha256(snapshot).hexdigest()


def replay(steps: Iterable[tuple[Command, datetime]], releases: Release | Sequence[Release]) -> Iterator[Result]:
    """Repeat the commands of an instance and yield the result of each.

    The first of ``releases`` is the one the instance began under; the others are those it migrated to, in any order.
    """
    known = [releases] if isinstance(releases, Release) else list(releases)
    release, snapshot = known[0], None
    for command, at in steps:
        target = None
        if isinstance(command, Migrate):
            target = next((item for item in known if item.hash == command.release_hash), None)
        result = apply(snapshot, release, command, at=at, target=target)
        snapshot, release = result.snapshot, target or release
        yield result


def _open(snapshot: bytes | None, release: Release, command: Command, at: datetime) -> tuple[Workflow, int, int]:
    if isinstance(command, Start):
        if snapshot is not None:
            raise EngineError("流程已经开始，不能再次开始")
        with CommandRun(at) as run:
            return Workflow(release), run.last_id, 0
    if snapshot is None:
        raise EngineError("流程还没有开始")
    workflow, last_id, revision = codec.load(snapshot, release)
    if workflow.completed:
        raise EngineError("流程已经结束，不能再办理")
    return workflow, last_id, revision


def _carry_out(workflow: Workflow, command: Command, target: Release | None) -> tuple[str, ...]:
    if not isinstance(command, Migrate):
        _HANDLERS[type(command)](workflow, command)
        return ()
    if target is None or target.hash != command.release_hash:
        raise EngineError(f"没有给出版本 {command.release_hash[:16]}，不能迁移")
    return migrate(workflow, target, command.moves)


def _start(workflow: Workflow, command: Start) -> None:
    if command.facts:
        workflow.task_tree.data[CASE] = dict(command.facts)


def _complete(workflow: Workflow, command: Complete) -> None:
    task = next((task for task in workflow.human_tasks() if task.id == command.task), None)
    if task is None:
        raise EngineError("该步骤已经办结或撤销，请刷新后重试")
    node_id, step = task.task_spec.bpmn_id, task.task_spec.step
    outcome = command.decision.get("outcome")
    if not isinstance(outcome, str) or (step is not None and step.outcome(outcome) is None):
        raise EngineError(f"步骤“{node_id}”没有处理结果“{outcome}”，请从流程图中该步骤的处理结果里选择")
    task.data[node_id] = dict(command.decision)
    run_task(task)


def _message(workflow: Workflow, command: Message) -> None:
    if command.name == CASE or command.name in workflow.release.deciding:
        raise EngineError(f"消息“{command.name}”与步骤同名，不能当作该步骤的处理结果")
    _catch(workflow, BpmnEvent(MessageEventDefinition(command.name), payload={command.name: dict(command.payload)}))


def _signal(workflow: Workflow, command: Signal) -> None:
    _catch(workflow, BpmnEvent(SignalEventDefinition(command.name)))


def _catch(workflow: Workflow, event: BpmnEvent) -> None:
    if workflow.event_manager.catch(event, internal=False) == 0:
        raise EngineError(f"流程没有在等待“{event.event_definition.name}”")


def _move(workflow: Workflow, command: Move) -> None:
    moves.move(workflow, workflow.release, command.place, command.scope, command.cancel)


def _cancel(workflow: Workflow, command: Cancel) -> None:
    known = _decisions(workflow)
    workflow.cancel()
    workflow.subprocesses.clear()
    workflow.last_task = None
    workflow.task_tree.data = known


_HANDLERS: Mapping[type[Command], Callable[[Workflow, Any], None]] = {
    Start: _start,
    Complete: _complete,
    Tick: lambda workflow, command: None,
    Message: _message,
    Signal: _signal,
    Move: _move,
    Cancel: _cancel,
}


def _result(workflow: Workflow, run: CommandRun, before: Mapping[int, Any], notes: tuple[str, ...]) -> Result:
    if not workflow.completed and not workflow.awaits_anything():
        raise EngineError("流程会停在这里：没有任何步骤可办，也没有到达结束事件。请检查流程图的汇合网关")
    after = {task.id: task for task in workflow.human_tasks()} if not workflow.completed else {}
    passed = workflow.passed
    done = {task.id for task in passed}
    thrown = workflow.get_events()
    due = None if workflow.completed else workflow.due()
    flows = tuple(dict.fromkeys(flow for task in passed for flow in flows_from(task)))
    snapshot = codec.dump(workflow, run)
    return Result(
        snapshot=snapshot,
        digest=digest(snapshot),
        opened=tuple(OpenTask(i, after[i].task_spec.bpmn_id) for i in sorted(after.keys() - before.keys())),
        closed=tuple(
            ClosedTask(i, before[i].task_spec.bpmn_id, "completed" if i in done else "cancelled")
            for i in sorted(before.keys() - after.keys())
        ),
        due=due,
        effects=tuple(
            Effect(task.task_spec.effect, task.task_spec.bpmn_id)
            for task in passed
            if isinstance(task.task_spec, EffectTask)
        ),
        reached=tuple(t.task_spec.bpmn_id for t in passed if t.task_spec.bpmn_id in workflow.release.ends),
        completed=workflow.completed,
        decisions=partial(_recorded, snapshot, workflow.release),
        thrown=tuple(
            ThrownEvent(type(event.event_definition).__name__, event.event_definition.name, event.payload or {})
            for event in thrown
        ),
        notes=notes,
        flows=flows,
        asked=tuple(workflow.asked),
    )


def _recorded(snapshot: bytes, release: Release) -> dict[str, Any]:
    workflow, _, _ = codec.load(snapshot, release)
    return _decisions(workflow)


def _decisions(workflow: Workflow) -> dict[str, Any]:
    """Return the decisions as they now stand, those made inside running calls included."""
    if workflow.completed:
        last = workflow.last_task or workflow.task_tree
        return dict(last.data)
    # A token that has arrived at a join knows what the task before it knew.
    holders = [
        task.parent if is_arrival(task) else task
        for scope in workflow.scopes()
        for task in tokens(scope)
        if task._state != TaskState.STARTED or task.id not in workflow.subprocesses
    ]
    holders.sort(key=lambda task: task.last_state_change)
    return merge_branches(holders)
