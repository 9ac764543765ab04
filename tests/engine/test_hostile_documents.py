"""Documents that attack the reader are refused quickly, before the process library sees them."""

import time
from itertools import pairwise

import pytest

from service.engine.lint import lint
from service.release_check import check_texts
from tests.engine.diagrams import END, HEAD, OUTCOMES, START, flows, process, simple, user_task

TASK_IN = "<bpmn:extensionElements>{}</bpmn:extensionElements>"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
CHAIN = [f"a{n}" for n in range(3000)]


def node(tag, inner=""):
    return process(f'{START}<bpmn:{tag} id="a">{inner}</bpmn:{tag}>{END}' + flows(("s", "a"), ("a", "e")))


def event(definition, tag="intermediateThrowEvent"):
    return node(tag, f'<bpmn:{definition} id="d"/>')


def nested_data():
    task = user_task(
        "t",
        inner=OUTCOMES
        + '<bpmn:dataInputAssociation id="in"><bpmn:sourceRef>ref</bpmn:sourceRef></bpmn:dataInputAssociation>',
    )
    inner = '<bpmn:startEvent id="s2"/>' + task + '<bpmn:endEvent id="e2"/>' + flows(("s2", "t"), ("t", "e2"))
    middle = (
        f'<bpmn:startEvent id="s1"/><bpmn:subProcess id="two">{inner}</bpmn:subProcess><bpmn:endEvent id="e1"/>'
        + flows(("s1", "two"), ("two", "e1"))
    )
    return process(
        START
        + '<bpmn:dataObject id="far"/><bpmn:dataObjectReference id="ref" dataObjectRef="far"/>'
        + f'<bpmn:subProcess id="one">{middle}</bpmn:subProcess>'
        + END
        + flows(("s", "one"), ("one", "e"))
    )


