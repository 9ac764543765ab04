"""What is wrong with a file, whoever wrote it? Everything that can be found is listed; nothing is run or left out silently."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from lxml import etree

from service.engine.compiler import assemble, net_problems
from service.engine.dmn import Model, coverage_problems, read_model
from service.engine.lint import KNOWN_EFFECTS, identity_problems, structure_problems
from service.engine.lint_drawing import drawing_problems
from service.engine.lint_flow import flow_problems
from service.engine.lint_foreign import cleaned, foreign_problems
from service.engine.lint_release import PolicyData, release_problems
from service.engine.lint_steps import step_problems
from service.engine.lint_tables import table_problems
from service.engine.namespace import bpmn, local
from service.engine.release import LintProblem, ReleaseError
from service.engine.xml_reader import parse_xml, refuse, size_problems

#: Faults that keep a diagram from being compiled at all.
_BLOCKING = (
    "id.",
    "process.",
    "flow.",
    "gateway.",
    "event.",
    "call.",
    "data.",
    "element.",
    "condition.",
    "timer.",
    "table.",
)


def check_file(
    text: bytes,
    filename: str,
    *,
    others: Callable[[], Mapping[str, etree._Element]] = dict,
    forms: Collection[str] | None = None,
    data: PolicyData | None = None,
    tables: Callable[[], Mapping[str, Model]] = dict,
) -> Iterator[LintProblem]:
    """Yield every problem of a BPMN or DMN file, the certain and cheap ones first.

    ``others`` gives diagrams that a called process may be found in, by file name, ``tables`` the
    decision files beside it. Raises ``ReleaseError`` before the
    first problem if the file cannot be read as BPMN or DMN: its one problem says so in a sentence.
    """
    root = parse_xml(text, filename)
    if root.tag == bpmn("definitions"):
        yield from _diagram_problems(root, filename, others, forms, data, tables)
    elif local(root) == "definitions" and _holds_decisions(root):
        yield from _table_problems(text, root, filename)
    else:
        namespace = etree.QName(root).namespace or "无命名空间"
        message = (
            f"文件 {filename} 不是 BPMN 2.0 流程图或 DMN 决策文件（根元素 {local(root)[:60]}，{namespace[:120]}）。"
        )
        raise refuse("xml.unknown", message, "请上传 .bpmn 或 .dmn 文件。")


def _holds_decisions(root: etree._Element) -> bool:
    return "/DMN/" in str(etree.QName(root).namespace).upper() or any(local(child) == "decision" for child in root)


def _diagram_problems(
    root: etree._Element,
    filename: str,
    others: Callable[[], Mapping[str, etree._Element]],
    forms: Collection[str] | None,
    data: PolicyData | None,
    tables: Callable[[], Mapping[str, Model]],
) -> Iterator[LintProblem]:
    found = [*size_problems(root, filename)]
    yield from found
    for problem in structure_problems(root):
        found.append(problem)
        yield problem
    if any(problem.code in ("xml.too_deep", "xml.too_many") for problem in found):
        return
    own = cleaned(root)
    bundle = {filename: own}
    if _calls_out(own):
        bundle = {**others(), **bundle}
    asks = next(own.iter(bpmn("businessRuleTask")), None) is not None
    models = tables() if asks else {}
    for problem in (*_own_problems(own, bundle, forms), *table_problems(own, models)):
        found.append(problem)
        yield problem
    yield from drawing_problems(own)
    if not any(problem.code.startswith(_BLOCKING) and problem.severity == "error" for problem in found):
        yield from _run_problems(own, bundle, data, models)


def _own_problems(
    own: etree._Element, bundle: Mapping[str, etree._Element], forms: Collection[str] | None
) -> Iterator[LintProblem]:
    yield from identity_problems([own], None)
    yield from step_problems(own, KNOWN_EFFECTS, forms)
    yield from flow_problems(own, bundle.values())


def _calls_out(root: etree._Element) -> bool:
    known = {element.get("id") for element in root.iter(bpmn("process"))}
    return any(call.get("calledElement") not in known for call in root.iter(bpmn("callActivity")))


def _run_problems(
    own: etree._Element,
    bundle: Mapping[str, etree._Element],
    data: PolicyData | None,
    tables: Mapping[str, Model],
) -> Iterator[LintProblem]:
    """Judge what only the compiled process shows, for every process no other one of the file calls."""
    called = {call.get("calledElement") for call in own.iter(bpmn("callActivity"))}
    for process in own.iter(bpmn("process")):
        process_id = process.get("id", "")
        if process_id in called:
            continue
        try:
            release = assemble(bundle, process_id, "", tables)
        except ReleaseError as fault:
            yield from fault.problems
            continue
        problems = [problem for name, net in release.flow_nets.items() for problem in net_problems(release, name, net)]
        yield from problems
        if not problems:
            yield from release_problems(release, data)


def _table_problems(text: bytes, root: etree._Element, filename: str) -> Iterator[LintProblem]:
    yield from size_problems(root, filename)
    yield from (replace(problem, severity="warning") for problem in foreign_problems(root))
    try:
        model = read_model(text, filename)
        yield from model.problems
        yield from coverage_problems(model)
    except ReleaseError as fault:
        yield from fault.problems
