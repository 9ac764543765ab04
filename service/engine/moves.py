"""Return, recall, jump: how is a token put on a chosen step as if the case had come there by itself?

After a move exactly these tokens are in the process: the new one on the target; every old one whose place is concurrent
with the target, open or already arrived at its join; and for each parallel join behind the target an arrival on every
other flow that no remaining token can bring any more, so that branches left or never entered count as done. Everything
else is withdrawn with what hangs on it: timers, instances, called processes, side paths.

In the tree of tasks, one finished *anchor* replaces the withdrawn branches where they part from those that stay. It carries
what had been decided before them; the new token and the restored arrivals hang below it, so that the next join compares
the branches with the right common point. History is not needed, so pruning does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn.specs.control import EventSplit
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.engine.flow_net import SPLIT, FlowNet
from service.engine.merge import merge_branches
from service.engine.release import EngineError, Release
from service.engine.specs import ACTIVE, USED, is_arrival
from service.engine.tokens import below, is_aside, place_of, tokens
from service.engine.workflow import Workflow


class MoveRefused(EngineError):
    """The move has no meaning on this diagram or in this state. ``code`` is stable, the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class MovePlan:
    """What a move would do, before it is done.

    ``cancel`` are the open tasks it closes, ``nodes`` their node ids in the same order, ``keeps`` the open tasks that
    stay. ``restores`` are the flows (source, join) that will count as arrived. ``scope`` belongs into the command.
    """

    place: str
    scope: int | None
    cancel: tuple[int, ...]
    nodes: tuple[str, ...]
    keeps: tuple[int, ...]
    restores: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Disposition:
    """Which tokens of a process a move withdraws, which it keeps, which arrivals it restores."""

    scope: Any
    net: FlowNet
    target: str
    withdrawn: tuple[Any, ...]
    kept: tuple[Any, ...]
    restored: tuple[tuple[str, str], ...]

    def closing(self) -> list[Any]:
        """Return the open steps the move withdraws, at any depth, by id."""
        found = {task.id: task for token in self.withdrawn for task in below(token)}
        open_steps = [t for t in found.values() if t._state == TaskState.READY and t.task_spec.manual]
        return sorted(open_steps, key=lambda task: int(task.id))


def plan(workflow: Workflow, release: Release, place: str, scope: int | None, origin: int | None = None) -> MovePlan:
    """Return what a move to ``place`` would do; without a scope, the nearest process around ``origin`` that has the place.

    Raises ``MoveRefused``.
    """
    if scope is None and origin is not None:
        scope = _nearest_scope(workflow, place, origin)
    disposition = dispose(workflow, release, place, scope)
    closing = disposition.closing()
    ids = tuple(task.id for task in closing)
    return MovePlan(
        place=place,
        scope=scope,
        cancel=ids,
        nodes=tuple(task.task_spec.bpmn_id for task in closing),
        keeps=tuple(sorted(task.id for task in workflow.human_tasks() if task.id not in ids)),
        restores=disposition.restored,
    )


def _nearest_scope(workflow: Workflow, place: str, origin: int) -> int | None:
    task = next((task for task in workflow.human_tasks() if task.id == origin), None)
    if task is None:
        raise MoveRefused("state_changed", "发起操作的步骤已经办结或撤销，请刷新后重试")
    inner = task.workflow
    while inner.parent_task_id is not None:
        if place in inner.spec.task_specs:
            return int(inner.parent_task_id)
        inner = inner.parent_workflow
    return None


def dispose(workflow: Workflow, release: Release, place: str, scope_id: int | None) -> Disposition:
    """Decide what becomes of every token. Raises ``MoveRefused``."""
    scope: Any = workflow if not scope_id else workflow.subprocesses.get(scope_id)
    if scope is None or scope.completed:
        raise MoveRefused("scope_closed", "目标所在的流程没有在运行，只能从它的开头重新进入")
    net = release.flow_nets[scope.spec.name]
    check_target(net, place)
    main = [(task, place_of(net, task)) for task in tokens(scope)]
    side = [(task, host) for task, where in main if (host := net.side_host(where)) is not None]
    main = [(task, where) for task, where in main if net.side_host(where) is None]
    withdrawn = [task for task, where in main if not net.together(where, place)]
    if not withdrawn:
        raise MoveRefused("nothing_to_move", "没有令牌在该步骤之前、之上或之后，移动会凭空多出一条分支")
    left = {where for _, where in main if not net.together(where, place)}
    void = [task for task, host in side if host in left or _runs_again(net, host, place)]
    kept = [task for task, _ in (*main, *side) if task not in withdrawn and task not in void]
    staying = [where for _, where in main if net.together(where, place)]
    restored = [flow for join in net.nodes for flow in _missing_flows(net, join, staying, place)]
    return Disposition(scope, net, place, (*withdrawn, *void), tuple(kept), tuple(restored))


