"""Which ids and which instants does the process library see? Only ours, for the length of one command.

The library names its tasks by random numbers and asks the host's clock. Both are replaced once, at import, by functions
that read the running command from a context variable: safe for threads and greenlets, and an error outside a command,
so that nothing undetermined can slip into a snapshot.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

import SpiffWorkflow.bpmn.specs.event_definitions.timer as library_timer
import SpiffWorkflow.task as library_task
import SpiffWorkflow.workflow as library_workflow
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.util.task import TaskState

from service.engine.release import EngineError
from service.rules.working_days import DISTRICT


class CommandRun:
    """The instant and the counters of the command being carried out; use it as a context manager.

    ``last_id`` numbers tasks from 1 within an instance. ``revision`` numbers its commands and stands where the library
    keeps the time of a change: order must not depend on two commands having different instants.
    """

    __slots__ = ("_token", "at", "last_id", "revision")

    def __init__(self, at: datetime, last_id: int = 0, revision: int = 0) -> None:
        if at.tzinfo is None:
            raise EngineError("命令的时间必须带时区")
        self.at = at
        self.last_id = last_id
        self.revision = revision + 1
        self._token: Token[CommandRun] | None = None

    def __enter__(self) -> CommandRun:
        self._token = _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _current.reset(self._token)


_current: ContextVar[CommandRun] = ContextVar("engine_command")


def current() -> CommandRun:
    """Return the command being carried out. Raises ``EngineError`` outside of one."""
    run = _current.get(None)
    if run is None:
        raise EngineError("流程引擎只能在命令之内运行")
    return run


@contextmanager
def timers_due_now() -> Iterator[None]:
    """Let a timer whose instant is exactly now count as due; the library waits until it has passed."""
    run = current()
    instant = run.at
    run.at = instant + timedelta(microseconds=1)
    try:
        yield
    finally:
        run.at = instant


def _next_id() -> int:
    run = current()
    run.last_id += 1
    return run.last_id


class _Revision:
    @staticmethod
    def time() -> int:
        return current().revision


class _CommandTime(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return current().at.astimezone(tz)


def _no_extras(self: object, dct: dict[str, Any] | None = None) -> dict[str, Any]:
    return dct or {}


def _install() -> None:
    library_task.uuid4 = _next_id
    library_task.time = _Revision
    library_timer.datetime = _CommandTime
    # Dates without a zone are the district's, wherever the program runs.
    library_timer.LOCALTZ = DISTRICT
    # The library makes its table of names anew on every change of state.
    TaskState.get_name = lru_cache(TaskState.get_name)
    # The library collects details for its log on every change of state even when nobody reads them.
    for name in ("spiff", "spiff.task", "spiff.workflow", "spiff.data"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for owner in (library_task.Task, library_workflow.Workflow, BpmnSubWorkflow):
        owner.collect_log_extras = _no_extras


_install()
