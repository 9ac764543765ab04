"""What a process that would run must still satisfy before anybody may publish it."""

from itertools import pairwise
from pathlib import Path

import pytest

from service.engine import compile_release
from service.engine.lint_identity import meaning_problems
from service.engine.lint_release import PolicyData, release_problems
from service.engine.markings import can_bypass, walk
from tests.engine.cases import released
from tests.engine.diagrams import END, OUTCOMES, START, STEP, flows, process, user_task
from tests.engine.models import choice, parallel

SHIPPED = Path("workflows/target_declaration.bpmn").read_bytes()
SUBMIT = OUTCOMES.replace("approve", "submit")
RETURN = OUTCOMES.replace("</jh:outcomes>", '<jh:outcome verb="return" label="退回"/></jh:outcomes>')
FACTS = {"project_target": {"amount": True, "note": False}}
DRAFT = user_task("draft", 'jh:form="project_target"', SUBMIT)


def reviewed(attributes="", step=STEP, inner=OUTCOMES, extra="", draft=DRAFT):
    return process(
        START + draft + user_task("check", attributes, inner, step) + END
        + flows(("s", "draft"), ("draft", "check"), ("check", "e")) + extra
    )  # fmt: skip


def asked(condition):
    return process(
        START + DRAFT + choice("g") + user_task("check") + user_task("late") + END
        + flows(("s", "draft"), ("draft", "g"), ("g", "check", condition), ("g", "late", None, "g_else"),
                ("check", "e"), ("late", "e"))
    )  # fmt: skip


def library(*steps):
    """draft → the steps one after the other → library."""
    names = [f"step{number}" for number in range(len(steps))]
    tasks = "".join(
        user_task(name, step=STEP.replace("UNIT_CLERK", role)) for name, role in zip(names, steps, strict=True)
    )
    path = ["s", "draft", *names, "admit", "e"]
    effect = '<bpmn:serviceTask id="admit" name="入库" jh:effect="admit_target"/>'
    return process(START + DRAFT + tasks + effect + END + flows(*pairwise(path)))


def half_joined():
    """An inclusive fork closed by a parallel join: one branch alone never gets past it."""
    fork = '<bpmn:inclusiveGateway id="f" default="f_b"/>'
    return process(
        START + user_task("a") + user_task("b") + fork + parallel("j") + END
        + flows(("s", "f"), ("f", "a", "case.x == 1"), ("f", "b"), ("a", "j"), ("b", "j"), ("j", "e"))
    )  # fmt: skip


def wide(count):
    names = [f"b{number}" for number in range(count)]
    inner = "".join(user_task(name) + user_task(f"{name}x") for name in names)
    arrows = [arrow for name in names for arrow in (("f", name), (name, f"{name}x"), (f"{name}x", "j"))]
    return process(START + parallel("f", "j") + inner + END + flows(("s", "f"), ("j", "e"), *arrows))


ALL = ("UNIT_LEADER", "DEPT_REVIEWER", "FUND_REVIEWER", "FUND_CHIEF", "BUDGET_REVIEWER", "PERF_OFFICER")
FAULTS = {
    "flow.deadlock": (half_joined(), "j"),
    "flow.unproved": (wide(12), "Start"),
    "flow.mandatory": (library(*ALL[:-1]), "admit"),
    "return.irreversible": (
        reviewed('jh:returnTargets="initiator" jh:resubmit="direct"', inner=RETURN,
                 draft=user_task("draft", 'jh:irreversible="true"', SUBMIT)), "check"),
    "step.deadline": (reviewed(), "check"),
    "step.basis": (reviewed(), "draft"),
    "document.unknown": (reviewed('jh:policyDocument="旧办法"'), "check"),
    "condition.not_before": (asked('late.outcome == "approve"'), "g"),
    "condition.fact": (asked("draft.colour == 1"), "g"),
    "condition.optional": (asked("draft.note == 1"), "g"),
}  # fmt: skip


def after(first, second):
    """Two steps one after the other; the second may be named by attributes of the first."""
    return process(
        START
        + DRAFT
        + first
        + second
        + END
        + flows(("s", "draft"), ("draft", "check"), ("check", "late"), ("late", "e"))
    )


