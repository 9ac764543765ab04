"""How dear is a decision? Every step of whole cases over HTTP, against the yardstick's insert and commit."""

import os
from collections.abc import Callable, Iterable, Iterator
from tempfile import mkdtemp

from bench_district import PATH, District, Walk, make_district
from bench_harness import Bench, Client, Outcome, counted

STATEMENTS = 12
#: Cases walked a round; each gives eight decisions.
CASES = 3


def decisions(bench: Bench) -> Iterable[Outcome]:
    """One decision end to end over HTTP, the mean of a case's whole path; statements and commits of an approval."""
    district = make_district(bench, "bench_decision")
    yield from _counts(district)
    wanted = CASES * (bench.rounds + 1)
    turns = _turns(list(district.begin(district.projects[5 : 5 + wanted])))
    with bench.served("service.app:create_app()", district.url) as product, bench.baseline() as baseline:
        pair = bench.interleaved(lambda: next(turns)(product), lambda: baseline.post("/"), each=CASES * len(PATH))
    yield Outcome(
        name="a decision over HTTP",
        value=pair.ratio,
        unit="× baseline",
        budget=3.0,
        noise=pair.noise,
        seconds=pair.first,
        remarks=(f"{pair.first * 1000:.2f} ms; an insert and commit: {pair.second * 1000:.2f} ms",),
    )


def _turns(walks: list[Walk]) -> Iterator[Callable[[Client], object]]:
    """One decision after the other: a case's whole path, then the next case's."""
    for walk in walks:
        for node in PATH:
            yield lambda client, walk=walk, node=node: walk.decide(client, node)


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
