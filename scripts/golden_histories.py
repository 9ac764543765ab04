"""Golden histories: one for every way through a shipped process, found by searching its diagram, recorded with its digests.

The search decides every open step in every way its outcomes and conditions can tell apart. A history is kept for each
arrow, outcome and end that none before it has shown, each return and each consultation to each step it may go back to,
each decision taken back, and a case withdrawn from each step.
"""

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice, product
from pathlib import Path
from typing import Any

from service import engine, releases
from service.engine import Cancel, Command, Complete, EngineError, Move, Release, Result, Start, Tick
from service.engine.conditions import telling_values

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = ROOT / "workflows"
GOLDEN = ROOT / "tests" / "golden"
BEGIN = datetime(2027, 1, 4, 1, 0, tzinfo=UTC)
FORWARD, BACKWARD = ("submit", "approve"), ("return", "consult")
#: Digits of the bundle's hash in the name of a file of histories.
DIGITS = 12
MOST_STATES = 20_000
MOST_COMBINATIONS = 16
LONGEST = 120


@dataclass(frozen=True)
class Story:
    """A case so far: what it was told, what each command came to, and what waits now."""

    release: Release
    commands: tuple[tuple[Command, datetime], ...] = ()
    results: tuple[Result, ...] = ()
    open: Mapping[int, str] = field(default_factory=dict)
    #: Steps in the order they were decided, each once.
    decided: tuple[str, ...] = ()

    @property
    def last(self) -> Result:
        """What the last command came to."""
        return self.results[-1]

    @property
    def waiting(self) -> list[str]:
        """The steps to decide, the oldest first."""
        return [self.open[task] for task in sorted(self.open)]

    def told(self, command: Command, *, at: datetime | None = None) -> "Story":
        """The case after one more command, a minute later if no instant is given."""
        when = at or (self.commands[-1][1] + timedelta(minutes=1) if self.commands else BEGIN)
        result = engine.apply(self.last.snapshot if self.results else None, self.release, command, at=when)
        closed = {task.task for task in result.closed}
        waiting = {task: node for task, node in self.open.items() if task not in closed}
        return replace(
            self,
            commands=(*self.commands, (command, when)),
            results=(*self.results, result),
            open=waiting | {task.task: task.node_id for task in result.opened},
        )

    def decide(self, step: str, verb: str, facts: Mapping[str, Any]) -> "Story":
        """The case after a step was decided."""
        task = next(task for task, node in sorted(self.open.items()) if node == step)
        story = self.told(Complete(task, {**facts, "outcome": verb}))
        return replace(story, decided=tuple(dict.fromkeys((*self.decided, step))))

    def go_to(self, place: str, *, origin: str = "") -> "Story":
        """The case after its token was put to another step."""
        task = next((task for task, node in sorted(self.open.items()) if node == origin), None)
        plan = engine.plan_move(self.last.snapshot, self.release, place, origin=task)
        return self.told(Move(cancel=plan.cancel, place=place, scope=plan.scope))

    def wait(self) -> "Story":
        """The case after its next timer went off."""
        assert self.last.due is not None
        return self.told(Tick(), at=max(self.last.due, self.commands[-1][1]))

    def to_json(self, name: str) -> dict[str, Any]:
        """The history as it is kept."""
        steps = [
            {"at": at.isoformat(), "command": command.to_json(), **shown(result)}
            for (command, at), result in zip(self.commands, self.results, strict=True)
        ]
        return {"name": name, "steps": steps}


def shown(result: Result) -> dict[str, Any]:
    """What is recorded of a result: the digest of the state, and what the digest does not hold."""
    told = {
        "opened": [[task.task, task.node_id] for task in result.opened],
        "closed": [[task.task, task.node_id, task.how] for task in result.closed],
        "effects": [effect.name for effect in result.effects],
        "flows": [list(flow) for flow in result.flows],
        "reached": list(result.reached),
    }
    return {"digest": result.digest, **{name: value for name, value in told.items() if value}}


class Search:
    """Every state of a process that its decisions can tell apart, each with the shortest way there."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self._values = telling_values(release)
        self.edges: list[Story] = []
        self.states: dict[bytes, Story] = {}
        self._explore()

    def _explore(self) -> None:
        todo = deque(Story(self.release).told(Start(facts)) for facts in self.facts("case"))
        while todo and len(self.states) < MOST_STATES:
            story = todo.popleft()
            self.edges.append(story)
            known = _state(story)
            if known in self.states:
                continue
            self.states[known] = story
            if not story.last.completed:
                todo.extend(self._next(story))

    def _next(self, story: Story) -> Iterator[Story]:
        for step in dict.fromkeys(story.waiting):
            for outcome in self.release.steps[step].outcomes:
                if outcome.verb not in BACKWARD:
                    for facts in self.facts(step):
                        yield story.decide(step, outcome.verb, facts)
        if story.last.due is not None:
            yield story.wait()

    def facts(self, step: str) -> list[dict[str, Any]]:
        """The answers of a step's form that conditions tell apart, in all combinations up to a limit."""
        own = {fact: values for (owner, fact), values in self._values.items() if owner == step and fact != "outcome"}
        return [dict(zip(own, chosen, strict=True)) for chosen in islice(product(*own.values()), MOST_COMBINATIONS)]

    def finished(self, story: Story) -> Story:
        """The case taken forward to an end, its steps answered as before; left where no way forward is."""
        used: dict[str, int] = {}
        while not story.last.completed and len(story.commands) < LONGEST:
            step = next((step for step in story.waiting if self._forward(step)), None)
            if step is None:
                if story.last.due is None:
                    return story
                story = story.wait()
                continue
            choices = self._given(story, step)
            story = story.decide(step, self._forward(step), choices[used.get(step, 0) % len(choices)])
            used[step] = used.get(step, 0) + 1
        return story

    def _forward(self, step: str) -> str:
        drawn = self.release.steps[step].outcomes
        return next((outcome.verb for outcome in drawn if outcome.verb in FORWARD), "")

    def _given(self, story: Story, step: str) -> list[dict[str, Any]]:
        before = {name: value for name, value in story.last.data.get(step, {}).items() if name != "outcome"}
        return [before, *self.facts(step)] if before else self.facts(step)

    def at(self, step: str) -> list[Story]:
        """The shortest way to a step with the rest of its branches undecided, and one with nothing else open."""
        there = [story for story in self.states.values() if step in story.waiting]
        alone = [story for story in there if story.waiting == [step]]
        return list({id(story): story for story in (*there[:1], *alone[:1])}.values())


