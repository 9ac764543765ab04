"""Timers: when they are due, what they open, and whose clock they follow."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from service.engine import EngineError, Tick
from tests.engine.cases import BEGIN, Run, released
from tests.engine.diagrams import END, START, flows, process
from tests.engine.models import reminder, steps, timer


def reminded(text='"PT10H"', kind="timeDuration"):
    return process(START + steps("a") + reminder("a", text, kind) + END + flows(("s", "a"), ("a", "e")))


def escalated(text='"PT10H"', kind="timeDuration"):
    parts = START + steps("a", "b") + timer("a", text, kind, interrupting=True) + END
    return process(parts + flows(("s", "a"), ("a", "e"), ("a_due", "b"), ("b", "e")))


def test_a_reminder_opens_beside_its_step_and_ends_with_the_case():
    run = Run(released(reminded()))
    assert run.result.due == BEGIN + timedelta(hours=10)
    assert run.wait(9) == ["a"]
    assert run.wait(2) == ["a", "a_nag"]
    assert run.result.due is None
    run.do("a")
    assert not run.result.completed
    run.do("a_nag")
    assert run.result.completed


def test_a_timer_fires_at_its_very_instant_and_only_once():
    run = Run(released(reminded()))
    run.at = run.result.due - timedelta(microseconds=1)
    assert run.give(Tick()) == ["a"]
    run.at += timedelta(microseconds=1)
    assert run.give(Tick()) == ["a", "a_nag"]
    assert run.give(Tick()) == ["a", "a_nag"]


def test_an_interrupting_timer_withdraws_its_step():
    run = Run(released(escalated()))
    assert run.wait(11) == ["b"]
    assert [(task.node_id, task.how) for task in run.result.closed] == [("a", "cancelled")]


def test_a_step_decided_in_time_takes_its_timer_with_it():
    run = Run(released(escalated()))
    run.do("a")
    assert run.result.completed
    assert run.result.due is None


def test_who_decides_before_the_tick_comes_is_heard():
    run = Run(released(escalated()))
    run.at += timedelta(hours=11)
    run.do("a")
    assert run.result.completed


def test_an_overdue_repeating_timer_catches_up_at_once():
    run = Run(released(reminded('"R3/PT20H"', "timeCycle")))
    assert run.wait(21) == ["a", "a_nag"]
    assert run.result.due == BEGIN + timedelta(hours=40)
    assert run.wait(100) == ["a", "a_nag", "a_nag", "a_nag"]
    assert run.result.due is None


def test_a_timer_set_off_by_a_timer_runs_on_its_own_time():
    parts = START + steps("a", "b") + timer("a", interrupting=True) + timer("b", '"PT1H"', interrupting=True)
    text = process(
        parts
        + steps("c")
        + END
        + flows(*[("s", "a"), ("a", "e"), ("a_due", "b"), ("b", "e"), ("b_due", "c"), ("c", "e")])
    )
    run = Run(released(text))
    assert run.wait(10) == ["b"]
    assert run.result.due == run.at + timedelta(hours=1)
    assert run.wait(1) == ["c"]


def test_a_deadline_may_be_a_fact_of_an_earlier_step():
    parts = START + steps("d", "a", "b") + timer("a", "d.deadline", "timeDate", interrupting=True) + END
    text = process(parts + flows(("s", "d"), ("d", "a"), ("a", "e"), ("a_due", "b"), ("b", "e")))
    run = Run(released(text))
    run.do("d", deadline="2027-02-01T09:00:00+08:00")
    assert run.result.due == datetime(2027, 2, 1, 1, tzinfo=UTC)
    for wrong in ("tomorrow", 7, None, "P1D", ""):
        again = Run(released(text))
        before = again.result.snapshot
        with pytest.raises(EngineError, match="时间"):
            again.do("d", deadline=wrong)
        assert again.result.snapshot == before


ZONES = """
from tests.engine.test_timers import *
run = Run(released(escalated('"2027-02-01"', "timeDate")))
print(run.result.due.isoformat(), run.result.digest)
"""


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Shanghai"])
def test_a_date_without_zone_is_the_districts_wherever_the_program_runs(zone):
    out = subprocess.run(
        [sys.executable, "-c", ZONES], env={**os.environ, "TZ": zone}, capture_output=True, text=True, check=True
    )
    due, digest = out.stdout.split()
    here = Run(released(escalated('"2027-02-01"', "timeDate")))
    assert datetime.fromisoformat(due) == datetime(2027, 1, 31, 16, tzinfo=UTC) == here.result.due
    assert digest == here.result.digest


@pytest.mark.parametrize("text", ['"R/PT1H"', '"R0/PT1H"', '"R500/PT1H"'])
def test_a_timer_that_repeats_without_end_is_not_released(text):
    with pytest.raises(EngineError, match="定时事件"):
        released(reminded(text, "timeCycle"))
