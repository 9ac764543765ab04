"""Drives an instance the way a case does: one command after the other, loaded anew each time."""

from datetime import UTC, datetime, timedelta

from SpiffWorkflow.util.task import TaskState

from service.engine import Complete, Move, Start, Tick, apply, compile_release, open_tasks, plan_move
from service.engine.codec import load

BEGIN = datetime(2027, 1, 4, 1, 0, tzinfo=UTC)


def released(text, process_id="p"):
    return compile_release({"x.bpmn": text}, process_id)


class Run:
    """An instance with its clock; every command is recorded in ``log``."""

    def __init__(self, release, facts=None):
        self.release = release
        self.at = BEGIN
        self.log = []
        self.result = None
        self.give(Start(facts or {}))

    def give(self, command, target=None):
        snapshot = self.result.snapshot if self.result else None
        self.result = apply(snapshot, self.release, command, at=self.at, target=target)
        self.log.append((command, self.at))
        if target is not None:
            self.release = target
        return self.names()

    def names(self):
        return sorted(task.node_id for task in open_tasks(self.result.snapshot, self.release))

    def task(self, node_id):
        return next(t.task for t in open_tasks(self.result.snapshot, self.release) if t.node_id == node_id)

    def do(self, node_id, outcome="approve", **facts):
        return self.give(Complete(self.task(node_id), {"outcome": outcome, **facts}))

    def plan(self, place, scope=None, origin=None):
        return plan_move(self.result.snapshot, self.release, place, scope, origin)

    def move(self, place, scope=None):
        plan = self.plan(place, scope)
        return self.give(Move(plan.cancel, place, plan.scope))

    def wait(self, hours):
        self.at += timedelta(hours=hours)
        return self.give(Tick())

    def workflow(self):
        return load(self.result.snapshot, self.release)[0]

    def data(self, node_id):
        """What the open step of this id knows."""
        return next(task.data for task in self.workflow().human_tasks() if task.task_spec.bpmn_id == node_id)

    def scope_of(self, node_id):
        """The task that called the process in which a step is open."""
        return next(t.workflow.parent_task_id for t in self.workflow().human_tasks() if t.task_spec.bpmn_id == node_id)

    def waits_at(self, node_id):
        """Is the process waiting at an event?"""
        tasks = [task for scope in self.workflow().scopes() for task in scope.tasks.values()]
        return any(task.task_spec.name == node_id and task.state == TaskState.WAITING for task in tasks)
