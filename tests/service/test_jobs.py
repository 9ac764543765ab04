"""Do the background jobs do their work in a transaction of their own, and survive a failure?"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from db.campaign import Campaign
from db.connection import make_sessions
from service import jobs
from service.jobs import Job
from service.people import day
from tests.factories import create_campaign, create_unit


def test_the_scheduler_opens_and_closes_seasons_by_date(session, engine):
    today = day(datetime.now(UTC))
    unit = create_unit(session)
    due = {"state": "prepared", "opens_on": today, "closes_on": today + timedelta(days=30)}
    over = {"state": "open", "opens_on": today - timedelta(days=30), "closes_on": today - timedelta(days=1)}
    first = create_campaign(session, fiscal_year=2027, units=[unit], **due)
    last = create_campaign(session, fiscal_year=2026, units=[unit], **over)
    session.commit()
    (job,) = [job for job in jobs.JOBS if job.name == "seasons"]
    jobs.run_once(job, make_sessions(engine))
    session.expire_all()
    states = dict(session.execute(select(Campaign.id, Campaign.state)).tuples().all())
    assert states == {first.id: "open", last.id: "closed"}


def test_a_failing_job_leaves_nothing_half_done_and_does_not_end_the_scheduler(session, engine):
    unit = create_unit(session)
    create_campaign(session, units=[unit])
    session.commit()

    def fail(own, at):
        own.execute(select(Campaign)).scalar_one().title = "改了一半"
        own.flush()
        raise RuntimeError("broken")

    jobs.run_once(Job("broken", 1, fail), make_sessions(engine))
    session.expire_all()
    assert session.scalars(select(Campaign.title)).one() != "改了一半"
