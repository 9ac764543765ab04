"""Repeats the commands of a golden history and compares every step with what was recorded."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import golden_histories

from service import engine
from service.engine import EngineError, Release


def different(release: Release, history: Mapping[str, Any]) -> Iterator[str]:
    """The first difference of a history, as a line that names the history and the step; nothing if there is none."""
    snapshot = None
    for number, step in enumerate(history["steps"], 1):
        place = f"“{history['name']}” step {number} ({step['command']['type']})"
        try:
            command = engine.command_from_json(step["command"])
            result = engine.apply(snapshot, release, command, at=datetime.fromisoformat(step["at"]))
        except EngineError as fault:
            yield f"{place} cannot be repeated: {fault}"
            return
        now = golden_histories.shown(result)
        before = {name: value for name, value in step.items() if name not in ("at", "command")}
        parts = sorted(name for name in now.keys() | before.keys() if now.get(name) != before.get(name))
        if parts:
            told = "; ".join(f"{name}: recorded {before.get(name)}, now {now.get(name)}" for name in parts)
            yield f"{place} differs in {told}"
            return
        snapshot = result.snapshot


def repeated(release: Release, history: Mapping[str, Any]) -> list[str]:
    """The digests of a history as they come out now."""
    steps = [(engine.command_from_json(one["command"]), datetime.fromisoformat(one["at"])) for one in history["steps"]]
    return [result.digest for result in engine.replay(steps, release)]
