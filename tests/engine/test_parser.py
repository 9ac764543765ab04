"""A bundle compiles to a release that says who decides what, the same on every machine."""

from pathlib import Path

import pytest

from service.engine.compiler import compile_release
from service.engine.release import ReleaseError
from tests.engine.diagrams import END, START, flows, process, user_task
from tests.engine.models import timer

NAME = "target_declaration"
FILES = {f"{NAME}.bpmn": (Path("workflows") / f"{NAME}.bpmn").read_bytes()}


def forked(*arrows):
    gates = '<bpmn:parallelGateway id="f"/><bpmn:parallelGateway id="j"/><bpmn:exclusiveGateway id="x" default="x_b"/>'
    return process(START + gates + "".join(map(user_task, "abc")) + END + flows(*arrows))


def test_the_steps_come_in_reading_order():
    assert list(compile_release(FILES, NAME).steps) == [
        "draft",
        "unit_sign",
        "department_review",
        "fund_review",
        "fund_chief_review",
        "budget_review",
        "performance_review",
        "performance_chief_review",
        "arbitration",
    ]


def test_a_step_overrides_its_lane():
    steps = compile_release(FILES, NAME).steps
    assert (steps["fund_review"].role, steps["fund_chief_review"].role) == ("FUND_REVIEWER", "FUND_CHIEF")
    assert steps["fund_chief_review"].organisation_rule == "project.fund_section"
    assert steps["fund_chief_review"].lane == "资金科室"
    assert steps["arbitration"].due_days == 2
    assert [outcome.label for outcome in steps["unit_sign"].outcomes] == ["同意报送", "退回修改"]
    assert steps["draft"].due_days is None


def test_ends_effects_and_hash():
    release = compile_release(FILES, NAME)
    assert {end.node_id: end.stage for end in release.ends.values()} == {
        "target_in_library": "in_library",
        "target_rejected": "rejected",
    }
    assert release.effects == ("admit_target",)
    assert release.hash == compile_release(dict(FILES), NAME).hash
    assert release.hash != compile_release({**FILES, "note.txt": b"x"}, NAME).hash
    assert release.unsafe == ()


@pytest.mark.parametrize(
    ("code", "arrows"),
    [
        (
            "gateway.unmatched",
            [("s", "x"), ("x", "a", "1 == 1"), ("x", "b"), ("a", "j"), ("b", "j"), ("j", "f"), ("f", "c"), ("c", "e")],
        ),
        (
            "flow.unsafe",
            [
                ("s", "f"),
                ("f", "a"),
                ("f", "b"),
                ("a", "x"),
                ("b", "x"),
                ("x", "b"),
                ("x", "c", "1 == 1"),
                ("c", "j"),
                ("j", "e"),
            ],
        ),
    ],
)
def test_tokens_that_meet_or_wait_for_ever_are_refused(code, arrows):
    with pytest.raises(ReleaseError) as caught:
        compile_release({"x.bpmn": forked(*arrows)}, "p")
    assert code in {problem.code for problem in caught.value.problems}


def test_a_reminder_that_runs_into_the_main_path_is_refused():
    text = process(
        START
        + user_task("a")
        + user_task("b")
        + timer("a")
        + END
        + flows(("s", "a"), ("a", "b"), ("b", "e"), ("a_due", "b"))
    )
    with pytest.raises(ReleaseError) as caught:
        compile_release({"x.bpmn": text}, "p")
    assert {problem.code for problem in caught.value.problems} == {"flow.unsafe"}


def test_every_problem_is_reported_at_once():
    text = process(
        START + user_task("a", 'jh:dueDays="x"') + user_task("b", step="") + END + flows(("s", "a"), ("a", "e"))
    )
    with pytest.raises(ReleaseError) as caught:
        compile_release({"x.bpmn": text}, "p")
    assert {"number.invalid", "step.role", "step.stage", "flow.unreachable"} <= {p.code for p in caught.value.problems}
