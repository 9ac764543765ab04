"""What are the parts of a process called when versions are compared? The words of elements and of what steps say."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from service import labels
from service.engine import UserStep
from service.engine.outline import Node
from service.rules.roles import ORGANISATION_KINDS, ROLES

_ORGANISATIONS: Mapping[str, str] = MappingProxyType(
    {
        "project.unit": "项目单位",
        "project.department": "项目主管部门",
        "project.fund_section": "项目资金科室",
        **{f"bureau.{kind}": names[0] for kind, names in ORGANISATION_KINDS.items() if kind.endswith("section")},
        "bureau.leaders": "财政局领导",
        "district.justice_bureau": "司法局",
        "district.information_centre": "信息中心",
    }
)
RETURN_TARGET_WORDS: Mapping[str, str] = MappingProxyType(
    {"none": "不退回", "previous": "上一步", "initiator": "填报人", "any_visited": "任一经过的步骤"}
)
RESUBMIT_WORDS: Mapping[str, str] = MappingProxyType({"replay": "逐级重报", "direct": "直接重报", "ask": "退回时选定"})
WITHDRAWAL_WORDS: Mapping[str, str] = MappingProxyType(
    {"undecided": "审核人办理之前", "consent": "审核人办理之后，经在办人员同意"}
)
_COUNTERSIGNS: Mapping[str, str] = MappingProxyType(
    {"first": "或签", "all": "会签", "sequential": "顺签", "ratio": "票签"}
)
_SCOPES: Mapping[str, str] = MappingProxyType(
    {"none": "不允许", "roster": "本岗位", "scope": "本单位", "any": "任何办理人"}
)
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "startEvent": "开始",
        "endEvent": "结束",
        "boundaryEvent": "边界事件",
        "intermediateCatchEvent": "等待事件",
        "intermediateThrowEvent": "发出事件",
        "exclusiveGateway": "判断",
        "inclusiveGateway": "多选判断",
        "parallelGateway": "并行网关",
        "serviceTask": "自动步骤",
        "businessRuleTask": "决策表步骤",
        "callActivity": "调用流程",
        "subProcess": "子流程",
    }
)


def step_title(step: UserStep) -> str:
    """How a step is called: the lane's name before its own, unless the name already says it."""
    name = step.name or step.node_id
    return name if not step.lane or step.lane in name else f"{step.lane}{name}"


def node_title(node: Node) -> str:
    """How another element is called: its kind and its name; without a name, what it is and where it stands."""
    if node.place and not node.name:
        return node.place
    return f"{_KINDS.get(node.kind, '步骤')}“{node.name or node.id}”"


def organisation_words(rule: str) -> str:
    """An organisation rule in words; the rule itself if it is not known."""
    return _ORGANISATIONS.get(rule, rule)


def _who(step: UserStep) -> str:
    role = ROLES[step.role].name if step.role in ROLES else step.role
    return f"{organisation_words(step.organisation_rule)}·{role}".strip("·")


def _returns(step: UserStep) -> str:
    if isinstance(step.return_targets, str):
        return RETURN_TARGET_WORDS.get(step.return_targets, step.return_targets)
    return "、".join(step.return_targets)


def role_names(roles: Iterable[str]) -> str:
    """Roles by their Chinese names; one nobody knows by its code."""
    return "、".join(ROLES[role].name if role in ROLES else role for role in roles)


def _weights(step: UserStep) -> str:
    return "、".join(f"{ROLES[role].name if role in ROLES else role} {weight} 票" for role, weight in step.weights)


def shown(value: Any) -> str:
    """A value of a step as a sentence shows it; "" for none."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "、".join(value)
    return "" if value is None else str(value)


#: What a step says: kind of change, the words, and how it is read.
FIELDS: tuple[tuple[str, str, Callable[[UserStep], Any]], ...] = (
    ("step.renamed", "名称", lambda step: step.name),
    ("step.reassigned", "办理人", _who),
    ("step.deadline", "办理期限", lambda step: None if step.due_days is None else f"{step.due_days}个工作日"),
    ("step.returns", "退回范围", _returns),
    ("step.returns", "重报方式", lambda step: RESUBMIT_WORDS.get(step.resubmit, step.resubmit)),
    ("step.returns", "退回次数上限", lambda step: step.max_returns),
    ("step.form", "填写的表单", lambda step: step.form),
    ("step.form", "查阅的表单", lambda step: step.reads),
    ("step.basis", "政策依据", lambda step: " ".join(filter(None, (step.policy_document, step.policy_article)))),
    ("step.stage", "所处阶段", lambda step: labels.STAGES.get(step.stage, step.stage)),
    ("step.rules", "须写意见", lambda step: step.opinion_required),
    ("step.rules", "不可逆", lambda step: step.irreversible),
    ("step.countersign", "会签方式", lambda step: _COUNTERSIGNS.get(step.countersign, step.countersign)),
    ("step.countersign", "通过比例", lambda step: f"{step.share}%" if step.countersign == "ratio" else None),
    ("step.countersign", "票数", _weights),
    ("step.countersign", "一票否决", lambda step: step.veto),
    ("step.countersign", "结果已定仍听取全部意见", lambda step: step.collect_all),
    ("step.rules", "加签范围", lambda step: _SCOPES.get(step.add_sign, step.add_sign)),
    ("step.rules", "转办范围", lambda step: _SCOPES.get(step.transfer_scope, step.transfer_scope)),
    ("step.rules", "撤回时限", lambda step: f"{step.recall_hours}小时"),
    ("step.rules", "可批量办理", lambda step: step.batch_allowed),
    ("step.copies", "到达时抄送", lambda step: role_names(step.copy_at_open)),
    ("step.copies", "通过时抄送", lambda step: role_names(step.copy_at_pass)),
    ("step.copies", "退回时抄送", lambda step: role_names(step.copy_at_return)),
)