def _state(story: Story) -> bytes:
    parts = (sorted(story.waiting), story.last.completed, story.last.reached, story.last.data)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()


def histories(release: Release) -> dict[str, Story]:
    """The golden histories of a process by name; equal text gives equal histories."""
    search, found, seen = Search(release), {}, set()
    for story in search.edges:
        new = [item for item in items(story.results[-1:], story) if item not in seen]
        if new:
            found[" ".join(new[0])] = whole = search.finished(story)
            seen |= set(items(whole.results, whole))
    for step in release.steps:
        found |= dict(_sideways(search, step))
    return found


def items(results: Iterable[Result], story: Story) -> Iterator[tuple[str, str]]:
    """What a history shows of the diagram: arrows, outcomes and ends."""
    for result in results:
        yield from (("arrow", f"{source} → {target}") for source, target in result.flows)
        yield from (("end", end) for end in result.reached)
    yield from (("outcome", outcome) for outcome in outcomes([step.to_json() for step, _ in story.commands], story))


def outcomes(commands: Sequence[Mapping[str, Any]], story: Story) -> Iterator[str]:
    """The decisions of a history as step and verb."""
    nodes = {task.task: task.node_id for result in story.results for task in result.opened}
    for command in commands:
        if command["type"] == "complete":
            yield f"{nodes[command['task']]}.{command['decision']['outcome']}"


def _sideways(search: Search, step: str) -> Iterator[tuple[str, Story]]:
    """Returns, consultations, decisions taken back and withdrawals at one step."""
    for index, story in enumerate(search.at(step)):
        beside = "" if index == 0 else ", nothing else open"
        for verb in (one.verb for one in search.release.steps[step].outcomes if one.verb in BACKWARD):
            for place in back_targets(search.release, story, step):
                yield from _back(search, story, step, verb, place, beside)
        yield f"withdrawn at {step}{beside}", story.told(Cancel())
        forward = search._forward(step)
        if forward:
            decided = story.decide(step, forward, search.facts(step)[0])
            yield from _moved(search, f"taken back {step}{beside}", decided, step)


def _back(search: Search, story: Story, step: str, verb: str, place: str, beside: str) -> Iterator[tuple[str, Story]]:
    name = f"{verb} {step} → {place}{beside}"
    yield from _moved(search, name, story, place, origin=step)
    if not beside and place == story.decided[0]:
        try:
            back = story.go_to(place, origin=step)
            again = back.decide(place, search._forward(place), search._given(back, place)[0])
            yield from _moved(search, f"{name}, straight back", again, step)
        except EngineError:
            return


def _moved(search: Search, name: str, story: Story, place: str, origin: str = "") -> Iterator[tuple[str, Story]]:
    """A move and what follows; nothing where the engine refuses it, as it would a person."""
    try:
        yield name, search.finished(story.go_to(place, origin=origin))
    except EngineError:
        return


def back_targets(release: Release, story: Story, step: str) -> list[str]:
    """The decided steps a return may go to, the latest first."""
    allowed = release.steps[step].return_targets
    done = [name for name in reversed(story.decided) if engine.comes_before(release, name, step)]
    if isinstance(allowed, tuple):
        return [name for name in done if name in allowed]
    return {"none": [], "previous": done[:1], "initiator": done[-1:]}.get(allowed, done)


# Files.


def bundle(process: Path) -> dict[str, bytes]:
    """A shipped process with its forms and decision tables: what its golden histories are recorded with."""
    return releases.bundle_files(process.stem, *releases.shipped_bundle(process.stem), {})


def compiled(files: Mapping[str, bytes], process_id: str) -> Release:
    """The release of a bundle."""
    codes = frozenset(name.removesuffix(".json") for name in files if name.endswith(".json"))
    return engine.compile_release(files, process_id, forms=codes)


def record(process: Path) -> Path:
    """Write the golden histories of a shipped process; those of its earlier versions stay."""
    files = bundle(process)
    release = compiled(files, process.stem)
    kept = [story.to_json(name) for name, story in histories(release).items()]
    target = place(process.stem, release.hash)
    target.parent.mkdir(parents=True, exist_ok=True)
    head = {"process": process.stem, "hash": release.hash, "files": {name: one.decode() for name, one in files.items()}}
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in kept)
    target.write_text(json.dumps(head, ensure_ascii=False, indent=1)[:-2] + f',\n "histories": [\n{lines}\n ]\n}}\n')
    return target


def place(process_id: str, release_hash: str) -> Path:
    """The file of a version's histories."""
    return GOLDEN / process_id / f"{release_hash[:DIGITS]}.json"


def processes() -> list[Path]:
    """The shipped processes."""
    return sorted(WORKFLOWS.glob("*.bpmn"))
