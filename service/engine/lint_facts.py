"""Does every condition, and every step that asks a table, read something decided by then and really asked for?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from service.engine.conditions import conditions, inputs, plain_read, reads, unread_amounts
from service.engine.dmn import Decision, Model, wanted
from service.engine.element_titles import at_place
from service.engine.order import comes_before
from service.engine.release import LintProblem, Release, TableStep
from service.engine.table_steps import results

#: What every decision says, whatever its form.
_ALWAYS = frozenset({"outcome"})
_NUMBER = "number"


@dataclass(frozen=True)
class _Reading:
    """An expression: the element it stands at, how sentences name it, and whether a number is wanted of it."""

    place: str
    words: str
    text: str
    number: bool = False


def fact_problems(
    release: Release, facts: Mapping[str, Mapping[str, bool]], amounts: Mapping[str, Collection[str]]
) -> Iterator[LintProblem]:
    """Yield expressions on steps that come later or elsewhere, and on facts that forms and tables do not give.

    ``facts`` gives, per form code, the names of its facts and whether the form requires them; a form it does not list
    is not judged. ``amounts`` names those of them that are kept as text.
    """
    texts = {(name, fact) for name, step in release.steps.items() for fact in amounts.get(step.form, ())}
    texts |= {
        (step.node_id, fact)
        for step in release.table_steps.values()
        for fact, kind in (_results(release, step) or {}).items()
        if kind == _NUMBER
    }
    for reading in _readings(release):
        yield from _unread(reading, texts)
        for name, attribute in reads(reading.text):
            if name in release.steps:
                yield from _judged(release, reading, name, attribute, facts.get(release.steps[name].form))
            elif name in release.table_steps:
                yield from _of_table(release, reading, release.table_steps[name], attribute)


def _readings(release: Release) -> Iterator[_Reading]:
    for gateway, text in conditions(release):
        yield _Reading(gateway, f"{at_place(release.titles, gateway)}的条件", text)
    for step, name, text in inputs(release):
        found = _decision(release, step)
        item = wanted(*found).get(name) if found else None
        number = item is not None and "Decimal" in {kind.__name__ for kind in item.base.kinds}
        yield _Reading(step.node_id, f"{at_place(release.titles, step.node_id)}的输入“{name}”", text, number)


def _unread(reading: _Reading, texts: Collection[tuple[str, str]]) -> Iterator[LintProblem]:
    found = unread_amounts(reading.text, texts)
    whole = plain_read(reading.text)
    if reading.number and whole in texts and whole is not None:
        found.append(whole)
    for name, attribute in found:
        message = f"{reading.words}把“{name}.{attribute}”当作数字直接比较，办到这里时会停下来。"
        yield _problem("condition.amount", reading.place, message, f"请改写为 number({name}.{attribute})。")


def _judged(
    release: Release, reading: _Reading, step: str, name: str, known: Mapping[str, bool] | None
) -> Iterator[LintProblem]:
    what = f"{reading.words}读取“{step}.{name}”"
    yield from _too_early(release, reading, step, what)
    if name in _ALWAYS or known is None:
        return
    form = release.steps[step].form
    if name not in known:
        listed = "、".join(sorted(known)) or "没有"
        message = f"{what}，但表单“{form}”没有这个要素。"
        yield _problem("condition.fact", reading.place, message, f"可用的要素：{listed}。")
    elif not known[name]:
        message = f"{what}，但表单“{form}”不要求填写它，未填时条件无法判断。"
        remedy = "请把该字段设为必填，或在条件中处理空值。"
        yield _problem("condition.optional", reading.place, message, remedy, "warning")


def _of_table(release: Release, reading: _Reading, step: TableStep, name: str) -> Iterator[LintProblem]:
    what = f"{reading.words}读取“{step.node_id}.{name}”"
    yield from _too_early(release, reading, step.node_id, what)
    known = _results(release, step)
    if known is not None and name not in known:
        listed = "、".join(known) or "没有"
        message = f"{what}，但{at_place(release.titles, step.node_id)}所查的决策表没有这个结果。"
        yield _problem("condition.fact", reading.place, message, f"可用的结果：{listed}。")


def _too_early(release: Release, reading: _Reading, step: str, what: str) -> Iterator[LintProblem]:
    if not comes_before(release, step, reading.place):
        yield _problem(
            "condition.not_before",
            reading.place,
            f"{what}，但事项到这里之前不会经过步骤{at_place(release.titles, step)}。",
            "请改为之前步骤的结论，或把这里移到该步骤之后。",
        )


def _decision(release: Release, step: TableStep) -> tuple[Model, Decision] | None:
    model = release.tables.get(step.file)
    decision = None if model is None else model.decisions.get(step.decision)
    return None if model is None or decision is None else (model, decision)


def _results(release: Release, step: TableStep) -> Mapping[str, str] | None:
    found = _decision(release, step)
    return None if found is None else results(found[1])


def _problem(code: str, element_id: str, message: str, remedy: str, severity: str = "error") -> LintProblem:
    return LintProblem(
        code=code,
        severity="warning" if severity == "warning" else "error",
        element_id=element_id,
        message=message,
        remedy=remedy,
    )
