"""What in a diagram is not ours? Everything other tools add is named with its place, and kept out of an import."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from service.engine.bpmn_words import ATTRIBUTES, FIXED
from service.engine.element_titles import label
from service.engine.namespace import BPMN, COLOURS, DIAGRAM, JH, XML, XSI, local
from service.engine.release import LintProblem, Severity
from service.engine.xml_reader import parse_xml

_OWN = frozenset({BPMN, JH}) | DIAGRAM | COLOURS
_PLAIN = frozenset({BPMN, XSI, XML}) | COLOURS
_KEEP_OUT = "请删去该扩展；导入时系统不会保留它。"
_KINDS = {
    "camunda.org": "Camunda",
    "activiti.org": "Activiti",
    "flowable.org": "Flowable",
    "signavio.com": "Signavio",
    "spiffworkflow.org": "SpiffWorkflow",
    "jboss.org": "jBPM",
    "bonitasoft": "Bonita",
    "trisotech": "Trisotech",
    "boc-group": "ADONIS",
    "bizagi": "Bizagi",
}


def foreign_problems(root: etree._Element) -> Iterator[LintProblem]:
    """Yield one problem for every foreign element and attribute, naming the element of the diagram it sits on."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if not _is_own(element):
            if _is_outermost(element):
                yield _element_problem(element)
            continue
        yield from _attribute_problems(element)


def cleaned(root: etree._Element) -> etree._Element:
    """Return a copy of a diagram without anything foreign: what an import keeps of another tool's file.

    Elements of the standard that a process may not hold stay in it, so that the editor shows what is to be replaced.
    """
    copy = deepcopy(root)
    for element in list(copy.iter()):
        if not isinstance(element.tag, str) or not _is_own(element):
            parent = element.getparent()
            if parent is not None:
                _drop(element, parent)
            continue
        for name in [name for name in element.attrib if _attribute_fault(element, str(name))]:
            del element.attrib[name]
    etree.cleanup_namespaces(copy)
    return copy


def owner(element: etree._Element) -> etree._Element:
    """Return the nearest element of the diagram with an id at or around a place, or else the root."""
    for place in (element, *element.iterancestors()):
        if isinstance(place.tag, str) and _is_own(place) and etree.QName(place).namespace != JH and place.get("id"):
            return place
    return element.getroottree().getroot()


def _is_own(element: etree._Element) -> bool:
    namespace = etree.QName(element).namespace
    return namespace in _OWN or (_is_decision_space(namespace) and _is_decision_space(_root_space(element)))


def _root_space(element: etree._Element) -> str | None:
    return etree.QName(element.getroottree().getroot()).namespace


def _is_decision_space(namespace: str | None) -> bool:
    return "/DMN/" in (namespace or "").upper()


def _is_outermost(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is None or _is_own(parent)


def _drop(element: etree._Element, parent: etree._Element) -> None:
    element.tail = None
    parent.remove(element)


def _title(element: etree._Element) -> str:
    return f"{element.prefix}:{local(element)}" if element.prefix else local(element)


def _tool(namespace: str | None) -> str:
    text = (namespace or "").lower()
    found = next((tool for mark, tool in _KINDS.items() if mark in text), None)
    return f"{found} 的" if found else "不认识的"


def _element_problem(element: etree._Element) -> LintProblem:
    namespace = etree.QName(element).namespace
    inner = sorted({_title(child) for child in element.iterdescendants() if isinstance(child.tag, str)})
    content = f"，内含 {'、'.join(inner)}" if inner else ""
    message = f"{label(owner(element))}含有{_tool(namespace)}扩展元素 {_title(element)}（{namespace or '无命名空间'}）{content}。"
    return _problem("xml.foreign", element, message, _KEEP_OUT)


def _attribute_problems(element: etree._Element) -> Iterator[LintProblem]:
    for key, given in element.attrib.items():
        name, value = str(key), str(given)
        fault = _attribute_fault(element, name)
        if fault:
            yield _problem("xml.foreign", element, f"{label(owner(element))}有{fault}，值为“{value[:40]}”。", _KEEP_OUT)
        elif name == "language" and etree.QName(element).namespace == BPMN:
            message = f"{label(owner(element))}上的{local(element)}用“{value[:60]}”写成，系统不会执行。"
            yield _problem("attribute.unsupported", element, message, "请改写成系统的条件语言，并删去 language 属性。")
        elif etree.QName(element).namespace == BPMN and name in FIXED and value != FIXED[name]:
            message = f"{label(owner(element))}的属性 {name}=“{value[:40]}”不会被执行。"
            yield _problem("attribute.unsupported", element, message, f"请删去该属性，只支持“{FIXED[name]}”。")


def _attribute_fault(element: etree._Element, name: str) -> str:
    """Say what is foreign about an attribute, "" if nothing is."""
    qualified = etree.QName(name)
    if qualified.namespace is None:
        standard = etree.QName(element).namespace != BPMN or name in ATTRIBUTES
        return "" if standard else f"标准中没有的属性 {name}"
    if qualified.namespace in _PLAIN or qualified.namespace == JH:
        return ""
    prefix = next((key for key, space in element.nsmap.items() if space == qualified.namespace), None)
    return f"{_tool(qualified.namespace)}属性 {f'{prefix}:' if prefix else ''}{qualified.localname}"


def _problem(
    code: str, element: etree._Element, message: str, remedy: str, severity: Severity = "error"
) -> LintProblem:
    place = owner(element)
    element_id = (place.get("bpmnElement") or place.get("id") or "")[:60]
    return LintProblem(code=code, severity=severity, element_id=element_id, message=message, remedy=remedy)


def cleaned_text(text: bytes, filename: str = "") -> bytes:
    """Return a diagram as a document (UTF-8) without anything foreign.

    Raises ``ReleaseError`` if it cannot be read.
    """
    return etree.tostring(cleaned(parse_xml(text, filename)), xml_declaration=True, encoding="UTF-8")
