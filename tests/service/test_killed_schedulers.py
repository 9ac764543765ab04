"""Does every timer fire once and none early, though schedulers are killed (kill -9) at random moments?"""

import multiprocessing
import os
import signal
import time
from datetime import timedelta
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from random import Random

import pytest
from sqlalchemy import func, select

from db.connection import database_now, make_engine, make_sessions
from db.desk import Notice
from db.event import Timer
from service import reminders
from service.jobs import Job, run_once
from tests.service.test_reminders import visits_of

SCHEDULERS = 3
#: The first timers are due once the schedulers have had the time to come up.
HEAD_START = 1.5
PATIENCE = 120


def schedule(url: str, seed: int) -> None:
    """A scheduler that fires reminders until it is killed; it dawdles before each commit, so that kills fall into it."""
    chance, sessions = Random(seed), make_sessions(make_engine(url, pool_size=1))

    def fire(session, at):
        reminders.fire(session, at)
        session.flush()
        time.sleep(chance.uniform(0, 0.04))

    while True:
        run_once(Job("reminders", 1, fire), sessions)
        time.sleep(0.01)


def _started(context: ForkServerContext, url: str, seed: int) -> BaseProcess:
    process = context.Process(target=schedule, args=(url, seed), daemon=True)
    process.start()
    return process


def _killed_at_random(session, url: str, *, seconds: float, pause: float) -> int:
    """Keep three schedulers at work, killing one after the other for so long; returns how often one was killed.

    Those that live then work off what was left: a backlog needs a scheduler that lives for a batch.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["service.reminders", "service.jobs"])
    chance, kills = Random(11), 0
    running = [_started(context, url, number) for number in range(SCHEDULERS)]
    waiting = select(func.count()).select_from(Timer).where(Timer.fired_at.is_(None))
    begun = time.monotonic()
    try:
        while session.scalar(waiting) and time.monotonic() < begun + PATIENCE:
            session.rollback()
            time.sleep(chance.uniform(0.2, 1.8) * pause)
            if time.monotonic() > begun + HEAD_START + seconds:
                continue
            victim = chance.randrange(SCHEDULERS)
            os.kill(running[victim].pid or 0, signal.SIGKILL)
            running[victim].join()
            kills += 1
            running[victim] = _started(context, url, 100 + kills)
        time.sleep(0.3)  # whatever would fire a second time has the chance
    finally:
        for process in running:
            process.kill()
            process.join()
    session.rollback()
    return kills


@pytest.mark.parametrize(
    "visits, seconds, pause", [(40, 1.5, 0.3), pytest.param(400, 30.0, 0.4, marks=pytest.mark.long, id="400")]
)
def test_each_timer_fires_once_and_none_early_though_schedulers_are_killed(session, database, visits, seconds, pause):
    begin, random = database_now(session) + timedelta(seconds=HEAD_START), Random(7)
    for visit in visits_of(session, visits):
        due = begin + timedelta(seconds=random.uniform(0, seconds))
        session.add(Timer(case_id=visit.case_id, visit_id=visit.id, kind="due", due_at=due, deadline=visit.due_at))
    session.commit()

    kills = _killed_at_random(session, database.url, seconds=seconds, pause=pause)

    timers = list(session.scalars(select(Timer)))
    assert kills >= SCHEDULERS
    assert len(timers) == visits
    assert [timer.id for timer in timers if timer.fired_at is None] == []
    assert [timer.id for timer in timers if timer.fired_at < timer.due_at] == []
    told = session.execute(select(Notice.visit_id, func.count()).group_by(Notice.visit_id)).tuples()
    assert sorted(told) == sorted((timer.visit_id, 1) for timer in timers)
