"""From the files of a bundle to one immutable release."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from lxml import etree

from service.engine import extension
from service.engine.dmn import Model, read_model
from service.engine.element_titles import at_place, titles
from service.engine.flow_net import FlowNet, flow_net
from service.engine.lint import KNOWN_EFFECTS, lint, read_bundle
from service.engine.namespace import bpmn, jh
from service.engine.parser import parse, read_steps, read_table_steps
from service.engine.release import LintProblem, Release, ReleaseError


def bundle_hash(files: Mapping[str, bytes], process_id: str) -> str:
    """Return the SHA-256 (hex) of a bundle: process id, then file names and contents in order of name."""
    digest = hashlib.sha256()
    parts = [process_id.encode(), *(part for name in sorted(files) for part in (name.encode(), files[name]))]
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def compile_release(
    files: Mapping[str, bytes],
    process_id: str,
    *,
    effects: Collection[str] = KNOWN_EFFECTS,
    forms: Collection[str] | None = None,
) -> Release:
    """Check a bundle and make it ready to run.

    Raises ``ReleaseError`` with every problem found. Warnings do not stop a release; they are kept in it.
    """
    tables, problems = _tables(files)
    problems = [*lint(files, process_id, effects=effects, forms=forms, tables=tables), *problems]
    _raise_errors(problems)
    roots, _ = read_bundle(files)
    release = assemble(roots, process_id, bundle_hash(files, process_id), tables)
    for name, net in release.flow_nets.items():
        problems += net_problems(release, name, net)
    _raise_errors(problems)
    return replace(release, warnings=tuple(problems))


def assemble(
    roots: Mapping[str, etree._Element],
    process_id: str,
    release_hash: str,
    tables: Mapping[str, Model] = MappingProxyType({}),
) -> Release:
    """Return the release of diagrams that have passed the lint, before anybody has asked where tokens may meet.

    Raises ``ReleaseError`` if the process library refuses a diagram.
    """
    steps = read_steps(roots)
    specs = parse(roots, process_id, steps)
    process = next(element for root in roots.values() for element in _processes(root, process_id))
    inside = {name for spec in specs.values() for name in spec.task_specs}
    return Release(
        process_id=process_id,
        title=process.get("name", process_id),
        hash=release_hash,
        steps=MappingProxyType({name: step for name, step in steps.items() if _is_inside(name, inside)}),
        ends=MappingProxyType(
            {node.get("id", ""): extension.end_event(node) for node in process.findall(bpmn("endEvent"))}
        ),
        specs=MappingProxyType(specs),
        flow_nets=MappingProxyType({name: flow_net(spec) for name, spec in specs.items()}),
        effects=tuple(node.get(jh("effect"), "") for node in process.iter(bpmn("serviceTask"))),
        policy_document=process.get(jh("policyDocument"), ""),
        policy_article=process.get(jh("policyArticle"), ""),
        table_steps=MappingProxyType(
            {name: step for name, step in read_table_steps(roots).items() if _is_inside(name, inside)}
        ),
        tables=MappingProxyType(dict(tables)),
        titles=MappingProxyType(titles(list(roots.values()))),
        withdrawal=process.get(jh("withdrawal"), "undecided"),
    )


def _is_inside(name: str, inside: Collection[str]) -> bool:
    return name in inside or f"{name} [child]" in inside


def _processes(root: etree._Element, process_id: str) -> Iterator[etree._Element]:
    return (element for element in root.iter(bpmn("process")) if element.get("id") == process_id)


def _raise_errors(problems: list[LintProblem]) -> None:
    if any(problem.severity == "error" for problem in problems):
        raise ReleaseError(tuple(problems))


def _tables(files: Mapping[str, bytes]) -> tuple[dict[str, Model], list[LintProblem]]:
    """The decision files of a bundle by name, and everything wrong with them."""
    models: dict[str, Model] = {}
    problems: list[LintProblem] = []
    for name in sorted(files):
        if name.endswith(".dmn"):
            try:
                models[name] = read_model(files[name], name)
            except ReleaseError as fault:
                problems += fault.problems
                continue
            problems += (
                replace(problem, message=f"决策文件 {name}：{problem.message}") for problem in models[name].problems
            )
    return models, problems


def net_problems(release: Release, name: str, net: FlowNet) -> Iterator[LintProblem]:
    """Two tokens on one place, and joins whose flows can never all arrive."""
    known = release.titles
    for place in net.unsafe:
        yield LintProblem(
            code="flow.unsafe",
            severity="error",
            element_id=place.rpartition(" → ")[2],
            message=f"流程“{name}”中{at_place(known, place)}处可能同时有两个令牌（例如从并行分支中引出的连线绕回前面）。",
            remedy="请让并行分支先汇合，再退回或结束。",
        )
    for node in net.nodes:
        if not net.needs_every_flow(node):
            continue
        flows = [(source, node) for source in net.nodes[node]._inputs if source in net.nodes]
        for index, flow in enumerate(flows):
            for other in flows[index + 1 :]:
                if not net.together(flow, other):
                    ways = [at_place(known, source) for source, _ in (flow, other)]
                    yield LintProblem(
                        code="gateway.unmatched",
                        severity="error",
                        element_id=node,
                        message=f"{at_place(known, node)}等待的{ways[0]}和{ways[1]}不会都到达，流程会停在这里。",
                        remedy="请先用排他网关合并同一分支里的几条线，再进入并行汇合。",
                    )
