"""How dear is a step of the engine? Load, complete and save on the snapshot, against the same step kept in memory."""

import statistics
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib.resources import files

from bench_harness import Bench, Outcome

import forms
from forms.definition import SHIPPED, canonical
from service import engine
from service.engine import Complete, Move, Release, Start, codec, machine
from service.engine.determinism import CommandRun

AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
RETURNS = (0, 5, 50, 500)
#: Outcomes of the way from the draft to the library; the facts are those a real submission gives.
WAY = (
    ("draft", "submit"), ("unit_sign", "approve"), ("department_review", "approve"), ("fund_review", "approve"),
    ("fund_chief_review", "approve"), ("budget_review", "approve"), ("performance_review", "approve"),
    ("performance_chief_review", "approve"),
)  # fmt: skip
FACTS = {
    "draft": {
        "fiscal_year": 2027, "amount_total": "38.50", "project_attribute": "ongoing", "is_finance_own": False,
        "is_key_project": False, "needs_ex_ante": False,
    }
}  # fmt: skip
SNAPSHOT_BYTES = 2_048
#: A case that came back 500 times may cost this much more than one that never did: nothing but noise.
GROWTH = 1.15


def engine_step(bench: Bench) -> Iterable[Outcome]:
    """A step after 0 to 500 returns: at most twice the bare step in memory, a small snapshot, no growth."""
    release = target_declaration()
    rounds = bench.rounds
    measured = {}
    for returns in RETURNS:
        snapshot = returned(release, returns)
        steps, bare = _interleaved(release, snapshot, rounds)
        ratios = [one / other for one, other in zip(steps, bare, strict=True)]
        noise = 1.96 * 1.2533 * statistics.stdev(ratios) / rounds**0.5
        measured[returns] = statistics.median(steps)
        yield Outcome(
            name=f"engine step after {returns} returns",
            value=statistics.median(ratios),
            unit="× bare",
            budget=2.0,
            noise=noise,
            seconds=measured[returns],
            remarks=(f"{measured[returns] * 1000:.3f} ms, bare {statistics.median(bare) * 1000:.3f} ms",),
        )
        yield Outcome(
            name=f"largest snapshot after {returns} returns",
            value=max(len(state) for state in _states(release, snapshot)),
            unit="bytes",
            budget=SNAPSHOT_BYTES,
        )
    growth = measured[RETURNS[-1]] / measured[0]
    yield Outcome(name="growth from 0 to 500 returns", value=growth, unit="×", budget=GROWTH, noise=0.05)


def target_declaration() -> Release:
    """The shipped process."""
    definitions = {code: forms.load(code) for code in SHIPPED}
    bundle = {"target_declaration.bpmn": (files("workflows") / "target_declaration.bpmn").read_bytes()}
    bundle |= {f"{code}.json": canonical(definition.raw) for code, definition in definitions.items()}
    return engine.compile_release(bundle, "target_declaration", forms=frozenset(definitions))


def returned(release: Release, times: int) -> bytes:
    """The snapshot of a case at its draft that was sent back so many times from the department."""
    snapshot = engine.apply(None, release, Start(), at=AT).snapshot
    for _ in range(times):
        for node, verb in WAY[:2]:
            snapshot = _step(release, snapshot, node, verb)
        plan = engine.plan_move(snapshot, release, "draft")
        snapshot = engine.apply(snapshot, release, Move(cancel=plan.cancel, place="draft"), at=AT).snapshot
    return snapshot


def _step(release: Release, snapshot: bytes, node: str, verb: str) -> bytes:
    task = next(task.task for task in engine.open_tasks(snapshot, release) if task.node_id == node)
    return engine.apply(snapshot, release, _decision(task, node, verb), at=AT).snapshot


def _decision(task: int, node: str, verb: str) -> Complete:
    return Complete(task, {"outcome": verb, **FACTS.get(node, {})})


def _states(release: Release, snapshot: bytes) -> list[bytes]:
    states = [snapshot]
    for node, verb in WAY:
        states.append(_step(release, states[-1], node, verb))
    return states


def _interleaved(release: Release, snapshot: bytes, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds a step, round by round: on snapshots, and in memory."""
    commands = _commands(release, snapshot)
    works: tuple[Callable[[], float], ...] = (
        lambda: _on_snapshots(release, snapshot, commands),
        lambda: _in_memory(release, snapshot, commands),
    )
    for work in works:
        work()
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for work, seconds in zip(works, found, strict=True):
            seconds.append(min(work() for _ in range(5)))
    return found


def _commands(release: Release, snapshot: bytes) -> list[Complete]:
    """The commands of the way; task numbers are the same however often it is walked."""
    commands, state = [], snapshot
    for node, verb in WAY:
        task = next(task.task for task in engine.open_tasks(state, release) if task.node_id == node)
        commands.append(_decision(task, node, verb))
        state = engine.apply(state, release, commands[-1], at=AT).snapshot
    return commands


def _on_snapshots(release: Release, snapshot: bytes, commands: list[Complete]) -> float:
    began = time.perf_counter()
    for command in commands:
        snapshot = engine.apply(snapshot, release, command, at=AT).snapshot
    return (time.perf_counter() - began) / len(commands)


def _in_memory(release: Release, snapshot: bytes, commands: list[Complete]) -> float:
    """What a program would do that kept the instance in memory: neither loaded nor saved, nothing reported."""
    workflow, last_id, revision = codec.load(snapshot, release)
    began = time.perf_counter()
    for command in commands:
        with CommandRun(AT, last_id, revision) as run:
            machine._complete(workflow, command)
            workflow.run_to_rest()
            workflow.human_tasks()  # to know who is next
        last_id, revision = run.last_id, run.revision
    return (time.perf_counter() - began) / len(commands)
