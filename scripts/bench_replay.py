"""How quickly are histories run again and verified? Events a second, a year's 477 cases, and cost by length."""

import statistics
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta

from bench_district import PATH, District, Walk, analyze, decide_here, make_district
from bench_harness import Bench, Outcome
from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.event import Event
from service import history, replay
from service.history import GENESIS

CASES = 477
EVENTS_A_SECOND = 3_000
SECONDS = 2.0
#: Cases that came back so often are run again to see that cost goes by the number of events.
RETURNS = (0, 12)
LINEAR = 1.25


def replays(bench: Bench) -> Iterable[Outcome]:
    """Histories of 477 cases run again: commands repeated, digests and chains compared."""
    district = make_district(bench, "bench_replay")
    with district.session() as session:
        cases = [
            _walked(session, district, walk, times) for walk, times in zip(_begun(district), RETURNS * 2, strict=True)
        ]
        cost = {
            times: _seconds_an_event(session, case, bench.rounds) for case, times in zip(cases, RETURNS, strict=False)
        }
        _clone(session, cases, CASES - len(cases))
        analyze(bench, "bench_replay")
        events, wall, cpu = _all(session, min(bench.rounds, 7))
    yield Outcome(
        name="replay and verify",
        value=events / statistics.median(cpu),
        unit="events/s a core",
        budget=EVENTS_A_SECOND,
        less_is_better=False,
        noise=events * statistics.stdev(1 / one for one in cpu) / len(cpu) ** 0.5 * 2,
        remarks=(f"{events:,} events of {CASES} cases; all but {len(cases)} are clones with a chain of their own",),
    )
    yield Outcome(
        name=f"replay of {CASES} cases", value=statistics.median(wall), unit="s", budget=SECONDS,
        noise=statistics.stdev(wall) / len(wall) ** 0.5 * 2, seconds=statistics.median(wall),
    )  # fmt: skip
    yield Outcome(
        name=f"an event of a case with {RETURNS[1]} returns against one without",
        value=cost[RETURNS[1]] / cost[RETURNS[0]],
        unit="×",
        budget=LINEAR,
    )


def _begun(district: District) -> list[Walk]:
    return list(district.begin(district.projects[: 2 * len(RETURNS)]))


def _walked(session: Session, district: District, walk: Walk, returns: int) -> str:
    """Take a case to the library after so many returns from the department."""
    for _ in range(returns):
        for node in PATH[:2]:
            decide_here(session, district, walk, node)
        decide_here(session, district, walk, "department_review", "return")
    for node in PATH:
        decide_here(session, district, walk, node)
    return walk.case_id


def _seconds_an_event(session: Session, case_id: str, rounds: int) -> float:
    found = []
    for _ in range(rounds + 1):
        began = time.process_time()
        events = replay.rerun(session, case_id).events
        found.append((time.process_time() - began) / events)
    return statistics.median(found[1:])


def _all(session: Session, rounds: int) -> tuple[int, list[float], list[float]]:
    wall, cpu, events = [], [], 0
    for _ in range(rounds):
        began, worked = time.perf_counter(), time.process_time()
        found = list(replay.rerun_all(session))
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - worked)
        wrong = [one for one in found if not one.sound]
        if wrong:
            raise SystemExit(f"{wrong[0].number}: {wrong[0].mismatch}")
        events = sum(one.events for one in found)
    return events, wall, cpu


def _clone(session: Session, cases: list[str], times: int) -> None:
    """Add cases with the same history under ids of their own, each chained anew; two tables, no side effects."""
    files = [session.get_one(CaseFile, case_id, populate_existing=True) for case_id in cases]
    histories = [history.of_case(session, case_id) for case_id in cases]
    events, rows = [], []
    for number in range(times):
        # Most cases of a year have no return: the longer ones are one in eight.
        index = (number % 2) * 2 if number % 8 else 1
        own = list(_chained(histories[index], f"{files[index].id}.{number}"))
        events += own
        rows.append(
            {**_row(files[index]), "id": own[0]["case_id"], "number": f"clone {number}", "head_hash": own[-1]["hash"]}
        )
    session.execute(insert(CaseFile), rows)
    session.execute(insert(Event), events)
    session.commit()


def _chained(events: list[Event], case_id: str) -> Iterator[dict]:
    before = GENESIS
    for event in events:
        copy = Event(**{**_row(event), "case_id": case_id, "prev_hash": before, "at": event.at + timedelta(seconds=1)})
        copy.hash = before = history.event_hash(copy)
        yield _row(copy)


def _row(row: CaseFile | Event) -> dict:
    return {column.key: getattr(row, column.key) for column in type(row).__mapper__.column_attrs}
