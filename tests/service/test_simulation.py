"""Scenarios, random walks and coverage of a version of a process, played in memory."""

from pathlib import Path

import pytest

from service.engine import compile_release
from service.engine.outline import read_outline
from service.simulation import Decision, Scenario, coverage, judge, play, random_walks
from tests.engine.cases import released
from tests.engine.diagrams import END, OUTCOMES, START, flows, process, user_task
from tests.engine.models import APPROVAL, DEADLINE, choice, parallel

SHIPPED = Path("workflows/target_declaration.bpmn").read_bytes()
UPWARD = ("unit_sign", "department_review", "fund_review", "fund_chief_review", "budget_review", "performance_review", "performance_chief_review")  # fmt: skip


@pytest.fixture(scope="module")
def release():
    return compile_release({"target_declaration.bpmn": SHIPPED}, "target_declaration")


@pytest.fixture(scope="module")
def outline():
    return read_outline(SHIPPED)


def decided(*last, key=False, skip=0):
    draft = Decision(step="draft", verb="submit", facts={"is_key_project": key, "is_finance_own": False})
    return (draft, *(Decision(step=name, verb="approve") for name in UPWARD[: len(UPWARD) - skip]), *last)


def story(decisions, expected, ends_in):
    return Scenario(name="一次申报", decisions=decisions, expected=expected, ends_in=ends_in)


def test_a_scenario_that_goes_as_expected_has_no_problem(release):
    outcome = play(release, story(decided(), ("draft", *UPWARD), "in_library"))
    assert (outcome.problem, outcome.stage, outcome.open) == ("", "in_library", ())
    assert ("needs_arbitration", "admission_due") in outcome.flows


def test_a_key_project_takes_the_other_way_and_that_is_said(release):
    outcome = play(release, story(decided(key=True), ("draft", *UPWARD), "in_library"))
    assert outcome.problem == "结束在“尚未结束”，预期是“已入库”"
    assert outcome.open == ("arbitration",)


def test_a_return_goes_back_and_comes_forward_again(release):
    back = (
        decided()[0], Decision(step="unit_sign", verb="approve"), Decision(step="department_review", verb="return", to="draft"), *decided(),
    )  # fmt: skip
    path = ("draft", "unit_sign", "department_review", "draft", *UPWARD)
    assert play(release, story(back, path, "in_library")).problem == ""


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (
            Decision(step="arbitration", verb="approve"),
            "步骤“裁定是否入库”此时不在办理，正在办理的步骤：“审签申报材料”",
        ),
        (Decision(step="unit_sign", verb="reject"), "没有处理结果“不予通过”"),
        (Decision(step="unit_sign", verb="return", to="fund_review"), "不能退回到“审核绩效目标”"),
        (Decision(step="unit_sign", verb="consult"), "没有处理结果“会商修改”"),
    ],
)
def test_a_decision_that_is_not_possible_is_the_problem(release, last, said):
    outcome = play(release, story((decided()[0], last), ("draft",), ""))
    assert outcome.problem.startswith("第 2 个决定不能执行")
    assert said in outcome.problem


def test_another_path_than_expected_is_said(release):
    outcome = play(release, story(decided()[:2], ("draft",), ""))
    paths = "预算单位经办人填报绩效目标 → 单位负责人审签申报材料，预期是 预算单位经办人填报绩效目标"
    assert (outcome.problem, outcome.place) == (f"经过的步骤是 {paths}", "unit_sign")


def test_coverage_counts_the_arrows_of_all_scenarios(release, outline):
    one = play(release, story(decided(), ("draft", *UPWARD), "in_library"))
    two = play(release, story((*decided(key=True), Decision(step="arbitration", verb="reject")), (), ""))
    found = coverage(outline, [one, two])
    assert {"no_arbitration", "arbitration_needed", "leader_no"} <= set(found.taken)
    assert {"department_no", "leader_yes"} <= set(found.missed)
    assert len(found.taken) + len(found.missed) == 30
    assert found.percent == int(1000 * len(found.taken) / 30) / 10


def test_a_hundred_random_walks_take_every_branch_and_never_get_stuck(release, outline):
    walks = random_walks(release, outline)
    assert (walks.count, walks.stuck, walks.coverage.missed) == (100, (), ())
    assert set(walks.stages) == {"in_library", "rejected"}
    assert random_walks(release, outline).to_json() == walks.to_json()


@pytest.mark.parametrize("text", [APPROVAL, DEADLINE])
def test_timers_and_called_processes_are_walked_too(text):
    walks = random_walks(released(text), read_outline(text), count=20)
    assert walks.stuck == ()
    assert walks.coverage.percent > 60


def test_a_process_that_stops_is_found_stuck():
    fork = '<bpmn:inclusiveGateway id="f" default="f_b"/>'
    text = process(
        START + user_task("a") + user_task("b") + fork + parallel("j") + END
        + flows(("s", "f"), ("f", "a", "case.x == 1"), ("f", "b"), ("a", "j"), ("b", "j"), ("j", "e"))
    )  # fmt: skip
    walks = random_walks(released(text), read_outline(text), count=10)
    assert walks.stuck
    assert "流程会停在这里" in walks.stuck[0].problem


def test_a_process_that_never_ends_is_found():
    text = process(
        START + user_task("a") + choice("g") + END
        + flows(("s", "a"), ("a", "g"), ("g", "e", 'a.outcome == "reject"'), ("g", "a", None, "g_else"))
    )  # fmt: skip
    walks = random_walks(released(text), read_outline(text), count=3)
    assert ["一直循环" in outcome.problem for outcome in walks.stuck] == [True] * 3


def test_a_step_that_can_only_return_is_stuck_at_the_beginning():
    text = process(
        START + user_task("a", 'jh:returnTargets="previous"', OUTCOMES.replace("approve", "return")) + END
        + flows(("s", "a"), ("a", "e"))
    )  # fmt: skip
    (outcome,) = random_walks(released(text), read_outline(text), count=1).stuck
    assert "没有可退回的步骤" in outcome.problem


def test_a_stored_scenario_is_read_and_a_wrong_one_refused(release, outline):
    document = {"name": "一次申报", "decisions": [{"step": "draft", "verb": "submit"}], "expected": ["draft"]}
    found = judge(release, outline, [Scenario.from_json(document)])
    assert found["scenarios"][0]["passed"]
    assert found["coverage"]["percent"] == 6.6
    for wrong in ({}, {**document, "decisions": [{"who": "x"}]}):
        with pytest.raises(ValueError, match="须写明"):
            Scenario.from_json(wrong)
