"""Every way through the declaration of a target, and every arrow of its diagram walked at least once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from service import engine

AT = datetime(2026, 11, 2, tzinfo=UTC)
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
FORWARD = [("draft", "submit"), ("unit_sign", "approve"), ("department_review", "approve"), ("fund_review", "approve")]
CHIEF = [("fund_chief_review", "approve")]
PERFORMANCE = [("performance_review", "approve"), ("performance_chief_review", "approve")]
BUDGET = [("budget_review", "approve")]
LEADER = [("arbitration", "approve")]

#: name: (decisions in order, facts of the draft, open steps or end reached)
WALKS = {
    "straight, budget first": (FORWARD + CHIEF + BUDGET + PERFORMANCE, {}, "target_in_library"),
    "straight, performance first": (FORWARD + CHIEF + PERFORMANCE + BUDGET, {}, "target_in_library"),
    "waits for both": (FORWARD + CHIEF + BUDGET, {}, {"performance_review"}),
    "waits for the chief": (FORWARD + CHIEF + BUDGET + PERFORMANCE[:1], {}, {"performance_chief_review"}),
    "key project": (FORWARD + CHIEF + BUDGET + PERFORMANCE, {"is_key_project": True}, {"arbitration"}),
    "key project admitted": (
        FORWARD + CHIEF + BUDGET + PERFORMANCE + LEADER,
        {"is_key_project": True},
        "target_in_library",
    ),
    "the bureau's own project": (FORWARD + CHIEF + BUDGET + PERFORMANCE, {"is_finance_own": True}, {"arbitration"}),
    "leader says no": (
        FORWARD + CHIEF + BUDGET + PERFORMANCE + [("arbitration", "reject")],
        {"is_key_project": True},
        "target_rejected",
    ),
    "department says no": ([*FORWARD[:2], ("department_review", "reject")], {}, "target_rejected"),
    "fund reviewer says no": ([*FORWARD[:3], ("fund_review", "reject")], {}, "target_rejected"),
    "fund chief says no": ([*FORWARD, ("fund_chief_review", "reject")], {}, "target_rejected"),
    "budget section says no": (FORWARD + CHIEF + [("budget_review", "reject")] + PERFORMANCE, {}, {"arbitration"}),
    "performance officer says no": (FORWARD + CHIEF + BUDGET + [("performance_review", "reject")], {}, {"arbitration"}),
    "performance chief says no": (
        FORWARD + CHIEF + BUDGET + PERFORMANCE[:1] + [("performance_chief_review", "reject")],
        {},
        {"arbitration"},
    ),
    "both say no": (
        FORWARD + CHIEF + [("budget_review", "reject"), ("performance_review", "reject")],
        {},
        "target_rejected",
    ),
    "budget section and performance chief say no": (
        FORWARD + CHIEF + PERFORMANCE[:1] + [("performance_chief_review", "reject"), ("budget_review", "reject")],
        {},
        "target_rejected",
    ),
}


@pytest.fixture(scope="module")
def text():
    return Path("workflows/target_declaration.bpmn").read_bytes()


@pytest.fixture(scope="module")
def release(text):
    return engine.compile_release({"target_declaration.bpmn": text}, "target_declaration")


def walk(release, decisions, facts):
    """Decide in this order; returns the last result and the names of the effects on the way."""
    result = engine.apply(None, release, engine.Start(), at=AT)
    effects = []
    for number, (node, verb) in enumerate(decisions, 1):
        tasks = {task.node_id: task.task for task in engine.open_tasks(result.snapshot, release)}
        more = facts if node == "draft" else {}
        command = engine.Complete(tasks[node], {"outcome": verb, **more})
        result = engine.apply(result.snapshot, release, command, at=AT + timedelta(minutes=number))
        effects += [effect.name for effect in result.effects]
    return result, effects


@pytest.mark.parametrize("name", WALKS)
def test_the_path_ends_where_it_should(release, name):
    decisions, facts, expected = WALKS[name]
    result, effects = walk(release, decisions, facts)

    if isinstance(expected, str):
        assert (result.completed, result.reached) == (True, (expected,))
        assert effects == (["admit_target"] if expected == "target_in_library" else [])
    else:
        assert {task.node_id for task in engine.open_tasks(result.snapshot, release)} == expected
        assert effects == []


def test_the_walks_leave_no_arrow_out(text, release):
    """An arrow is walked when both its ends are passed on one path that could not have gone otherwise."""
    arrows = {
        flow.get("id"): (flow.get("sourceRef"), flow.get("targetRef"))
        for flow in etree.fromstring(text).iter(f"{BPMN}sequenceFlow")
    }
    conditional = {flow for flow in arrows if _guarded(text, flow)}
    walked = set()
    for decisions, facts, expected in WALKS.values():
        walked |= _taken(decisions, facts, expected)
    assert conditional <= walked


def _guarded(text, flow_id):
    root = etree.fromstring(text)
    flow = next(one for one in root.iter(f"{BPMN}sequenceFlow") if one.get("id") == flow_id)
    source = next(one for one in root.iter() if one.get("id") == flow.get("sourceRef"))
    return source.tag == f"{BPMN}exclusiveGateway" and len(source.findall(f"{BPMN}outgoing")) > 1


def _taken(decisions, facts, expected):
    """The guarded arrows a walk takes, read off its decisions."""
    verbs = dict(decisions)
    found = set()
    for node, yes, no in (
        ("department_review", "department_yes", "department_no"),
        ("fund_review", "fund_yes", "fund_no"),
        ("fund_chief_review", "fund_chief_yes", "fund_chief_no"),
        ("performance_review", "performance_yes", "performance_no"),
        ("arbitration", "leader_yes", "leader_no"),
    ):
        if node in verbs:
            found.add(no if verbs[node] == "reject" else yes)
    said = {verbs.get("performance_review"), verbs.get("performance_chief_review")}
    joined = "budget_review" in verbs and ("performance_chief_review" in verbs or "reject" in said)
    if joined and verbs["budget_review"] == "reject" and "reject" in said:
        found.add("both_reject_yes")
    elif joined:
        asked = bool(facts) or "reject" in {verbs["budget_review"], *said}
        found |= {"not_both_reject", "arbitration_needed" if asked else "no_arbitration"}
    return found
