"""Does a version of a process do what it should? Scenarios with expected paths, random walks, and which arrows were taken."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from random import Random
from typing import Any

from service import labels
from service.engine import Release
from service.engine.conditions import telling_values
from service.engine.outline import Outline
from service.rehearsal import BACKWARD, NotPossible, Passed, Rehearsal, back_targets
from service.release_words import step_title
from service.scenarios import LONGEST, MOST, WAIT, Decision, Scenario

#: Fewer walks are no proof (the publishing rule asks for this many).
LEAST_WALKS = 100
_MOST_RETURNS = 3
_FORWARD = ("submit", "approve")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a scenario or a walk came to; ``problem`` is empty if all is as expected, ``place`` the step it is at."""

    name: str
    path: tuple[Passed, ...]
    open: tuple[str, ...]
    stage: str
    flows: frozenset[tuple[str, str]]
    problem: str = ""
    place: str = ""

    def to_json(self) -> dict[str, Any]:
        """The outcome as plain JSON."""
        return {
            "name": self.name,
            "path": [entry.to_json() for entry in self.path],
            "open": list(self.open),
            "stage": self.stage,
            "passed": not self.problem,
            "problem": self.problem,
            "place": self.place,
        }


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Which arrows were taken at least once. ``percent`` is of all arrows, one decimal, rounded down."""

    taken: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def percent(self) -> float:
        """Share of arrows taken, 0 to 100; 100 for a process without arrows."""
        total = len(self.taken) + len(self.missed)
        return 1000 * len(self.taken) // total / 10 if total else 100.0

    def to_json(self) -> dict[str, Any]:
        """The coverage as plain JSON, arrows by id."""
        return {"percent": self.percent, "taken": list(self.taken), "missed": list(self.missed)}


@dataclass(frozen=True, kw_only=True)
class Walks:
    """What random walks came to: how many, where they ended (stage → number), those that got stuck, arrows taken."""

    count: int
    stages: Mapping[str, int]
    stuck: tuple[Outcome, ...]
    coverage: Coverage

    def to_json(self) -> dict[str, Any]:
        """The walks as plain JSON."""
        stuck = [outcome.to_json() for outcome in self.stuck]
        return {
            "count": self.count,
            "stages": dict(self.stages),
            "stuck": stuck,
            "coverage": self.coverage.to_json(),
        }


def play(release: Release, scenario: Scenario) -> Outcome:
    """Play a scenario; never raises: a decision that is not possible is the outcome's problem."""
    try:
        run = Rehearsal(release, scenario.facts)
    except NotPossible as fault:
        return Outcome(name=scenario.name, path=(), open=(), stage="", flows=frozenset(), problem=f"不能开始：{fault}")
    for number, decision in enumerate(scenario.decisions, 1):
        try:
            decide(run, decision)
        except NotPossible as fault:
            known = decision.step if decision.step in release.steps else next(iter(run.open), "")
            return _outcome(run, scenario.name, f"第 {number} 个决定不能执行：{fault}", known)
    return _outcome(run, scenario.name, *_unexpected(run, scenario))


def decide(run: Rehearsal, decision: Decision) -> None:
    """Carry out one decision of a story.

    Raises:
        NotPossible: the step is not open, does not offer the verb, or cannot be sent back to where it should.
    """
    if decision.verb == WAIT:
        run.wait()
        return
    step = run.release.steps.get(decision.step)
    offered = step is not None and step.outcome(decision.verb) is not None
    if decision.verb not in BACKWARD and (offered or decision.step not in run.open):
        run.decide(decision.step, decision.verb, decision.facts)
        return
    if not offered:
        raise NotPossible(f"步骤{run.title(decision.step)}没有处理结果“{labels.verb(decision.verb)}”")
    targets = back_targets(run.release, run.path, decision.step)
    to = decision.to or next(reversed(targets), "")
    if to not in targets:
        raise NotPossible(f"步骤{run.title(decision.step)}不能退回到{run.title(to) if to else '任何步骤'}")
    run.go_back(decision.step, decision.verb, to)


def _unexpected(run: Rehearsal, scenario: Scenario) -> tuple[str, str]:
    """What is not as expected, and the step at which."""
    actual = tuple(entry.step for entry in run.path)
    if actual != scenario.expected:
        pairs = zip_longest(actual, scenario.expected, fillvalue="")
        place = next(one or other for one, other in pairs if one != other)
        return f"经过的步骤是 {_named(run.release, actual)}，预期是 {_named(run.release, scenario.expected)}", place
    if stage_of(run) != scenario.ends_in:
        place = next(iter(run.open), actual[-1] if actual else "")
        ends = [labels.stage(stage) if stage else "尚未结束" for stage in (stage_of(run), scenario.ends_in)]
        return f"结束在“{ends[0]}”，预期是“{ends[1]}”", place
    return "", ""


def _named(release: Release, steps: Iterable[str]) -> str:
    titles = [step_title(release.steps[step]) if step in release.steps else step for step in steps]
    return " → ".join(titles) or "没有"


def stage_of(run: Rehearsal) -> str:
    """The stage a case that has come to an end is in; "" while it runs."""
    ends = [run.release.ends[name].stage for name in run.ends if name in run.release.ends]
    return ends[-1] if run.completed and ends else ""


def _outcome(run: Rehearsal, name: str, problem: str, place: str = "") -> Outcome:
    return Outcome(
        name=name,
        path=tuple(run.path),
        open=tuple(run.open),
        stage=stage_of(run),
        flows=frozenset(run.flows),
        problem=problem,
        place=place,
    )


def coverage(outline: Outline, outcomes: Iterable[Outcome]) -> Coverage:
    """Which arrows of the drawing the outcomes took, by id, in drawn order."""
    return _coverage(outline, {flow for outcome in outcomes for flow in outcome.flows})


