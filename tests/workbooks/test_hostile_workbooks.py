"""Is every hostile or broken file refused in time, in Chinese, with little memory, by a worker that lives on?"""

import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from service.workbooks import WorkbookRefused
from tests.workbooks.books import read
from tests.workbooks.hostile import FILES, members, packed, sound

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile("[\u4e00-\u9fff]{4}")


@pytest.fixture(scope="module")
def worker():
    """One process for the whole corpus, as one web worker would meet it."""
    command = [sys.executable, "-m", "tests.workbooks.reading_worker"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.stdin.close()
        assert process.wait(10) == 0


def told(worker, path, data):
    path.write_bytes(data)
    worker.stdin.write(f"{path}\n")
    worker.stdin.flush()
    return json.loads(worker.stdout.readline())


def outcome(data):
    """The refusal's sentence, or how many projects were read all the same."""
    try:
        return f"读到的项目数：{len(read(data).rows)}"
    except WorkbookRefused as refusal:
        return refusal.detail


def test_the_corpus_is_large_enough():
    assert len(FILES) >= 40


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_and_the_worker_lives(worker, tmp_path, name):
    make, reason = FILES[name]
    found = told(worker, tmp_path / "upload.xlsx", make())
    assert re.search(reason, found["said"]), found
    assert CHINESE.search(found["said"])
    assert found["seconds"] <= 5, found
    assert found["child"] <= 300, found
    assert found["grown"] <= 300, found
    assert told(worker, tmp_path / "sound.xlsx", sound())["said"] == "read 1"


def test_any_damage_is_refused_or_read_but_never_breaks_the_reader():
    dice = random.Random(88)
    for _ in range(60):
        data = bytearray(sound())
        for _ in range(dice.randint(1, 6)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        assert CHINESE.search(outcome(bytes(data)))


def test_damage_inside_the_parts_is_refused_or_read():
    dice = random.Random(99)
    parts = members()
    for _ in range(60):
        name = dice.choice(sorted(parts))
        content = bytearray(parts[name])
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(content))
            content[at : at + dice.choice((0, 1, 8))] = dice.randbytes(dice.choice((0, 1, 4)))
        assert CHINESE.search(outcome(packed(parts | {name: bytes(content)})))
