"""Budgets and overall targets of departments for programs: the boards of a season and the projects behind them."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields

from service import budget_board, overall_targets
from service import request as wiring
from service.api.schemas import Amount, Schema, text_id
from service.permission import permission
from service.web import current

operations = Blueprint("api_budgets", __name__, url_prefix="/api/v1/budgets", description="预算编制和部门整体目标")
_MONEY = {"description": "万元，精确文本"}


class _MoneySchema(Schema):
    target_amount = Amount(allow_none=True, metadata=_MONEY)
    first_amount = Amount(allow_none=True, metadata={"description": "一上金额，万元"})
    control_amount = Amount(allow_none=True, metadata={"description": "项目控制数合计，万元"})
    second_amount = Amount(allow_none=True, metadata={"description": "二上金额，万元"})
    approved_amount = Amount(allow_none=True, metadata={"description": "批复金额，万元"})


class BudgetLineSchema(_MoneySchema):
    case_id = fields.String()
    number = fields.String()
    department_id = fields.String()
    department = fields.String()
    fund_section = fields.String()
    stage = fields.String()
    stage_label = fields.String()
    library_projects = fields.Integer()
    selected = fields.Integer()
    syncs = fields.Integer(metadata={"description": "金额变化超过限度、须同步的目标数"})
    open_syncs = fields.Integer(metadata={"description": "其中尚未办结的"})
    control_number = Amount(allow_none=True, metadata=_MONEY)
    left = Amount(allow_none=True, metadata={"description": "控制数余额，万元；超过时为负"})
    approved_on = fields.String(allow_none=True)
    reply_due = fields.String(allow_none=True)
    reply_no = fields.String(allow_none=True)
    replied_at = fields.String(allow_none=True)
    late = fields.Boolean(metadata={"description": "批复超过期限"})


class BudgetProjectSchema(_MoneySchema):
    project_id = fields.String()
    project_code = fields.String()
    name = fields.String()
    unit = fields.String()
    department_id = fields.String()
    department = fields.String()
    rank = fields.Integer()
    cut = Amount(allow_none=True, metadata={"description": "较目标库压减，万元"})
    sync_case_id = fields.String(allow_none=True)
    sync_number = fields.String(allow_none=True)
    sync_stage = fields.String(allow_none=True)


class ProjectsQuerySchema(Schema):
    department = text_id(load_default="")
    cut = fields.Boolean(load_default=False, metadata={"description": "只列压减的项目"})


class OverallTargetSchema(Schema):
    department_id = fields.String()
    department = fields.String()
    fund_section = fields.String()
    case_id = fields.String()
    number = fields.String()
    stage = fields.String()
    stage_label = fields.String()
    projects = fields.Integer()
    library_amount = Amount(metadata=_MONEY)
    library_no = fields.String(allow_none=True)
    budget_total = Amount(allow_none=True, metadata=_MONEY)
    tasks_total = Amount(allow_none=True, metadata=_MONEY)
    admitted_at = fields.DateTime(allow_none=True)


@operations.get("/<campaign_id>")
@permission("budget.read")
@operations.response(200, BudgetLineSchema(many=True))
def board(campaign_id: str) -> list[dict[str, Any]]:
    """预算编制批次中各部门与控制数的对照。"""
    found = budget_board.board(wiring.session(), campaign_id, actor=current.actor(), at=current.at())
    return [line.to_json() for line in found.departments]


@operations.get("/<campaign_id>/projects")
@permission("budget.read")
@operations.arguments(ProjectsQuerySchema, location="query")
@operations.response(200, BudgetProjectSchema(many=True))
def projects(query: dict[str, Any], campaign_id: str) -> list[dict[str, Any]]:
    """列入预算的项目及其各轮金额。"""
    rows = budget_board.projects(
        wiring.session(),
        campaign_id,
        actor=current.actor(),
        department=query["department"],
        only_cut=query["cut"],
    )
    return [row.to_json() for row in rows]


@operations.get("/overall-targets/<campaign_id>")
@permission("overall_target.read")
@operations.response(200, OverallTargetSchema(many=True))
def overall(campaign_id: str) -> list[dict[str, Any]]:
    """部门整体绩效目标批次中各部门的进度和金额。"""
    found = overall_targets.board(wiring.session(), campaign_id, actor=current.actor())
    return [row.to_json() for row in found.departments]
