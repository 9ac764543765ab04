"""Recorded commands give the same states, byte for byte, in another process and in any number of threads."""

import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from service.engine import Message, MoveRefused, command_from_json, replay
from tests.engine.cases import Run, released
from tests.engine.models import APPROVAL, DEADLINE, EVENTS, INCLUSIVE, UNSTRUCTURED
from tests.engine.random_models import Maker, diagram
from tests.engine.test_moves_against_model import Walk

MODELS = {"approval": APPROVAL, "deadline": DEADLINE, "events": EVENTS, "inclusive": INCLUSIVE, **UNSTRUCTURED}
FACTS = {"people": ["p", "q"], "用途": "养护"}


def history(name, seed):
    """Random work, waiting and moves on one of the models; the commands with the digest after each."""
    rnd = random.Random(f"{name} {seed}")
    run = Run(released(MODELS[name]), FACTS)
    digests = [run.result.digest]
    for number in range(30):
        if run.result.completed:
            break
        step_in(run, rnd, number)
        digests.append(run.result.digest)
    return recorded(run, digests)


def step_in(run, rnd, number):
    facts = {name: rnd.random() < 0.6 for name in ("ok", "again", "a", "b")}
    dice = rnd.random()
    if run.waits_at("wait"):
        run.give(Message("reply", {"no": number}))
    elif dice < 0.2 or not run.names():
        run.wait(rnd.choice([1, 5, 30]))
    elif dice < 0.4:
        try:
            run.move(rnd.choice(list(run.release.steps)))
        except MoveRefused:
            run.wait(1)
    else:
        run.do(rnd.choice(run.names()), no=number, **facts)


def recorded(run, digests):
    return [
        [json.dumps(command.to_json()), at.isoformat(), digest]
        for (command, at), digest in zip(run.log, digests, strict=True)
    ]


def repeat(text, steps):
    """Replay recorded commands; return how many there were and how many digests differ."""
    commands = [(command_from_json(json.loads(command)), datetime.fromisoformat(at)) for command, at, _ in steps]
    results = list(replay(commands, released(text)))
    return len(results), sum(result.digest != step[2] for result, step in zip(results, steps, strict=True))


CHILD = """
import json, sys
from tests.engine.test_replay import repeat
print(json.dumps([repeat(text.encode(), steps) for text, steps in json.load(sys.stdin)]))
"""


def replayed_elsewhere(histories, seed):
    out = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps([[text.decode(), steps] for text, steps in histories]),
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(out.stdout)


@pytest.fixture(scope="module")
def histories():
    found = [(MODELS[name], history(name, seed)) for name in MODELS for seed in range(4)]
    for seed in range(8):
        walk = Walk(seed)
        walk.go(20, migrations=False)
        digests = [result.digest for result in replay(walk.run.log, released(walk.text))]
        found.append((walk.text, recorded(walk.run, digests)))
    return found


@pytest.mark.parametrize("seed", ["0", "1", "424242", "random"])
def test_another_process_with_another_hash_seed_comes_to_the_same_states(histories, seed):
    outcome = replayed_elsewhere(histories, seed)
    assert sum(count for count, _ in outcome) == sum(len(steps) for _, steps in histories) > 300
    assert [differing for _, differing in outcome] == [0] * len(histories)


def test_a_changed_command_shows(histories):
    text, steps = histories[0]
    position = next(i for i, step in enumerate(steps) if '"complete"' in step[0])
    command = json.loads(steps[position][0])
    command["decision"]["no"] = -1
    changed = [*steps[:position], [json.dumps(command), *steps[position][1:]], *steps[position + 1 :]]
    assert repeat(text, changed)[1] > 0


def test_threads_share_one_release(histories):
    def in_thread(item):
        (_, steps), release = item
        commands = [(command_from_json(json.loads(command)), datetime.fromisoformat(at)) for command, at, _ in steps]
        return [result.digest for result in replay(commands, release)] == [digest for _, _, digest in steps]

    work = [(item, release) for item in histories for release in [released(item[0])] for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(in_thread, work))


@pytest.mark.long
def test_many_histories_repeat_in_other_processes():
    long = [(MODELS[name], history(name, seed)) for name in MODELS for seed in range(100, 160)]
    for seed in ("0", "7", "random"):
        assert all(differing == 0 for _, differing in replayed_elsewhere(long, seed))


def test_random_processes_compile_to_one_text():
    assert diagram(Maker(random.Random(5))) == diagram(Maker(random.Random(5)))
