"""What does a diagram say, as plain data? Nodes, steps, flows and timers by id, for comparing two versions.

Read from the drawing itself, so that a draft that cannot run yet can be compared too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lxml import etree

from service.engine import extension
from service.engine.element_titles import described
from service.engine.namespace import FLOW_NODES, TIMERS, bpmn, jh, local
from service.engine.parser import read_steps
from service.engine.release import UserStep
from service.engine.xml_reader import parse_xml, refuse


@dataclass(frozen=True)
class Node:
    """An element a token can be at. ``detail`` is what it does besides: a timer's text, an effect, an end's stage.

    ``place`` says where an element without a name stands; it is no part of what the element means.
    """

    id: str
    kind: str
    name: str
    detail: str = ""
    place: str = field(default="", compare=False)

    @property
    def title(self) -> str:
        """What lists call it: its name, where it stands, or at last its id."""
        return self.name or self.place or self.id


@dataclass(frozen=True)
class Flow:
    """An arrow; ``condition`` is empty for the default and for unconditional ones."""

    id: str
    source: str
    target: str
    name: str
    condition: str
    default: bool


@dataclass(frozen=True)
class Outline:
    """One version of a process as it is drawn."""

    process_id: str
    title: str
    policy: str
    withdrawal: str
    nodes: Mapping[str, Node]
    steps: Mapping[str, UserStep]
    flows: Mapping[str, Flow]
    #: The steps a user task avoids by its own attribute; by default it avoids all others.
    distinct: Mapping[str, tuple[str, ...]]

    def earlier(self, node_id: str, among: Collection[str]) -> tuple[str, ...]:
        """Return the nearest nodes of ``among`` a token passes before a node, in drawn order; loops end the search."""
        incoming: dict[str, list[str]] = {}
        for flow in self.flows.values():
            incoming.setdefault(flow.target, []).append(flow.source)
        found: dict[str, None] = {}
        seen, todo = {node_id}, list(incoming.get(node_id, ()))
        while todo:
            name = todo.pop(0)
            if name in seen:
                continue
            seen.add(name)
            if name in among:
                found[name] = None
            else:
                todo += incoming.get(name, ())
        order = list(self.steps)
        return tuple(sorted(found, key=lambda name: order.index(name) if name in order else -1))


def read_outline(text: bytes, filename: str = "", process_id: str | None = None) -> Outline:
    """Return the outline of a diagram; ``process_id`` names the main process if it is not the first.

    Raises ``ReleaseError`` if the file is no BPMN diagram or holds no process.
    """
    root = parse_xml(text, filename)
    processes = [item for item in root.iter(bpmn("process")) if process_id in (None, item.get("id"))]
    if root.tag != bpmn("definitions") or not processes:
        raise refuse("xml.unknown", f"文件 {filename} 不是含有流程的 BPMN 2.0 流程图。", "请选择 .bpmn 文件。")
    main = processes[0]
    policy = " ".join(filter(None, (main.get(jh("policyDocument"), ""), main.get(jh("policyArticle"), ""))))
    return Outline(
        process_id=main.get("id", ""),
        title=main.get("name", ""),
        policy=policy,
        withdrawal=main.get(jh("withdrawal"), "undecided"),
        nodes=MappingProxyType({node.id: node for node in map(_node, root.iter()) if node is not None}),
        steps=MappingProxyType(read_steps({filename: root}) | _unreached(root)),
        flows=MappingProxyType(_flows(root)),
        distinct=MappingProxyType(
            {
                item.get("id", ""): extension.words(item.get(jh("distinctFrom"), ""))
                for item in root.iter(bpmn("userTask"))
            }
        ),
    )


def _unreached(root: etree._Element) -> dict[str, UserStep]:
    """Return the steps no arrow leads to, which the reading order leaves out."""
    lanes, known = extension.lanes(root), read_steps({"": root})
    tasks = {element.get("id", ""): element for element in root.iter(bpmn("userTask"))}
    return {name: extension.step(task, lanes.get(name), ()) for name, task in tasks.items() if name not in known}


def _node(element: etree._Element) -> Node | None:
    kind = local(element)
    if kind not in FLOW_NODES or not element.get("id"):
        return None
    timers = [f"{local(child)} {(child.text or '').strip()}" for child in element.iter() if local(child) in TIMERS]
    own = (element.get(jh("effect")), _end_words(element), element.get("calledElement"), _asked(element))
    detail = "" if kind in ("userTask", "subProcess") else next(filter(None, (*timers, *own)), "")
    place = "" if element.get("name") else described(element)
    return Node(element.get("id", ""), kind, element.get("name", ""), detail, place)


def _asked(element: etree._Element) -> str:
    """Which decision table a business rule task asks, with what, and which document the table rests on."""
    step = extension.table_step(element)
    given = "，".join(f"{name} = {value}" for name, value in step.inputs)
    basis = " ".join(filter(None, (step.policy_document, step.policy_article)))
    asked = f"{step.file}#{step.decision}{f'（{given}）' if given else ''}" if step.file else ""
    return "，".join(filter(None, (asked, f"依据{basis}" if basis else "")))


def _end_words(element: etree._Element) -> str:
    copies = extension.words(element.get(jh("copyTo"), ""))
    return " ".join([element.get(jh("stage"), ""), *([f"抄送：{'、'.join(copies)}"] if copies else [])])


def _flows(root: etree._Element) -> dict[str, Flow]:
    defaults = {element.get("default") for element in root.iter() if element.get("default")}
    found = {}
    for element in root.iter(bpmn("sequenceFlow")):
        condition = element.find(bpmn("conditionExpression"))
        flow_id = element.get("id", "")
        found[flow_id] = Flow(
            id=flow_id,
            source=element.get("sourceRef", ""),
            target=element.get("targetRef", ""),
            name=element.get("name", ""),
            condition="" if condition is None else " ".join((condition.text or "").split()),
            default=flow_id in defaults,
        )
    return found
