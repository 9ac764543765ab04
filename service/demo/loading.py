"""How does an empty installation become the demo district? Bodies, people and tables first, then two seasons of commands."""

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing.queues import SimpleQueue
from traceback import format_exc
from typing import Any

from sqlalchemy import exists, insert, select, text
from sqlalchemy.orm import Session

from db import demo
from db.connection import make_engine, make_sessions
from db.person import Person
from db.project import IndicatorTemplate, MeasureUnit
from service import calendar, passwords
from service.config import Config
from service.demo import (
    PASSWORD_FILE,
    UNFINISHED_FILE,
    adjusted,
    bodies,
    budgeted,
    evaluated,
    groundwork,
    monitored,
    policy_changes,
    seasons,
    staff,
)
from service.demo.acting import Stage
from service.demo.company import Company
from service.demo.progress import Progress, Say
from service.people import day
from service.rules.working_days import WorkingDayTable

#: Accounts and posts are older than the first season.
_ENTERED = timedelta(days=1200)
#: The processes are in force so long before the first season opens.
_BEFORE = timedelta(days=60)
_STEP = 25


class AlreadyInUse(RuntimeError):
    """There are people in this installation: demo data is loaded into an empty one only."""


class LoadingFailed(RuntimeError):
    """A move of the demo district was refused; the text is the fault."""


@dataclass(frozen=True)
class _Part:
    """One process's share: the units whose projects it plays, of all that take part."""

    config: Config
    at: datetime
    campaigns: tuple[str, ...]
    units: tuple[str, ...]
    everybody: tuple[str, ...]
    #: The season of monitoring to play instead of the seasons of declaration.
    monitoring: str | None = None
    #: The same for self-evaluation.
    evaluation: str | None = None
    #: The seasons of departments to play instead, and the departments (by code) of this share.
    of_departments: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()


def load(config: Config, *, at: datetime, say: Say, processes: int = 2, units: Collection[str] = ()) -> None:
    """Make the demo district of the day of ``at``; ``say`` is told how far it is.

    Every history is made by the product's own commands with simulated instants, so any of them can be replayed. What
    a loading that was broken off has left behind is removed first.

    Args:
        processes: how many play at the same time; 1 plays in this process.
        units: codes of the units that declare anything; all if none are named.

    Raises:
        AlreadyInUse: somebody is in the installation already.
        LoadingFailed: a command was refused.
    """
    if unfinished(config):
        say("  上次装入没有完成，重新开始 · the last loading was broken off, starting anew")
        groundwork.forget_everything(config)
    declaring = tuple(units or (unit["unit_code"] for unit in demo.rows("units")))
    engine = make_engine(config.database_url, search_path=config.schema, pool_size=1)
    try:
        with make_sessions(engine)() as session:
            _refuse_used(session)
            config.data.mkdir(parents=True, exist_ok=True)
            (config.data / UNFINISHED_FILE).touch()
            say("  单位、人员、指标库 · bodies, people, indicator library")
            _enter(session, config, at)
            say("  两个申报批次 · two seasons")
            session.commit()
            planned = _planned(at, declaring)
            groundwork.put_in_force(config, min(season.opens_on for season in planned) - _BEFORE)
            campaigns = seasons.open_all(session, planned, Company(session))
            session.commit()
            _play_everything(session, _parts(config, at, campaigns, declaring, processes), say)
            seasons.close_past(session, at)
            policy_changes.play(session, Company(session), at=at, table=calendar.table(session))
            session.commit()
            (config.data / UNFINISHED_FILE).unlink()
    finally:
        engine.dispose()


def _play_everything(session: Session, parts: Sequence[_Part], say: Say) -> None:
    """The seasons of declaration, then the monitoring of this year's targets, once they are all in the library."""
    _play_all(parts, say)
    pilot = evaluated.pilot(parts[0].everybody)
    looked_at = evaluated.open_season(session, Company(session), pilot, at=parts[0].at)
    if looked_at is not None:
        say("  上年度绩效自评（试点） · last year's self-evaluation")
        _play_all([replace(part, evaluation=looked_at) for part in parts], say)
    watched = monitored.open_season(session, Company(session), parts[0].everybody, at=parts[0].at)
    if watched is not None:
        say("  运行监控和整改 · monitoring and rectification")
        _play_all([replace(part, monitoring=watched) for part in parts], say)
    say("  部门整体目标和预算编制 · overall targets and budgets of departments")
    first, _ = seasons.seasons(parts[0].at, parts[0].everybody)
    made = budgeted.open_all(session, Company(session), parts[0].everybody, closed=first.closes_on, at=parts[0].at)
    _play_all([replace(part, of_departments=tuple(made)) for part in parts], say)
    say("  绩效目标调整 · adjustments of targets")
    moves = 0
    for _ in adjusted.play(session, Company(session), at=parts[0].at, table=calendar.table(session)):
        session.commit()
        moves += 1
    say(f"  装入办理过程 · loading histories {moves}/{moves}")


def unfinished(config: Config) -> bool:
    """Whether loading was broken off here."""
    return (config.data / UNFINISHED_FILE).exists()


def password(config: Config) -> str | None:
    """The demo accounts' password as it was when they were made; None where there are none."""
    path = config.data / PASSWORD_FILE
    return path.read_text("utf-8").strip() if path.exists() else None


def _new_password(config: Config) -> str:
    """JIHENG_DEMO_PASSWORD, else a random one; kept in the data folder for whoever may read that."""
    secret = config.demo_password or passwords.start_password()
    path = config.data / PASSWORD_FILE
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(f"{secret}\n")
    return secret


