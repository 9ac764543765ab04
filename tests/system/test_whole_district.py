"""Do the district's projects reach the library over HTTP, each step by its own person, and can it all be run again?"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from bench_district import District, Walk, district_of, populate
from bench_harness import Client, serve
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.case import CaseFile
from db.event import Event
from db.project import TargetVersion
from service import coverage
from service.config import Config
from service.demo import year
from service.demo.courses import goes_to_leader, needs_ex_ante
from service.demo.year import Declared

AT_ONCE = 4
#: Every department's fund section, key projects, the bureau's own, and one with an ex-ante assessment.
SOME = 40


@pytest.fixture
def district(session: Session, config: Config) -> Iterator[District]:
    populate(session)
    session.commit()
    made = district_of("district", config.database_url)
    yield made
    made.engine.dispose()


def _some(projects: Sequence[Declared]) -> list[Declared]:
    rare = [one for one in projects if needs_ex_ante(one) or goes_to_leader(one)]
    return [*rare[:: len(rare) // 12], *(one for one in projects[::15] if one not in rare)][:SOME]


class Driver:
    """Drives one declaration after the other from start to library, each step by the person whose step it is."""

    def __init__(self, district: District, client: Client) -> None:
        self._district, self._client = district, client

    def drive(self, projects: Sequence[Declared]) -> list[str]:
        """Take declarations to their ends; returns the last stage of each."""
        return [self._drive(project) for project in projects]

    def _drive(self, project: Declared) -> str:
        walk = self._start(project)
        if needs_ex_ante(project):
            self._assess(walk)
        stage = ""
        while walk.visits:
            stage = walk.decide(self._client, min(walk.visits))["stage"]
        return stage

    def _start(self, project: Declared) -> Walk:
        company = self._district.company
        body = {
            "campaign_id": self._district.campaign_id,
            "unit_id": company.unit_ids[project.unit],
            "content": {"project_name": project.content["project_name"]},
        }
        clerk = company.at_step("start", project.unit, project.code)
        answer = self._client.post("/api/v1/declarations", body, self._district.headers(clerk))
        return Walk(self._district, project, answer["case_id"], {"draft": answer["visit_id"]})

    def _assess(self, walk: Walk) -> None:
        officer = self._district.company.at_step("performance_review", walk.project.unit, walk.project.code)
        conclusion, score = walk.project.ex_ante
        body = {"conclusion": conclusion, "score": score, "reason": "依据事前绩效评估报告"}
        path = f"/api/v1/cases/{walk.case_id}/ex-ante"
        walk.seq = self._client.post(path, body, self._district.headers(officer))["seq"]


def _drive_all(district: District, config: Config, projects: Sequence[Declared]) -> list[str]:
    settings = {"JIHENG_DATABASE_URL": config.database_url, "JIHENG_DATA": str(config.data), "JIHENG_LOG": "ERROR"}
    with serve("service.app:create_app()", settings) as client, ExitStack() as stack:
        clients = [stack.enter_context(closing(Client(client.address))) for _ in range(AT_ONCE)]
        threads = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        parts = [threads.submit(Driver(district, own).drive, projects[n::AT_ONCE]) for n, own in enumerate(clients)]
        return [stage for part in parts for stage in part.result()]


def _run_again(config: Config, tmp_path: Path, seed: str) -> dict[str, tuple[str, str]]:
    """Digest and chain head of every case, by a process with a hash seed of its own."""
    settings = {"JIHENG_DATABASE_URL": config.database_url, "JIHENG_DATA": str(tmp_path), "PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "replay", "--all", "--json"],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    found = map(json.loads, done.stdout.splitlines())
    return {one["case_id"]: (one["digest"], one["head_hash"]) for one in found}


def _check(session: Session, config: Config, tmp_path: Path, projects: Sequence[Declared], stages: list[str]) -> None:
    assert stages == ["in_library"] * len(projects)
    assert session.scalar(select(func.count()).select_from(TargetVersion)) == len(projects)
    assert set(session.scalars(select(CaseFile.stage))) == {"in_library"}
    stored = select(CaseFile.id, CaseFile.engine_digest, CaseFile.head_hash)
    expected = {case: (digest, head) for case, digest, head in session.execute(stored)}
    assert len(expected) == len(projects)
    assert _run_again(config, tmp_path, "4711") == expected
    assert session.scalar(select(func.count()).select_from(Event).where(Event.simulated)) == 0


def test_some_projects_reach_the_library_over_http(
    session: Session, config: Config, district: District, tmp_path: Path
):
    projects = _some(year.this_year(district.fiscal_year))
    assert len(projects) > SOME * 0.8
    _check(session, config, tmp_path, projects, _drive_all(district, config, projects))


@pytest.mark.long
def test_all_477_projects_reach_the_library_over_http(
    session: Session, config: Config, district: District, tmp_path: Path
):
    projects = year.this_year(district.fiscal_year)
    assert len(projects) == 477
    _check(session, config, tmp_path, projects, _drive_all(district, config, projects))
    chief = district.company.chief_of_performance()
    board = coverage.coverage(session, actor=chief, fiscal_year=district.fiscal_year)
    assert (board.tally.admitted, board.tally.missing, board.units_complete) == (477, 0, 58)
