"""From the text of a DMN file to a model, whichever of the versions 1.1 to 1.5 and whichever tool wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lxml import etree

from service.engine.dmn.boxed_reader import BoxedReader, table_node
from service.engine.dmn.desk import Desk, Sight
from service.engine.dmn.elements import child, children, is_standard, parts, reference
from service.engine.dmn.faults import Findings
from service.engine.dmn.item_types import ANY_TYPE, ItemType, TypeBook
from service.engine.dmn.model import Decision, InputData, Knowledge, Model
from service.engine.dmn.scope import Node
from service.engine.dmn.table_reader import read_table
from service.engine.dmn.tokens import Vocabulary, plain
from service.engine.namespace import local
from service.engine.xml_reader import read_xml, refuse

MAX_DECISIONS = 300
_REPEATED = "MultiInstanceDecision"


def read_model(text: bytes, filename: str = "") -> Model:
    """Read a file of decisions.

    Faults of single decisions are in the model's ``problems``; the other decisions can still be made. Raises
    ``ReleaseError`` if the file is not bounded, well-formed XML without DOCTYPE, is no DMN, or holds no decision.
    """
    root = read_xml(text, filename)
    where = f"文件 {filename} " if filename else "文件"
    decisions = children(root, "decision")
    if local(root) != "definitions" or not (is_standard(root) or decisions):
        raise refuse("dmn.unknown", f"{where}不是 DMN 决策文件。", "请用决策表编辑器重新保存。")
    if not 0 < len(decisions) <= MAX_DECISIONS:
        raise refuse("dmn.decisions", f"{where}须有1到{MAX_DECISIONS}个决策。", "请补充或拆分。")
    return _ModelReader(root).read()


class _ModelReader:
    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.findings = Findings()
        if not is_standard(root):
            space = etree.QName(root).namespace or "（无）"
            self.findings.warning("dmn.namespace", root, f"命名空间 {space} 不是标准的", "请确认文件由哪个工具保存。")
        self.desk = Desk(self.findings, TypeBook(root, self.findings), root.get("expressionLanguage") or "")
        self.boxed = BoxedReader(self.desk)
        self.inputs = {found.id: found for found in map(self._input, children(root, "inputData"))}
        self.types = {e.get("id", ""): self._type_of(e) for e in children(root, "decision")}
        self.sight = self._sight()

    def read(self) -> Model:
        for element in children(self.root, "import"):
            message = f"引用了别的文件 {element.get('name') or element.get('namespace')}，其中的内容不可用"
            self.findings.warning("dmn.import", element, message, "请把需要的决策放进同一个文件。")
        knowledge = tuple(self._knowledge(e) for e in children(self.root, "businessKnowledgeModel"))
        decisions: dict[str, Decision] = {}
        for element in children(self.root, "decision"):
            decision = self._decision(element)
            if decision.id in decisions:
                self.findings.error("dmn.duplicate", element, f"决策标识 {decision.id} 重复", "请改为不同的标识。")
                decision = replace(decision, problems=(*decision.problems, self.findings.problems[-1]))
            decisions[decision.id] = decision
        self._check_cycles(decisions)
        return Model(plain(self.root.get("name", "")), decisions, self.inputs, knowledge, tuple(self.findings.problems))

    def _input(self, element: etree._Element) -> InputData:
        return InputData(element.get("id", ""), _variable(element), self._type_of(element))

    def _type_of(self, element: etree._Element) -> ItemType:
        variable = child(element, "variable")
        return ANY_TYPE if variable is None else self.desk.types.type(variable.get("typeRef"), element)

    def _sight(self) -> Sight:
        names = [*self.desk.types.component_names]
        for element in parts(self.root):
            if local(element) in ("decision", "businessKnowledgeModel"):
                names += [_variable(element), element.get("name") or ""]
            for variable in element.iter():
                if local(variable) in ("variable", "column"):
                    names.append(variable.get("name") or "")
        declared: dict[str, ItemType] = {found.name: found.type for found in self.inputs.values()}
        return Sight("", Vocabulary().plus([*names, *declared]), declared)

    def _knowledge(self, element: etree._Element) -> Knowledge:
        name = _variable(element)
        logic = child(element, "encapsulatedLogic")
        sight = Sight(name, self.sight.vocabulary)
        if logic is None:
            self.desk.error("dmn.logic", element, sight, "", "没有可以计算的逻辑")
            return Knowledge(name, {}, None)
        parameters = self.boxed.parameters(logic)
        return Knowledge(name, parameters, self.boxed.body(logic, sight.plus(parameters)))

    def _decision(self, element: etree._Element) -> Decision:
        before = len(self.findings.problems)
        name, variable = plain(element.get("name") or element.get("id") or ""), _variable(element)
        sight = Sight(name, self.sight.vocabulary, self.sight.types)
        result = self.types.get(element.get("id", ""), ANY_TYPE)
        logic = self.boxed.logic(element)
        table = None
        node: Node | None = None
        if logic is not None and local(logic) == "decisionTable":
            table = read_table(logic, self.desk, sight, result)
            node = None if table is None else table_node(table)
        elif logic is not None:
            node = self.boxed.read(logic, element, sight)
        if any(local(found) == _REPEATED for found in element.iter()):
            self.desk.error("dmn.repeated", element, sight, "", "是逐项重复的决策，不是标准的写法，不支持")
        return Decision(
            id=element.get("id") or name,
            name=name,
            variable=variable,
            type=result,
            requires=self._requires(element, sight),
            logic=node,
            table=table,
            supplied=logic is None,
            problems=tuple(self.findings.problems[before:]),
            inputs=tuple(self._needed(element)),
        )

    def _needed(self, element: etree._Element) -> Iterator[str]:
        for requirement in children(element, "informationRequirement"):
            for source in children(requirement, "requiredInput"):
                if reference(source) in self.inputs:
                    yield reference(source)

    def _requires(self, element: etree._Element, sight: Sight) -> tuple[str, ...]:
        known = {e.get("id") for e in children(self.root, "decision")}
        required = []
        for requirement in children(element, "informationRequirement"):
            for source in children(requirement, "requiredDecision"):
                if reference(source) in known:
                    required.append(reference(source))
                else:
                    self.desk.error(
                        "dmn.requirement", element, sight, "", f"需要的决策 {source.get('href')} 不在文件中"
                    )
        return tuple(dict.fromkeys(required))

    def _check_cycles(self, decisions: Mapping[str, Decision]) -> None:
        """Decisions that are left when those that rest on nothing unmade are taken away again and again."""
        left = dict(decisions)
        while made := [key for key, decision in left.items() if not set(decision.requires) & set(left)]:
            for key in made:
                del left[key]
        if left:
            names = "、".join(decision.name for decision in left.values())
            self.findings.error("dmn.cycle", None, f"决策互相依赖，无法确定先后：{names}", "请去掉其中的一条依赖。")


def _variable(element: etree._Element) -> str:
    """The name other expressions use: that of the variable, which by the standard is that of the element."""
    variable = child(element, "variable")
    name = "" if variable is None else variable.get("name")
    return plain(name or element.get("name") or element.get("id") or "")