HOSTILE = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><x>&l9;</x>'.encode(),
    "quadratic blow-up": f'<!DOCTYPE x [<!ENTITY a "{"a" * 50000}">]><x>{"&a;" * 10000}</x>'.encode(),
    "external entity": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
    "parameter entity": b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd">%p;]><x/>',
    "external dtd": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>',
    "doctype in utf-16": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'.encode(
        "utf-16"
    ),
    "undeclared entity": b"<x>&nope;</x>",
    "not xml": b"\x00\x01\x02",
    "empty": b"",
    "truncated": simple()[:-30],
    "two megabytes": simple(f"<bpmn:documentation>{'a' * 2_100_000}</bpmn:documentation>"),
    "deep nesting": simple("<bpmn:group>" * 100 + "</bpmn:group>" * 100),
    "very deep nesting": b"<a>" * 100_000,
    "many elements": simple("<bpmn:group/>" * 12_000),
    "long chain": process(
        START + "".join(map(user_task, CHAIN)) + END + flows(("s", "a0"), *pairwise(CHAIN), ("a2999", "e"))
    ),
    "huge id": simple(task=user_task("a" * 5000)),
    "long id": simple(task=user_task("a" * 100)),
    "quote in id": simple(user_task("x&quot;]|//*[&quot;")),
    "dunder-like id": simple(user_task("__class__")),
    "dotted task id": simple(user_task("a.BoundaryEventSplit")),
    "duplicate id": simple(user_task("a")),
    "script task": node("scriptTask", "<bpmn:script>import os</bpmn:script>"),
    "comment in a script task": node("scriptTask", "<!-- x --><bpmn:script>import os</bpmn:script>"),
    "plain task": node("task"),
    "manual task": node("manualTask"),
    "send task": node("sendTask"),
    "receive task": node("receiveTask"),
    "business rule task": node("businessRuleTask"),
    "ad hoc": node("adHocSubProcess"),
    "transaction": node("transaction"),
    "complex gateway": node("complexGateway"),
    "event gateway": node("eventBasedGateway"),
    "event subprocess": simple('<bpmn:subProcess id="x" triggeredByEvent="true"/>'),
    "compensation": event("compensateEventDefinition"),
    "link": event("linkEventDefinition"),
    "conditional": event("conditionalEventDefinition", "intermediateCatchEvent"),
    "cancel": event("cancelEventDefinition"),
    "data store": simple('<bpmn:dataStoreReference id="x"/>'),
    "standard loop": simple(task=user_task("a", inner='<bpmn:standardLoopCharacteristics id="l"/>' + OUTCOMES)),
    "pre-script": simple(
        task=user_task("a", inner=TASK_IN.format("<spiffworkflow:preScript>x=1</spiffworkflow:preScript>"))
    ),
    "foreign attribute": simple(task=user_task("a", 'spiffworkflow:scriptsOnInstances="true"')),
    "unknown jh element": simple(task=user_task("a", inner=TASK_IN.format("<jh:script>x</jh:script>"))),
    "unknown jh attribute": simple(task=user_task("a", 'jh:onEnter="x"')),
    "jh attribute in the wrong place": simple('<bpmn:dataObject id="d" jh:role="UNIT_CLERK"/>'),
    "unknown attribute on outcome": simple(
        task=user_task("a", inner=OUTCOMES.replace('label="同意"', 'label="同意" sets="x=1"'))
    ),
    "outcome outside outcomes": simple(
        task=user_task("a", inner=TASK_IN.format('<jh:outcome verb="approve" label="x"/>'))
    ),
    "unknown bpmn element": simple('<bpmn:choreographyTask id="c"/>'),
    "no definitions": b"<html/>",
    "call to itself": process(
        f'{START}<bpmn:callActivity id="a" calledElement="p"/>{END}' + flows(("s", "a"), ("a", "e"))
    ),
    "call to nowhere": process(
        f'{START}<bpmn:callActivity id="a" calledElement="x"/>{END}' + flows(("s", "a"), ("a", "e"))
    ),
    "far data object": nested_data(),
    "missing data object": simple(
        task=user_task(
            "a",
            inner=OUTCOMES
            + '<bpmn:dataInputAssociation id="i"><bpmn:sourceRef>nope</bpmn:sourceRef></bpmn:dataInputAssociation>',
        )
    ),
    "python in a condition": process(
        START
        + '<bpmn:exclusiveGateway id="g" default="g_e"/>'
        + user_task("a")
        + END
        + flows(("s", "g"), ("g", "a", "__import__('os').system('true')"), ("g", "e"), ("a", "e"))
    ),
    "python in a timer": process(
        START
        + user_task("a")
        + '<bpmn:boundaryEvent id="b" attachedToRef="a"><bpmn:timerEventDefinition id="t">'
        + "<bpmn:timeDuration>open('/etc/passwd').read()</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        + END
        + flows(("s", "a"), ("a", "e"), ("b", "e"))
    ),
    "python as multi-instance count": simple(
        task=user_task(
            "a",
            inner=OUTCOMES + '<bpmn:multiInstanceLoopCharacteristics id="m"><bpmn:loopCardinality>9**9**9'
            "</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>",
        )
    ),
    "unregistered effect": process(
        f'{START}<bpmn:serviceTask id="a" jh:effect="os.system"/>{END}' + flows(("s", "a"), ("a", "e"))
    ),
    "huge number": simple(task=user_task("a", f'jh:dueDays="{"9" * 3000}"')),
    "no process": f"{HEAD}</bpmn:definitions>".encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_in_time(name):
    began = time.process_time()
    problems = lint({"x.bpmn": HOSTILE[name]}, "p")
    assert time.process_time() - began < 2
    errors = [problem for problem in problems if problem.severity == "error"]
    assert errors
    assert all(problem.message and problem.remedy and len(problem.element_id) <= 60 for problem in errors)


def test_the_plain_diagram_they_are_made_from_is_accepted():
    assert lint({"x.bpmn": simple()}, "p") == []


def test_comments_and_processing_instructions_are_dropped():
    assert lint({"x.bpmn": simple(task=user_task("a", inner=f"<!-- a --><?x y?>{OUTCOMES}"))}, "p") == []


def test_two_hostile_files_are_both_reported():
    problems = lint({"a.bpmn": b"<", "b.bpmn": b"<!DOCTYPE x><x/>"}, "p")
    assert {problem.code for problem in problems} == {"xml.malformed", "xml.doctype"}


def test_every_hostile_document_is_answered_by_a_bounded_process_of_its_own():
    began = time.perf_counter()
    checks = check_texts([(f"{number}.bpmn", text) for number, text in enumerate(HOSTILE.values())])
    assert time.perf_counter() - began < 5 * len(HOSTILE)
    for name, found in zip(HOSTILE, checks, strict=True):
        assert found.status != "clean", name
        assert all(problem["message"] and problem["remedy"] for problem in found.problems), name
        assert not {problem["code"] for problem in found.problems} & {"check.failed"}, name
