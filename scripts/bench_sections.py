"""What is measured? One function a section; each returns its lines of the report."""

from collections.abc import Callable, Iterable

from bench_decision import decisions
from bench_engine import engine_step
from bench_harness import Bench, Outcome
from bench_import import workbook
from bench_inbox import inbox_page
from bench_replay import replays

Section = Callable[[Bench], Iterable[Outcome]]


def baseline_against_itself(bench: Bench) -> Iterable[Outcome]:
    """Two servers of the yardstick in turns: their ratio is 1, so its distance from 1 is the bench's own error."""
    with bench.baseline() as one, bench.baseline() as other:
        pair = bench.interleaved(lambda: one.post("/"), lambda: other.post("/"), each=50)
    yield Outcome(
        name="baseline against itself",
        value=pair.ratio,
        unit="×",
        budget=1.15,
        noise=pair.noise,
        seconds=pair.first,
        remarks=(f"one request: {pair.second * 1000:.2f} ms",),
    )


SECTIONS: dict[str, Section] = {
    "baseline": baseline_against_itself,
    "engine": engine_step,
    "decision": decisions,
    "inbox": inbox_page,
    "replay": replays,
    "import": workbook,
}
