"""From the XML of a decision table to a table that can be asked; every fault is told with row and column."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from service.engine.dmn import nodes
from service.engine.dmn.base_types import ANY
from service.engine.dmn.desk import Desk, Sight
from service.engine.dmn.elements import child, children, text_of
from service.engine.dmn.faults import FeelFault
from service.engine.dmn.hit_policies import AGGREGATIONS, BY_PRIORITY, POLICIES, spelt_out
from service.engine.dmn.item_types import ANY_TYPE, ItemType
from service.engine.dmn.scope import TESTED, Node, Run, Scope
from service.engine.dmn.table import DecisionTable, InputClause, OutputClause, Rule
from service.engine.dmn.tokens import KEYWORDS, plain
from service.engine.dmn.values import Range
from service.engine.namespace import local

MAX_RULES = 1_000
MAX_COLUMNS = 60
_BARE = re.compile(r"[^\W\d]\w*")
_WORDS = re.compile(r"\w+")
#: Two numbers with a comma that most likely are one: 0,97 and 1,000.
_ONE_NUMBER = re.compile(r"(?<![\w.,])(?:0,\d+|\d{1,3}(?:,\d{3})*,0\d\d)(?![\w.,])")


def read_table(element: etree._Element, desk: Desk, sight: Sight, result: ItemType = ANY_TYPE) -> DecisionTable | None:
    """Read a ``decisionTable``; ``None`` if it has errors, all of which are noted.

    ``result`` is the declared type of the decision: its allowed values are those of a column that lists none.
    """
    before = desk.findings.errors
    reader = _TableReader(element, desk, sight)
    policy, aggregation = reader.policy()
    inputs = tuple(reader.input(place, e) for place, e in enumerate(children(element, "input"), 1))
    outputs = reader.outputs(result, policy in BY_PRIORITY)
    rules = reader.rules(inputs, outputs)
    if aggregation and len(outputs) > 1:
        desk.error("dmn.aggregation", element, sight, "", f"：汇总 {aggregation} 只能用于一个输出列的表")
    if desk.findings.errors > before:
        return None
    return DecisionTable(sight.title, policy, aggregation, inputs, outputs, rules)


class _TableReader:
    def __init__(self, element: etree._Element, desk: Desk, sight: Sight) -> None:
        self.element = element
        self.desk = desk
        self.sight = sight
        self.words = set(_WORDS.findall(" ".join(text_of(e) for e in element.iter() if local(e) == "inputExpression")))

    def policy(self) -> tuple[str, str]:
        policy, aggregation = spelt_out(self.element.get("hitPolicy", ""), self.element.get("aggregation", ""))
        if policy not in POLICIES:
            self._error(self.element, "", f"：没有命中策略 {policy}，可用的有 {'、'.join(POLICIES)}")
        if aggregation and (aggregation not in AGGREGATIONS or policy != "COLLECT"):
            self._error(self.element, "", f"：汇总 {aggregation} 不可用，只有 COLLECT 可用 {'、'.join(AGGREGATIONS)}")
        return policy, aggregation

    def input(self, place: int, element: etree._Element) -> InputClause:
        source = child(element, "inputExpression")
        text = text_of(source)
        label = plain(element.get("label") or text or f"第{place}列")
        where = f"输入列“{label}”"
        declared = self.desk.types.type(None if source is None else source.get("typeRef"), element)
        variable = next((value for key, value in element.attrib.items() if str(key).endswith("}inputVariable")), TESTED)
        allowed, allowed_text = self._allowed(element, "inputValues", where)
        self.words.add(str(variable))
        if source is not None and text:
            node = self.desk.expression(source, self.sight, where)
            declared = self._agreed(text, declared, element, where)
        else:
            node = self._by_label(element, label, where)
        return InputClause(
            label,
            node or nodes.constant(None),
            declared,
            allowed,
            allowed_text,
            str(variable).strip() or TESTED,
            text or label,
        )

    def _by_label(self, element: etree._Element, label: str, where: str) -> Node | None:
        if not element.get("label"):
            self._error(element, where, "没有表达式")
            return None
        self.desk.warning("dmn.no_expression", element, self.sight, where, "没有表达式，按列名取值")
        return nodes.name(label)

    def _agreed(self, text: str, declared: ItemType, element: etree._Element, where: str) -> ItemType:
        """What a name was declared as is checked where it comes from; a column that says otherwise gives way."""
        source = self.sight.declared(text)
        if source is None or source.collection or ANY in (source.base, declared.base):
            return declared
        if set(source.base.kinds) & set(declared.base.kinds) or source.components:
            return declared
        message = f"声明为{declared.shown}，而“{text}”声明为{source.shown}，以后者为准"
        self.desk.warning("dmn.column_type", element, self.sight, where, message)
        return source

    def _allowed(self, element: etree._Element, name: str, where: str) -> tuple[Node | None, str]:
        source = child(element, name)
        if source is None or not text_of(source):
            return None, ""
        return self.desk.cell(source, self.sight, f"{where}的允许值"), text_of(source)

    def outputs(self, result: ItemType, ordered: bool) -> tuple[OutputClause, ...]:
        elements = children(self.element, "output")
        single = len(elements) == 1
        clauses = tuple(self._output(place, e, result, single, ordered) for place, e in enumerate(elements, 1))
        names = [clause.name for clause in clauses]
        if not elements:
            self._error(self.element, "", "没有输出列")
        elif not single and (not all(names) or len(set(names)) < len(names)):
            self._error(self.element, "", "有几个输出列，各列须有不同的名称")
        if ordered and not any(clause.order for clause in clauses):
            self._error(self.element, "", "按优先级命中，须在输出列中列出输出值（从高到低）")
        return clauses

    def _output(
        self, place: int, element: etree._Element, result: ItemType, single: bool, ordered: bool
    ) -> OutputClause:
        name = plain(element.get("name") or "")
        label = plain(element.get("label") or name or self.element.get("outputLabel") or f"结果{place}")
        where = f"输出列“{label}”"
        own = result if single else result.components.get(name, ANY_TYPE)
        allowed, text = self._allowed(element, "outputValues", where)
        default = child(element, "defaultOutputEntry")
        written = default if default is not None and text_of(default) else None
        return OutputClause(
            name,
            label,
            self.desk.types.type(element.get("typeRef"), element),
            allowed,
            text,
            self._order(element, own, where) if ordered else (),
            None if written is None else self.desk.expression(written, self.sight, f"{where}的默认值"),
        )

    def _order(self, element: etree._Element, own: ItemType, where: str) -> tuple[Any, ...]:
        """The order of priority: the column's output values, or else those of its type."""
        source = child(element, "outputValues")
        if source is None or not text_of(source):
            type_text = self.desk.types.type(element.get("typeRef"), element).allowed_text or own.allowed_text
            if not type_text:
                return ()
            source = etree.Element(element.tag)
            etree.SubElement(source, f"{{{etree.QName(element).namespace}}}text").text = type_text
        found = []
        for node in self.desk.values(source, self.sight, f"{where}的输出值"):
            try:
                value = node(Scope({}, Run()))
            except FeelFault as fault:
                self._error(element, f"{where}的输出值", f"：{fault}")
                continue
            if isinstance(value, Range):
                self._error(element, f"{where}的输出值", "含有区间，无法确定优先级")
            found.append(value)
        return tuple(found)

    def rules(self, inputs: tuple[InputClause, ...], outputs: tuple[OutputClause, ...]) -> tuple[Rule, ...]:
        elements = children(self.element, "rule")
        if len(inputs) + len(outputs) > MAX_COLUMNS:
            self._error(self.element, "", f"超过{MAX_COLUMNS}列")
            return ()
        if not 0 < len(elements) <= MAX_RULES:
            self._error(self.element, "", f"的规则行数须在1到{MAX_RULES}之间")
            return ()
        return tuple(self._rule(number, e, inputs, outputs) for number, e in enumerate(elements, 1))

    def _rule(
        self,
        number: int,
        element: etree._Element,
        inputs: tuple[InputClause, ...],
        outputs: tuple[OutputClause, ...],
    ) -> Rule:
        tests, results = children(element, "inputEntry"), children(element, "outputEntry")
        if len(tests) != len(inputs) or len(results) != len(outputs):
            self._error(element, f"第{number}行", "的列数与表头不符")
            return Rule(number, "", (), ())
        return Rule(
            number,
            element.get("id", ""),
            tuple(self._test(number, clause, e) for clause, e in zip(inputs, tests, strict=True)),
            tuple(self._result(number, clause, e) for clause, e in zip(outputs, results, strict=True)),
            _annotation(element),
            tuple(map(text_of, tests)),
            tuple(entry.get("id", "") for entry in (*tests, *results)),
        )

    def _test(self, number: int, clause: InputClause, element: etree._Element) -> Node | None:
        sight = self.sight if clause.variable == TESTED else self.sight.plus({clause.variable: ANY_TYPE})
        where = f"第{number}行“{clause.label}”列"
        self._check_word(element, where)
        return self.desk.cell(element, sight, where)

    def _result(self, number: int, clause: OutputClause, element: etree._Element) -> Node | None:
        where = f"第{number}行“{clause.label}”列"
        if not text_of(element):
            self.desk.warning("dmn.empty_result", element, self.sight, where, "是空的，该行相符时没有结果")
            return None
        if text_of(element) == "-":
            self._error(element, where, "写的是 -，输出列须有结果")
            return None
        self._check_word(element, where)
        return self.desk.expression(element, self.sight, where)

    def _check_word(self, element: etree._Element, where: str) -> None:
        """A bare word that names nothing in the file is most likely a text without its quotes."""
        word = text_of(element)
        known = word in KEYWORDS or word in self.words or self.sight.vocabulary.knows(word)
        if _BARE.fullmatch(word) and not known:
            message = f"的“{word}”不是文件中的名称；如果是文字，须用双引号括起来"
            self.desk.warning("dmn.bare_word", element, self.sight, where, message)
        if one := _ONE_NUMBER.search(re.sub(r'"[^"]*"', "", word)):
            message = f"的“{one.group()}”按标准是逗号分开的两个数；如果是一个数，小数点用 . ，千位不加逗号"
            self.desk.warning("dmn.comma", element, self.sight, where, message)

    def _error(self, element: etree._Element, where: str, message: str) -> None:
        self.desk.error("dmn.table", element, self.sight, where, message)


def _annotation(rule: etree._Element) -> str:
    entries = [text_of(entry) for entry in children(rule, "annotationEntry")]
    description = child(rule, "description")
    entries.append("" if description is None else (description.text or "").strip())
    return "；".join(entry for entry in entries if entry)
