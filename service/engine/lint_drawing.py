"""Is everything drawn, and does the drawing promise nothing that is not carried out? Shapes, pools, messages between them."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from service.engine.element_titles import label
from service.engine.namespace import FLOW_NODES, bpmn, local
from service.engine.release import LintProblem

_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"


def drawing_problems(root: etree._Element) -> Iterator[LintProblem]:
    """Yield elements without a shape, shapes without an element, and pools and messages that have no effect."""
    yield from _shape_problems(root)
    yield from _pool_problems(root)


def _shape_problems(root: etree._Element) -> Iterator[LintProblem]:
    drawn = {
        plain(shape.get("bpmnElement", "")): shape
        for tag in ("Shape", "Edge")
        for shape in root.iter(f"{_DI}BPMN{tag}")
    }
    nodes = [
        element for element in root.iter() if local(element) in FLOW_NODES | {"sequenceFlow"} and element.get("id")
    ]
    if not drawn and nodes:
        message = "文件没有图形信息（BPMNDI），编辑器里看不到流程图。"
        yield _problem("drawing.missing", root, message, "请用流程编辑器打开并重新保存，或让系统自动排版。")
        return
    for element in nodes:
        if element.get("id") not in drawn:
            yield _problem("drawing.missing", element, f"{label(element)}没有画出来。", "请在编辑器中补画该元素。")
    known = {element.get("id") for element in root.iter() if element.get("id")}
    for name, shape in drawn.items():
        if name not in known:
            yield _problem("drawing.orphan", shape, f"图形所画的元素“{name[:60]}”不存在。", "请删去该图形。")
        elif local(shape) == "BPMNShape" and not _has_size(shape):
            yield _problem(
                "drawing.size", shape, f"“{name[:60]}”的图形没有有效的位置和大小。", "请在编辑器中重新摆放。"
            )


def _has_size(shape: etree._Element) -> bool:
    bounds = shape.find(f"{_DC}Bounds")
    if bounds is None:
        return False
    try:
        numbers = [float(bounds.get(name, "nan")) for name in ("x", "y", "width", "height")]
    except ValueError:
        return False
    return all(abs(number) < 1_000_000 for number in numbers) and numbers[2] > 0 and numbers[3] > 0


def _pool_problems(root: etree._Element) -> Iterator[LintProblem]:
    processes = {element.get("id") for element in root.iter(bpmn("process"))}
    for pool in root.iter(bpmn("participant")):
        reference = plain(pool.get("processRef", ""))
        if not reference:
            message = f"泳池{label(pool)}是黑盒，没有流程，只作图示。"
            yield _problem("pool.black_box", pool, message, "不需要时请删去；需要办理时请改为泳道。")
        elif reference not in processes:
            message = f"泳池{label(pool)}引用的流程“{reference[:60]}”不存在。"
            yield _problem("pool.process", pool, message, "请改为文件中的流程，或删去该泳池。")
    for flow in root.iter(bpmn("messageFlow")):
        message = f"消息流{label(flow)}只作图示，不会被执行。"
        yield _problem("pool.message_flow", flow, message, "请改为同一流程中的连线，或删去。")
    called = {call.get("calledElement") for call in root.iter(bpmn("callActivity"))}
    alone = [element for element in root.iter(bpmn("process")) if element.get("id") not in called]
    for extra in alone[1:]:
        message = f"文件中有{len(alone)}个互不调用的流程，{label(extra)}不会随“{alone[0].get('id')}”一起发布。"
        yield _problem("process.several", extra, message, "请把每个流程存成单独的文件，或用调用活动连接。")


def plain(reference: str) -> str:
    """Return a reference without the namespace prefix some tools write before it."""
    return reference.rpartition(":")[2]


def _problem(code: str, element: etree._Element, message: str, remedy: str) -> LintProblem:
    element_id = (plain(element.get("bpmnElement", "")) or element.get("id") or "")[:60]
    return LintProblem(code=code, severity="warning", element_id=element_id, message=message, remedy=remedy)
