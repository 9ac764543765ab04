"""What would a case do under a version of a process? A run in memory: no people, no tables, only the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from service import engine
from service.engine import Complete, EngineError, Migrate, Move, Release, Result, Start, Tick

#: Rehearsals happen at one instant; timers are let go by asking for it.
_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
#: Verbs that are carried out by putting the token back instead of completing the step.
BACKWARD = ("return", "consult")


@dataclass(frozen=True)
class Passed:
    """One entry of a path: a step and the verb it was decided with."""

    step: str
    verb: str

    def to_json(self) -> dict[str, str]:
        """The entry as plain JSON."""
        return {"step": self.step, "verb": self.verb}


class NotPossible(Exception):
    """The rehearsal cannot go on; the Chinese sentence says why."""


class Rehearsal:
    """One case run in memory. ``path`` lists what was decided, ``flows`` the arrows taken, ``effects`` what was set off."""

    def __init__(self, release: Release, facts: Mapping[str, Any] | None = None) -> None:
        self.release = release
        self.path: list[Passed] = []
        self.flows: set[tuple[str, str]] = set()
        self.effects: list[str] = []
        self.ends: list[str] = []
        self._snapshot: bytes | None = None
        self._open: dict[int, str] = {}
        self._at = _BEGIN
        #: Every command with its instant: what a replay needs.
        self.commands: list[tuple[engine.Command, datetime]] = []
        self._result = self._apply(Start(facts or {}))

    @property
    def open(self) -> list[str]:
        """The steps waiting for a decision, in the order they opened."""
        return [self._open[task] for task in sorted(self._open)]

    @property
    def completed(self) -> bool:
        """Whether the case has come to an end."""
        return self._result.completed

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the state the case is in."""
        return self._result.digest

    @property
    def arrows(self) -> tuple[tuple[str, str], ...]:
        """The arrows tokens went along at the last command, as (from, to), in that order."""
        return self._result.flows

    @property
    def due(self) -> datetime | None:
        """When the next timer would go off."""
        return self._result.due

    def decide(self, step: str, verb: str, facts: Mapping[str, Any] | None = None) -> None:
        """Complete an open step.

        Raises:
            NotPossible: it is not open, does not offer the verb, or the process cannot go on.
        """
        self._apply(Complete(self._task(step), {**(facts or {}), "outcome": verb}))
        self.path.append(Passed(step, verb))

    def go_back(self, step: str, verb: str, to: str) -> None:
        """Put a token to another step: back from an open one (退回、会商修改), or wherever one stands (撤回、直接重报).

        Raises:
            NotPossible: the other step cannot be reached from where the tokens stand.
        """
        origin = self._task(step) if step in self.open else None
        try:
            plan = engine.plan_move(self._snapshot or b"", self.release, to, origin=origin)
        except EngineError as fault:
            raise NotPossible(str(fault)) from fault
        self._apply(Move(cancel=plan.cancel, place=to, scope=plan.scope))
        self.path.append(Passed(step, verb))

    def wait(self) -> None:
        """Let time pass until the next timer goes off.

        Raises:
            NotPossible: there is none.
        """
        if self.due is None:
            raise NotPossible("没有任何步骤可办，也没有定时事件，流程在等待外部消息")
        self._at = max(self._at, self.due)
        self._apply(Tick())

    def migrate(self, target: Release, moves: Mapping[str, str]) -> Sequence[str]:
        """Go on under another release; says what was changed.

        Raises:
            NotPossible: the release cannot take the case over; the sentence holds every reason.
        """
        result = self._apply(Migrate(target.hash, moves), target)
        self.release = target
        return result.notes

    def title(self, step: str) -> str:
        """What sentences call a step."""
        return self.release.titles.get(step, f"“{step}”")

    def _task(self, step: str) -> int:
        found = [task for task, name in self._open.items() if name == step]
        if not found:
            names = "、".join(map(self.title, self.open)) or "没有"
            raise NotPossible(f"步骤{self.title(step)}此时不在办理，正在办理的步骤：{names}")
        return found[0]

    def _apply(self, command: engine.Command, target: Release | None = None) -> Result:
        try:
            result = engine.apply(self._snapshot, self.release, command, at=self._at, target=target)
        except EngineError as fault:
            raise NotPossible(str(fault)) from fault
        self.commands.append((command, self._at))
        self._snapshot, self._result = result.snapshot, result
        for closed in result.closed:
            self._open.pop(closed.task, None)
        self._open |= {task.task: task.node_id for task in result.opened}
        self.flows |= set(result.flows)
        self.effects += [effect.name for effect in result.effects]
        self.ends += result.reached
        return result


def back_targets(release: Release, path: Sequence[Passed], step: str) -> list[str]:
    """The steps a return from a step may go to after this path, the latest first."""
    allowed = release.steps[step].return_targets
    done = list(dict.fromkeys(entry.step for entry in reversed(path) if entry.step != step))
    if isinstance(allowed, tuple):
        return [name for name in done if name in allowed]
    return {"none": [], "previous": done[:1], "initiator": done[-1:]}.get(allowed, done)
