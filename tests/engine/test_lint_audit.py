"""The lint as it was asked for, item by item: every fault is found, names its element, and says how to mend it."""

import pytest

from service.engine import compile_release
from service.engine.check import check_file
from service.engine.dmn import read_model
from service.engine.lint_identity import meaning_problems
from service.engine.lint_release import PolicyData
from tests.engine.cases import released
from tests.engine.diagrams import END, OUTCOMES, START, STEP, flows, process, user_task
from tests.engine.dmn.models import column, decision, definitions, result, table
from tests.engine.models import choice, parallel
from tests.engine.test_lint import FAULTS as STRUCTURE
from tests.engine.test_lint_release import FAULTS as POLICY
from tests.engine.test_table_steps import FAULTS as TABLES

SUBMIT = OUTCOMES.replace("approve", "submit")
DRAFT = user_task("draft", 'jh:form="project_target"', SUBMIT)
DATA = PolicyData(
    facts={"project_target": {"amount": True, "note": False}, "f": {"amount": True, "note": False}},
    amounts={"f": frozenset({"amount"})},
    documents=("新办法",),
)


def before(inner, *arrows):
    return process(START + user_task("a") + inner + END + flows(("s", "a"), *arrows))


def joined(kind):
    """An exclusive choice closed by a join that waits for both ways."""
    return process(
        START + user_task("a") + choice("g") + user_task("b") + user_task("c") + kind + END
        + flows(("s", "a"), ("a", "g"), ("g", "b", "a.outcome == 'approve'"), ("g", "c", None, "g_else"), ("b", "j"), ("c", "j"),
                ("j", "e"))
    )  # fmt: skip


def looping_out_of_a_branch():
    """A line from one of two parallel branches back before the fork: two tokens may meet."""
    return process(
        START + user_task("a") + parallel("f", "j") + user_task("b") + user_task("c") + choice("g") + END
        + flows(("s", "a"), ("a", "f"), ("f", "b"), ("f", "c"), ("b", "g"), ("g", "a", "b.outcome == 'approve'"),
                ("g", "j", None, "g_else"), ("c", "j"), ("j", "e"))
    )  # fmt: skip


def mixed():
    return process(
        START + user_task("a") + parallel("f", "m", "j") + "".join(user_task(name) for name in "bcde1") + END
        + flows(("s", "a"), ("a", "f"), ("f", "b"), ("f", "c"), ("b", "m"), ("c", "m"), ("m", "d"), ("m", "e"), ("d", "e"))
    )  # fmt: skip


