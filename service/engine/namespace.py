"""The XML vocabulary: which elements a diagram may hold and which attributes of ours they carry.

``jh-moddle.json`` is the only list of our own attributes and elements; the editor in the browser reads the same file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
JH = "urn:jiheng:process:1.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML = "http://www.w3.org/XML/1998/namespace"
DIAGRAM = frozenset(
    {
        "http://www.omg.org/spec/BPMN/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DC",
        "http://www.omg.org/spec/DD/20100524/DI",
    }
)
# Colours the browser's editor writes on shapes; they mean nothing to the engine.
COLOURS = frozenset({"http://bpmn.io/schema/bpmn/biocolor/1.0", "http://www.omg.org/spec/BPMN/non-normative/color/1.0"})

STEPS = frozenset({"userTask", "serviceTask", "businessRuleTask", "callActivity", "subProcess"})
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"})
FLOW_NODES = STEPS | GATEWAYS | EVENTS
EVENT_DEFINITIONS = frozenset(
    f"{name}EventDefinition" for name in ("timer", "message", "signal", "error", "escalation", "terminate")
)
TIMERS = frozenset({"timeDuration", "timeDate", "timeCycle"})
_MULTI_INSTANCE = frozenset(
    [
        "multiInstanceLoopCharacteristics",
        "loopCardinality",
        "loopDataInputRef",
        "loopDataOutputRef",
        "inputDataItem",
        "outputDataItem",
        "completionCondition",
    ]
)
_DATA = frozenset(
    [
        "dataObject",
        "dataObjectReference",
        "dataInputAssociation",
        "dataOutputAssociation",
        "sourceRef",
        "targetRef",
        "ioSpecification",
        "dataInput",
        "dataOutput",
        "inputSet",
        "outputSet",
        "dataInputRefs",
        "dataOutputRefs",
        "property",
    ]
)
_FRAME = frozenset(
    [
        "definitions",
        "process",
        "collaboration",
        "participant",
        "messageFlow",
        "laneSet",
        "childLaneSet",
        "lane",
        "flowNodeRef",
        "documentation",
        "extensionElements",
        "sequenceFlow",
        "conditionExpression",
        "incoming",
        "outgoing",
        "message",
        "signal",
        "error",
        "escalation",
        "textAnnotation",
        "text",
        "association",
        "group",
        "category",
        "categoryValue",
    ]
)
ALLOWED = FLOW_NODES | EVENT_DEFINITIONS | TIMERS | _MULTI_INSTANCE | _DATA | _FRAME

ROLES = frozenset(
    [
        "UNIT_CLERK",
        "UNIT_LEADER",
        "DEPT_CLERK",
        "DEPT_REVIEWER",
        "DEPT_LEADER",
        "FUND_REVIEWER",
        "FUND_CHIEF",
        "BUDGET_REVIEWER",
        "BUDGET_CHIEF",
        "PERF_OFFICER",
        "PERF_CHIEF",
        "BUREAU_LEADER",
        "TREASURY",
        "SUPERVISION",
        "LEGAL",
        "EXPERT",
        "AGENCY_LEAD",
        "AGENCY_STAFF",
        "AUDITOR",
        "NPC_VIEWER",
        "GOV_OFFICE",
        "SYS_ADMIN",
        "SEC_ADMIN",
        "AUDIT_ADMIN",
        "PUBLIC",
    ]
)
ORGANISATION_RULES = frozenset(
    [
        "project.unit",
        "project.department",
        "project.fund_section",
        "bureau.budget_section",
        "bureau.performance_section",
        "bureau.treasury_section",
        "bureau.supervision_section",
        "bureau.leaders",
        "district.justice_bureau",
        "district.information_centre",
    ]
)
#: The body whose people in a role get a drawn copy; roles outside these bodies can be sent none.
COPY_BODIES: Mapping[str, str] = MappingProxyType(
    {
        "UNIT_CLERK": "project.unit",
        "UNIT_LEADER": "project.unit",
        "DEPT_CLERK": "project.department",
        "DEPT_REVIEWER": "project.department",
        "DEPT_LEADER": "project.department",
        "FUND_REVIEWER": "project.fund_section",
        "FUND_CHIEF": "project.fund_section",
        "BUDGET_REVIEWER": "bureau.budget_section",
        "BUDGET_CHIEF": "bureau.budget_section",
        "PERF_OFFICER": "bureau.performance_section",
        "PERF_CHIEF": "bureau.performance_section",
        "BUREAU_LEADER": "bureau.leaders",
        "TREASURY": "bureau.treasury_section",
        "SUPERVISION": "bureau.supervision_section",
        "LEGAL": "district.justice_bureau",
    }
)


def bpmn(name: str) -> str:
    """Return the full tag of a BPMN element."""
    return f"{{{BPMN}}}{name}"


def jh(name: str) -> str:
    """Return the full name of an attribute or element of ours."""
    return f"{{{JH}}}{name}"


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace."""
    return str(etree.QName(element).localname)


@cache
def descriptor() -> Mapping[str, Any]:
    """Return the descriptor of our namespace, as the browser's editor reads it."""
    text = (Path(__file__).parent / "jh-moddle.json").read_text(encoding="utf-8")
    result: Mapping[str, Any] = json.loads(text)
    return result


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


@cache
def attributes() -> Mapping[str, frozenset[str]]:
    """Return our attributes per BPMN element name."""
    return {
        _lower(base.removeprefix("bpmn:")): frozenset(item["name"] for item in kind["properties"])
        for kind in descriptor()["types"]
        for base in kind.get("extends", ())
    }


@cache
def elements() -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
    """Return, per element of ours, its attributes and its children."""
    return {
        _lower(kind["name"]): (
            frozenset(item["name"] for item in kind["properties"] if item.get("isAttr")),
            frozenset(item["name"] for item in kind["properties"] if not item.get("isAttr")),
        )
        for kind in descriptor()["types"]
        if "superClass" in kind
    }
