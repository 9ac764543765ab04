"""What are stages, conditions, verbs and deadlines called? The Chinese words of codes, for pages, API and prints."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from service.people import day
from service.rules.working_days import NATIONAL, WorkingDayTable, add

#: Stages of a case in the order of the process; the last one is never listed.
STAGES: Mapping[str, str] = MappingProxyType(
    {
        "draft": "单位填报",
        "filling": "单位填报",
        "unit_signing": "单位签报",
        "dept_review": "主管部门审核",
        "fund_review": "资金科室审核",
        "joint_signoff": "预算、绩效科会签",
        "arbitration": "局领导审定",
        "notice_drafting": "编制整改通知",
        "notice_review": "审核整改通知",
        "responding": "单位整改",
        "final_review": "整改终审",
        "escalated": "局领导处置",
        "materials_check": "受理和资料核对",
        "expert_review": "专家或第三方评审",
        "conclusion": "作出评估结论",
        "selecting": "项目排序择优",
        "first_review": "资金科室审核一上",
        "setting_control": "下达控制数",
        "second_submission": "编报二上",
        "draft_budget": "列入预算草案",
        "awaiting_approval": "待人代会批准",
        "replying": "批复中",
        "target_syncing": "单位同步调整目标",
        "department_drafting": "部门填报",
        "department_signing": "部门负责人签报",
        "in_library": "已入库",
        "supported": "予以支持",
        "supported_adjusted": "调整后支持",
        "not_supported": "不予支持",
        "adjusted": "调整已生效",
        "monitored": "监控办结",
        "monitored_red": "红灯已转整改",
        "target_synced": "目标已同步",
        "budget_replied": "预算和目标已批复",
        "rectified": "整改销号",
        "spot_check": "抽查复核",
        "finalising": "审定自评结果",
        "evaluated": "自评办结",
        "evaluated_poor": "自评中、差已转整改",
        "disposed": "已由局领导处置",
        "change_editing": "编辑流程草稿",
        "change_testing": "校验与试运行",
        "change_approval": "业务批准",
        "change_scheduled": "待生效",
        "change_in_force": "已生效",
        "rejected": "不予通过",
        "terminated": "已终止",
        "voided": "已作废",
        "discarded": "已删除",
    }
)

#: Why a case is at a stage again.
CONDITIONS: Mapping[str, str] = MappingProxyType(
    {
        "returned": "已退回",
        "consulting": "会商修改中",
        "recalled": "已撤回",
        "withdrawn": "已撤件",
    }
)

#: Verbs as people read them; one word for one meaning.
VERBS: Mapping[str, str] = MappingProxyType(
    {
        "start": "发起",
        "import": "导入",
        "launch": "下达",
        "refer": "转入",
        "submit": "提交",
        "approve": "同意",
        "consult": "会商修改",
        "return": "退回",
        "reject": "不予通过",
        "abstain": "弃权",
        "recall": "撤回",
        "withdraw_case": "撤件",
        "agree_withdrawal": "同意撤件",
        "refuse_withdrawal": "不同意撤件",
        "claim": "领取",
        "unclaim": "放回",
        "transfer": "转办",
        "delegate": "委派",
        "resolve": "答复委派",
        "undelegate": "收回委派",
        "hand_over": "移交",
        "substitution": "代理",
        "add_seat": "加签",
        "drop_seat": "减签",
        "urge": "催办",
        "cc": "抄送",
        "read": "已阅",
        "request_exception": "申请特别处理",
        "refuse_exception": "不同意特别处理",
        "jump": "跳转",
        "suspend": "挂起",
        "resume": "恢复",
        "terminate": "终止",
        "void": "作废",
        "save_draft": "暂存",
        "discard": "删除草稿",
        "record_ex_ante": "登记事前绩效评估结论",
        "migrate": "迁移流程版本",
        "tick": "到时",
        "retry_incident": "恢复办理",
    }
)

#: A deadline is announced this many working days before it (T-2).
SOON = 2


def stage(code: str) -> str:
    """A stage's name; a stage of a process that came later reads as its code."""
    return STAGES.get(code, code)


def condition(code: str | None) -> str:
    """Why a case is at its stage again; empty on the way forward."""
    return CONDITIONS.get(code, code) if code else ""


def verb(code: str | None) -> str:
    """A verb's name; an unknown one reads as its code, none as an empty text."""
    return VERBS.get(code, code) if code else ""


def due_state(due_at: datetime | None, at: datetime, table: WorkingDayTable = NATIONAL) -> str | None:
    """How near a deadline is at an instant, counted in the district's working days.

    Returns:
        `overdue` after the instant it is due, `today` on its day, `soon` from two working days before, else `later`;
        None where nothing is due. A deadline colours and reminds; it never decides.

    Source:
        Reminders of every process: T-2, T0, overdue (unconfirmed defaults).
    """
    if due_at is None:
        return None
    if due_at < at:
        return "overdue"
    today, last = day(at), day(due_at)
    if last == today:
        return "today"
    return "soon" if last < add(today, SOON + 1, table) else "later"
