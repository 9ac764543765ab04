"""Lint: everything that is wrong with a bundle of diagrams, found before the process library sees it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from lxml import etree

from service.engine.bpmn_words import BANNED
from service.engine.dmn import Model
from service.engine.element_titles import label
from service.engine.lint_flow import flow_problems
from service.engine.lint_foreign import foreign_problems, owner
from service.engine.lint_steps import step_problems
from service.engine.lint_tables import table_problems
from service.engine.namespace import ALLOWED, BPMN, FLOW_NODES, JH, attributes, bpmn, elements, local
from service.engine.release import LintProblem, ReleaseError
from service.engine.xml_reader import local_id, read_xml

KNOWN_EFFECTS = (
    "admit_target",
    "open_rectification",
    "issue_notice",
    "record_escalation",
    "record_evaluation",
    "publish_release",
    "bring_into_force",
    "record_ex_ante",
    "adjust_target",
    "open_target_syncs",
    "admit_synced_target",
    "issue_budget_reply",
    "admit_overall_target",
)
MAX_FLOW_NODES = 300
MAX_ID = 80
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
#: Which element holds each of ours that stands among its extensions.
_HOLDERS = {"outcomes": "userTask", "inputs": "businessRuleTask"}
_NAMES_OF_NODES = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def read_bundle(files: Mapping[str, bytes]) -> tuple[dict[str, etree._Element], list[LintProblem]]:
    """Read the diagrams of a bundle; return their roots by file name and the problems of those that cannot be read."""
    roots: dict[str, etree._Element] = {}
    problems: list[LintProblem] = []
    for name in sorted(files):
        if not name.endswith(".bpmn"):
            continue
        try:
            roots[name] = read_xml(files[name], name)
        except ReleaseError as fault:
            problems += fault.problems
    return roots, problems


def lint(
    files: Mapping[str, bytes],
    process_id: str | None = None,
    *,
    effects: Collection[str] = KNOWN_EFFECTS,
    forms: Collection[str] | None = None,
    tables: Mapping[str, Model] = MappingProxyType({}),
) -> list[LintProblem]:
    """Return every problem of a bundle, errors and warnings together, without running anything.

    ``effects`` is the closed list of effects a service task may name; ``forms`` that of form codes, ``None`` leaves
    them unchecked; ``tables`` are its decision files. The way two tokens may meet is judged when the release is compiled.
    """
    roots, problems = read_bundle(files)
    if problems:
        return problems
    for root in roots.values():
        problems += structure_problems(root)
    problems += identity_problems(roots.values(), process_id)
    if any(problem.severity == "error" for problem in problems):
        return problems
    for root in roots.values():
        problems += step_problems(root, effects, forms)
        problems += table_problems(root, tables)
        problems += flow_problems(root, roots.values())
    return problems


def error(code: str, element: etree._Element | None, message: str, remedy: str) -> LintProblem:
    """Return an error about an element."""
    element_id = "" if element is None else local_id(element)
    return LintProblem(code=code, severity="error", element_id=element_id, message=message, remedy=remedy)


def structure_problems(root: etree._Element) -> Iterator[LintProblem]:
    """Yield unknown, foreign and banned elements and attributes."""
    if root.tag != bpmn("definitions"):
        yield error("xml.not_bpmn", root, "文件不是 BPMN 2.0 流程图。", "请上传流程编辑器保存的 .bpmn 文件。")
        return
    yield from foreign_problems(root)
    for element in root.iter():
        namespace = etree.QName(element).namespace
        if namespace == BPMN:
            yield from _element_problems(element)
        elif namespace == JH:
            yield from _own_problems(element)
        yield from _attribute_problems(element)


def _element_problems(element: etree._Element) -> Iterator[LintProblem]:
    name, holder = local(element), owner(element)
    if name not in ALLOWED:
        title = f"{BANNED[name]}（{name}）" if name in BANNED else f"标准中没有的元素 {name}"
        message = f"{label(element)}是{title}" if holder is element else f"{label(holder)}含有{title}"
        yield error("element.banned", holder, f"{message}，不允许使用。", _replacement(name))
    if name == "subProcess" and element.get("triggeredByEvent") == "true":
        yield error("element.banned", element, f"{label(element)}是事件子流程，不允许使用。", "请改用边界事件。")
    if name in FLOW_NODES:
        definitions = [child for child in element if local(child).endswith("EventDefinition")]
        if len(definitions) > 1:
            yield error("event.several", element, f"{label(element)}含有多个事件定义。", "每个事件只保留一个定义。")


def _replacement(name: str) -> str:
    """Say what to draw instead of an element that is not allowed."""
    if name.lower().endswith("task"):
        return "请改为人工审批（userTask）、登记过效果的服务任务（serviceTask）或决策表步骤（businessRuleTask）。"
    if name.endswith("Gateway"):
        return "请改用排他、并行或包容网关。"
    if name.endswith("EventDefinition") or name == "event":
        return "请改为定时、消息、信号、错误或升级事件，或删去该事件。"
    return "请删去该元素，需要的内容用人工审批、服务任务、网关或说明文字表达。"


def _own_problems(element: etree._Element) -> Iterator[LintProblem]:
    name, parent = local(element), element.getparent()
    known = elements()
    if name not in known:
        yield error("jh.element", element, f"不认识的扩展元素 jh:{name}。", "请删去或改正其名称。")
        return
    for attribute in element.attrib:
        if str(attribute) not in known[name][0]:
            yield error("jh.attribute", element, f"jh:{name} 没有属性 {attribute!s}。", "请删去或改正其名称。")
    if parent is None:
        return
    if etree.QName(parent).namespace == JH:
        fits = name in known.get(local(parent), (frozenset(), frozenset()))[1]
    else:
        owner = parent.getparent()
        held = local(owner) if owner is not None and local(parent) == "extensionElements" else ""
        fits = held != "" and _HOLDERS.get(name) == held
    if not fits:
        remedy = "请移到人工任务（处理结果）或决策表步骤（输入）的扩展元素里。"
        yield error("jh.place", element, f"jh:{name} 不能放在 {local(parent)} 之中。", remedy)


def _attribute_problems(element: etree._Element) -> Iterator[LintProblem]:
    name = local(element)
    for attribute in element.attrib:
        qualified = etree.QName(str(attribute))
        if qualified.namespace == JH and qualified.localname not in attributes().get(name, frozenset()):
            message = f"{label(element)}不能有属性 jh:{qualified.localname}。"
            yield error("jh.attribute", element, message, "请删去或改正其名称。")


def identity_problems(roots: Collection[etree._Element], process_id: str | None) -> Iterator[LintProblem]:
    """Yield missing, doubled, illegal ids, too many nodes and a missing process."""
    seen: set[str] = set()
    for root in roots:
        for element in root.iter(f"{{{BPMN}}}*"):
            node_id = element.get("id")
            if node_id is None:
                if local(element) in FLOW_NODES or local(element) in ("process", "sequenceFlow"):
                    yield error("id.missing", element, f"有一个 {local(element)} 没有编号。", "请给它一个唯一的编号。")
                continue
            pattern = _NAMES_OF_NODES if local(element) in ("userTask", "businessRuleTask") else _ID
            if len(node_id) > MAX_ID or not pattern.fullmatch(node_id):
                yield error(
                    "id.illegal",
                    element,
                    f"编号“{node_id[:60]}”不合规。",
                    f"编号须以字母开头，只含字母、数字和下划线，不超过{MAX_ID}个字符。",
                )
            if node_id in seen:
                yield error("id.duplicate", element, f"编号“{node_id[:60]}”重复。", "请让每个编号只用一次。")
            seen.add(node_id)
        nodes = sum(1 for element in root.iter() if local(element) in FLOW_NODES)
        if nodes > MAX_FLOW_NODES:
            yield error("xml.too_many", root, f"流程图有{nodes}个节点，超过{MAX_FLOW_NODES}个。", "请拆分成几个流程。")
    yield from _process_problems(roots, process_id)


def _process_problems(roots: Collection[etree._Element], process_id: str | None) -> Iterator[LintProblem]:
    processes = [element for root in roots for element in root.iter(bpmn("process"))]
    if not processes:
        yield error("process.missing", None, "流程包里没有流程。", "请至少放入一个 .bpmn 流程图。")
    if process_id is not None and process_id not in {element.get("id") for element in processes}:
        yield error("process.missing", None, f"流程包里没有编号为“{process_id}”的流程。", "请检查流程编号。")
    for element in processes:
        if element.get("isExecutable") != "true":
            yield error("process.not_executable", element, f"流程{label(element)}没有标为可执行。", "请勾选“可执行”。")
