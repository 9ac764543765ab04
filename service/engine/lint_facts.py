"""Does every condition read something that has been decided by then, and that the form really asks for?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from service.engine.conditions import conditions, reads, unread_amounts
from service.engine.order import comes_before
from service.engine.release import LintProblem, Release, UserStep

#: What every decision says, whatever its form.
_ALWAYS = frozenset({"outcome"})


def fact_problems(
    release: Release, facts: Mapping[str, Mapping[str, bool]], amounts: Mapping[str, Collection[str]]
) -> Iterator[LintProblem]:
    """Yield conditions on steps that come later or elsewhere, and on facts that their forms do not have or require.

    ``facts`` gives, per form code, the names of its facts and whether the form requires them; a form it does not list
    is not judged. ``amounts`` names those of them that are kept as text.
    """
    texts = {(name, fact) for name, step in release.steps.items() for fact in amounts.get(step.form, ())}
    for gateway, text in conditions(release):
        for name, attribute in unread_amounts(text, texts):
            message = f"网关“{gateway}”的条件直接比较金额“{name}.{attribute}”，办到这里时会停下来。"
            yield _problem("condition.amount", gateway, message, f"请改写为 number({name}.{attribute})。")
        for name, attribute in reads(text):
            if name in release.steps:
                yield from _judged(release, gateway, release.steps[name], attribute, facts)


def _judged(
    release: Release, gateway: str, step: UserStep, name: str, facts: Mapping[str, Mapping[str, bool]]
) -> Iterator[LintProblem]:
    what = f"网关“{gateway}”的条件读取“{step.node_id}.{name}”"
    if not comes_before(release, step.node_id, gateway):
        yield _problem(
            "condition.not_before",
            gateway,
            f"{what}，但事项到这里之前不会经过步骤“{step.name}”。",
            "请改为之前步骤的结论，或把网关移到该步骤之后。",
        )
    known = facts.get(step.form)
    if name in _ALWAYS or known is None:
        return
    if name not in known:
        listed = "、".join(sorted(known)) or "没有"
        message = f"{what}，但表单“{step.form}”没有这个要素。"
        yield _problem("condition.fact", gateway, message, f"可用的要素：{listed}。")
    elif not known[name]:
        message = f"{what}，但表单“{step.form}”不要求填写它，未填时条件无法判断。"
        yield _problem("condition.optional", gateway, message, "请把该字段设为必填，或在条件中处理空值。", "warning")


def _problem(code: str, element_id: str, message: str, remedy: str, severity: str = "error") -> LintProblem:
    return LintProblem(
        code=code,
        severity="warning" if severity == "warning" else "error",
        element_id=element_id,
        message=message,
        remedy=remedy,
    )
