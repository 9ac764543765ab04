"""How does a running instance go on under another release? Open steps keep their id, their data and their timers.

Whatever cannot be carried over is refused with its reason,
never guessed: an open step that no longer exists must be given another place, and what remains must be a state the new
diagram could have reached by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations, permutations
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.engine.element_titles import at_place
from service.engine.flow_net import JOIN, SPLIT, FlowNet, Place, node_of, title
from service.engine.frontier import prune
from service.engine.moves import MoveRefused, check_target
from service.engine.release import EngineError, Release
from service.engine.script_engine import SafeScriptEngine
from service.engine.specs import ACTIVE, ParallelGateway, is_arrival
from service.engine.tokens import below, is_instance, place_of, tokens
from service.engine.workflow import Workflow


class MigrationRefused(EngineError):
    """The instance cannot go on under the other release; ``problems`` names every reason (Chinese)."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


def migrate(workflow: Workflow, target: Release, moves: Mapping[str, str]) -> tuple[str, ...]:
    """Bind an instance at rest to another release; return what was changed, for people (Chinese).

    ``moves`` sends the token of an open step to another step, both by node id; the old visit is withdrawn. The instance
    has to be run to rest afterwards. Raises ``MigrationRefused``; the instance must be thrown away then.
    """
    if target.process_id != workflow.release.process_id:
        raise MigrationRefused((f"版本属于另一个流程“{target.process_id}”",))
    prune(workflow)
    migration = _Migration(target, moves, {**workflow.release.titles, **target.titles})
    for scope in workflow.scopes():
        # A move may have withdrawn the call a process was opened by.
        if _is_running(workflow, scope):
            migration.rebind(scope)
    migration.refuse_unused_moves()
    if migration.problems:
        raise MigrationRefused(tuple(migration.problems))
    workflow.release, workflow.subprocess_specs = target, target.specs
    workflow.script_engine = SafeScriptEngine(target.deciding)
    for scope in workflow.scopes():
        migration.continue_(scope)
        _parents_first(scope)
        _check_marking(target.flow_nets[scope.spec.name], scope, target.titles)
    return tuple(migration.notes)


def _is_running(workflow: Workflow, scope: Any) -> bool:
    return scope is workflow or scope.parent_task_id in workflow.subprocesses


class _Migration:
    """The state of one migration: what was changed, what stands against it, which tasks have still to be begun."""

    def __init__(self, target: Release, moves: Mapping[str, str], titles: Mapping[str, str]) -> None:
        self.target = target
        #: What elements of both releases are called.
        self.titles = titles
        self.moves = moves
        self.notes: list[str] = []
        self.problems: list[str] = []
        self.pending: list[Any] = []
        self.moved: set[str] = set()

    def _called(self, node: str) -> str:
        return at_place(self.titles, node.removesuffix(JOIN))

    def rebind(self, scope: Any) -> None:
        """Give every task of a process its specification in the new release."""
        spec = self.target.specs.get(scope.spec.name)
        if spec is None:
            self.problems.append(f"正在运行的流程“{scope.spec.name}”在新版本中不存在")
            return
        for task in list(scope.tasks.values()):
            if task.id not in scope.tasks:
                continue
            if task._state & ACTIVE and task.task_spec.name in self.moves and not is_instance(task):
                self._send(scope, spec, task)
            elif task.task_spec.name in spec.task_specs:
                self._adopt(scope, spec, task)
            else:
                self._forget(scope, task)
        scope.spec = spec

    def _send(self, scope: Any, spec: Any, task: Any) -> None:
        """Withdraw an open step and put its token on another one."""
        node_id, goal = task.task_spec.name, self.moves[task.task_spec.name]
        self.moved.add(node_id)
        try:
            check_target(self.target.flow_nets[spec.name], goal)
        except MoveRefused as fault:
            self.problems.append(str(fault))
            return
        token = task.parent if isinstance(task.parent.task_spec, BoundaryEventSplit) else task
        for active in list(below(token)):
            active.cancel()
            scope.top_workflow.subprocesses.pop(active.id, None)
        parent = token.parent
        _remove(scope, token)
        self._add(scope, spec.task_specs.get(goal + SPLIT) or spec.task_specs[goal], parent)
        self.notes.append(f"{self._called(node_id)}的办理移到{self._called(goal)}")

    def _add(self, scope: Any, spec: Any, parent: Any) -> None:
        task = Task(scope, spec, parent, state=TaskState.FUTURE)
        task.data = dict(parent.data)
        self.pending.append(task)

    def _adopt(self, scope: Any, spec: Any, task: Any) -> None:
        old, new = task.task_spec, spec.task_specs[task.task_spec.name]
        if type(old) is not type(new):
            self.problems.append(f"{self._called(old.name)}在新版本中换了类型")
        elif isinstance(new, SubWorkflowTask) and new.spec != old.spec and task._state & ACTIVE:
            self.problems.append(f"正在运行的{self._called(old.name)}在新版本中调用另一个流程“{new.spec}”")
        elif is_arrival(task) and task.parent.task_spec.name not in new._inputs and old._inputs != new._inputs:
            self.problems.append(f"已到达{self._called(old.name)}的分支在新版本中不存在")
        task.task_spec = new
        # A fork all of whose branches are still under way; a stand-in made by a move has one child only.
        if isinstance(new, ParallelGateway) and len(task._children) == len(old._outputs) > 1:
            for name in new._outputs:
                if name not in old._outputs:
                    self._add(scope, spec.task_specs[name], task)
                    self.notes.append(f"{self._called(old.name)}之后增加分支{self._called(name)}")

    def _forget(self, scope: Any, task: Any) -> None:
        """Take a task out that the new release does not know, if nothing depends on it."""
        name = task.task_spec.name
        if task._state == TaskState.WAITING and isinstance(task.task_spec, BoundaryEvent):
            _remove(scope, task)
            self.notes.append(f"{self._called(name)}不再等待")
        elif task._state & ACTIVE:
            self.problems.append(f"正在办理的{self._called(name)}在新版本中不存在，请指定改到哪个步骤")
        elif is_arrival(task) or any(is_arrival(child) for child in task.children):
            self.problems.append(f"{self._called(name)}正在等待汇合，但新版本中不存在")
        else:
            for child in task.children:
                child._parent = task._parent
            siblings = scope.tasks[task._parent]._children
            index = siblings.index(task.id)
            siblings[index : index + 1] = task._children
            del scope.tasks[task.id]

    def refuse_unused_moves(self) -> None:
        """Report moves that name steps nobody is working on."""
        for node_id in sorted(self.moves.keys() - self.moved):
            self.problems.append(f"要移走的{self._called(node_id)}现在没有人办理")

    def continue_(self, scope: Any) -> None:
        """Arm events the new release put on open steps and begin what was added."""
        for task in list(scope.tasks.values()):
            self._arm(scope, task)
        for task in [task for task in self.pending if task.workflow is scope]:
            task.task_spec._update(task)

    def _arm(self, scope: Any, task: Any) -> None:
        split = scope.spec.task_specs.get(task.task_spec.name + SPLIT)
        if split is None or not task._state & (TaskState.READY | TaskState.STARTED):
            return
        parent = task.parent
        if parent.task_spec is not split:
            parent._children[parent._children.index(task.id)] = 0
            holder = Task(scope, split, parent, state=TaskState.COMPLETED)
            parent._children.remove(holder.id)
            parent._children[parent._children.index(0)] = holder.id
            holder.data, holder._children, task._parent = dict(parent.data), [task.id], holder.id
            parent = holder
        present = {child.task_spec.name for child in parent.children}
        for event in split.outputs:
            if isinstance(event, CatchingEvent) and event.name not in present and event is not task.task_spec:
                added = Task(scope, event, parent, state=TaskState.WAITING)
                added.data = dict(parent.data)
                self.pending.append(added)
                self.notes.append(f"{self._called(event.name)}从现在起计")


