"""Lint names the element, the fault and the remedy."""

import json
from pathlib import Path

import pytest

from service.engine import compile_release, namespace
from service.engine.lint import lint
from tests.engine.diagrams import END, OUTCOMES, START, STEP, flows, process, simple, user_task


def gateway(default="", condition="a.outcome == 'approve'", tag="exclusiveGateway"):
    return process(
        START
        + user_task("a")
        + f'<bpmn:{tag} id="g" {default}/>'
        + user_task("b")
        + END
        + flows(("s", "a"), ("a", "g"), ("g", "b", condition), ("g", "e"), ("b", "e"))
    )


def timer(text):
    return process(
        START
        + user_task("a")
        + '<bpmn:boundaryEvent id="b" attachedToRef="a"><bpmn:timerEventDefinition id="t"><bpmn:timeDuration>'
        + f"{text}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        + END
        + flows(("s", "a"), ("a", "e"), ("b", "e"))
    )


def without(name):
    return simple(
        task=user_task("a", step=" ".join(part for part in STEP.split() if not part.startswith(f"jh:{name}=")))
    )


def step(attributes="", **options):
    return simple(task=user_task("a", attributes, **options))


RETURNS = OUTCOMES.replace('verb="approve"', 'verb="return"')
FAULTS = {
    "step.role": without("role"),
    "step.organisation": without("organisation"),
    "step.stage": without("stage"),
    "step.outcomes": step(inner=""),
    "role.unknown": step(step=STEP.replace("UNIT_CLERK", "KING")),
    "organisation.unknown": step(step=STEP.replace("project.unit", "project.moon")),
    "outcome.unknown": step(inner=OUTCOMES.replace("approve", "bless")),
    "outcome.label": step(inner=OUTCOMES.replace("同意", "")),
    "step.form": step('jh:form="unknown"'),
    "number.invalid": step('jh:dueDays="0"'),
    "boolean.invalid": step('jh:irreversible="ja"'),
    "step.countersign": step('jh:countersign="both"'),
    "step.share": step('jh:countersign="ratio" jh:share="101"'),
    "step.weights": step('jh:countersign="ratio" jh:weights="UNIT_LEADER:many"'),
    "step.abstain": step(inner=OUTCOMES.replace("approve", "abstain")),
    "step.addSign": step('jh:addSign="all"'),
    "step.transferScope": step('jh:transferScope="moon"'),
    "copy.role": step('jh:copyAtOpen="AUDITOR"'),
    "copy.return": step('jh:copyAtReturn="UNIT_LEADER"'),
    "process.withdrawal": simple().replace(b'id="p"', b'id="p" jh:withdrawal="always"'),
    "return.target": step('jh:returnTargets="nowhere"'),
    "return.nowhere": step(inner=RETURNS),
    "return.resubmit": step('jh:resubmit="maybe"'),
    "step.distinct": step('jh:distinctFrom="nobody"'),
    "gateway.default": gateway(),
    "gateway.condition": process(
        START
        + '<bpmn:exclusiveGateway id="g" default="g_e"/>'
        + user_task("b")
        + END
        + flows(("s", "g"), ("g", "b"), ("g", "e"), ("b", "e"))
    ),
    "condition.unknown": gateway('default="g_e"', "ghost.outcome == 'approve'"),
    "condition.invalid": gateway('default="g_e"', "a.outcome ="),
    "condition.misplaced": gateway(tag="parallelGateway"),
    "flow.several": simple(user_task("b") + flows(("a", "b"), ("b", "e"))),
    "flow.unreachable": simple(user_task("b") + flows(("b", "e"))),
    "flow.no_end": process(START + user_task("a") + user_task("b") + END + flows(("s", "a"), ("a", "b"))),
    "flow.start": process(user_task("a") + END + flows(("a", "e"))),
    "flow.end": process(START + user_task("a") + flows(("s", "a"))),
    "flow.dangling": simple(flows(("a", "ghost"))),
    "end.stage": process(START + user_task("a") + '<bpmn:endEvent id="e"/>' + flows(("s", "a"), ("a", "e"))),
    "id.duplicate": simple(user_task("a")),
    "timer.invalid": timer("P5D"),
    "process.missing": simple().replace(b'id="p"', b'id="q"'),
    "process.not_executable": simple().replace(b'isExecutable="true"', b""),
}


