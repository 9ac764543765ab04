"""Do two people who act at the same moment get one winner, and parallel branches one end?"""

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.connection import make_engine, make_sessions
from service import people, tasks
from service.errors import Stale
from tests.district import District, create_district
from tests.forms import samples
from tests.service.test_tasks import FORWARD

#: Engines of this process by address; processes of a pool keep theirs.
_engines: dict[str, Engine] = {}
OPINION = "同意，请按程序办理"


@pytest.fixture
def district(session: Session) -> District:
    made = create_district(session)
    made.add("DEPT_REVIEWER", "OTHER")
    return made


def decide(url: str, start: float, visit_id: str, person_id: str, at: Any, seq: int) -> dict[str, Any]:
    """One person's whole command in a session of its own, begun at an instant both have agreed on."""
    engine = _engines.setdefault(url, make_engine(url))
    form = {"target_review": samples.review(overall_grade="优", opinion=OPINION)}
    with make_sessions(engine)() as session:
        actor = people.actor(session, person_id, at=at)
        session.rollback()
        sleep(max(0.0, start - monotonic()))
        try:
            answer = tasks.decide(session, visit_id, "approve", actor=actor, at=at, expected_seq=seq, form=form)
            session.commit()
            return {"won": person_id, "opened": [visit["node_id"] for visit in answer["opened"]]}
        except Stale as stale:
            session.rollback()
            return {"told": stale.extra["since"], "sentence": stale.detail}


@contextmanager
def pool(processes: int) -> Iterator[Executor]:
    if not processes:
        with ThreadPoolExecutor(2) as threads:
            yield threads
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as made:
        list(made.map(abs, range(processes)))  # every process is up before the first round
        yield made


def at_once(workers: Executor, url: str, *wanted: tuple[Any, ...]) -> list[dict[str, Any]]:
    start = monotonic() + 0.02
    return [one.result() for one in [workers.submit(decide, url, start, *args) for args in wanted]]


SIZES = [pytest.param(6, 0, id="threads"), pytest.param(200, 4, marks=pytest.mark.long, id="4 processes")]


@pytest.mark.parametrize("rounds, processes", SIZES)
def test_two_reviewers_of_one_task_have_one_winner(district, database, rounds, processes):
    names = {district.id(role): district.people[role].name for role in ("DEPT_REVIEWER", "OTHER")}
    with pool(processes) as workers:
        for number in range(rounds):
            case_id = district.start(project_name=f"两人同时办理项目第{number}号")["case_id"]
            district.walk(case_id, "draft", "unit_sign")
            visit, seq, at = district.latest(case_id, FORWARD[2]).id, district.case(case_id).seq, district.later()
            district.session.rollback()

            answers = at_once(workers, database.url, *((visit, person_id, at, seq) for person_id in names))

            (won,) = (answer for answer in answers if "won" in answer)
            (lost,) = (answer for answer in answers if "told" in answer)
            assert won["opened"] == ["fund_review"]
            (since,) = lost["told"]
            assert (since["actor"], since["verb"], since["at"]) == (names[won["won"]], "approve", at.isoformat())
            assert names[won["won"]] in lost["sentence"]
            district.sound(case_id)


@pytest.mark.parametrize(
    "rounds, processes", [SIZES[0], pytest.param(300, 4, marks=pytest.mark.long, id="4 processes")]
)
def test_parallel_branches_decided_at_once_meet_once(district, database, rounds, processes):
    with pool(processes) as workers:
        for number in range(rounds):
            case_id = district.start(project_name=f"并行会签项目第{number}号")["case_id"]
            district.walk(case_id, *FORWARD, "performance_review")
            at, seq = district.later(), district.case(case_id).seq
            branches = (("budget_review", "BUDGET_REVIEWER"), ("performance_chief_review", "PERF_CHIEF"))
            wanted = [(district.latest(case_id, node).id, district.id(role), at, seq) for node, role in branches]
            district.session.rollback()

            answers = at_once(workers, database.url, *wanted)

            assert all("won" in answer for answer in answers), "a branch that moves on is no conflict"
            assert (district.case(case_id).stage, district.open_visits(case_id)) == ("in_library", {})
            district.sound(case_id)
