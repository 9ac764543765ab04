"""Where are the tokens of a running process, in terms of its diagram?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask

from service.engine.flow_net import JOIN, SPLIT, FlowNet, Place
from service.engine.specs import ACTIVE, is_arrival


def tokens(scope: Any) -> list[Any]:
    """Return the tasks that stand for the tokens of a process: what is active, and what has arrived at a waiting join."""
    return [t for t in scope.tasks.values() if (t._state & ACTIVE or is_arrival(t)) and not is_instance(t)]


def is_instance(task: Any) -> bool:
    """Return whether a task is one instance of a loop, which comes and goes with it.

    The name decides: the step after a loop hangs below the loop's task as well.
    """
    parent = task.parent
    looped = parent is not None and isinstance(parent.task_spec, LoopTask)
    return looped and parent.task_spec.task_spec == task.task_spec.name


def place_of(net: FlowNet, task: Any) -> Place:
    """Return the place of a token: events and their bookkeeping count as the step they sit on."""
    name: str = task.task_spec.name
    if name.endswith((JOIN, SPLIT)):
        return name.rpartition(".")[0]
    if name in net.host:
        return net.host[name]
    if net.is_join(name) and is_arrival(task):
        return (task.parent.task_spec.name, name)
    return name


def is_aside(net: FlowNet, task: Any) -> bool:
    """Return whether a token runs beside the main path or only keeps watch on a step."""
    name: str = task.task_spec.name
    return net.side_host(place_of(net, task)) is not None or name in net.host or name.endswith(JOIN)


def flows_from(task: Any) -> Iterator[tuple[str, str]]:
    """Yield the arrows a passed task sent tokens along, by the ids of their ends; bookkeeping counts as its step."""
    source = _drawn(task.task_spec.name)
    for child in task.children:
        target = _drawn(child.task_spec.name)
        if source != target and not is_instance(child):
            yield source, target


def _drawn(name: str) -> str:
    return name.removesuffix(SPLIT).removesuffix(JOIN)


def below(task: Any) -> Iterator[Any]:
    """Yield the active tasks in and under a token, deepest first, inside called processes too."""
    scope = task.workflow
    for child in list(task._children):
        if child in scope.tasks:
            yield from below(scope.tasks[child])
    called = scope.top_workflow.subprocesses.get(task.id)
    if called is not None and not called.completed:
        for inner in [t for t in called.tasks.values() if t._state & ACTIVE and not is_instance(t)]:
            if not _has_active_ancestor(inner):
                yield from below(inner)
    if task._state & ACTIVE:
        yield task


def _has_active_ancestor(task: Any) -> bool:
    task = task.parent
    while task is not None:
        if task._state & ACTIVE:
            return True
        task = task.parent
    return False