FAULTS["step.self_approval"] = (after(user_task("check", 'jh:distinctFrom="late"'), user_task("late")), "check")
FAULTS["return.unreachable"] = (
    after(user_task("check", 'jh:returnTargets="late"', RETURN), user_task("late")),
    "check",
)


def problems(text, data=None):
    return list(release_problems(released(text), data or PolicyData(facts=FACTS, documents=("新办法",))))


@pytest.mark.parametrize("code", FAULTS)
def test_publishing_lint_finds(code):
    text, element_id = FAULTS[code]
    found = [problem for problem in problems(text) if problem.code == code]
    assert [problem.element_id for problem in found][:1] == [element_id]
    assert all(problem.message and problem.remedy for problem in found)


def test_the_shipped_process_may_be_published():
    forms = ("project_target", "target_review")
    release = compile_release({"target_declaration.bpmn": SHIPPED}, "target_declaration", forms=forms)
    assert list(release_problems(release)) == []


def test_a_process_without_faults_is_clean():
    text = reviewed(
        'jh:dueDays="3" jh:policyDocument="新办法"',
        draft=DRAFT.replace("jh:form", 'jh:policyDocument="新办法" jh:form'),
    )
    assert problems(text) == []


BARE = ["draft.amount &gt; 5", "draft.amount == 5", "draft.amount * 2 &gt; 10"]
READ = ["number(draft.amount) &gt; 5", "draft.amount == None", 'draft.outcome == "submit"']


@pytest.mark.parametrize("condition", BARE + READ)
def test_an_amount_is_compared_by_its_number(condition):
    text = asked(condition)
    data = PolicyData(facts=FACTS, amounts={"project_target": {"amount"}}, documents=("新办法",))
    found = [problem.remedy for problem in problems(text, data) if problem.code == "condition.amount"]
    assert found == (["请改写为 number(draft.amount)。"] if condition in BARE else [])


@pytest.mark.parametrize("left_out", ALL)
def test_no_mandatory_review_can_be_left_out(left_out):
    kept = [role for role in ALL if role != left_out]
    assert "flow.mandatory" in {problem.code for problem in problems(library(*kept))}
    assert "flow.mandatory" not in {problem.code for problem in problems(library(*ALL))}


def test_what_is_mandatory_is_data():
    nothing = PolicyData(mandatory={})
    assert "flow.mandatory" not in {problem.code for problem in problems(library("DEPT_REVIEWER"), nothing)}


def test_a_review_in_one_of_two_parallel_branches_cannot_be_bypassed_one_of_two_alternatives_can():
    both = process(
        START + parallel("f", "j") + user_task("a") + user_task("b") + END
        + flows(("s", "f"), ("f", "a"), ("f", "b"), ("a", "j"), ("b", "j"), ("j", "e"))
    )  # fmt: skip
    assert can_bypass(released(both).flow_net, "e", {"a"}) is False
    either = asked('draft.outcome == "approve"')
    assert can_bypass(released(either).flow_net, "e", {"check"}) is True
    assert can_bypass(released(either).flow_net, "e", {"check", "late"}) is False


def test_a_process_of_pairs_has_no_dead_end():
    result = walk(released(reviewed()).flow_net)
    assert result.complete


def test_an_id_that_means_something_else_is_named():
    before = released(reviewed())
    moved = STEP.replace("UNIT_CLERK", "LEGAL")
    after_ = released(reviewed(step=moved).replace("办理check".encode(), "法规审核".encode()))
    assert [problem.element_id for problem in meaning_problems(before, after_)] == ["check"]
    effect = process(
        START + DRAFT + '<bpmn:serviceTask id="check" jh:effect="admit_target"/>' + END
        + flows(("s", "draft"), ("draft", "check"), ("check", "e"))
    )  # fmt: skip
    assert [problem.element_id for problem in meaning_problems(before, released(effect))] == ["check"]
    assert list(meaning_problems(before, before)) == []
    other = released(reviewed().replace(b'process id="p"', b'process id="q"'), "q")
    assert [problem.element_id for problem in meaning_problems(before, other)] == ["q"]
