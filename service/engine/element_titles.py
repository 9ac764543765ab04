"""What do sentences call an element of a diagram? By its name, and where it has none by what comes before it.

Readers are no programmers: “资金科室审核”之后的判断 tells them where to look, an id tells them nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from lxml import etree

from service.engine.namespace import FLOW_NODES, bpmn, local

_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "exclusiveGateway": "判断",
        "inclusiveGateway": "多选判断",
        "serviceTask": "自动步骤",
        "businessRuleTask": "决策表步骤",
        "callActivity": "调用流程",
        "subProcess": "子流程",
        "userTask": "步骤",
        "endEvent": "结束",
        "intermediateCatchEvent": "等待",
        "intermediateThrowEvent": "发出事件",
    }
)
#: What the process library calls its own nodes.
_ENDS: Mapping[str, str] = MappingProxyType({"Start": "开始", "EndJoin": "结束", "End": "结束"})
_SPLIT = ".BoundaryEventSplit"
#: Names told of several steps before or after.
_MOST = 3
#: How far back names are looked for.
_FARTHEST = 20


def title(element: etree._Element) -> str:
    """Return what sentences call an element: its name in quotes, else what it is and where it stands, else its id."""
    name = element.get("name", "").strip()
    if name:
        return f"“{name}”"
    return described(element) or f"“{element.get('id') or local(element)}”"


def label(element: etree._Element) -> str:
    """Return how a message names an element whose id the reader may need: its title and id."""
    called, node_id = title(element), element.get("id") or local(element)
    return called if called == f"“{node_id}”" else f"{called}（{node_id}）"


def described(element: etree._Element) -> str:
    """Return what an element without a name is and where it stands; "" where nothing around it has a name either."""
    kind, scope = local(element), element.getparent()
    if scope is None:
        return ""
    if kind == "sequenceFlow":
        return _arrow(element, scope)
    if kind not in FLOW_NODES:
        return ""
    if kind == "startEvent":
        return "开始"
    return _node(element, kind, _surroundings(scope))


def titles(roots: Sequence[etree._Element]) -> dict[str, str]:
    """Return the titles of all nodes of diagrams, by id."""
    return {
        element.get("id", ""): title(element)
        for root in roots
        for element in root.iter()
        if local(element) in FLOW_NODES
    }


def at_place(known: Mapping[str, str], place: str) -> str:
    """Return what sentences call a place of the net, such as ``a → b``, by the titles of its nodes."""
    names = [part.removesuffix(_SPLIT) for part in place.split(" → ")]
    return "到".join(known.get(name) or _ENDS.get(name.rpartition(".")[2]) or f"“{name}”" for name in names)


class _Surroundings:
    """The nodes directly inside a process or subprocess and the arrows between them, by id."""

    def __init__(self, scope: etree._Element) -> None:
        self.nodes = {child.get("id", ""): child for child in scope if local(child) in FLOW_NODES}
        self.before: dict[str, list[str]] = defaultdict(list)
        self.after: dict[str, list[str]] = defaultdict(list)
        for flow in scope.findall(bpmn("sequenceFlow")):
            self.before[flow.get("targetRef", "")].append(flow.get("sourceRef", ""))
            self.after[flow.get("sourceRef", "")].append(flow.get("targetRef", ""))

    def named(self, node_id: str, arrows: Mapping[str, Sequence[str]]) -> list[str]:
        """The nearest nodes with a name along the arrows one way, each in quotes; where it begins counts as one."""
        found: dict[str, None] = {}
        seen, todo = {node_id}, list(arrows.get(node_id, ()))
        while todo and len(seen) < _FARTHEST:
            one = todo.pop(0)
            node = self.nodes.get(one)
            if node is None or one in seen:
                continue
            seen.add(one)
            name = node.get("name", "").strip()
            if name:
                found[f"“{name}”"] = None
            elif local(node) == "startEvent":
                found["开始"] = None
            else:
                todo += arrows.get(one, ())
        return list(found)


# A diagram gives many messages about one process; reading its arrows anew for each would take too long in large ones.
@lru_cache(maxsize=8)
def _surroundings(scope: etree._Element) -> _Surroundings:
    return _Surroundings(scope)


def _node(element: etree._Element, kind: str, around: _Surroundings) -> str:
    node_id = element.get("id", "")
    if kind == "boundaryEvent":
        host = around.nodes.get(element.get("attachedToRef", ""))
        return f"{title(host)}上的事件" if host is not None and local(host) != kind else ""
    earlier = _listed(around.named(node_id, around.before))
    if earlier:
        return f"{earlier}之后的{_word(kind, node_id, around)}"
    later = _listed(around.named(node_id, around.after))
    return f"{later}之前的{_word(kind, node_id, around)}" if later else ""


def _word(kind: str, node_id: str, around: _Surroundings) -> str:
    if not kind.endswith("Gateway"):
        return _KINDS.get(kind, "步骤")
    joins = len(around.before[node_id]) > 1 and len(around.after[node_id]) < 2
    if kind == "parallelGateway":
        return "并行汇合" if joins else "并行分支"
    return "汇合" if joins else _KINDS[kind]


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:_MOST]) + ("等" if len(names) > _MOST else "")


def _arrow(flow: etree._Element, scope: etree._Element) -> str:
    around = _surroundings(scope)
    ends = [around.nodes.get(flow.get(side, "")) for side in ("sourceRef", "targetRef")]
    source, target = (None if node is None else title(node) for node in ends)
    return f"从{source}到{target}的连线" if source and target else ""
