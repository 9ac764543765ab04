"""Files of other tools: every one gives a list that names what is foreign, none crashes, hangs or loses anything silently."""

import time
from itertools import pairwise
from pathlib import Path

import pytest

from service.release_check import check_texts
from tests.engine.diagrams import END, START, flows, process
from tests.engine.foreign import corpus

CORPUS = corpus()


@pytest.fixture(scope="module")
def checks():
    return dict(
        zip(CORPUS, check_texts([(f"{name}.bpmn", sample.text) for name, sample in CORPUS.items()]), strict=True)
    )


def test_the_corpus_is_large_enough():
    assert len(CORPUS) >= 200


@pytest.mark.parametrize("name", CORPUS)
def test_a_file_of_another_tool_gives_its_problems(name, checks):
    sample, found = CORPUS[name], checks[name]
    assert found.readable == sample.readable
    assert found.problems
    said = " ".join(f"{problem['element_id']} {problem['message']}" for problem in found.problems)
    assert [text for text in sample.says if text not in said] == []
    codes = {problem["code"] for problem in found.problems}
    assert set(sample.codes) <= codes
    assert not codes & {"check.failed", "check.unfinished"}
    assert all(problem["message"] and problem["remedy"] for problem in found.problems)


def test_every_unreadable_file_is_said_in_one_sentence(checks):
    unreadable = [found for name, found in checks.items() if not CORPUS[name].readable]
    assert all(len(found.problems) == 1 for found in unreadable)


@pytest.mark.parametrize("name", ["large-fan-120", "large-chain-12000", "large-many-foreign", "broken-deep"])
def test_a_large_file_is_answered_within_five_seconds(name):
    began = time.perf_counter()
    check_texts([(f"{name}.bpmn", CORPUS[name].text)])
    assert time.perf_counter() - began < 5


def test_the_shipped_process_is_clean():
    text = Path("workflows/target_declaration.bpmn").read_bytes()
    assert [one.status for one in check_texts([("target_declaration.bpmn", text)])] == ["clean"]


def test_a_called_process_is_found_in_another_file():
    call = CORPUS["odd-unknown-call"].text
    called = call.replace(b'"p', b'"zz').replace(b'calledElement="zz"', b'calledElement="zz_none"')
    alone, _ = check_texts([("a.bpmn", call), ("b.bpmn", CORPUS["odd-no-process"].text)])
    together, _ = check_texts([("a.bpmn", call), ("b.bpmn", called)])
    assert "call.unknown" in {problem["code"] for problem in alone.problems}
    assert "call.unknown" not in {problem["code"] for problem in together.problems}


def test_a_drawing_without_numbers_is_refused_in_words():
    text = Path("workflows/target_declaration.bpmn").read_bytes()
    at = text.index(b'<dc:Bounds x="', text.index(b'bpmnElement="draft"'))
    (found,) = check_texts([("x.bpmn", text[:at] + '<dc:Bounds x="左'.encode() + text[at + len(b'<dc:Bounds x="') :])])
    assert {"drawing.size", "process.refused"} <= {problem["code"] for problem in found.problems}
    assert "check.failed" not in {problem["code"] for problem in found.problems}


def test_a_file_too_complex_to_be_judged_is_given_up_in_time_with_what_was_found():
    names = [f"g{number}" for number in range(280)]
    arrows = [(one, other, "case.x == 1") for i, one in enumerate(names) for other in names[i + 2 : i + 6]]
    default = [(one, other, None, f"{one}_else") for one, other in pairwise(names)]
    nodes = START + END + "".join(f'<bpmn:inclusiveGateway id="{name}" default="{name}_else"/>' for name in names)
    text = process(nodes + flows(("s", names[0]), *arrows, *default, (names[-1], "e")))
    began = time.perf_counter()
    (found,) = check_texts([("mesh.bpmn", text)])
    assert time.perf_counter() - began < 5
    codes = {problem["code"] for problem in found.problems}
    # The search is bounded by its work, so that every machine gives the same answer.
    assert {"drawing.missing", "flow.unproved"} <= codes
    assert "check.unfinished" not in codes
    assert found.status == "problems"
