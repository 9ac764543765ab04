"""How is a running instance written down? As canonical bytes that hold the present, not the history.

Specifications are not stored, they come with the release. Finished tasks that cannot influence the future are dropped.
The rest are rows; a row holds only what its data changes against its parent's. Keys are sorted, so equal states give equal
bytes on every machine.
"""

from __future__ import annotations

from typing import Any

import orjson
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.engine.determinism import CommandRun
from service.engine.frontier import prune
from service.engine.merge import changes
from service.engine.release import EngineError, Release
from service.engine.workflow import SubWorkflow, Workflow

FORMAT = 1
_RELEASE_DIGITS = 16
_NOTHING, _AS_PARENT = 0, 1


def dump(workflow: Workflow, run: CommandRun) -> bytes:
    """Return the snapshot of an instance at rest; finished history is dropped from the instance itself, too."""
    prune(workflow)
    called = [[owner, *_scope_rows(scope)] for owner, scope in workflow.subprocesses.items()]
    release = workflow.release.hash[:_RELEASE_DIGITS]
    document = [FORMAT, release, run.last_id, run.revision, _scope_rows(workflow), called]
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def _scope_rows(scope: Any) -> list[Any]:
    position: dict[int, int] = {}
    rows: list[list[Any]] = []
    for task in scope.tasks.values():
        parent = scope.tasks.get(task._parent)
        row = [
            task.id,
            -1 if parent is None else position[parent.id],
            task.task_spec.name,
            task._state,
            task.last_state_change,
            _data_row(task.data, {} if parent is None else parent.data),
        ]
        if task.triggered or task.internal_data:
            row += [int(task.triggered), task.internal_data]
        position[task.id] = len(rows)
        rows.append(row)
    last = scope.last_task.id if scope.last_task is not None else None
    return [rows, last, scope.completed, scope.correlations, scope.data]


def _data_row(data: dict[str, Any], inherited: dict[str, Any]) -> Any:
    if not data:
        return _NOTHING
    changed = changes(inherited, data)
    dropped = sorted(inherited.keys() - data.keys())
    return [changed, dropped] if changed or dropped else _AS_PARENT


def load(snapshot: bytes, release: Release) -> tuple[Workflow, int, int]:
    """Return the instance of a snapshot with the last task id given and the number of its commands.

    Raises ``EngineError`` if the snapshot is unreadable or belongs to another release.
    """
    try:
        version, release_hash, last_id, revision, main, called = orjson.loads(snapshot)
    except (TypeError, ValueError) as fault:
        raise EngineError("流程状态无法读取") from fault
    if version != FORMAT:
        raise EngineError(f"流程状态的格式是 {version}，本程序只能读取格式 {FORMAT}")
    if release_hash != release.hash[:_RELEASE_DIGITS]:
        raise EngineError(f"流程状态属于另一个版本（{release_hash}），不能按版本 {release.hash[:_RELEASE_DIGITS]} 办理")
    workflow = Workflow(release, deserializing=True)
    _restore(workflow, main)
    for owner_id, *document in called:
        owner = workflow.get_task_from_id(owner_id)
        scope = SubWorkflow(workflow.subprocess_specs[owner.task_spec.spec], owner_id, workflow, deserializing=True)
        workflow.subprocesses[owner_id] = scope
        _restore(scope, document)
        scope.completed_event.connect(owner.task_spec._on_subworkflow_completed, owner)
    return workflow, last_id, revision


def _restore(scope: Any, document: list[Any]) -> None:
    rows, last, scope.completed, scope.correlations, scope.data = document
    tasks: list[Any] = []
    for row in rows:
        parent = tasks[row[1]] if row[1] >= 0 else None
        task = _task(scope, row, parent)
        tasks.append(task)
        scope.tasks[task.id] = task
        if task._state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):
            scope.top_workflow.event_manager.add_task(task)
    scope.task_tree = tasks[0]
    scope.last_task = scope.tasks.get(last)


def _task(scope: Any, row: list[Any], parent: Any) -> Any:
    # The constructor would give the task a new id, a new time and a second entry in its parent's children.
    task = Task.__new__(Task)
    task.workflow, task.thread_id, task._children = scope, 0, []
    task.id, _, spec_name, task._state, task.last_state_change, data = row[:6]
    task.task_spec = scope.spec.task_specs[spec_name]
    task.triggered, task.internal_data = (bool(row[6]), row[7]) if len(row) > 6 else (False, {})
    task._parent = None
    inherited: dict[str, Any] = {}
    if parent is not None:
        task._parent, inherited = parent.id, parent.data
        parent._children.append(task.id)
    if data == _NOTHING:
        task.data = {}
    elif data == _AS_PARENT:
        task.data = dict(inherited)
    else:
        changed, dropped = data
        task.data = {name: value for name, value in inherited.items() if name not in dropped} | changed
    return task
