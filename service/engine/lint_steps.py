"""Lint of what single elements say: roles, organisations, outcomes, forms, returns, deadlines, effects, timers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lxml import etree

from forms.expression import ExpressionError, compile_expression
from service.engine import extension
from service.engine.element_titles import label
from service.engine.namespace import COPY_BODIES, ORGANISATION_RULES, ROLES, TIMERS, bpmn, jh, local
from service.engine.release import (
    ADD_SIGNS,
    COUNTERSIGNS,
    RESUBMITS,
    TRANSFER_SCOPES,
    VERBS,
    WITHDRAWALS,
    LintProblem,
    UserStep,
)
from service.engine.timer_text import is_timer_text
from service.engine.xml_reader import local_id


def _problem(code: str, element: etree._Element, message: str, remedy: str) -> LintProblem:
    return LintProblem(code=code, severity="error", element_id=local_id(element), message=message, remedy=remedy)


def step_problems(
    root: etree._Element, effects: Collection[str], forms: Collection[str] | None
) -> Iterator[LintProblem]:
    """Yield the problems of every user task, service task, end event, lane and timer of a diagram."""
    lanes = extension.lanes(root)
    tasks = {element.get("id", ""): element for element in root.iter(bpmn("userTask"))}
    for node_id, element in tasks.items():
        step = extension.step(element, lanes.get(node_id), ())
        yield from _assignment_problems(element, step)
        yield from _outcome_problems(element, step)
        yield from _return_problems(element, step, tasks)
        yield from _number_problems(element)
        yield from _together_problems(element, step)
        yield from _form_problems(element, step, forms)
        yield from _copy_problems(element, (*step.copy_at_open, *step.copy_at_pass, *step.copy_at_return))
        yield from _return_copy_problems(element, step)
    for lane in root.iter(bpmn("lane")):
        yield from _lane_problems(lane)
    yield from _effect_and_end_problems(root, effects)
    for element in root.iter():
        if local(element) in TIMERS:
            yield from _timer_problems(element, tasks)


def _form_problems(element: etree._Element, step: UserStep, forms: Collection[str] | None) -> Iterator[LintProblem]:
    for code in (*((step.form,) if step.form else ()), *step.reads):
        if forms is not None and code not in forms:
            yield _problem("step.form", element, f"步骤{label(element)}的表单“{code}”不存在。", "请选择已发布的表单。")


def _effect_and_end_problems(root: etree._Element, effects: Collection[str]) -> Iterator[LintProblem]:
    for element in root.iter(bpmn("serviceTask")):
        effect = element.get(jh("effect"), "")
        if effect not in effects:
            known = "、".join(sorted(effects))
            yield _problem(
                "effect.unknown",
                element,
                f"服务任务{label(element)}的效果“{effect}”没有登记。",
                f"可用的效果：{known}。",
            )
    for process in root.iter(bpmn("process")):
        if process.get(jh("withdrawal"), "undecided") not in WITHDRAWALS:
            message = f"流程{label(process)}的撤件规定“{process.get(jh('withdrawal'))}”不存在。"
            yield _problem("process.withdrawal", process, message, f"可用的有：{'、'.join(WITHDRAWALS)}。")
        for element in process.findall(bpmn("endEvent")):
            if not element.get(jh("stage")):
                yield _problem("end.stage", element, f"结束事件{label(element)}没有写明办结状态。", "请填写“阶段”。")
            yield from _copy_problems(element, extension.end_event(element).copy_to)


def _copy_problems(element: etree._Element, roles: Collection[str]) -> Iterator[LintProblem]:
    for role in dict.fromkeys(roles):
        if role not in COPY_BODIES:
            message = f"{label(element)}抄送给“{role}”，但没有可以抄送的这个角色。"
            yield _problem("copy.role", element, message, f"可以抄送的角色：{'、'.join(COPY_BODIES)}。")


def _return_copy_problems(element: etree._Element, step: UserStep) -> Iterator[LintProblem]:
    if step.copy_at_return and not (step.outcome("return") or step.outcome("consult")):
        message = f"步骤{label(element)}写了退回时抄送，但不能退回。"
        yield _problem("copy.return", element, message, "请删去“退回时抄送”，或加上“退回”。")


def _lane_problems(lane: etree._Element) -> Iterator[LintProblem]:
    role, organisation = lane.get(jh("role"), ""), lane.get(jh("organisation"), "")
    if role and role not in ROLES:
        yield _problem("role.unknown", lane, f"泳道{label(lane)}的角色“{role}”不存在。", "请从25个角色中选择。")
    if organisation and organisation not in ORGANISATION_RULES:
        yield _problem(
            "organisation.unknown", lane, f"泳道{label(lane)}的单位规则“{organisation}”不存在。", "请从列表中选择。"
        )


def _assignment_problems(element: etree._Element, step: UserStep) -> Iterator[LintProblem]:
    who = f"步骤{label(element)}"
    if not step.role:
        yield _problem("step.role", element, f"{who}没有角色。", "请在步骤或其泳道上选择角色。")
    elif step.role not in ROLES:
        yield _problem("role.unknown", element, f"{who}的角色“{step.role}”不存在。", "请从25个角色中选择。")
    if not step.organisation_rule:
        yield _problem("step.organisation", element, f"{who}没有单位规则。", "请在步骤或其泳道上选择单位规则。")
    elif step.organisation_rule not in ORGANISATION_RULES:
        message = f"{who}的单位规则“{step.organisation_rule}”不存在。"
        yield _problem("organisation.unknown", element, message, "请从列表中选择。")
    if not step.stage:
        yield _problem("step.stage", element, f"{who}没有写明所处阶段。", "请填写“阶段”。")
    if not step.name:
        yield _problem("step.name", element, f"{who}没有名称。", "请写明要办的事，如“审核绩效目标”。")


def _outcome_problems(element: etree._Element, step: UserStep) -> Iterator[LintProblem]:
    who = f"步骤{label(element)}"
    if not step.outcomes:
        yield _problem("step.outcomes", element, f"{who}没有任何处理结果。", "请至少加上“同意”或“提交”。")
    for outcome in step.outcomes:
        if outcome.verb not in VERBS:
            message = f"{who}的处理结果“{outcome.verb}”不存在。"
            yield _problem("outcome.unknown", element, message, f"可用的有：{'、'.join(VERBS)}。")
        if not outcome.label:
            yield _problem(
                "outcome.label", element, f"{who}的处理结果“{outcome.verb}”没有文字。", "请填写按钮上的文字。"
            )
    if len({outcome.verb for outcome in step.outcomes}) != len(step.outcomes):
        yield _problem("outcome.duplicate", element, f"{who}有重复的处理结果。", "每种处理结果只保留一个。")


def _return_problems(element: etree._Element, step: UserStep, known: Collection[str]) -> Iterator[LintProblem]:
    who = f"步骤{label(element)}"
    targets = step.return_targets if isinstance(step.return_targets, tuple) else ()
    for target in targets:
        if target not in known or target == step.node_id:
            yield _problem(
                "return.target", element, f"{who}可退回到“{target}”，但没有这个步骤。", "请改为已有的步骤编号。"
            )
    returns = step.outcome("return") is not None or step.outcome("consult") is not None
    if returns and step.return_targets in ("none", ()):
        yield _problem("return.nowhere", element, f"{who}可以退回，却没有写明退到哪里。", "请填写“退回范围”。")
    if step.resubmit not in RESUBMITS:
        message = f"{who}的重报方式“{step.resubmit}”不存在。"
        yield _problem("return.resubmit", element, message, f"可用的有：{'、'.join(RESUBMITS)}。")
    for target in (*(() if element.get(jh("distinctFrom")) is None else step.distinct_from),):
        if target not in known:
            yield _problem("step.distinct", element, f"{who}的回避步骤“{target}”不存在。", "请改为已有的步骤编号。")


def _number_problems(element: etree._Element) -> Iterator[LintProblem]:
    for name, title in (("dueDays", "办理期限"), ("maxReturns", "退回次数上限")):
        text = element.get(jh(name))
        if text is not None and not extension.whole(text):
            message = f"步骤{label(element)}的{title}“{text}”不是正整数。"
            yield _problem("number.invalid", element, message, "请填写1到9999之间的整数。")
    for name in ("opinionRequired", "irreversible", "veto", "collectAll", "batchAllowed"):
        if element.get(jh(name), "false") not in ("true", "false"):
            message = f"步骤{label(element)}的属性 {name} 只能是 true 或 false。"
            yield _problem("boolean.invalid", element, message, "请改正。")


def _together_problems(element: etree._Element, step: UserStep) -> Iterator[LintProblem]:
    who = f"步骤{label(element)}"
    for name, title, value, known in (
        ("countersign", "会签方式", step.countersign, COUNTERSIGNS),
        ("addSign", "加签范围", step.add_sign, ADD_SIGNS),
        ("transferScope", "转办范围", step.transfer_scope, TRANSFER_SCOPES),
    ):
        if value not in known:
            message = f"{who}的{title}“{value}”不存在。"
            yield _problem(f"step.{name}", element, message, f"可用的有：{'、'.join(known)}。")
    share, hours = element.get(jh("share")), element.get(jh("recallHours"))
    if share is not None and not 1 <= (extension.whole(share) or 0) <= 100:
        yield _problem("step.share", element, f"{who}的票签比例“{share}”不对。", "请填写1到100之间的整数（百分比）。")
    if share is not None and step.countersign != "ratio":
        yield _problem("step.share", element, f"{who}写了票签比例，但会签方式不是 ratio。", "请删去比例或改用票签。")
    yield from _weight_problems(element, step)
    if hours is not None and extension.whole(hours) is None:
        yield _problem("number.invalid", element, f"{who}的撤回时限“{hours}”不是小时数。", "请填写0到9999的整数。")
    if step.countersign != "first" and step.outcome("submit") is not None:
        yield _problem("step.countersign", element, f"{who}是填报步骤，不能由多人会签。", "请删去会签方式。")


def _weight_problems(element: etree._Element, step: UserStep) -> Iterator[LintProblem]:
    who, text = f"步骤{label(element)}", element.get(jh("weights"))
    if text is not None and step.countersign != "ratio":
        yield _problem("step.weights", element, f"{who}写了票数，但会签方式不是 ratio。", "请删去票数或改用票签。")
    if text is not None and len(step.weights) != len(extension.words(text)):
        remedy = "请写成“PERF_CHIEF:2”，每个岗位一项，票数为1到9999的整数。"
        yield _problem("step.weights", element, f"{who}的票数“{text[:40]}”不对。", remedy)
    for role in (role for role, _ in step.weights if role not in ROLES):
        yield _problem("role.unknown", element, f"{who}的票数中角色“{role}”不存在。", "请从25个角色中选择。")
    if step.outcome("abstain") is None:
        return
    if step.countersign == "first" or step.outcome("reject") is None:
        remedy = "请改为会签、顺签或票签，并加上“不予通过”。"
        yield _problem("step.abstain", element, f"{who}可以弃权，但不由多人表决或没有“不予通过”。", remedy)


def _timer_problems(element: etree._Element, known: Collection[str]) -> Iterator[LintProblem]:
    event = element.getparent()
    owner = event.getparent() if event is not None else None
    owner = element if owner is None else owner
    text = (element.text or "").strip()
    try:
        expression = compile_expression(text)
    except ExpressionError as fault:
        yield _problem(
            "timer.invalid", owner, f"定时事件{label(owner)}的时间写错了：{fault}。", '请写成带引号的 "P5D"。'
        )
        return
    if expression.names and expression.names <= set(known):
        return
    try:
        value = expression.run()
    except ExpressionError:
        value = None
    if not is_timer_text(local(element), value):
        message = f"定时事件{label(owner)}的时间“{text[:40]}”不是有效的期限、日期或周期。"
        yield _problem("timer.invalid", owner, message, '例如 "P5D"（5天）、"2027-09-30T00:00+08:00"、"R3/P1D"。')