def _runs_again(net: FlowNet, host: str, target: str) -> bool:
    return net.comes_later(host, than=target) and not net.together(host, target)


def _missing_flows(net: FlowNet, join: str, staying: list[Any], target: str) -> list[tuple[str, str]]:
    """Return the flows into a parallel join on which an arrival must be restored."""
    if not net.needs_every_flow(join):
        return []
    flows = net.flows_into(join)
    # The token on the target will not bring a flow that is concurrent with it.
    missing = [flow for flow in flows if net.together(flow, target) and not net.can_bring(staying, flow, target)]
    # If all are missing, the join lies in a sibling branch and has already fired.
    return missing if len(missing) < len(flows) else []


def check_target(net: FlowNet, place: str) -> None:
    """Raise ``MoveRefused`` unless a token can be put on this node."""
    spec = net.nodes.get(place)
    if spec is None or not getattr(spec, "bpmn_id", None):
        raise MoveRefused("unknown_node", f"流程中没有“{place}”这个步骤")
    if net.is_join(place) or isinstance(spec, UnstructuredJoin | CatchingEvent | EventSplit):
        raise MoveRefused("not_a_step", f"“{place}”是网关或事件，只能退回或跳转到步骤")
    if place in net.side:
        raise MoveRefused("side_path", f"“{place}”在步骤“{net.side[place]}”的提醒支路上，不能作为退回或跳转的目标")
    if net.unsafe:
        raise MoveRefused("unsound", f"流程图中“{net.unsafe[0]}”处可能有两个令牌，无法确定其余分支的去留")


def move(workflow: Workflow, release: Release, place: str, scope: int | None, expected: tuple[int, ...] | None) -> None:
    """Carry out a move on an instance at rest.

    Raises ``MoveRefused``, with code ``state_changed`` if it would close other tasks than expected.
    """
    disposition = dispose(workflow, release, place, scope)
    closing = tuple(task.id for task in disposition.closing())
    if expected is not None and tuple(sorted(expected)) != closing:
        raise MoveRefused("state_changed", "流程状态已经变化，将要撤销的步骤与您看到的不一致，请刷新后重试")
    _carry_out(disposition)


def _carry_out(disposition: Disposition) -> None:
    scope, specs = disposition.scope, disposition.scope.spec.task_specs
    leaving = [t for t in disposition.withdrawn if not is_aside(disposition.net, t)] or list(disposition.withdrawn)
    leaving.sort(key=lambda task: task.parent.last_state_change)
    # A withdrawn visit contributes nothing of its own, only what had been decided before it.
    known = merge_branches([task.parent for task in leaving])
    point = _parting_point(disposition, leaving)
    for token in disposition.withdrawn:
        _withdraw(token)
    anchor = _finished(scope, scope.spec.start, point, known)
    for source, join in disposition.restored:
        _begin(_finished(scope, specs[source], anchor, known), specs[join])
    _begin(anchor, specs.get(disposition.target + SPLIT) or specs[disposition.target])
    _wake_joins(scope)


def _parting_point(disposition: Disposition, leaving: list[Any]) -> Any:
    """Return the lowest task above everything withdrawn under which a token stays, else the root.

    Side paths do not count: a late reminder hangs high in the tree and would pull the point above the true fork.
    """
    staying = {task.id for token in disposition.kept for task in _upward(token)}
    paths = [[task.id for task in _upward(token.parent)] for token in leaving]
    shared = set.intersection(*(set(path) for path in paths))
    for task_id in paths[0]:
        task = disposition.scope.tasks[task_id]
        if task_id in shared and task_id in staying and not isinstance(task.task_spec, EventSplit):
            return task
    return disposition.scope.task_tree


def _upward(task: Any) -> list[Any]:
    path = []
    while task is not None:
        path.append(task)
        task = task.parent
    return path


def _withdraw(token: Any) -> None:
    for task in below(token):
        if task._state & ACTIVE:
            task.cancel()
    if isinstance(token.task_spec, UnstructuredJoin):
        token.internal_data[USED] = True


def _finished(scope: Any, spec: Any, parent: Any, data: dict[str, Any]) -> Any:
    task = Task(scope, spec, parent, state=TaskState.COMPLETED)
    task.data = dict(data)
    return task


def _begin(parent: Any, spec: Any) -> None:
    spec._update(parent._add_child(spec, TaskState.FUTURE))


def _wake_joins(scope: Any) -> None:
    """Let one arrival at each join wait: the one that waited may have been withdrawn, and only a waiting one is asked
    again when the tokens it waits for go elsewhere.
    """
    arrivals = {task.task_spec.name: task for task in scope.tasks.values() if is_arrival(task)}
    waiting = {t.task_spec.name for t in scope.tasks.values() if is_arrival(t) and t._state == TaskState.WAITING}
    for name, latest in arrivals.items():
        if name not in waiting:
            latest._set_state(TaskState.WAITING)
