"""The process engine: compiles diagrams to releases and carries out commands on snapshots, without a clock or a database."""

from service.engine.commands import (
    Cancel,
    Command,
    Complete,
    Message,
    Migrate,
    Move,
    Signal,
    Start,
    Tick,
    command_from_json,
)
from service.engine.compiler import compile_release
from service.engine.machine import apply, digest, open_tasks, plan_move, replay
from service.engine.migrate import MigrationRefused
from service.engine.moves import MovePlan, MoveRefused
from service.engine.namespace import COPY_BODIES
from service.engine.order import comes_before
from service.engine.release import (
    EndEvent,
    EngineError,
    LintProblem,
    Outcome,
    Release,
    ReleaseError,
    UserStep,
)
from service.engine.result import ClosedTask, Effect, OpenTask, Result, ThrownEvent

__all__ = [
    "COPY_BODIES",
    "Cancel",
    "ClosedTask",
    "Command",
    "Complete",
    "Effect",
    "EndEvent",
    "EngineError",
    "LintProblem",
    "Message",
    "Migrate",
    "MigrationRefused",
    "Move",
    "MovePlan",
    "MoveRefused",
    "OpenTask",
    "Outcome",
    "Release",
    "ReleaseError",
    "Result",
    "Signal",
    "Start",
    "ThrownEvent",
    "Tick",
    "UserStep",
    "apply",
    "comes_before",
    "command_from_json",
    "compile_release",
    "digest",
    "open_tasks",
    "plan_move",
    "replay",
]
