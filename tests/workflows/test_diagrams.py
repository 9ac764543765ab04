"""The drawing of every shipped process is tidy: nothing overlaps, every arrow is drawn square, lanes hold their nodes."""

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

SPACES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "di": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "dd": "http://www.omg.org/spec/DD/20100524/DI",
}


#: How many nodes each has: a node that gets lost would not be missed otherwise.
NODES = {
    "target_declaration": 24,
    "performance_monitoring": 9,
    "rectification": 14,
    "self_evaluation": 14,
    "library_to_budget": 14,
    "target_sync": 6,
    "overall_target": 10,
    "process_change": 8,
    "ex_ante_assessment": 18,
    "target_adjustment": 24,
}


@pytest.fixture(scope="module", params=sorted(path.stem for path in Path("workflows").glob("*.bpmn")))
def process(request):
    return request.param


@pytest.fixture(scope="module")
def root(process):
    return etree.fromstring(Path(f"workflows/{process}.bpmn").read_bytes())


def find(element, path):
    return element.xpath(path, namespaces=SPACES)


def box(bounds):
    x, y, width, height = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def boxes(root):
    return {shape.get("bpmnElement"): box(find(shape, "./dc:Bounds")[0]) for shape in find(root, "//di:BPMNShape")}


def nodes(root):
    return [element.get("id") for element in find(root, "//bpmn:process/*[bpmn:incoming or bpmn:outgoing]")]


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_no_two_nodes_overlap(root, process):
    shapes = boxes(root)
    assert len(nodes(root)) == NODES[process]
    assert [pair for pair in combinations(nodes(root), 2) if overlap(shapes[pair[0]], shapes[pair[1]])] == []


def test_no_label_covers_a_node(root):
    shapes = boxes(root)
    for bounds in find(root, "//di:BPMNLabel/dc:Bounds"):
        assert [name for name in nodes(root) if overlap(box(bounds), shapes[name])] == []


def test_every_node_lies_inside_its_lane(root):
    shapes = boxes(root)
    for lane in find(root, "//bpmn:lane"):
        left, top, right, bottom = shapes[lane.get("id")]
        for reference in find(lane, "./bpmn:flowNodeRef"):
            x1, y1, x2, y2 = shapes[reference.text]
            assert left < x1
            assert top < y1
            assert x2 < right
            assert y2 < bottom
    assert sorted(reference.text for reference in find(root, "//bpmn:flowNodeRef")) == sorted(nodes(root))


def test_every_arrow_is_drawn_square_from_border_to_border(root):
    shapes = boxes(root)
    edges = {edge.get("bpmnElement"): edge for edge in find(root, "//di:BPMNEdge")}
    for flow in find(root, "//bpmn:sequenceFlow"):
        points = [(float(p.get("x")), float(p.get("y"))) for p in find(edges.pop(flow.get("id")), "./dd:waypoint")]
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points))
        for (x, y), side in ((points[0], "sourceRef"), (points[-1], "targetRef")):
            x1, y1, x2, y2 = shapes[flow.get(side)]
            assert (x in (x1, x2) and y1 <= y <= y2) or (y in (y1, y2) and x1 <= x <= x2)
    assert edges == {}


def test_no_arrow_runs_through_a_node(root):
    shapes = boxes(root)
    for edge in find(root, "//di:BPMNEdge"):
        points = [(float(p.get("x")), float(p.get("y"))) for p in find(edge, "./dd:waypoint")]
        for (ax, ay), (bx, by) in pairwise(points):
            line = (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
            assert [name for name in nodes(root) if overlap(line, shapes[name])] == []


def test_every_choice_asks_a_question_and_every_arrow_answers_it(root):
    for gateway in find(root, "//bpmn:exclusiveGateway[count(bpmn:outgoing) > 1]"):
        assert gateway.get("name").endswith("？")
        for flow in find(root, f"//bpmn:sequenceFlow[@sourceRef='{gateway.get('id')}']"):
            assert flow.get("name")