@pytest.mark.parametrize("code", FAULTS)
def test_lint_finds(code):
    problems = lint({"x.bpmn": FAULTS[code]}, "p", forms=("project_target",))
    assert code in {problem.code for problem in problems}
    assert all(problem.message and problem.remedy for problem in problems)


@pytest.mark.parametrize("text", ['"P5D"', '"PT1H30M"', "a.due"])
def test_a_readable_timer_is_accepted(text):
    assert lint({"x.bpmn": timer(text)}, "p") == []


def test_the_shipped_process_has_no_problem():
    name = "target_declaration"
    text = (Path("workflows") / f"{name}.bpmn").read_bytes()
    assert lint({f"{name}.bpmn": text}, name, forms=("project_target", "target_review")) == []


def test_several_people_at_a_step_are_read_as_drawn():
    drawn = 'jh:countersign="ratio" jh:share="60" jh:weights="UNIT_LEADER:2" jh:veto="true" jh:collectAll="true" jh:recallHours="0"'
    text = step(f'{drawn} jh:addSign="any" jh:transferScope="none" jh:batchAllowed="true"')
    assert lint({"x.bpmn": text}, "p") == []
    read = compile_release({"x.bpmn": text}, "p").steps["a"]
    assert (read.countersign, read.share, read.veto, read.collect_all) == ("ratio", 60, True, True)
    assert read.weights == (("UNIT_LEADER", 2),)
    assert (read.add_sign, read.transfer_scope, read.recall_hours, read.batch_allowed) == ("any", "none", 0, True)
    plain = compile_release({"x.bpmn": step()}, "p").steps["a"]
    assert (plain.countersign, plain.share, plain.veto, plain.recall_hours) == ("first", 100, False, 24)


@pytest.mark.parametrize("attributes", ['jh:share="50"', 'jh:countersign="all" jh:share="50"'])
def test_a_share_belongs_to_a_ratio(attributes):
    assert [problem.code for problem in lint({"x.bpmn": step(attributes)}, "p")] == ["step.share"]


def test_copies_and_withdrawal_are_read_as_drawn():
    text = step('jh:copyAtOpen="PERF_OFFICER, SUPERVISION" jh:copyAtPass="UNIT_CLERK"')
    text = text.replace(b'id="p"', b'id="p" jh:withdrawal="consent"').replace(
        b'<bpmn:endEvent id="e"', b'<bpmn:endEvent id="e" jh:copyTo="TREASURY"'
    )
    assert lint({"x.bpmn": text}, "p") == []
    made = compile_release({"x.bpmn": text}, "p")
    read = made.steps["a"]
    assert (read.copy_at_open, read.copy_at_pass, read.copy_at_return) == (
        ("PERF_OFFICER", "SUPERVISION"),
        ("UNIT_CLERK",),
        (),
    )
    assert (made.ends["e"].copy_to, made.withdrawal) == (("TREASURY",), "consent")
    assert compile_release({"x.bpmn": step()}, "p").withdrawal == "undecided"


def test_only_a_ratio_weighs_votes_and_only_known_roles_weigh():
    assert {problem.code for problem in lint({"x.bpmn": step('jh:weights="UNIT_LEADER:2"')}, "p")} == {"step.weights"}
    drawn = step('jh:countersign="ratio" jh:weights="KING:2"')
    assert {problem.code for problem in lint({"x.bpmn": drawn}, "p")} == {"role.unknown"}


def test_who_votes_with_others_may_abstain_where_no_is_an_answer():
    answers = "".join(f'<jh:outcome verb="{verb}" label="{verb}"/>' for verb in ("approve", "reject", "abstain"))
    inner = f"<bpmn:extensionElements><jh:outcomes>{answers}</jh:outcomes></bpmn:extensionElements>"
    assert lint({"x.bpmn": step('jh:countersign="all"', inner=inner)}, "p") == []
    assert [problem.code for problem in lint({"x.bpmn": step(inner=inner)}, "p")] == ["step.abstain"]


def test_the_descriptor_is_the_list_of_attributes_the_reader_knows():
    source = "".join(
        (Path("service/engine") / name).read_text("utf-8") for name in ("extension.py", "compiler.py", "parser.py")
    )
    described = {name for names in namespace.attributes().values() for name in names}
    assert {name for name in described if f'"{name}"' not in source} == set()
    listed = json.loads(Path("service/engine/jh-moddle.json").read_text("utf-8"))
    assert (listed["uri"], listed["prefix"]) == (namespace.JH, "jh")