def _coverage(outline: Outline, flows: set[tuple[str, str]]) -> Coverage:
    taken = [flow.id for flow in outline.flows.values() if (flow.source, flow.target) in flows]
    missed = [flow.id for flow in outline.flows.values() if (flow.source, flow.target) not in flows]
    return Coverage(taken=tuple(taken), missed=tuple(missed))


def random_walks(release: Release, outline: Outline, *, count: int = LEAST_WALKS, seed: str = "") -> Walks:
    """Let many cases find their way by chance, preferring decisions not yet taken; the same seed gives the same walks.

    A walk is stuck where the process cannot go on, waits for what nobody sends, or does not end within 200 decisions.
    """
    walker = _Walker(release, Random(f"{release.hash} {seed}"))  # noqa: S311 - must be repeatable
    outcomes = [walker.walk(f"随机第 {number} 次")[0] for number in range(1, count + 1)]
    return Walks(
        count=count,
        stages=Counter(outcome.stage for outcome in outcomes if outcome.stage),
        stuck=tuple(outcome for outcome in outcomes if outcome.problem),
        coverage=coverage(outline, outcomes),
    )


def suggested(release: Release, outline: Outline, kept: Sequence[Scenario]) -> list[Scenario]:
    """Scenarios that take the arrows none of those kept takes, found by chance: the fewest and shortest that were met.

    Each goes to an end and expects what it does now; none is given where chance found nothing new.
    """
    drawn = {(flow.source, flow.target) for flow in outline.flows.values()}
    covered = {flow for scenario in kept for flow in play(release, scenario).flows}
    walker = _Walker(release, Random(f"{release.hash} suggested"))  # noqa: S311 - must be repeatable
    walks = [walker.walk("") for _ in range(LEAST_WALKS)]
    found: list[Scenario] = []
    names = {scenario.name for scenario in kept}
    while True:
        sound = [walk for walk in walks if not walk[0].problem and (walk[0].flows - covered) & drawn]
        if not sound:
            return found
        outcome, story = max(sound, key=lambda walk: (len((walk[0].flows - covered) & drawn), -len(walk[0].path)))
        covered |= outcome.flows
        found.append(replace(story, name=_title(outcome, names)))


def _title(outcome: Outcome, names: set[str]) -> str:
    """A name nobody has used: where the story ends, after how many steps and returns."""
    back = sum(entry.verb in BACKWARD for entry in outcome.path)
    plain = f"{labels.stage(outcome.stage)}（{len(outcome.path)}步{f'，退回{back}次' if back else ''}）"
    name = next(name for name in (plain, *(f"{plain} {n}" for n in range(2, MOST + 2))) if name not in names)
    names.add(name)
    return name


class _Walker:
    """Chooses for people nobody has asked."""

    def __init__(self, release: Release, random: Random) -> None:
        self._release = release
        self._random = random
        self._used: Counter[tuple[str, str]] = Counter()
        self._values = telling_values(release)
        self._story: list[Decision] = []

    def walk(self, name: str) -> tuple[Outcome, Scenario]:
        """One case from its beginning: what it came to, and the story of it."""
        facts = self._facts("case")
        problem, run, self._story = "", Rehearsal(self._release, facts), []
        while not run.completed and not problem:
            if len(run.path) >= LONGEST:
                problem = f"{LONGEST} 个决定后仍未结束，流程可能一直循环"
                break
            try:
                self._step(run)
            except NotPossible as fault:
                problem = str(fault)
        expected = tuple(entry.step for entry in run.path)
        story = Scenario(name=name, decisions=tuple(self._story), expected=expected, ends_in=stage_of(run), facts=facts)
        return _outcome(run, name, problem), story

    def _step(self, run: Rehearsal) -> None:
        decision = self._decision(run) if run.open else Decision(step="", verb=WAIT)
        decide(run, decision)
        self._story.append(decision)

    def _decision(self, run: Rehearsal) -> Decision:
        step = self._random.choice(run.open)
        verb = self._verb(run, step)
        self._used[step, verb] += 1
        if verb in BACKWARD:
            to = self._random.choice(back_targets(run.release, run.path, step))
            return Decision(step=step, verb=verb, to=to)
        return Decision(step=step, verb=verb, facts=self._facts(step))

    def _verb(self, run: Rehearsal, step: str) -> str:
        """Mostly forward, so that walks get far; else the verb taken least so far. A case comes back three times at most."""
        returned = sum(entry.verb in BACKWARD for entry in run.path)
        back = bool(back_targets(run.release, run.path, step)) and returned < _MOST_RETURNS
        offered = [outcome.verb for outcome in run.release.steps[step].outcomes]
        possible = [verb for verb in offered if back or verb not in BACKWARD]
        if not possible:
            raise NotPossible(f"步骤{run.title(step)}只能退回，而没有可退回的步骤")
        forward = [verb for verb in possible if verb in _FORWARD]
        if forward and self._random.random() < 0.75:
            return self._random.choice(forward)
        least = min(self._used[step, verb] for verb in possible)
        return next(verb for verb in possible if self._used[step, verb] == least)

    def _facts(self, step: str) -> dict[str, Any]:
        return {
            fact: self._random.choice(values)
            for (owner, fact), values in self._values.items()
            if owner == step and fact != "outcome"
        }


def judge(release: Release, outline: Outline, scenarios: Sequence[Scenario]) -> dict[str, Any]:
    """Everything the simulation page shows: each scenario, what all of them cover, and a hundred random walks."""
    outcomes = [play(release, scenario) for scenario in scenarios]
    return {
        "scenarios": [outcome.to_json() for outcome in outcomes],
        "coverage": coverage(outline, outcomes).to_json(),
        "walks": random_walks(release, outline).to_json(),
    }
