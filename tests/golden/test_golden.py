"""Do the histories recorded with every shipped version still come to the same states, and do forms read the same?"""

import json
from pathlib import Path

import golden_forms
import golden_histories
import pytest

import forms
from service import engine
from service.engine.outline import read_outline
from tests.golden.replaying import different, repeated

FILES = sorted(golden_histories.GOLDEN.glob("*/*.json"))
HISTORIES = [file for file in FILES if file.parent != golden_forms.FOLDER]
CONTENTS = [file for file in FILES if file.parent == golden_forms.FOLDER]
RECORD = "请运行 scripts/golden 并核对差异 · run scripts/golden and look at the difference"


def name_of(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


@pytest.fixture(scope="module")
def kept() -> dict:
    return {file: json.loads(file.read_text()) for file in HISTORIES}


@pytest.mark.parametrize("file", HISTORIES, ids=name_of)
def test_every_recorded_history_comes_to_the_same_states(kept, file):
    release = golden_histories.compiled(
        {name: text.encode() for name, text in kept[file]["files"].items()}, kept[file]["process"]
    )
    assert release.hash == kept[file]["hash"], f"{name_of(file)}: the bundle's hash is taken otherwise than before"
    found = [problem for history in kept[file]["histories"] for problem in different(release, history)]
    assert not found, f"{len(found)} histories of {name_of(file)} differ:\n" + "\n".join(found[:20])


@pytest.mark.parametrize("process", golden_histories.processes(), ids=lambda path: path.stem)
def test_every_shipped_process_has_histories_of_every_path(kept, process):
    files = golden_histories.bundle(process)
    release = golden_histories.compiled(files, process.stem)
    file = golden_histories.place(process.stem, release.hash)
    assert file in kept, (
        f"{process.name} or a form of it changed and has no golden histories. {RECORD}{changed(process, files, kept)}"
    )
    histories = kept[file]["histories"]
    outline = read_outline(process.read_bytes())
    walked, decided, reached = shown(release, histories)
    assert {flow.id for flow in outline.flows.values() if (flow.source, flow.target) not in walked} == set()
    offered = {(step.node_id, one.verb) for step in release.steps.values() for one in step.outcomes}
    forward = {(step, verb) for step, verb in offered if verb not in golden_histories.BACKWARD}
    assert forward - decided == set()
    assert set(release.ends) == reached
    names = [history["name"] for history in histories]
    for step, verb in offered - forward:
        assert any(name.startswith(f"{verb} {step} → ") for name in names), (step, verb)
    assert len(names) == len(set(names))


def changed(process: Path, files: dict[str, bytes], kept: dict) -> str:
    """Which files of the bundle differ from the version recorded last."""
    earlier = [one["files"] for file, one in kept.items() if file.parent.name == process.stem]
    if not earlier:
        return ""
    nearest = min(earlier, key=lambda one: sum(one.get(name) != text.decode() for name, text in files.items()))
    return "\n" + "\n".join(f"· {name}" for name, text in files.items() if nearest.get(name) != text.decode())


def shown(release, histories):
    walked, decided, reached = set(), set(), set()
    for history in histories:
        nodes = {}
        for step in history["steps"]:
            nodes |= dict(step.get("opened", ()))
            walked |= {tuple(flow) for flow in step.get("flows", ())}
            reached |= set(step.get("reached", ()))
            if step["command"]["type"] == "complete":
                decided.add((nodes[step["command"]["task"]], step["command"]["decision"]["outcome"]))
    return walked, decided, reached


@pytest.mark.parametrize("file", CONTENTS, ids=name_of)
def test_every_recorded_content_is_read_the_same(file):
    definition, samples = golden_forms.read(file)
    found = []
    for number, sample in enumerate(samples, 1):
        now = golden_forms.outcome(definition, sample)
        parts = [name for name, value in now.items() if sample[name] != value]
        if parts:
            found.append(
                f"sample {number} at {sample['node']}: {', '.join(parts)} ({sample['first']} → {now['first']})"
            )
    assert not found, f"{definition.code} reads otherwise than recorded:\n" + "\n".join(found[:20])


@pytest.mark.parametrize("code", golden_forms.codes())
def test_every_shipped_form_has_recorded_contents(code):
    file = golden_forms.place(forms.load(code))
    assert file in CONTENTS, f"The form {code} changed and has no golden contents. {RECORD}"
    definition, samples = golden_forms.read(file)
    assert len({sample["content"] for sample in samples}) > len(samples) // 2
    # A form of four questions has not many ways to be wrong.
    ways = 2 * sum(field.fillable for field in definition.questions)
    assert len({sample["problems"] for sample in samples}) > min(len(samples) // 2, ways)


def test_another_engine_would_show(kept):
    """The comparison itself notices a state, a step or an effect that comes out otherwise."""
    file = HISTORIES[0]
    release = golden_histories.compiled(
        {name: text.encode() for name, text in kept[file]["files"].items()}, kept[file]["process"]
    )
    history = json.loads(json.dumps(kept[file]["histories"][0]))
    assert list(different(release, history)) == []
    history["steps"][2]["digest"] = "0" * 64
    assert "step 3" in next(different(release, history))
    history = json.loads(json.dumps(kept[file]["histories"][0]))
    history["steps"][1]["opened"] = []
    assert "opened" in next(different(release, history))
    history["steps"][1]["command"]["task"] = 999
    assert "cannot be repeated" in next(different(release, history))


def test_the_search_records_the_same_again(kept):
    process = golden_histories.processes()[0]
    release = golden_histories.compiled(golden_histories.bundle(process), process.stem)
    file = golden_histories.place(process.stem, release.hash)
    again = [story.to_json(name) for name, story in golden_histories.histories(release).items()]
    assert json.loads(json.dumps(again)) == kept[file]["histories"]
    assert repeated(release, again[0]) == [step["digest"] for step in again[0]["steps"]]
    assert isinstance(release, engine.Release)
