"""Would this release do what the district's rules demand? What a compiled process is checked for before it is published.

Dead ends, ways into the library around a mandatory review, possible self-approval, returns to steps nobody has passed,
conditions on what nobody has decided yet, missing deadlines and legal bases.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from service.engine.element_titles import at_place
from service.engine.flow_net import FlowNet
from service.engine.lint_facts import fact_problems
from service.engine.markings import can_bypass, stuck_joins, walk
from service.engine.order import comes_before
from service.engine.release import LintProblem, Release, Severity, UserStep
from service.engine.specs import EffectTask, ParallelMultiInstance

#: Who must have seen a target before it enters the library: for every effect, groups of roles of which one must decide.
MANDATORY_REVIEWS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "admit_target": MappingProxyType(
            {
                "单位负责人": ("UNIT_LEADER",),
                "主管部门": ("DEPT_REVIEWER", "DEPT_LEADER"),
                "资金科室审核人": ("FUND_REVIEWER",),
                "资金科室负责人": ("FUND_CHIEF",),
                "预算科": ("BUDGET_REVIEWER", "BUDGET_CHIEF"),
                "绩效科": ("PERF_OFFICER", "PERF_CHIEF"),
            }
        ),
        # A change of policy needs a business approver (SD7).
        "publish_release": MappingProxyType({"绩效科长": ("PERF_CHIEF",)}),
    }
)
#: Posts without any part in the business (SD7): they have steps only where versions of processes are published.
_ADMINISTRATORS = ("SYS_ADMIN", "SEC_ADMIN", "AUDIT_ADMIN")


@dataclass(frozen=True, kw_only=True)
class PolicyData:
    """What the lint knows about the district.

    ``facts`` gives per form the names conditions may read and whether the form requires them, ``amounts`` those that are
    kept as text, ``documents`` the titles
    of policy documents in force (``None``: not checked).
    """

    facts: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    amounts: Mapping[str, Collection[str]] = field(default_factory=dict)
    documents: Collection[str] | None = None
    mandatory: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=lambda: MANDATORY_REVIEWS)


def release_problems(release: Release, data: PolicyData | None = None) -> Iterator[LintProblem]:
    """Yield what stands against publishing a release that can be run; each problem names its element."""
    known = data or PolicyData()
    for net in release.flow_nets.values():
        yield from _dead_ends(release, net)
    yield from _mandatory_problems(release, known)
    yield from _administrator_problems(release)
    for process_id in release.specs:
        yield from _several_at_once(release, process_id)
    for step in release.steps.values():
        yield from _self_approval(release, step)
        yield from _return_problems(release, step)
        yield from _deadline_and_basis(release, step, known)
    yield from fact_problems(release, known.facts, known.amounts)


def problem(code: str, element_id: str, message: str, remedy: str, severity: Severity = "error") -> LintProblem:
    """Return a problem of an element."""
    return LintProblem(code=code, severity=severity, element_id=element_id, message=message, remedy=remedy)


def _dead_ends(release: Release, net: FlowNet) -> Iterator[LintProblem]:
    result = walk(net)
    for join, marking in sorted(stuck_joins(net, result.dead).items()):
        absent = [source for source, _ in net.flows_into(join) if (source, join) not in marking]
        missing = "、".join(at_place(release.titles, source) for source in absent)
        message = f"流程会停在{at_place(release.titles, join)}：有一种走法等不到从{missing}来的一路。"
        yield problem("flow.deadlock", join, message, "请让汇合与它的分叉成对，分叉怎样分，汇合就怎样合。")
    if not result.complete:
        message = f"流程的并行走法太多，只检查了一部分，不能证明{at_place(release.titles, net.start)}之后都不会停住。"
        yield problem("flow.unproved", net.start, message, "请减少同时进行的分支，或拆分成几个流程。", "warning")


def _mandatory_problems(release: Release, known: PolicyData) -> Iterator[LintProblem]:
    for node, spec in release.flow_net.nodes.items():
        if not isinstance(spec, EffectTask):
            continue
        for name, roles in known.mandatory.get(spec.effect, {}).items():
            around = can_bypass(release.flow_net, node, _deciding(release, release.process_id, roles))
            if around is not False:
                sure = "可以绕过" if around else "不能证明必经"
                where = at_place(release.titles, node)
                message = f"到达{where}的路径{sure}{name}的审核。"
                yield problem("flow.mandatory", node, message, f"请让每一条到达{where}的路径都经过{name}的步骤。")


def _administrator_problems(release: Release) -> Iterator[LintProblem]:
    nodes = (spec for net in release.flow_nets.values() for spec in net.nodes.values())
    if any(isinstance(spec, EffectTask) and spec.effect == "publish_release" for spec in nodes):
        return
    for step in release.steps.values():
        if step.role in _ADMINISTRATORS:
            message = f"步骤“{step.name}”（{step.node_id}）由管理员办理，管理员不得参与业务事项（SD7）。"
            yield problem("step.administrator", step.node_id, message, "请改由业务岗位办理。")


def _several_at_once(release: Release, process_id: str) -> Iterator[LintProblem]:
    """A step people work at is open once in a case; several people at one step have seats there."""
    specs = release.specs[process_id].task_specs
    for name, spec in specs.items():
        if not isinstance(spec, ParallelMultiInstance):
            continue
        called = str(getattr(specs[spec.task_spec], "spec", ""))
        within = [name] if name in release.steps else _steps_called(release, called)
        if within:
            titles = "、".join(f"“{release.steps[node].name}”" for node in within)
            message = f"{at_place(release.titles, name)}同时进行多份，其中{titles}会有几个同时在办，一件业务的一个步骤只能有一个在办。"
            yield problem("step.several", name, message, "请改用会签由多人共同办理，或改为依次进行。")


def _steps_called(release: Release, process_id: str) -> list[str]:
    """The steps people work at in a called process or a part, and in what these call in turn."""
    specs = release.specs[process_id].task_specs if process_id in release.specs else {}
    found = [name for name in specs if name in release.steps]
    for spec in specs.values():
        if (called := str(getattr(spec, "spec", ""))) in release.specs:
            found += _steps_called(release, called)
    return found


def _deciding(release: Release, process_id: str, roles: Collection[str]) -> set[str]:
    """Return the nodes of a process that no token passes without a decision of one of the roles."""
    found: set[str] = set()
    for name, spec in release.flow_nets[process_id].nodes.items():
        step, called = release.steps.get(name), str(getattr(spec, "spec", ""))
        if step is not None and step.role in roles:
            found.add(name)
        elif called in release.flow_nets and called != process_id:
            inner = release.flow_nets[called]
            if can_bypass(inner, "End", _deciding(release, called, roles)) is False:
                found.add(name)
    return found


def _self_approval(release: Release, step: UserStep) -> Iterator[LintProblem]:
    if step.outcome("approve") is None:
        return
    for other in release.steps.values():
        drafts = other.outcome("submit") is not None
        if other.node_id in step.distinct_from or not comes_before(release, other.node_id, step.node_id):
            continue
        if drafts or other.role == step.role:
            message = f"步骤“{step.name}”（{step.node_id}）的办理人可以是“{other.name}”（{other.node_id}）的办理人，可能自己审自己。"
            remedy = f"请在“回避步骤”中加上 {other.node_id}，或清空该属性（即回避其他所有步骤）。"
            yield problem("step.self_approval", step.node_id, message, remedy, "error" if drafts else "warning")


def _return_problems(release: Release, step: UserStep) -> Iterator[LintProblem]:
    earlier = [other for other in release.steps if comes_before(release, other, step.node_id)]
    who = f"步骤“{step.name}”（{step.node_id}）"
    if isinstance(step.return_targets, tuple):
        for target in step.return_targets:
            if target in release.steps and target not in earlier:
                message = f"{who}可退回到{at_place(release.titles, target)}（{target}），但事项到这里之前不会经过它。"
                yield problem("return.unreachable", step.node_id, message, "请改为它之前的步骤。")
    elif step.return_targets != "none" and not earlier:
        message = f"{who}是第一步，没有可以退回的步骤。"
        yield problem("return.unreachable", step.node_id, message, "请把“退回范围”改为“不退回”。")
    crossed = [release.steps[name] for name in earlier if release.steps[name].irreversible]
    if step.resubmit == "direct" and crossed and step.return_targets != "none":
        names = "、".join(other.name for other in crossed)
        message = f"{who}退回后直接重报，会跳过不可逆的步骤“{names}”。"
        yield problem("return.irreversible", step.node_id, message, "请把“重报方式”改为逐级重报。")


def _deadline_and_basis(release: Release, step: UserStep, known: PolicyData) -> Iterator[LintProblem]:
    who = f"步骤“{step.name}”（{step.node_id}）"
    if step.due_days is None and step.outcome("submit") is None:
        yield problem("step.deadline", step.node_id, f"{who}没有办理期限。", "请填写“办理期限”（工作日）。", "warning")
    document = step.policy_document or release.policy_document
    if not document:
        yield problem("step.basis", step.node_id, f"{who}没有写明政策依据。", "请填写“政策文件”和“条款”。", "warning")
    elif known.documents is not None and document not in known.documents:
        message = f"{who}引用的政策文件“{document}”没有登记或已失效。"
        yield problem("document.unknown", step.node_id, message, "请改为现行有效的政策文件，或先登记该文件。")