#: What was asked for → code, diagram, element. Where a diagram is tested elsewhere for the same code, it stands here by name.
ASKED = {
    "the profile: elements": ("element.banned", before('<bpmn:scriptTask id="x"/>', ("a", "x"), ("x", "e")), "x"),
    "the profile: attributes of ours": ("jh.attribute", before(user_task("b", 'jh:colour="red"'), ("a", "b"), ("b", "e")), "b"),
    "the profile: elements of ours": (
        "jh.element", before(user_task("b", inner=OUTCOMES.replace("<jh:outcomes>", "<jh:magic/><jh:outcomes>")), ("a", "b"), ("b", "e")), ""),
    "the profile: effects": ("effect.unknown", before('<bpmn:serviceTask id="x" jh:effect="os.system"/>', ("a", "x"), ("x", "e")), "x"),
    "the profile: events": ("event.empty", before('<bpmn:intermediateCatchEvent id="x"/>', ("a", "x"), ("x", "e")), "x"),
    "the profile: arrows behind an end": ("flow.after_end", before(user_task("b"), ("a", "e"), ("e", "b"), ("b", "e")), "e"),
    "the profile: arrows into a start": ("flow.before_start", before("", ("a", "e"), ("a", "s")), "s"),
    "the profile: answers twice": (
        "outcome.duplicate",
        before(user_task("b", inner=OUTCOMES.replace("</jh:outcomes>", '<jh:outcome verb="approve" label="行"/></jh:outcomes>')), ("a", "b"), ("b", "e")),
        "b"),
    "the profile: steps without a name": ("step.name", before(user_task("b").replace('name="办理b"', ""), ("a", "b"), ("b", "e")), "b"),
    "gateways without default": ("gateway.default", STRUCTURE["gateway.default"], "g"),
    "gateways without a condition": ("gateway.condition", STRUCTURE["gateway.condition"], "g_b"),
    "joins not matched by their fork": ("gateway.unmatched", joined(parallel("j")), "j"),
    "gateways that join and fork": ("gateway.mixed", mixed(), "m"),
    "two tokens may meet": ("flow.unsafe", looping_out_of_a_branch(), "j"),
    "deadlocks": ("flow.deadlock", *POLICY["flow.deadlock"]),
    "steps without roster: role": ("step.role", STRUCTURE["step.role"], "a"),
    "steps without roster: body": ("step.organisation", STRUCTURE["step.organisation"], "a"),
    "possible self-approval": ("step.self_approval", *POLICY["step.self_approval"]),
    "a way around a mandatory review": ("flow.mandatory", *POLICY["flow.mandatory"]),
    "conditions on fields not required upstream": ("condition.optional", *POLICY["condition.optional"]),
    "conditions on fields nobody has": ("condition.fact", *POLICY["condition.fact"]),
    "conditions on what comes later": ("condition.not_before", *POLICY["condition.not_before"]),
    "conditions on nobody": ("condition.unknown", STRUCTURE["condition.unknown"], "g_b"),
    "deadlines that are missing": ("step.deadline", *POLICY["step.deadline"]),
    "deadlines that are no number": ("number.invalid", STRUCTURE["number.invalid"], "a"),
    "deadlines of timers": ("timer.invalid", STRUCTURE["timer.invalid"], None),
    "unreachable return targets": ("return.unreachable", *POLICY["return.unreachable"]),
    "unknown return targets": ("return.target", STRUCTURE["return.target"], "a"),
    "unknown forms": ("step.form", STRUCTURE["step.form"], "a"),
    "unknown roles": ("role.unknown", STRUCTURE["role.unknown"], "a"),
    "unknown documents": ("document.unknown", *POLICY["document.unknown"]),
    "unknown tables": ("table.unknown", TABLES["table.unknown"][0], "ask"),
    "tables without inputs": ("table.input", TABLES["table.input"][0], "ask"),
    "results no table gives": ("condition.fact", TABLES["condition.fact"][0], "g"),
}  # fmt: skip


@pytest.mark.parametrize("item", ASKED)
def test_what_was_asked_for_is_found_at_its_element(item):
    code, text, element_id = ASKED[item]
    tables = {"levels.dmn": read_model(LEVELS)} if item not in ("unknown tables",) else {}
    found = [
        problem
        for problem in check_file(
            text, "x.bpmn", forms=frozenset({"project_target", "f"}), data=DATA, tables=lambda: tables
        )
        if problem.code == code
    ]
    assert found, item
    assert element_id is None or element_id in {problem.element_id for problem in found}
    for problem in found:
        assert problem.message.endswith("。"), problem
        assert problem.remedy.endswith("。"), problem
        drawn = problem.element_id in ("", "Start") or f'id="{problem.element_id}"'.encode() in text
        assert drawn, f"the editor cannot select {problem.element_id}"


LEVELS = definitions(
    decision(
        "审核层级",
        table([column("amount", "number")], [result("route", "string")], [(["-"], ['"a"'])]),
        decision_id="level",
    )
)


def test_an_id_that_changes_its_meaning_is_found():
    old = process(START + user_task("a", step=STEP) + END + flows(("s", "a"), ("a", "e")))
    new = process(
        START + '<bpmn:serviceTask id="a" jh:effect="admit_target"/>' + user_task("b") + END
        + flows(("s", "b"), ("b", "a"), ("a", "e"))
    )  # fmt: skip
    found = list(meaning_problems(released(old), compile_release({"x.bpmn": new}, "p")))
    assert [problem.element_id for problem in found] == ["a"]
    assert all(problem.remedy for problem in found)
