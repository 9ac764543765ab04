"""Does an empty installation become a district in mid-season, with true histories?"""

import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import demo
from db import server as embedded
from db.campaign import Campaign
from db.case import CaseFile, Finding, Seat, Visit, VisitReading
from db.connection import make_engine, make_sessions
from db.event import Event
from db.organisation import Organisation
from db.person import Person, Post
from db.project import IndicatorTemplate, Project, TargetVersion
from service import accounts, evaluation_board, installation, monitoring_board, people, red_flags, replay
from service.config import Config
from service.demo import PASSWORD_FILE, UNFINISHED_FILE, evaluated, loading
from service.demo.logins import logins
from service.demo.staff import IMPORTER
from service.rules.roles import GRANTABLE
from service.rules.working_days import DISTRICT, is_working

#: A Tuesday evening, after office hours.
AT = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
#: Some forty projects: the finance bureau's own, key projects, some with an ex-ante assessment.
UNITS = ("104001", "107001", "115001", "402001", "604002")


@dataclass
class Loaded:
    config: Config
    said: list[str]
    session: Session


@pytest.fixture(scope="module")
def empty(server: embedded.Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    name = f"demo_{uuid4().hex}"
    with server.connect() as connection:
        embedded.make_database(connection, name, template)
        urls = {
            "JIHENG_DATABASE_URL": server.url(database=name),
            "JIHENG_OWNER_DATABASE_URL": server.url(embedded.OWNER, name),
            "JIHENG_DEMO_PASSWORD": "Lauter-Erfundenes-7",
        }
        config = Config.from_environment(urls, data=tmp_path_factory.mktemp("data"))
        installation.migrate(config)
        yield config
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def loaded(empty: Config) -> Iterator[Loaded]:
    said: list[str] = []
    loading.load(empty, at=AT, say=said.append, processes=1, units=UNITS)
    engine = make_engine(empty.database_url)
    with make_sessions(engine)() as session:
        yield Loaded(empty, said, session)
    engine.dispose()


def _stages(session: Session, fiscal_year: int) -> Counter[str]:
    statement = select(CaseFile.stage).join(Project, Project.id == CaseFile.project_id)
    return Counter(
        session.scalars(
            statement.where(Project.fiscal_year == fiscal_year, CaseFile.process_id == "target_declaration")
        )
    )


def test_the_whole_district_has_its_bodies_and_people(loaded: Loaded):
    kinds: dict[str, int] = dict(
        loaded.session.execute(select(Organisation.kind, func.count()).group_by(Organisation.kind)).tuples().all()
    )
    assert (kinds["department"], kinds["budget_unit"], kinds["fund_section"]) == (46, 58, 7)
    roles = set(loaded.session.scalars(select(Post.role)))
    assert roles == set(GRANTABLE)
    assert loaded.session.scalar(select(func.count()).select_from(IndicatorTemplate)) == 463


def test_this_years_projects_are_all_in_the_library(loaded: Loaded):
    stages = _stages(loaded.session, 2026)
    assert set(stages) == {"in_library"}
    versions = select(func.count()).select_from(TargetVersion).where(TargetVersion.fiscal_year == 2026)
    assert loaded.session.scalar(versions) == stages.total()


def test_next_years_season_is_in_the_middle_of_its_run(loaded: Loaded):
    stages = _stages(loaded.session, 2027)
    assert stages["in_library"] > stages.total() / 3
    assert {"draft", "unit_signing", "dept_review", "fund_review", "joint_signoff", "arbitration", "rejected"} <= set(
        stages
    )
    conditions = set(loaded.session.scalars(select(CaseFile.condition)))
    assert {"returned", "consulting"} <= conditions
    states = dict(loaded.session.execute(select(Campaign.fiscal_year, Campaign.state)).tuples().all())
    assert states == {2025: "closed", 2026: "closed", 2027: "open"}


def test_last_years_values_stand_beside(loaded: Loaded):
    following = select(Project).where(Project.fiscal_year == 2027, Project.attribute == "ongoing")
    projects = list(loaded.session.scalars(following))
    assert projects
    assert all(project.previous_project_id for project in projects)


def test_every_history_runs_again_to_the_same_digests(loaded: Loaded):
    found = list(replay.rerun_all(loaded.session))
    assert len(found) > 60
    assert [one for one in found if not one.sound] == []


def test_everything_happened_in_office_hours_before_now_and_says_that_it_is_simulated(loaded: Loaded):
    events = list(loaded.session.scalars(select(Event)))
    assert all(event.simulated for event in events)
    for event in events:
        instant = event.at.astimezone(DISTRICT)
        assert event.at < AT
        assert is_working(instant.date()), instant
        assert time(8, 30) <= instant.time() <= time(17, 30), instant


def test_deadlines_are_alive(loaded: Loaded):
    due = list(loaded.session.scalars(select(Visit.due_at).where(Visit.state == "open", Visit.due_at.is_not(None))))
    assert any(instant > AT for instant in due)
    assert any(instant < AT for instant in due)


def test_returned_declarations_carry_findings_and_reworked_ones_answers(loaded: Loaded):
    states = set(loaded.session.scalars(select(Finding.state)))
    assert states == {"open", "answered"}
    verbs = set(loaded.session.scalars(select(Event.verb)))
    assert {"submit", "approve", "return", "consult", "reject", "start"} <= verbs


def test_the_password_is_kept_for_the_owner_of_the_data_folder_alone(loaded: Loaded):
    file = loaded.config.data / PASSWORD_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert loading.password(loaded.config) == "Lauter-Erfundenes-7"
    assert not (loaded.config.data / UNFINISHED_FILE).exists()


def test_a_demo_account_logs_in_and_need_not_change_its_password(loaded: Loaded):
    sessions = make_sessions(loaded.session.get_bind())  # type: ignore[arg-type]
    opened = accounts.log_in(sessions, username="perf1", password="Lauter-Erfundenes-7", client={"ip": "127.0.0.1"})
    person = loaded.session.get_one(Person, opened.person_id)
    assert not person.must_change_password
    assert person.password_hash
    assert person.password_hash.startswith("$argon2id$")


def test_there_is_a_log_in_for_every_role_and_somebody_has_something_to_do(loaded: Loaded):
    found = logins(loaded.session)
    assert list(dict.fromkeys(one.role for one in found)) == list(GRANTABLE)
    assert [one.username for one in found if one.role == "PERF_OFFICER"][1:] == [IMPORTER]
    waiting = {one.role for one in found if one.waiting}
    assert {
        "UNIT_CLERK",
        "DEPT_REVIEWER",
        "FUND_REVIEWER",
        "BUDGET_REVIEWER",
        "PERF_OFFICER",
        "BUREAU_LEADER",
    } <= waiting


def test_progress_is_told_to_its_end(loaded: Loaded):
    last = loaded.said[-1].split()[-1]
    done, total = last.split("/")
    assert done == total


def test_a_second_loading_is_refused(loaded: Loaded):
    with pytest.raises(loading.AlreadyInUse, match="空的系统"):
        loading.load(loaded.config, at=AT, say=loaded.said.append, processes=1, units=UNITS)


def test_a_loading_that_was_broken_off_is_done_anew(config: Config, session: Session, tmp_path: Path):
    installation.migrate(config)
    loading.load(config, at=AT, say=lambda _: None, processes=1, units=("104001",))
    (config.data / UNFINISHED_FILE).touch()
    said: list[str] = []
    loading.load(config, at=AT, say=said.append, processes=2, units=("107001", "119001"))
    assert "重新开始" in said[0]
    codes = set(session.scalars(select(Organisation.code).join(Project, Project.unit_id == Organisation.id)))
    assert codes == {"107001", "119001"}
    assert all(one.sound for one in replay.rerun_all(session))


def test_whoever_decided_had_opened_the_file_but_for_the_few_to_be_noticed(loaded: Loaded):
    unread = red_flags.FLAGS["never_opened"].ask(loaded.session, AT)
    decided = select(func.count()).select_from(Seat).where(Seat.state == "done", Seat.vote != "submit")
    assert len(unread) <= (loaded.session.scalar(decided) or 0) * 0.02
    late = select(func.count()).select_from(VisitReading).where(VisitReading.read_at > AT)
    assert loaded.session.scalar(late) == 0


def test_this_years_lights_are_the_recorded_ones_and_every_red_project_has_its_rectification(loaded: Loaded):
    (season,) = monitoring_board.seasons(loaded.session)
    chief = loaded.session.scalars(select(Person.id).where(Person.username == "perf.chief")).one()
    actor = people.actor(loaded.session, chief, at=AT)
    board = monitoring_board.board(loaded.session, season.id, actor=actor, at=AT)
    recorded = {row["project_code"]: row for row in demo.rows("monitoring")}
    codes = {project["project_name"]: project["project_code"] for project in demo.projects()}
    assert len(board.projects) == sum(project["unit_code"] in UNITS for project in demo.projects())
    for project in board.projects:
        row = recorded[codes[project.title]]
        found = (project.execution_light, project.target_light, project.light)
        assert found == (row["execution_light"], row["target_light"], row["overall_light"]), project.title
        assert (project.rectification is not None) == (row["needs_rectification"] == "1")
    assert board.sums.total == board.sums.red + board.sums.yellow + board.sums.green
    assert board.sums.red == sum(project.rectification is not None for project in board.projects)


def test_last_years_pilot_scored_itself_as_recorded_and_poor_results_are_put_right(loaded: Loaded):
    (season,) = evaluation_board.seasons(loaded.session)
    chief = loaded.session.scalars(select(Person.id).where(Person.username == "perf.chief")).one()
    actor = people.actor(loaded.session, chief, at=AT)
    board = evaluation_board.board(loaded.session, season.id, actor=actor)
    recorded = {row["project_code"]: row for row in demo.rows("self_evaluation")}
    known = {project["project_name"]: project for project in demo.projects()}
    pilot = evaluated.pilot(UNITS)
    assert len(board.projects) == sum(project["unit_code"] in pilot for project in known.values()) > 0
    for project in board.projects:
        row = recorded[known[project.title]["project_code"]]
        assert (str(project.self_total), project.self_grade) == (row["total"], row["grade"]), project.title
        assert project.finished
        assert (project.rectification is not None) == (project.grade in ("中", "差"))
    assert all(line.recorded is not False for line in evaluation_board.drawn(board) if line.drawn)
