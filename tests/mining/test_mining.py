"""Does a process-mining tool read our logs without a warning, and do histories follow the diagrams between moves?"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import golden_histories
import pytest
from sqlalchemy.orm import Session

from db.connection import database_now
from service import event_logs, installation
from service.config import Config
from service.demo import loading
from tests.district import District, create_district

CONSUMER = Path(__file__).parent / "consumer.py"
DIAGRAM = golden_histories.WORKFLOWS / "target_declaration.bpmn"
TO_LIBRARY = (
    "draft", "unit_sign", "department_review", "fund_review", "fund_chief_review", "budget_review",
    "performance_review", "performance_chief_review",
)  # fmt: skip


def ask(*questions: Sequence[str | Path]) -> list[dict[str, Any]]:
    """The consumer's answers."""
    done = subprocess.run(
        [sys.executable, str(CONSUMER)],
        input=json.dumps([[str(part) for part in question] for question in questions]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def written(session: Session, folder: Path) -> tuple[Path, Path]:
    xes, ocel = folder / "log.xes", folder / "log.jsonocel"
    xes.write_bytes(event_logs.xes(session))
    ocel.write_text(json.dumps(event_logs.ocel(session), ensure_ascii=False))
    return xes, ocel


@pytest.fixture
def district(session: Session) -> District:
    """Cases that went straight, came back at each level and in both ways, were disputed, withdrawn, and still run."""
    made = create_district(session)
    made.add("FUND_REVIEWER", "SUBSTITUTE")
    cases = [made.start(project_name=f"职业技能培训第{number}期")["case_id"] for number in range(8)]
    made.walk(cases[0], *TO_LIBRARY)
    made.walk(cases[1], *TO_LIBRARY[:3])
    made.decide(cases[1], "fund_review", "return")
    made.walk(cases[1], *TO_LIBRARY[:5])
    made.decide(cases[1], "performance_review", "return")
    made.walk(cases[1], *TO_LIBRARY)
    made.walk(cases[2], *TO_LIBRARY[:2])
    made.decide(cases[2], "department_review", "consult")
    made.walk(cases[2], "draft", "department_review", *TO_LIBRARY[3:5], "performance_review", "budget_review")
    made.walk(cases[2], "performance_chief_review")
    made.walk(cases[3], *TO_LIBRARY[:5])
    made.decide(cases[3], "budget_review", "reject")
    made.walk(cases[3], "performance_review", "performance_chief_review", "arbitration")
    made.walk(cases[4], *TO_LIBRARY[:2])
    made.decide(cases[4], "department_review", "reject")
    made.walk(cases[5], *TO_LIBRARY[:2])
    made.act(cases[5], "unit_sign", "recall", role="UNIT_LEADER")
    made.walk(cases[5], "unit_sign", "department_review")
    made.decide(cases[5], "fund_review", "claim")
    made.act(cases[5], "fund_review", "transfer", role="FUND_REVIEWER", params={"person": made.id("SUBSTITUTE")})
    made.decide(cases[5], "fund_review", role="SUBSTITUTE")
    made.walk(cases[6], "draft")
    made.act(cases[6], "draft", "withdraw_case", role="UNIT_CLERK")
    return made


def test_logs_are_read_without_a_warning_and_every_stretch_follows_the_diagram(
    session: Session, district: District, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    xes, ocel = written(session, tmp_path)
    swapped = tmp_path / "swapped.json"
    swapped.write_text(json.dumps([[None, ["draft", "department_review", "unit_sign"], ["fund_review"]]]))
    recorded = {process: stretches(process, tmp_path) for process in golden_histories.processes()}
    found, followed, wrong, *paths = ask(
        ("read", xes, ocel),
        ("conform", DIAGRAM, xes),
        ("conform", DIAGRAM, swapped),
        *(("conform", process, file) for process, file in recorded.items()),
    )
    cases = 8
    events = sum(district.case(one["case_id"]).seq for one in district.started)
    assert (found["cases"], found["events"], found["object_events"]) == (cases, events, events)
    assert found["objects"]["case"] == found["objects"]["project"] == cases
    assert found["objects"]["target"] == 4
    # What is discovered has exactly the steps people decided, and explains every case.
    assert found["discovered"]["transitions"] == found["activities"]
    assert len(found["activities"]) == 9
    assert found["discovered"]["log_fitness"] == 1.0
    with capsys.disabled():
        sys.stdout.write(f"\ndiscovered model: {found['tree']}\n")
    assert (followed["fitness"], followed["worst"]) == (1.0, [])
    assert (
        followed["stretches"] == cases + 6
    )  # two returns, a consultation and its way back, one taken back, one withdrawn
    assert wrong["fitness"] < 1
    assert [(one["fitness"], one["worst"]) for one in paths] == [(1.0, [])] * len(recorded)
    assert all(one["decisions"] > 10 for one in paths)
    assert sum(one["decisions"] for one in paths) > 50 * len(recorded)


def stretches(process: Path, folder: Path) -> Path:
    """The stretches of a process's golden histories; a wait that is over is no step of a person."""
    release = golden_histories.compiled(golden_histories.bundle(process), process.stem)
    kept = json.loads(golden_histories.place(process.stem, release.hash).read_text())["histories"]
    found = [stretch for history in kept for stretch in _of_history(history["steps"])]
    path = folder / f"{process.stem}.json"
    path.write_text(json.dumps(found))
    return path


def _of_history(steps: Sequence[Mapping[str, Any]]) -> Iterator[tuple[list[str] | None, list[str], list[str]]]:
    before: list[str] | None = None
    walked: list[str] = []
    nodes: dict[int, str] = {}
    for step in steps:
        waiting, kind = sorted(nodes.values()), step["command"]["type"]
        if kind in ("move", "cancel"):
            yield before, walked, waiting
        elif kind == "complete":
            walked = [*walked, nodes[step["command"]["task"]]]
        for task, _, _ in step.get("closed", ()):
            nodes.pop(task)
        nodes |= dict(step.get("opened", ()))
        if kind in ("move", "cancel"):
            before, walked = sorted(nodes.values()), []
    yield before, walked, sorted(nodes.values())


@pytest.mark.long
def test_the_whole_demo_year_follows_the_diagram(session: Session, config: Config, tmp_path: Path):
    installation.migrate(config)
    loading.load(config, at=database_now(session), say=lambda text: None, processes=2)
    xes, ocel = written(session, tmp_path)
    processes = golden_histories.processes()
    found, *followed = ask(("read", xes, ocel), *(("conform", process, xes) for process in processes))
    assert found["cases"] > 900
    told = {process.stem: one for process, one in zip(processes, followed, strict=True) if one["stretches"]}
    assert {name: (one["fitness"], one["worst"]) for name, one in told.items()} == dict.fromkeys(told, (1.0, []))
    assert told["target_declaration"]["stretches"] > 1_000
    assert sum(one["stretches"] for one in told.values()) > found["cases"] + 150


def test_the_tool_is_no_part_of_the_product():
    assert "pm4py" not in (golden_histories.ROOT / "requirements.lock").read_text()
