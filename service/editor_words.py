"""What may an administrator set on the elements of a process, and in which words? The property panel is drawn from this."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

import forms
from forms.definition import DefinitionError, FormDefinition
from service import decision_choices, labels, releases
from service.drafts import Draft
from service.engine.lint import KNOWN_EFFECTS
from service.engine.namespace import COPY_BODIES, ORGANISATION_RULES, descriptor
from service.engine.release import ADD_SIGNS, COUNTERSIGNS, RESUBMITS, RETURN_WORDS, TRANSFER_SCOPES, VERBS, WITHDRAWALS
from service.form_facts import fact_titles, form_amounts
from service.release_words import RESUBMIT_WORDS, RETURN_TARGET_WORDS, WITHDRAWAL_WORDS, organisation_words
from service.rules.roles import ROLES

Option = tuple[str, str]

_GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "who": "由谁办理",
        "what": "办理什么",
        "back": "退回与重报",
        "together": "多人办理",
        "copies": "抄送",
        "basis": "政策依据",
        "more": "其他属性",
    }
)
_COUNTERSIGNS: Mapping[str, str] = MappingProxyType(
    {
        "first": "或签：一人办理即可",
        "all": "会签：须全部办理",
        "sequential": "顺签：依次办理",
        "ratio": "票签：达到比例即可",
    }
)
_ADD_SIGNS: Mapping[str, str] = MappingProxyType({"none": "不得加签", "scope": "本岗位人员", "any": "所有办理人员"})
_TRANSFERS: Mapping[str, str] = MappingProxyType({"none": "不得转办", "roster": "本岗位人员", "any": "所有办理人员"})
_COPYING = ("copyAtOpen", "copyAtPass", "copyAtReturn", "copyTo")
_EFFECTS: Mapping[str, str] = MappingProxyType(
    {
        "admit_target": "纳入绩效目标库",
        "open_rectification": "建立整改业务件",
        "issue_notice": "编号并下达整改通知",
        "record_escalation": "登记处置并告知监督科",
        "record_evaluation": "登记自评结果",
        "publish_release": "发布流程版本",
        "bring_into_force": "流程版本生效",
        "record_ex_ante": "反馈评估结论并写入项目",
        "adjust_target": "新版本绩效目标生效",
        "open_target_syncs": "建立绩效目标同步调整业务件",
        "admit_synced_target": "同步后的目标入库",
        "issue_budget_reply": "编号并印发预算和目标批复",
        "admit_overall_target": "部门整体目标入库",
    }
)

#: Per attribute of `jh-moddle.json`: group, label, kind of control, hint.
_FIELDS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "role": ("who", "角色", "choice", "不选时由所在泳道决定。"),
        "organisation": ("who", "单位规则", "choice", "不选时由所在泳道决定。"),
        "distinctFrom": ("who", "回避步骤", "steps", "办过所选步骤的人不能办本步骤；不选则回避其他所有步骤。"),
        "form": ("what", "填写的表单", "choice", ""),
        "reads": ("what", "查阅的表单", "list", ""),
        "stage": ("what", "所处阶段", "choice", "事项办到这里时显示的状态。"),
        "dueDays": ("what", "办理期限（工作日）", "integer", "不填则只受批次截止日期约束。"),
        "opinionRequired": ("what", "必须写意见", "boolean", ""),
        "irreversible": ("what", "办理后不可逆", "boolean", "之后不能退回到本步骤之前。"),
        "batchAllowed": ("what", "允许批量办理", "boolean", ""),
        "recallHours": ("what", "可撤回时间（小时）", "integer", "0 表示不可撤回；不填为 24 小时。"),
        "returnTargets": ("back", "退回范围", "targets", ""),
        "resubmit": ("back", "重报方式", "choice", ""),
        "maxReturns": ("back", "最多退回次数", "integer", "不填为 3 次。"),
        "withdrawal": ("back", "撤件", "choice", "发起人把整件收回填报环节；不选为审核人办理之前。"),
        "countersign": ("together", "办理方式", "choice", ""),
        "share": ("together", "通过比例（%）", "integer", "只用于票签。"),
        "weights": ("together", "票数", "text", "只用于票签，如“PERF_CHIEF:2”：兼任该岗位的人计2票，其他人计1票。"),
        "veto": ("together", "一人不同意即不通过", "boolean", ""),
        "collectAll": ("together", "结果已定仍征求全部意见", "boolean", ""),
        "addSign": ("together", "加签范围", "choice", ""),
        "transferScope": ("together", "转办范围", "choice", ""),
        "copyAtOpen": ("copies", "到达本步骤时抄送", "list", "所选岗位的人员只需阅知，不影响办理。"),
        "copyAtPass": ("copies", "本步骤通过时抄送", "list", ""),
        "copyAtReturn": ("copies", "本步骤退回时抄送", "list", ""),
        "copyTo": ("copies", "办结时抄送", "list", "所选岗位的人员只需阅知。"),
        "policyDocument": ("basis", "政策文件", "text", "文件名称和文号，如“财预〔2015〕88号”。"),
        "policyArticle": ("basis", "条款", "text", "如“第二十五条”。"),
        "effect": ("what", "自动办理的事", "choice", ""),
        "decision": ("what", "决策表", "choice", "由系统照表得出结论；表在“决策表”页新建和修改。"),
    }
)


def of_draft(session: Session, draft: Draft) -> dict[str, Any]:
    """What the editor has to know of a draft: `editor_words` with the forms and decision tables it has.

    A form or table that cannot be read yet is offered by name; what it tells the flow is not known.
    """
    definitions = releases.definitions(session, draft.forms)
    titles = {code: definition.title for code, definition in definitions.items()}
    for code, raw in draft.form_changes.items():
        titles[code] = str(raw.get("title") or code)
        try:
            definitions[code] = forms.parse(raw)
        except DefinitionError:
            definitions.pop(code, None)
    return editor_words(definitions, titles, draft.decisions)


def editor_words(
    definitions: Mapping[str, FormDefinition], titles: Mapping[str, str], decisions: Mapping[str, str]
) -> dict[str, Any]:
    """Everything the editor in the browser has to know, as plain JSON (Chinese).

    ``descriptor`` is `jh-moddle.json`, the only list of our attributes; ``elements`` maps each BPMN type to the groups of
    fields it shows, in order; an attribute nobody has given words yet is shown by its name. ``verbs`` are the outcomes a
    step may offer; ``facts`` the names conditions may read, per form; ``tables`` per decision what it wants and gives.

    Args:
        definitions: the sound forms by code; ``titles`` of all forms.
        decisions: the decision files as text, by name.
    """
    tables = decision_choices.of_files(decisions)
    forms_offered = sorted(titles.items(), key=lambda item: item[0])
    offered = {
        "form": forms_offered,
        "reads": forms_offered,
        "decision": [(key, one["title"]) for key, one in tables.items()],
    }
    return {
        "descriptor": dict(descriptor()),
        "elements": dict(_elements(offered)),
        "verbs": [(verb, labels.verb(verb)) for verb in VERBS],
        "facts": _facts(definitions),
        "tables": tables,
    }


def _elements(offered: Mapping[str, list[Option]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for kind in descriptor()["types"]:
        for base in kind.get("extends", ()):
            fields = [_field(item, offered) for item in kind["properties"]]
            groups = [(code, [field for field in fields if field["group"] == code]) for code in _GROUPS]
            yield base, [{"title": _GROUPS[code], "fields": found} for code, found in groups if found]


def _field(item: Mapping[str, str], offered: Mapping[str, list[Option]]) -> dict[str, Any]:
    plain = {"Integer": "integer", "Boolean": "boolean"}.get(item["type"], "text")
    group, label, kind, hint = _FIELDS.get(item["name"], ("more", item["name"], plain, ""))
    return {
        "name": f"jh:{item['name']}",
        "group": group,
        "label": label,
        "kind": kind,
        "hint": hint,
        "options": offered[item["name"]] if item["name"] in offered else _options(item["name"]),
    }


def _options(name: str) -> list[Option]:
    known: Mapping[str, list[Option]] = {
        "role": [(code, role.name) for code, role in ROLES.items() if role.business or code == "SYS_ADMIN"],
        "organisation": [(rule, organisation_words(rule)) for rule in sorted(ORGANISATION_RULES)],
        "stage": list(labels.STAGES.items())[:-1],
        "returnTargets": [(word, RETURN_TARGET_WORDS[word]) for word in RETURN_WORDS],
        "resubmit": [(word, RESUBMIT_WORDS[word]) for word in RESUBMITS],
        "withdrawal": [(word, WITHDRAWAL_WORDS[word]) for word in WITHDRAWALS],
        "countersign": [(word, _COUNTERSIGNS[word]) for word in COUNTERSIGNS],
        "addSign": [(word, _ADD_SIGNS[word]) for word in ADD_SIGNS],
        "transferScope": [(word, _TRANSFERS[word]) for word in TRANSFER_SCOPES],
        "effect": [(code, _EFFECTS.get(code, code)) for code in KNOWN_EFFECTS],
        **{name: [(code, ROLES[code].name) for code in COPY_BODIES] for name in _COPYING},
    }
    return known.get(name, [])


def _facts(definitions: Mapping[str, FormDefinition]) -> dict[str, list[Option]]:
    """Per form: what a condition may say of a step that fills it in (``{step}`` stands for its id), with its label."""
    amounts = form_amounts(definitions)
    found = {}
    for code, titles in fact_titles(definitions).items():
        readings = {name: "number({step}.%s)" if name in amounts[code] else "{step}.%s" for name in titles}
        found[code] = [(reading % name, titles[name]) for name, reading in readings.items()]
    return found
