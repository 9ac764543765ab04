"""What the use cases hand to the pages, for tests that look at the pages alone."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import forms
from forms.problem import Problem
from service.comparisons import Comparison
from tests.forms import samples

NOW = datetime(2026, 11, 24, 7, 4, tzinfo=UTC)
CONTENT, _ = forms.accept(forms.load("project_target"), samples.declaration(), node="draft", context=samples.CONTEXT)
REVIEW, _ = forms.accept(
    forms.load("target_review"),
    samples.review(),
    node="department_review",
    context={"review_mode": "qualitative"},
)

HEADER: dict[str, Any] = {
    "case_id": "c1",
    "number": "绩目〔2027〕0123",
    "title": "职业技能培训",
    "project_code": "3701172027101001001",
    "fiscal_year": 2027,
    "unit": "区人社局机关",
    "department": "区人社局",
    "fund_section": "社会保障科",
    "amount": "38.50",
    "stage": "dept_review",
    "stage_label": "主管部门审核",
    "condition": None,
    "condition_label": "",
    "round": 2,
    "is_key_project": True,
    "seq": 9,
    "started_at": NOW - timedelta(days=8),
    "finished_at": None,
    "release_hash": "a3f9" * 16,
}
WARNING = Problem(
    field="indicators[1].target_value",
    message="第2行指标值比上年降低，请核对或说明理由",
    severity="warning",
    source="Q17 · 财预〔2020〕10号",
    rule="Q17",
)
ERROR = Problem(field="amount_fiscal", message="财政拨款不等于两级资金之和", severity="error", source="Q03", rule="Q03")


def verb(code: str, label: str, **values: Any) -> dict[str, Any]:
    return {"verb": code, "label": label, "allowed": True, "why": "", "targets": [], "resubmit": None, **values}


def finding(**values: Any) -> dict[str, Any]:
    return {
        "id": "f1",
        "field": "annual_goal",
        "label": "年度总体目标",
        "message": "请写明受益人群。",
        "severity": "error",
        "round": 1,
        "state": "open",
        "answer_kind": None,
        "answer": None,
        "raised_by": "赵敏",
        "raised_at": NOW,
        **values,
    }


def opinion(**values: Any) -> dict[str, Any]:
    return {
        "round": 1,
        "node_name": "主管部门审核",
        "person": "赵敏",
        "organisation": "区人社局",
        "role": "DEPT_REVIEWER",
        "on_behalf_of": None,
        "verb": "return",
        "verb_label": "退回",
        "grade": "中",
        "opinion": "依据不足，请补充。",
        "at": NOW,
        "state": "valid",
        "review": {
            "visit_id": "v0",
            "definition": forms.load("target_review"),
            "content": REVIEW,
            "context": {"review_mode": "qualitative"},
        },
        **values,
    }


def case_page(**values: Any) -> SimpleNamespace:
    parts: dict[str, Any] = {
        "header": HEADER,
        "form": {
            "definition": forms.load("project_target"),
            "content": CONTENT,
            "mode": "read",
            "draft_version": 3,
            "node": "department_review",
            "context": samples.CONTEXT,
        },
        "review": None,
        "previous": {**CONTENT, "amount_total": "35.00"},
        "problems": [ERROR, WARNING],
        "opinions": [opinion()],
        "findings": [finding()],
        "timeline": [
            {
                "seq": 3,
                "at": NOW,
                "actor": "赵敏",
                "post": "部门审核人",
                "verb": "return",
                "verb_label": "退回",
                "node_name": "主管部门审核",
                "round": 1,
                "reason": "依据不足，请补充。",
                "details": ["退回到：单位填报"],
            }
        ],
        "diagram": {"xml": "<x/>", "current": [], "done": ["draft"], "returned": []},
        "attachments": [],
        "admitted": None,
        "head_hash": "9c1b" * 16,
        "companions": {"cases": [], "needed": False, "possible": False, "begin": [], "obstacle": ""},
        "comparison": Comparison(base="seen", label="自我上次查看", bases=(), changes=()),
        "tally": None,
        "writing": None,
        "my_visit": None,
    }
    return SimpleNamespace(**{**parts, **values})


def task_page(*, editing: bool = False, **values: Any) -> SimpleNamespace:
    page = case_page()
    node = "draft" if editing else "department_review"
    page.form = {**page.form, "mode": "edit" if editing else "read", "node": node}
    review = {
        "definition": "target_review",
        "content": {},
        "draft_version": 0,
        "context": {"review_mode": "qualitative"},
    }
    targets = [{"node_id": "draft", "name": "单位填报"}, {"node_id": "unit_sign", "name": "单位签报"}]
    reviewing = [
        verb("reject", "不予通过", allowed=False, why="等级为“差”时才可不予通过"),
        verb("return", "退回", targets=targets, resubmit="ask"),
        verb("approve", "同意"),
    ]
    visit = {
        "visit_id": "v1",
        "node_id": node,
        "node_name": "单位填报" if editing else "主管部门审核",
        "round": 2,
        "state": "open",
        "opened_at": NOW,
        "due_at": NOW,
        "due_state": "soon",
        "holder": "me",
        "incident": None,
    }
    parts = {
        **vars(page),
        "withdrawal": None,
        "visit": visit,
        "expected_seq": 9,
        "review": None if editing else review,
        "verbs": [verb("submit", "提交")] if editing else reviewing,
    }
    return SimpleNamespace(**{**parts, **values})


def row(**values: Any) -> SimpleNamespace:
    parts = {
        **HEADER,
        "visit_id": "v1",
        "node_name": "主管部门审核",
        "arrived_at": NOW,
        "due_at": NOW,
        "due_state": "overdue",
        "last_step": {"person": "刘建国", "verb_label": "同意报送", "at": NOW},
        "holder": "me",
        "read": "unread",
    }
    return SimpleNamespace(**{**parts, **values})


def inbox_page(rows: list[SimpleNamespace]) -> SimpleNamespace:
    return SimpleNamespace(rows=rows, total=len(rows), page=1, size=50)
