"""What happens without a person? A scheduler wakes small jobs; all state is in the database.

Any number of schedulers may run: each job takes its due rows with SKIP LOCKED, so nothing happens twice.
"""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.orm import Session, sessionmaker

from db.connection import database_now, make_engine, make_sessions
from service import (
    campaigns,
    deliveries,
    department_seasons,
    digest,
    health,
    launches,
    log,
    notice_events,
    notices,
    reminders,
    timers,
)
from service.config import Config
from service.seals import work
from service.verification import runs

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Job:
    """Something done every so many seconds, in one transaction, at the database's instant."""

    name: str
    seconds: int
    run: Callable[[Session, datetime], None]


#: The jobs that need nothing but the database.
JOBS: tuple[Job, ...] = (
    Job("heartbeat", 15, health.beat),
    Job("seasons", 60, campaigns.open_and_close_due),
    Job("process_timers", 5, timers.fire),
    Job("monitoring_cases", 2, launches.launch_due),
    Job("department_cases", 2, department_seasons.launch_due),
    Job("reminder_plans", 30, reminders.plan),
    Job("reminders", 5, reminders.fire),
    Job("notices", 5, notice_events.tell),
    Job("digest", 60, digest.write),
    Job("old_notices", 3600, notices.forget),
    Job("old_messages", 3600, deliveries.forget),
    Job("old_timers", 600, reminders.forget),
)


def of(config: Config) -> tuple[Job, ...]:
    """The jobs of an installation: those of the product, and those that need its data folder."""
    return (
        *JOBS,
        Job("deliveries", 5, deliveries.sender(config)),
        Job("seals", work.SECONDS, work.sealer(config)),
        Job("seal_copies", work.SECONDS, work.copier(config)),
        Job("verification", runs.SECONDS, runs.run_nightly(config)),
    )


def run_forever(config: Config) -> None:
    """Run all jobs until the process is told to end; a running job finishes first."""
    log.configure(config.log)
    engine = make_engine(config.database_url, search_path=config.schema, pool_size=2)
    sessions = make_sessions(engine)
    scheduler = BackgroundScheduler(timezone="UTC")
    jobs = of(config)
    for job in jobs:
        run_once(job, sessions)
        scheduler.add_job(
            run_once, "interval", seconds=job.seconds, args=[job, sessions], id=job.name, max_instances=1, coalesce=True
        )
    # Blocked before the scheduler's threads start, so that sigwait below is the one that gets them.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    scheduler.start()
    logger.info("scheduler_started", jobs=[job.name for job in jobs])
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
    scheduler.shutdown(wait=True)
    engine.dispose()


def run_once(job: Job, sessions: sessionmaker[Session]) -> None:
    """Run a job in a transaction of its own; a failure is logged and the next turn tries again."""
    try:
        with sessions.begin() as session:
            job.run(session, database_now(session))
    except Exception:
        logger.exception("job_failed", job=job.name)