def _refuse_used(session: Session) -> None:
    if session.execute(select(exists(select(Person.id)))).scalar_one():
        raise AlreadyInUse("本系统中已有人员，演示数据只能装入空的系统。请用 --data 另选一个数据目录。")


def _enter(session: Session, config: Config, at: datetime) -> None:
    entered = at - _ENTERED
    ids = bodies.enter(session, at=entered)
    stored = passwords.hashed(_new_password(config))
    staff.enter(session, ids, password_hash=stored, since=day(entered), entered=entered, at=at)
    session.execute(insert(IndicatorTemplate), [_library_row(row) for row in demo.rows("indicator_library")])
    session.execute(insert(MeasureUnit), [{"name": name} for name in demo.measure_units()])


def _library_row(row: Mapping[str, str]) -> dict[str, Any]:
    cells = {"scope" if name == "library_scope" else name: value or None for name, value in row.items()}
    return {**cells, "used_by": int(row["used_by"])}


def _parts(config: Config, at: datetime, campaigns: Sequence[str], units: Sequence[str], processes: int) -> list[_Part]:
    """The units dealt out so that every process has about as many projects."""
    sizes = Counter(project["unit_code"] for project in demo.rows("projects"))
    hands: list[list[str]] = [[] for _ in range(processes)]
    for unit in sorted(units, key=lambda code: -sizes[code]):
        min(hands, key=lambda hand: sum(sizes[code] for code in hand)).append(unit)
    owners = {unit["unit_code"]: unit["department_code"] for unit in demo.rows("units")}
    departments = sorted({owners[code] for code in units})
    return [
        _Part(
            config, at, tuple(campaigns), tuple(hand), tuple(units), departments=tuple(departments[number::processes])
        )
        for number, hand in enumerate(hands)
    ]


def _play_all(parts: Sequence[_Part], say: Say) -> None:
    if len(parts) == 1:
        progress = Progress(say, 1)
        _play(parts[0], progress.note)
        return
    context = multiprocessing.get_context("spawn")
    queue: SimpleQueue[Any] = context.SimpleQueue()
    running = [context.Process(target=_play_apart, args=(part, queue)) for part in parts]
    for process in running:
        process.start()
    try:
        _follow(queue, Progress(say, len(parts)), len(parts))
    finally:
        for process in running:
            process.terminate()
            process.join()


def _follow(queue: "SimpleQueue[Any]", progress: "Progress", parts: int) -> None:
    while parts:
        kind, *values = queue.get()
        if kind == "failed":
            raise LoadingFailed(values[0])
        if kind == "finished":
            parts -= 1
        else:
            progress.note(*values)


def _play_apart(part: _Part, queue: "SimpleQueue[Any]") -> None:
    try:
        _play(part, lambda total, done: queue.put(("moved", total, done)))
        queue.put(("finished",))
    except BaseException:
        queue.put(("failed", format_exc()))


def _play(part: _Part, note: Callable[[int, int], None]) -> None:
    """Play the part's units through both seasons; every command is a transaction of its own."""
    engine = make_engine(part.config.database_url, search_path=part.config.schema, pool_size=1)
    try:
        with make_sessions(engine)() as session:
            _played(session, part, note)
    finally:
        engine.dispose()  # after the session has given its connection back


def _played(session: Session, part: _Part, note: Callable[[int, int], None]) -> None:
    # What a crash may lose here is loaded again from the beginning anyway.
    session.execute(text("SET synchronous_commit = off"))
    session.commit()
    stage = Stage(session, Company(session))
    table = calendar.table(session)
    if part.of_departments or part.monitoring is not None or part.evaluation is not None:
        (_budget if part.of_departments else _watch)(session, part, table, note)
        return
    planned = [
        seasons.turns(season, campaign_id, part.units, at=part.at, table=table)
        for season, campaign_id in zip(_planned(part.at, part.everybody), part.campaigns, strict=True)
    ]
    note(sum(len(turn.moves) for turns in planned for turn in turns), 0)
    projects: dict[str, str] = {}
    for turns in planned:
        count = 0
        for count, _ in enumerate(seasons.play(stage, turns, projects), 1):
            session.commit()
            if count % _STEP == 0:
                note(0, _STEP)
        note(0, count % _STEP)


def _planned(at: datetime, units: Collection[str]) -> list[seasons.Season]:
    """The seasons of declaration in order of time; last year's is of the units that evaluate themselves."""
    pilot = evaluated.pilot(units)
    return [*([seasons.last_year(at, pilot)] if pilot else ()), *seasons.seasons(at, units)]


def _watch(session: Session, part: _Part, table: WorkingDayTable, note: Callable[[int, int], None]) -> None:
    """Play the monitoring or the self-evaluation of the part's units, with the rectifications that follow."""
    kind = monitored if part.monitoring is not None else evaluated
    units = part.units if part.monitoring is not None else evaluated.pilot(part.units)
    campaign_id = str(part.monitoring or part.evaluation)
    if not units:
        note(1, 1)  # nothing to wait for
        return
    note(sum(project["unit_code"] in units for project in demo.rows("projects")), 0)
    for through in kind.play(session, Company(session), campaign_id, units, at=part.at, table=table):
        session.commit()
        if through:
            note(0, 1)


def _budget(session: Session, part: _Part, table: WorkingDayTable, note: Callable[[int, int], None]) -> None:
    """Play overall targets and budgets of the part's departments."""
    note(len(part.departments), 0)
    for _ in budgeted.play(session, Company(session), part.of_departments, part.departments, at=part.at, table=table):
        session.commit()
    note(0, len(part.departments))
