"""Do the steps that ask a decision table ask one there is, and give it everything it wants?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from forms.expression import ExpressionError, compile_expression
from service.engine import extension
from service.engine.dmn import Decision, Model, wanted
from service.engine.element_titles import label
from service.engine.namespace import bpmn
from service.engine.release import CASE, LintProblem, Severity, TableStep
from service.engine.table_steps import results
from service.engine.xml_reader import local_id


def table_problems(root: etree._Element, tables: Mapping[str, Model]) -> Iterator[LintProblem]:
    """Yield what is wrong with the business rule tasks of a diagram; ``tables`` are the decision files of its bundle.

    What is wrong inside a table is said where its file is checked.
    """
    known = {element.get("id", "") for tag in ("userTask", "businessRuleTask") for element in root.iter(bpmn(tag))}
    for element in root.iter(bpmn("businessRuleTask")):
        step = extension.table_step(element)
        if not step.name:
            yield _problem("table.name", element, f"{_who(element)}没有名称。", "请写明要定的事，如“判定档次”。")
        yield from _expression_problems(element, step, known | {CASE})
        yield from _choice_problems(element, step, tables)


def _who(element: etree._Element) -> str:
    return f"决策表步骤{label(element)}"


def _choice_problems(element: etree._Element, step: TableStep, tables: Mapping[str, Model]) -> Iterator[LintProblem]:
    who = _who(element)
    if not step.file and not step.decision:
        yield _problem("table.missing", element, f"{who}没有选定决策表。", "请在“决策表”中选择；没有时先新建一个。")
        return
    if step.file not in tables:
        there = "、".join(sorted(tables)) or "还没有决策表"
        message = f"{who}要查的决策表文件“{step.file[:60]}”不在流程包中。"
        yield _problem("table.unknown", element, message, f"请改选，或一并放入该文件。流程包中：{there}。")
        return
    model = tables[step.file]
    decision = model.decisions.get(step.decision)
    if decision is None:
        there = "、".join(f"{one.name}（{key}）" for key, one in model.decisions.items())
        message = f"{who}要查的决策“{step.decision[:60]}”不在文件“{step.file}”中。"
        yield _problem("table.unknown", element, message, f"请改选。文件中有：{there}。")
        return
    yield from _input_problems(element, step, model, decision)
    yield from _result_problems(element, decision)


def _input_problems(
    element: etree._Element, step: TableStep, model: Model, decision: Decision
) -> Iterator[LintProblem]:
    wants, given = wanted(model, decision), dict(step.inputs)
    for name in wants:
        if not given.get(name):
            message = f"{_who(element)}没有说明决策表“{decision.name}”的输入“{name}”从哪里来。"
            yield _problem("table.input", element, message, "请在“输入”中选择之前步骤填写的内容，或写出算式。")
    for name in given:
        if wants and name not in wants:
            message = f"{_who(element)}给出的“{name[:60]}”，决策表“{decision.name}”并不需要。"
            yield _problem("table.input_unused", element, message, "请删去，或改为决策表的输入名称。", "warning")


def _result_problems(element: etree._Element, decision: Decision) -> Iterator[LintProblem]:
    found = results(decision)
    if found == {}:
        message = f"{_who(element)}所查的决策表“{decision.name}”列出多行、多列结果，流程不能判断。"
        yield _problem("table.result", element, message, "请改用只给一行结果的命中策略，或只留一个结果列。")
    for name in found or ():
        if not name.isidentifier():
            message = f"{_who(element)}所查的决策表“{decision.name}”的结果列名称“{name[:60]}”，条件中写不出来。"
            yield _problem("table.result", element, message, "请把该列的名称改为字母开头、不含空格和符号的词。")


def _expression_problems(element: etree._Element, step: TableStep, known: set[str]) -> Iterator[LintProblem]:
    for name, text in step.inputs:
        try:
            names = compile_expression(text).names if text else frozenset()
        except ExpressionError as fault:
            message = f"{_who(element)}的输入“{name[:60]}”写错了：{fault}。"
            yield _problem("table.expression", element, message, "请改正，如 number(draft.amount_total)。")
            continue
        for unknown in sorted(names - known):
            message = f"{_who(element)}的输入“{name[:60]}”提到“{unknown[:60]}”，但没有这个步骤。"
            yield _problem("table.expression", element, message, "请改为已有的步骤编号。")


def _problem(
    code: str, element: etree._Element, message: str, remedy: str, severity: Severity = "error"
) -> LintProblem:
    return LintProblem(code=code, severity=severity, element_id=local_id(element), message=message, remedy=remedy)
