"""How dear is a decision? Every step of whole cases over HTTP, against the yardstick's insert and commit."""

import os
import statistics
import time
from collections.abc import Iterable, Iterator
from tempfile import mkdtemp

from bench_district import PATH, District, Walk, make_district
from bench_harness import Bench, Client, Outcome, counted

STATEMENTS = 12
#: Cases walked a round.
CASES = 3
APPROVALS = PATH[1:]


def decisions(bench: Bench) -> Iterable[Outcome]:
    """One decision end to end over HTTP: the approvals of whole cases; statements and commits of an approval.

    A submission is a form of some ninety cells with thirty rules; what it costs is told beside.
    """
    district = make_district(bench, "bench_decision")
    yield from _counts(district)
    wanted = CASES * (bench.rounds + 1)
    walks = iter(list(district.begin(district.projects[5 : 5 + wanted])))
    with bench.served("service.app:create_app()", district.url) as product, bench.baseline() as baseline:
        round_ = _Round(walks, product)
        pair = bench.interleaved(
            round_.approve, lambda: baseline.post("/"), each=CASES * len(APPROVALS), before=round_.submit
        )
    submission = statistics.median(round_.submissions)
    yield Outcome(
        name="a decision over HTTP",
        value=pair.ratio,
        unit="× baseline",
        budget=3.0,
        noise=pair.noise,
        seconds=pair.first,
        remarks=(
            f"an approval: {pair.first * 1000:.2f} ms; an insert and commit: {pair.second * 1000:.2f} ms",
            f"a submission of the declaration: {submission * 1000:.2f} ms, {submission / pair.second:.2g} × baseline",
        ),
    )


class _Round:
    """The cases of one round: submitted first, then approved step by step to the library."""

    def __init__(self, walks: Iterator[Walk], client: Client) -> None:
        self._walks, self._client = walks, client
        self._waiting: Iterator[tuple[Walk, str]] = iter(())
        #: Seconds of each submission.
        self.submissions: list[float] = []

    def submit(self) -> None:
        """Submit the next cases."""
        walks = [next(self._walks) for _ in range(CASES)]
        for walk in walks:
            began = time.perf_counter()
            walk.decide(self._client, PATH[0])
            self.submissions.append(time.perf_counter() - began)
        self._waiting = ((walk, node) for walk in walks for node in APPROVALS)

    def approve(self) -> None:
        """Approve at the next step of these cases."""
        walk, node = next(self._waiting)
        walk.decide(self._client, node)


def _counts(district: District) -> Iterator[Outcome]:
    """Statements and commits, counted in this process on the same requests."""
    os.environ |= {"JIHENG_DATABASE_URL": district.url, "JIHENG_DATA": mkdtemp()}
    from service import request
    from service.app import create_app

    app = create_app()
    engine = app.extensions[request.EXTENSION].engine
    client = app.test_client()
    found: dict[str, list[tuple[int, int]]] = {node: [] for node in PATH}
    for walk in district.begin(district.projects[:4]):
        for node in PATH:
            path, body, headers = walk.request(node)
            with counted(engine) as counts:
                answer = client.post(path, json=body, headers=headers)
            if answer.status_code != 200:
                raise SystemExit(f"{node}: {answer.status_code} {answer.text[:2000]}")
            walk.note(answer.get_json())
            found[node].append((counts.statements, counts.commits))
    engine.dispose()
    # The first case fills the process's caches.
    warm = {node: values[-1] for node, values in found.items()}
    listed = ", ".join(f"{node} {statements}" for node, (statements, _) in warm.items())
    approvals = [statements for node, (statements, _) in warm.items() if node not in ("draft", PATH[-1])]
    yield Outcome(
        name="SQL statements of an approval", value=max(approvals), unit="", budget=STATEMENTS, remarks=(listed,)
    )
    commits = max(commits for _, commits in warm.values())
    yield Outcome(name="commits of a decision", value=commits, unit="", budget=1)
