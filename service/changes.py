"""What does a change recorded in an event mean in words? Chinese lines for timelines, replay and prints."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from service import labels
from service.people import day
from service.rules.ex_ante import CONCLUSIONS

#: Why a visit or a seat was closed without a decision of its own.
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "decided_by_other_seat": "他人已办理",
        "early_decision": "结果已定",
        "returned": "已退回",
        "recalled": "已撤回",
        "withdrawn": "已撤件",
        "jumped_over": "已跳过",
        "terminated": "已终止",
        "dropped": "已减签",
        "migrated": "流程版本变更",
        "timed_out": "超过期限",
        "principal_left": "任职人离任",
        "discarded": "已删除草稿",
    }
)
_RESUBMIT = {"replay": "，修改后逐级重审", "direct": "，修改后直接送回", "ask": ""}
_ANSWERS = {"done": "已修改", "explained": "作说明"}
#: Gives the name of a step for its id.
Steps = Callable[[str], str]


def sentences(recorded: Sequence[Mapping[str, Any]], step: Steps) -> list[str]:
    """The changes of an event in words, in their order; steps whose opinions lapse together stand in one line.

    What a reader sees from the event itself, and changes nobody has words for yet, are left out.
    """
    lapsed = [step(change["node"]) for change in recorded if change.get("type") == "visit_superseded"]
    shown = sum(change.get("type") == "copy_sent" and bool(change.get("drawn")) for change in recorded)
    lines = []
    for change in recorded:
        words = _WORDS.get(str(change.get("type")))
        line = words(change, step) if words else ""
        if change.get("type") == "visit_superseded" and lapsed:
            line, lapsed = f"原意见不再有效：{'、'.join(lapsed)}", []
        lines.append(line)
    lines.append(f"按流程抄送 {shown} 人" if shown else "")
    return [line for line in lines if line]


def _asked(change: Mapping[str, Any], step: Steps) -> str:
    rows = [f"“{one['table']}”第 {'、'.join(map(str, one['rows']))} 行" for one in change["matched"] if one["rows"]]
    given = change["result"]
    came = "、".join(_plain(value) if len(given) == 1 else f"{name} = {_plain(value)}" for name, value in given.items())
    return f"{change['name'] or change['node']}：{came}（{'，'.join(rows) or '没有相符的行，取默认结果'}）"


def _plain(value: Any) -> str:
    words = {True: "是", False: "否", None: "空"}
    return words[value] if value is None or isinstance(value, bool) else str(value)


def _opened(change: Mapping[str, Any], step: Steps) -> str:
    due = change.get("due_at")
    until = f"，{day(datetime.fromisoformat(due)).isoformat()} 前办理" if due else ""
    return f"送达：{step(change['node'])}{until}"


def _returned(change: Mapping[str, Any], step: Steps) -> str:
    how = _RESUBMIT.get(change.get("resubmit", ""), "")
    return f"{'会商修改' if change.get('verb') == 'consult' else '退回到'}：{step(change['to'])}{how}"


def _direct(change: Mapping[str, Any], step: Steps) -> str:
    skipped = "、".join(change.get("skipped") or ())
    return f"直接送回：{step(change['to'])}" + (f"，不再重审：{skipped}" if skipped else "")


def _deadline(change: Mapping[str, Any], step: Steps) -> str:
    due = change.get("due_at")
    return f"{step(change['node'])}：{day(datetime.fromisoformat(due)).isoformat()} 前办理" if due else ""


def _answered(change: Mapping[str, Any], step: Steps) -> str:
    kind = _ANSWERS.get(change.get("kind", ""), "")
    return f"答复问题：{kind} {change.get('answer') or ''}".rstrip()


def _disposal(change: Mapping[str, Any], step: Steps) -> str:
    words = {"keep": "保留预算", "cut": "调减预算", "suspend": "暂停拨款", "cancel": "取消项目"}
    amount = f" {change['advice_amount']} 万元" if change.get("advice_amount") else ""
    return f"局领导处置：{words.get(change.get('fund_budget_advice', ''), '')}{amount}，已告知财政监督科"


def _evaluation(change: Mapping[str, Any], step: Steps) -> str:
    checked = "，经抽查复核" if change.get("checked_again") else ""
    return (
        f"自评结果：{change['total']}分，{change['grade']}"
        f"（自评{change['self_total']}分，{change['self_grade']}{checked}）"
    )


_WORDS: Mapping[str, Callable[[Mapping[str, Any], Steps], str]] = MappingProxyType(
    {
        "visit_opened": _opened,
        "visit_cancelled": lambda change, step: (
            f"关闭：{step(change['node'])}（{REASONS.get(change.get('reason', ''), change.get('reason', ''))}）"
        ),
        "visit_restored": lambda change, step: f"原意见恢复有效：{step(change['node'])}",
        "visit_decided": lambda change, step: f"等级：{change['grade']}" if change.get("grade") else "",
        "seat_voted": lambda change, step: f"等级：{change['grade']}" if change.get("grade") else "",
        "vote_taken_back": lambda change, step: "收回本人的意见，继续办理",
        "vote_kept": lambda change, step: "其他会签人员的意见保留",
        "node_skipped": lambda change, step: f"跳过：{step(change['node'])}",
        "compensation": lambda change, step: f"须善后：{change['text']}",
        "deadline_moved": _deadline,
        "urged": lambda change, step: f"第 {change['count']} 次催办",
        "finding_withdrawn": lambda change, step: "撤回所提问题",
        "finding_reopened": lambda change, step: "问题的答复可以重新填写",
        "warning_explained": lambda change, step: f"对提醒 {change['rule']} 的说明：{change['reason']}",
        "finding_raised": lambda change, step: f"提出问题：{change['message']}",
        "finding_answered": _answered,
        "case_returned": _returned,
        "returns_exceeded": lambda change, step: f"{step(change['node'])}退回已达 {change['most']} 次",
        "resubmitted_directly": _direct,
        "target_adjusted": lambda change, step: f"新版本目标生效：{change['library_no']}（第{change['version']}版）",
        "ex_ante_concluded": lambda change, step: f"事前绩效评估结论：{CONCLUSIONS[change['conclusion']]}",
        "target_admitted": lambda change, step: f"入库：{change['library_no']}（第{change['version']}版）",
        "table_asked": _asked,
        "rectification_opened": lambda change, step: f"转入整改：{change['number']}",
        "notice_issued": lambda change, step: f"下达整改通知：{change['notice_no']}",
        "escalation_recorded": _disposal,
        "evaluation_recorded": _evaluation,
        "release_published": lambda change, step: f"发布第 {change['version']} 版，{change['effective_from']} 起生效",
        "release_in_force": lambda change, step: f"第 {change['version']} 版生效，新办事项按此办理",
        "target_syncs_opened": lambda change, step: (
            f"金额变化超过限度，同步调整目标：{'、'.join(change['numbers'])}" if change["numbers"] else ""
        ),
        "budget_replied": lambda change, step: (
            f"批复预算和目标：{change['reply_no']}，{change['projects']}个项目，{change['amount']}万元"
        ),
        "overall_target_admitted": lambda change, step: (
            f"整体目标入库：{change['library_no']}（第{change['version']}版）"
        ),
        "case_finished": lambda change, step: f"办结：{labels.stage(change['stage'])}",
    }
)
