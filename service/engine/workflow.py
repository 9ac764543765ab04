"""A running instance: the library's workflow with flat scans instead of tree walks, run until it rests.

The library's walks stop at a depth of 1,000 and grow with history; a pruned instance has some twenty tasks to look at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.util.task import TaskState

from service.engine.determinism import timers_due_now
from service.engine.release import EngineError, Release
from service.engine.result import AskedTable
from service.engine.script_engine import SafeScriptEngine

MAX_STEPS = 2_000


def run_task(task: Any) -> None:
    """Carry out a task. What follows it is put into the tree only now: nothing in it has not happened yet."""
    task.task_spec._predict_hook(task)
    task.run()


class _FlatScans:
    """What the process and its called processes have in common."""

    tasks: dict[int, Any]
    completed: bool
    success: bool
    top_workflow: Workflow

    def update_waiting_tasks(self) -> None:
        for task in list(self.tasks.values()):
            if task._state == TaskState.WAITING:
                task.task_spec._update(task)

    def is_completed(self) -> bool:
        return self.completed

    def cancel(self, success: bool = False) -> list[Any]:
        self.success, self.completed = success, True
        cancelled = [task for task in self.tasks.values() if task._state & TaskState.NOT_FINISHED_MASK]
        for task in cancelled:
            task.cancel()
        return cancelled

    def runnable(self) -> list[Any]:
        """Return the tasks the engine carries out by itself."""
        return [t for t in self.tasks.values() if t._state == TaskState.READY and not t.task_spec.manual]

    def _task_completed_notify(self, task: Any) -> None:
        self.top_workflow.passed.append(task)
        super()._task_completed_notify(task)  # type: ignore[misc]

    def _mark_complete(self, task: Any) -> None:
        # The library also copies the data into the workflow, where nobody reads it.
        self.completed = True


class SubWorkflow(_FlatScans, BpmnSubWorkflow):  # type: ignore[misc]
    """A called process or an embedded subprocess."""


class Workflow(_FlatScans, BpmnWorkflow):  # type: ignore[misc]
    """One instance of a release. ``passed`` lists the tasks completed since it was started or loaded, in order, ``asked``
    the decision tables asked by them.
    """

    def __init__(self, release: Release, *, deserializing: bool = False) -> None:
        self.release = release
        self.passed: list[Any] = []
        self.asked: list[AskedTable] = []
        self._steps_left = MAX_STEPS
        engine = SafeScriptEngine(release.deciding)
        super().__init__(release.spec, release.specs, script_engine=engine, deserializing=deserializing)

    def create_subprocess(self, my_task: Any, spec_name: str) -> SubWorkflow:
        """Open the process a task calls."""
        called = SubWorkflow(self.subprocess_specs[spec_name], parent_task_id=my_task.id, top_workflow=self)
        self.subprocesses[my_task.id] = called
        return called

    def scopes(self) -> list[Any]:
        """Return the process and every called process still running."""
        return [self, *self.get_active_subprocesses()]

    def run_to_rest(self) -> None:
        """Carry out everything that needs no person and no later instant.

        The library looks at timers last and leaves what they set off until it is called again, and lets an overdue
        repeating timer go on by one repetition only. Raises ``EngineError`` if the process never rests.
        """
        while self._run_runnable() or self._fire_timers():
            pass

    def get_active_subprocesses(self) -> list[Any]:
        """Return the called processes still running; asked ten times a step, and hardly ever are there any."""
        return super().get_active_subprocesses() if self.subprocesses else []

    def _fire_timers(self) -> bool:
        if not self.event_manager.tasks:
            return any(scope.runnable() for scope in self.scopes())
        before = self._timer_state()
        with timers_due_now():
            self.refresh_timers()
        return before != self._timer_state() or any(scope.runnable() for scope in self.scopes())

    def _timer_state(self) -> list[tuple[int, str, Any]]:
        return [
            (task.id, str(task.internal_data.get("event_value")), task.internal_data.get("event_fired"))
            for task in self.event_manager.tasks.values()
        ]

    def _run_runnable(self) -> bool:
        active = self.get_active_subprocesses()
        for called in sorted(active, key=lambda scope: scope.depth, reverse=True):
            while self._run_scope(called):
                pass
            owner = self.get_task_from_id(called.parent_task_id)
            owner.task_spec._update(owner)
        return self._run_scope(self) or len(self.get_active_subprocesses()) > len(active)

    def _run_scope(self, scope: Any) -> bool:
        tasks = scope.runnable()
        for task in tasks:
            # Something earlier in this pass may have cancelled it.
            if task._state == TaskState.READY:
                self._steps_left -= 1
                if self._steps_left < 0:
                    raise EngineError("流程一直循环，走不到任何需要人办理的步骤")
                run_task(task)
        return bool(tasks)

    def human_tasks(self) -> list[Any]:
        """Return the steps waiting for a person, those of called processes last."""
        return [
            task
            for scope in self.scopes()
            for task in scope.tasks.values()
            if task._state == TaskState.READY and task.task_spec.manual
        ]

    def due(self) -> datetime | None:
        """Return when the earliest timer is due, ``None`` without timers."""
        values = [task.internal_data.get("event_value") for task in self.event_manager.tasks.values()]
        texts = [value["next"] if isinstance(value, dict) else value for value in values if value is not None]
        return min((TimerEventDefinition.get_datetime(text) for text in texts), default=None)

    def awaits_anything(self) -> bool:
        """Return whether a person, an instant or a message can take the process further."""
        return any(True for _ in self._awaited())

    def _awaited(self) -> Iterator[Any]:
        yield from self.human_tasks()
        for scope in self.scopes():
            for task in scope.tasks.values():
                if task._state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):
                    yield task
