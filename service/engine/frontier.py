"""Which tasks of an instance can still influence its future? Everything else is forgotten.

What stays: active tasks, arrivals a join still waits with, one finished task above each (its data is what they
inherit), and the points where branches part (a join compares the branches with the data there).
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState

from service.engine.specs import ACTIVE, is_arrival
from service.engine.workflow import Workflow


def prune(workflow: Workflow) -> None:
    """Forget finished tasks and finished called processes; the behaviour from here on stays the same."""
    for owner_id, called in list(workflow.subprocesses.items()):
        owner = find_task(workflow, owner_id)
        if called.completed and (owner is None or owner._state & TaskState.FINISHED_MASK):
            del workflow.subprocesses[owner_id]
    for scope in (workflow, *workflow.subprocesses.values()):
        _prune_tree(scope, workflow.subprocesses)


def find_task(workflow: Workflow, task_id: int) -> Any:
    """Return a task of the process or of any called process, ``None`` if there is none of this id."""
    scopes = (workflow, *workflow.subprocesses.values())
    return next((scope.tasks[task_id] for scope in scopes if task_id in scope.tasks), None)


def _prune_tree(scope: Any, owners: dict[int, Any]) -> None:
    living = _living(scope)
    scope.tasks = {task.id: task for task in scope.tasks.values() if task.id in living}
    for task in scope.tasks.values():
        if not living.issuperset(task._children):
            task._children = [child for child in task._children if child in living]
    finished = [task for task in scope.tasks.values() if task._state & TaskState.FINISHED_MASK]
    for task in finished:
        if _only_links(task, scope, owners):
            child, parent = scope.tasks[task._children[0]], scope.tasks[task._parent]
            parent._children[parent._children.index(task.id)] = child.id
            child._parent = parent.id
            del scope.tasks[task.id]
    if scope.last_task is not None and scope.last_task.id not in scope.tasks:
        scope.last_task = None


def _living(scope: Any) -> set[int]:
    """Return the ids of what can still act, of everything above it, and of the last task once all is over."""
    living = {scope.task_tree.id}
    acting = [task for task in scope.tasks.values() if task._state & ACTIVE or is_arrival(task)]
    if not acting and scope.last_task is not None:
        acting = [scope.last_task]
    for task in acting:
        while task is not None and task.id not in living:
            living.add(task.id)
            task = scope.tasks.get(task._parent)
    return living


def _only_links(task: Any, scope: Any, owners: dict[int, Any]) -> bool:
    """Return whether a finished task only hands on to one finished task, so that nothing would miss it."""
    if len(task._children) != 1 or task._parent is None:
        return False
    child = scope.tasks[task._children[0]]
    return bool(child._state & TaskState.FINISHED_MASK) and not is_arrival(child) and task.id not in owners
