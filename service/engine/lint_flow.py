"""Lint of the drawing as a graph: starts, ends, gateways, conditions, reachability, references."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from lxml import etree

from forms.expression import ExpressionError, compile_expression
from service.engine.element_titles import label
from service.engine.namespace import FLOW_NODES, GATEWAYS, bpmn, local
from service.engine.release import CASE, LintProblem
from service.engine.xml_reader import local_id

_COUNTERS = frozenset({"done", "total"})


def _problem(code: str, element: etree._Element, message: str, remedy: str) -> LintProblem:
    return LintProblem(code=code, severity="error", element_id=local_id(element), message=message, remedy=remedy)


class Graph:
    """The nodes and arrows directly inside one process or subprocess."""

    def __init__(self, scope: etree._Element) -> None:
        self.scope = scope
        self.nodes = {child.get("id", ""): child for child in scope if local(child) in FLOW_NODES}
        self.flows = scope.findall(bpmn("sequenceFlow"))
        self.outgoing: dict[str, list[etree._Element]] = defaultdict(list)
        self.incoming: dict[str, list[etree._Element]] = defaultdict(list)
        for flow in self.flows:
            self.outgoing[flow.get("sourceRef", "")].append(flow)
            self.incoming[flow.get("targetRef", "")].append(flow)
        self.boundary: dict[str, list[str]] = defaultdict(list)
        for node_id, node in self.nodes.items():
            if local(node) == "boundaryEvent":
                self.boundary[node.get("attachedToRef", "")].append(node_id)

    def of(self, kind: str) -> list[str]:
        """Return the ids of the nodes of one kind."""
        return [node_id for node_id, node in self.nodes.items() if local(node) == kind]

    def forward(self, node_id: str) -> list[str]:
        """Return where a token may go from a node, events on it included."""
        return [flow.get("targetRef", "") for flow in self.outgoing[node_id]] + self.boundary[node_id]

    def backward(self, node_id: str) -> list[str]:
        """Return from where a token may come to a node."""
        host = self.nodes[node_id].get("attachedToRef")
        return [flow.get("sourceRef", "") for flow in self.incoming[node_id]] + ([host] if host else [])


def flow_problems(root: etree._Element, bundle: Collection[etree._Element]) -> Iterator[LintProblem]:
    """Yield the problems of every process and subprocess of a diagram; ``bundle`` holds all diagrams for calls."""
    processes = {element.get("id"): element for other in bundle for element in other.iter(bpmn("process"))}
    for scope in (*root.iter(bpmn("process")), *root.iter(bpmn("subProcess"))):
        graph = Graph(scope)
        ends = list(_end_point_problems(graph))
        yield from ends
        if not ends:
            yield from _reach_problems(graph)
        yield from _branch_problems(graph)
        yield from _reference_problems(graph, processes.keys())
    yield from condition_problems(root)
    yield from data_problems(root)
    yield from _call_problems(processes)


def _end_point_problems(graph: Graph) -> Iterator[LintProblem]:
    starts = graph.of("startEvent")
    if len(starts) != 1:
        message = f"流程{label(graph.scope)}有{len(starts)}个开始事件。"
        yield _problem("flow.start", graph.scope, message, "每个流程恰好要有一个开始事件。")
    if not graph.of("endEvent"):
        yield _problem("flow.end", graph.scope, f"流程{label(graph.scope)}没有结束事件。", "请加上结束事件。")
    for flow in graph.flows:
        for side in ("sourceRef", "targetRef"):
            if flow.get(side, "") not in graph.nodes:
                message = f"连线{label(flow)}的一端“{flow.get(side, '')[:60]}”不在同一流程中。"
                yield _problem("flow.dangling", flow, message, "请重新连接。")


def _reach(starts: Iterable[str], step: Iterable[str], graph: Graph, forward: bool) -> set[str]:
    seen: set[str] = set()
    todo = [*starts, *step]
    while todo:
        node_id = todo.pop()
        if node_id not in seen and node_id in graph.nodes:
            seen.add(node_id)
            todo += graph.forward(node_id) if forward else graph.backward(node_id)
    return seen


def _reach_problems(graph: Graph) -> Iterator[LintProblem]:
    reached = _reach(graph.of("startEvent"), (), graph, True)
    finishing = _reach(graph.of("endEvent"), (), graph, False)
    for node_id, node in graph.nodes.items():
        if node_id not in reached:
            yield _problem("flow.unreachable", node, f"节点{label(node)}从开始事件走不到。", "请连上或删去。")
        elif node_id not in finishing:
            yield _problem("flow.no_end", node, f"从节点{label(node)}走不到任何结束事件。", "请连到后续节点。")


def _branch_problems(graph: Graph) -> Iterator[LintProblem]:
    for node_id, node in graph.nodes.items():
        kind, outgoing = local(node), graph.outgoing[node_id]
        if kind not in GATEWAYS and len(outgoing) > 1:
            yield _problem("flow.several", node, f"节点{label(node)}有多条出线。", "请用网关来分支。")
        if kind in ("endEvent",) and outgoing:
            yield _problem("flow.after_end", node, f"结束事件{label(node)}后面还有连线。", "请删去该连线。")
        if kind in ("startEvent", "boundaryEvent") and graph.incoming[node_id]:
            yield _problem("flow.before_start", node, f"事件{label(node)}不能有入线。", "请删去该连线。")
        if kind in ("exclusiveGateway", "inclusiveGateway") and len(outgoing) > 1:
            yield from _choice_problems(node, outgoing)
        for flow in outgoing:
            if flow.find(bpmn("conditionExpression")) is not None and kind not in GATEWAYS - {"parallelGateway"}:
                message = f"连线{label(flow)}上的条件不会被执行，因为它不是从排他或包容网关引出的。"
                yield _problem("condition.misplaced", flow, message, "请删去条件，或在前面加一个排他网关。")


def _choice_problems(node: etree._Element, outgoing: list[etree._Element]) -> Iterator[LintProblem]:
    default = node.get("default")
    if default not in {flow.get("id") for flow in outgoing}:
        yield _problem("gateway.default", node, f"网关{label(node)}没有默认出线。", "请把其中一条出线设为默认。")
    for flow in outgoing:
        has_condition = flow.find(bpmn("conditionExpression")) is not None
        if flow.get("id") != default and not has_condition:
            yield _problem("gateway.condition", flow, f"从网关引出的{label(flow)}没有条件。", "请填写条件或设为默认。")
        if flow.get("id") == default and has_condition:
            yield _problem(
                "gateway.default", flow, f"默认出线{label(flow)}带有条件，条件不会被执行。", "请删去该条件。"
            )


def _reference_problems(graph: Graph, processes: Collection[str | None]) -> Iterator[LintProblem]:
    for node_id, node in graph.nodes.items():
        kind = local(node)
        if kind == "boundaryEvent" and node.get("attachedToRef") not in graph.nodes:
            yield _problem("event.unattached", node, f"边界事件{label(node)}没有附着在步骤上。", "请把它拖到步骤边上。")
        if kind == "callActivity" and node.get("calledElement") not in processes:
            message = f"调用活动{label(node)}所调用的流程“{node.get('calledElement', '')[:60]}”不在流程包中。"
            yield _problem("call.unknown", node, message, "请改为已发布的流程，或一并放入流程包。")
        defined = any(local(child).endswith("EventDefinition") for child in node)
        if kind in ("boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent") and not defined:
            yield _problem("event.empty", node, f"事件{label(node)}没有说明是什么事件。", "请选择定时、消息、信号等。")
        if kind == "parallelGateway" and min(len(graph.incoming[node_id]), len(graph.outgoing[node_id])) > 1:
            yield _problem("gateway.mixed", node, f"并行网关{label(node)}既汇合又分叉。", "请拆成两个网关。")


def condition_problems(root: etree._Element) -> Iterator[LintProblem]:
    """Yield expressions that cannot be read or that name something no step of the diagram provides."""
    known = _COUNTERS | {CASE}
    known |= {element.get("id", "") for tag in ("userTask", "businessRuleTask") for element in root.iter(bpmn(tag))}
    for tag in ("dataObject", "inputDataItem", "outputDataItem"):
        known |= {element.get("id", "") for element in root.iter(bpmn(tag))}
    known |= {(element.text or "").strip() for element in root.iter(bpmn("loopDataOutputRef"))}
    for tag in ("conditionExpression", "completionCondition", "loopCardinality"):
        for element in root.iter(bpmn(tag)):
            owner = element.getparent()
            owner = element if owner is None else owner
            text = (element.text or "").strip()
            try:
                names = compile_expression(text).names
            except ExpressionError as fault:
                message = f"{label(owner)}上的条件“{text[:60]}”写错了：{fault}。"
                foreign = text.startswith(("${", "#{", "="))
                remedy = "这是其他软件的写法，请改写成 draft.is_key_project 这样的条件。" if foreign else "请改正条件。"
                yield _problem("condition.invalid", owner, message, remedy)
                continue
            for name in sorted(names - known):
                message = f"{label(owner)}上的条件提到“{name}”，但没有这个步骤。"
                yield _problem("condition.unknown", owner, message, "请改为已有的步骤编号。")


def data_problems(root: etree._Element) -> Iterator[LintProblem]:
    """Yield data references that do not lie in the same or the next outer process.

    The process library looks for anything farther out for ever.
    """
    references = {item.get("id"): item.get("dataObjectRef") for item in root.iter(bpmn("dataObjectReference"))}
    for tag, side in (("dataInputAssociation", "sourceRef"), ("dataOutputAssociation", "targetRef")):
        for element in root.iter(bpmn(tag)):
            scopes = [item for item in element.iterancestors() if local(item) in ("process", "subProcess")]
            near = {item.get("id") for scope in scopes[:2] for item in scope.findall(bpmn("dataObject"))}
            for reference in element.findall(bpmn(side)):
                if references.get((reference.text or "").strip()) not in near:
                    owner = element.getparent()
                    owner = element if owner is None else owner
                    message = f"节点{label(owner)}引用的数据对象不在本流程或上一层流程中。"
                    yield _problem("data.unknown", owner, message, "请把数据对象放到同一层。")


def _call_problems(processes: dict[str | None, etree._Element]) -> Iterator[LintProblem]:
    calls = {
        name: {call.get("calledElement") for call in process.iter(bpmn("callActivity"))}
        for name, process in processes.items()
    }
    for name, process in processes.items():
        seen: set[str | None] = set()
        todo = set(calls[name])
        while todo:
            called = todo.pop()
            if called not in seen:
                seen.add(called)
                todo |= calls.get(called, set())
        if name in seen:
            yield _problem("call.loop", process, f"流程{label(process)}直接或间接地调用自己。", "请去掉循环调用。")
