"""What do the demo district's departments write? Ranks and amounts of their projects, and their overall targets."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from service import subjects
from service.demo import words, year
from service.demo.chance import dice
from service.rules.quantities import number_of, plain

TEMPLATE = year.TEMPLATE
#: Steps that submit the form of their case.
SUBMITTING = ("select_projects", "set_control", "second_submission", "record_approval", "draft")
_CELLS = (
    "level1_code", "level2_code", "level3_name", "nature", "operator", "target_value", "measure_unit", "levels",
    "weight", "value_basis", "evidence_required",
)  # fmt: skip
_HUNDREDTH = Decimal("0.01")
_TASKS = ("重点事业和民生项目", "部门履职和运行保障项目")


class Explained(dict):  # type: ignore[type-arg]
    """A reason for whatever warning comes up."""

    def __bool__(self) -> bool:
        return True

    def get(self, key: str, default: Any = None) -> Any:
        """The same reason for every warning."""
        return "已与部门预算核对，情况属实"


def budget(
    node: str, content: Mapping[str, Any], department: str, today: date, *, cutting: bool
) -> dict[str, Any] | None:
    """What a department, or the budget section, fills in at a step; None where it has to wait.

    Args:
        cutting: whether some control numbers are cut so deep that targets have to follow.
    """
    if node == "select_projects":
        rows = content.get("requests") or []
        ranked = sorted(rows, key=lambda row: -(number_of(row["target_amount"]) or Decimal(0)))
        order = {row["row_id"]: number for number, row in enumerate(ranked, 1)}
        return {"requests": [_request(row, order[row["row_id"]]) for row in rows]} if rows else None
    if node == "set_control":
        rows = [
            {"row_id": row["row_id"], "control_amount": _controlled(row, department, cutting)}
            for row in content["controls"]
        ]
        total = sum((Decimal(row["control_amount"]) for row in rows), Decimal(0))
        return {"control_number": plain(total), "controls": rows}
    if node == "second_submission":
        if not all(row["sync_state"].startswith(("无需", "已同步")) for row in content["seconds"]):
            return None  # units still have targets to bring after their money
        return {
            "seconds": [{"row_id": row["row_id"], "second_amount": row["control_amount"]} for row in content["seconds"]]
        }
    return {"approved_on": today.isoformat(), "approval_document": f"区人民代表大会关于{today.year}年预算的决议"}


def decision(node: str, department: str, *, overall: bool) -> Mapping[str, Any]:
    """What is written with an approval."""
    random = dice("department decision", node, department)
    if node in ("budget_reply", "performance_reply"):
        return {
            "form": {
                "budget_reply": {"reply_kind": "as_drafted", "opinion": "同意批复，请严格按批复的预算和绩效目标执行"}
            }
        }
    if overall and node != "department_sign":
        review = words.review(node, "approve", "", scored=False, random=random)
        return {"form": {"target_review": review}}
    return {"reason": random.choice(("同意", "经审核，同意报送", "与部门职责和年度任务相符，同意"))}


def overall(subject: Any, session: Session) -> dict[str, Any] | None:
    """The overall target of a department, from its projects in the library; None while there are none."""
    assert isinstance(subject, subjects.OverallSubject)  # noqa: S101  cases of this process have no other
    projects = sorted(subject.library, key=lambda one: -one.amount)
    if not projects:
        return None
    greatest = subjects.approved(session, projects[0].project_id) or {}
    amount = sum((one.amount for one in projects), Decimal(0))
    basic = (amount * Decimal("0.35")).quantize(_HUNDREDTH)
    halves = (projects[: (len(projects) + 1) // 2], projects[(len(projects) + 1) // 2 :])
    name = subject.department.name
    tasks = [_task(title, some) for title, some in zip(_TASKS, halves, strict=True) if some]
    tasks.append({"name": "基本运转", "content": "保障人员经费和日常公用支出", "amount_fiscal": plain(basic)})
    return {
        "duties": f"{name}负责贯彻执行本行业法律法规和政策，拟订并组织实施年度工作计划，做好行业管理和公共服务。",
        "budget_basic": plain(basic),
        "budget_project": plain(amount),
        "tasks": tasks,
        "goals": [{"goal": str(greatest.get("annual_goal") or "")[:500]}],
        "indicators": [
            {**{cell: row[cell] for cell in _CELLS if row.get(cell) is not None}, "goal_no": "1"}
            for row in greatest.get("indicators") or []
        ],
    }


def _request(row: Mapping[str, Any], rank: int) -> dict[str, Any]:
    return {"row_id": row["row_id"], "selected": "yes", "rank": rank, "first_amount": row["target_amount"]}


def _controlled(row: Mapping[str, Any], department: str, cutting: bool) -> str:
    """Most projects get what they ask for or a little less; a few lose more, and their targets follow."""
    amount = number_of(row["first_amount"]) or Decimal(0)
    random = dice("control", department, row["project_code"])
    shares = ("1", "1", "1", "0.98", "0.95", "0.85" if cutting else "1")
    share = Decimal(random.choice(shares))
    return plain((amount * share).quantize(_HUNDREDTH))


def _task(title: str, projects: Sequence[Any]) -> dict[str, Any]:
    amount = sum((one.amount for one in projects), Decimal(0))
    names = "、".join(one.name for one in projects)
    return {
        "name": title,
        "content": f"组织实施{names}"[:500],
        "amount_fiscal": plain(amount),
        "project_codes": "、".join(one.code for one in projects),
    }
