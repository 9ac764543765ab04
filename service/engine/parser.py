"""From checked diagrams to the specifications the engine runs.

Derived from the plain BPMN parser: no scripts before or after a task, no foreign extensions. It is given only what
``service.engine.lint`` has passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    ConditionalGatewayParser,
    GatewayParser,
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.defaults import CallActivity, SubWorkflowTask

from service.engine import extension, specs
from service.engine.namespace import bpmn, jh
from service.engine.release import TableStep, UserStep
from service.engine.xml_reader import refuse


class _OwnLoops:
    PARALLEL_MI_CLASS = specs.ParallelMultiInstance
    SEQUENTIAL_MI_CLASS = specs.SequentialMultiInstance


class StepParser(_OwnLoops, TaskParser):  # type: ignore[misc]
    """A user task becomes a human task that knows its step."""

    def create_task(self) -> Any:
        step = self.process_parser.parser.steps.get(self.bpmn_id)
        return self.spec_class(self.spec, self.bpmn_id, step=step, **self.bpmn_attributes)


class EffectParser(_OwnLoops, TaskParser):  # type: ignore[misc]
    """A service task names an effect and performs nothing."""

    def create_task(self) -> Any:
        effect = self.node.get(jh("effect"), "")
        return self.spec_class(self.spec, self.bpmn_id, effect=effect, **self.bpmn_attributes)


class TableParser(_OwnLoops, TaskParser):  # type: ignore[misc]
    """A business rule task asks a decision table of the bundle."""

    def create_task(self) -> Any:
        return self.spec_class(self.spec, self.bpmn_id, step=extension.table_step(self.node), **self.bpmn_attributes)


class OwnCallParser(_OwnLoops, CallActivityParser):  # type: ignore[misc]
    """A called process may run several times at once."""


class OwnSubprocessParser(_OwnLoops, SubWorkflowParser):  # type: ignore[misc]
    """An embedded subprocess may run several times at once."""


class OwnProcessParser(ProcessParser):  # type: ignore[misc]
    """Builds our process specification, whose end joins tokens without losing data."""

    def create_spec(self) -> Any:
        return specs.ProcessSpec(name=self.bpmn_id, description=self.get_name(), filename=self.filename)


class DiagramParser(BpmnParser):  # type: ignore[misc]
    """The process library's parser with our specifications in place of its own."""

    PROCESS_PARSER_CLASS = OwnProcessParser
    OVERRIDE_PARSER_CLASSES = {
        full_tag("userTask"): (StepParser, specs.HumanTask),
        full_tag("serviceTask"): (EffectParser, specs.EffectTask),
        full_tag("businessRuleTask"): (TableParser, specs.TableTask),
        full_tag("callActivity"): (OwnCallParser, CallActivity),
        full_tag("subProcess"): (OwnSubprocessParser, SubWorkflowTask),
        full_tag("exclusiveGateway"): (ConditionalGatewayParser, specs.ExclusiveGateway),
        full_tag("parallelGateway"): (GatewayParser, specs.ParallelGateway),
        full_tag("inclusiveGateway"): (ConditionalGatewayParser, specs.InclusiveGateway),
    }

    def __init__(self, steps: Mapping[str, UserStep]) -> None:
        super().__init__()
        self.steps = steps


def reading_order(root: etree._Element) -> list[etree._Element]:
    """Return the user tasks in the order a reader meets them: along the arrows from the start, then down the page."""
    tasks = {element.get("id", ""): element for element in root.iter(bpmn("userTask"))}
    arrows: dict[str, list[str]] = {}
    for flow in root.iter(bpmn("sequenceFlow")):
        arrows.setdefault(flow.get("sourceRef", ""), []).append(flow.get("targetRef", ""))
    for event in root.iter(bpmn("boundaryEvent")):
        arrows.setdefault(event.get("attachedToRef", ""), []).append(event.get("id", ""))
    level = [element.get("id", "") for element in root.iter(bpmn("startEvent"))]
    seen: dict[str, None] = dict.fromkeys(level)
    while level:
        level = [target for source in level for target in arrows.get(source, ()) if target not in seen]
        seen |= dict.fromkeys(level)
        level = list(dict.fromkeys(level))
    return [tasks[node_id] for node_id in seen if node_id in tasks]


def read_steps(roots: Mapping[str, etree._Element]) -> dict[str, UserStep]:
    """Return every step of a bundle by id, in reading order."""
    steps: dict[str, UserStep] = {}
    for root in roots.values():
        lanes, tasks = extension.lanes(root), reading_order(root)
        ids = [element.get("id", "") for element in tasks]
        for element in tasks:
            node_id = element.get("id", "")
            others = tuple(other for other in ids if other != node_id)
            steps[node_id] = extension.step(element, lanes.get(node_id), others)
    return steps


def read_table_steps(roots: Mapping[str, etree._Element]) -> dict[str, TableStep]:
    """Return every step of a bundle that asks a decision table, by id."""
    elements = (element for root in roots.values() for element in root.iter(bpmn("businessRuleTask")))
    return {step.node_id: step for step in map(extension.table_step, elements)}


def parse(
    roots: Mapping[str, etree._Element], process_id: str, steps: Mapping[str, UserStep]
) -> dict[str, specs.ProcessSpec]:
    """Return the specification of a process and of everything it calls or contains, by process id.

    Raises ``ReleaseError`` if the process library refuses the diagram.
    """
    parser = DiagramParser(steps)
    try:
        for name, root in roots.items():
            parser.add_bpmn_xml(root, filename=name)
        main = parser.get_spec(process_id)
        found = {process_id: main, **parser.get_subprocess_specs(process_id)}
    except ValidationException as fault:
        node_id = getattr(fault, "id", "") or ""
        raise refuse("process.refused", f"流程不能执行：{fault}。", "请改正该元素。", str(node_id)) from fault
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        # What the library takes for granted, such as numbers in the drawing.
        raise refuse("process.refused", f"流程不能执行：{fault}。", "请用流程编辑器重新保存后再试。") from fault
    except RecursionError as fault:
        raise refuse("xml.too_many", "流程图的一串步骤太长。", "请拆分成几个流程。") from fault
    for spec in found.values():
        specs.connect_loops(spec)
    return found