def _remove(scope: Any, task: Any) -> None:
    for child in list(task._children):
        _remove(scope, scope.tasks[child])
    scope.tasks[task._parent]._children.remove(task.id)
    scope.top_workflow.event_manager.remove_task(task)
    del scope.tasks[task.id]


def _parents_first(scope: Any) -> None:
    """Put the tasks into the order the snapshot relies on: from the root down."""
    ordered: dict[int, Any] = {}
    level = [scope.task_tree]
    while level:
        ordered.update((task.id, task) for task in level)
        level = [scope.tasks[child] for task in level for child in task._children]
    scope.tasks.clear()
    scope.tasks.update(ordered)


def _check_marking(net: FlowNet, scope: Any, titles: Mapping[str, str]) -> None:
    """Raise ``MigrationRefused`` unless the tokens could stand so by themselves in the new diagram."""
    standing = [(place_of(net, task), task) for task in tokens(scope)]
    places = {place for place, _ in standing if net.side_host(place) is None}
    # Events on a step and their bookkeeping only keep watch on its one token.
    counted = Counter(
        place for place, task in standing if place in (task.task_spec.name, *net.flows_into(node_of(place)))
    )
    problems = [
        f"{at_place(titles, title(place))}会同时办理{count}次"
        for place, count in sorted(counted.items(), key=str)
        if count > 1
    ]
    problems += [
        f"{at_place(titles, title(one))}和{at_place(titles, title(other))}在新版本中不会同时进行"
        for one, other in combinations(sorted(places, key=title), 2)
        if not net.together(one, other)
    ]
    problems += [
        f"{at_place(titles, join)}等待的{at_place(titles, flow[0])}在新版本中不会有人送到"
        for join in sorted({place[1] for place in places if isinstance(place, tuple)})
        if net.needs_every_flow(join)
        for flow in net.flows_into(join)
        if flow not in places and not net.can_bring([p for p in places if node_of(p) != join], flow)
    ]
    problems = problems or list(_lonely(net, places, titles))
    if problems:
        raise MigrationRefused(tuple(problems))


def _lonely(net: FlowNet, places: Collection[Place], titles: Mapping[str, str]) -> Iterator[str]:
    """Yield joins a token runs towards while nothing is on its way along another flow they wait for.

    A token that is still before the fork will bring all of them itself: it never stands beside such a flow.
    """
    for join in filter(net.needs_every_flow, net.nodes):
        for flow, other in permutations(net.flows_into(join), 2):
            for place in sorted(places, key=title):
                if not net.together(place, flow) or not net.can_bring([place], other, beside=flow):
                    continue
                siblings = [one for one in places if one != place]
                if flow not in siblings and not any(net.can_bring([one], flow, beside=place) for one in siblings):
                    here, there, way = (at_place(titles, one) for one in (title(place), join, flow[0]))
                    yield f"{here}会停在{there}：与它并行、经{way}的分支在新版本中没有开始"
