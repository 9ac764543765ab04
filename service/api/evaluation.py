"""Self-evaluation for programs: the board of a season, its projects, and the draw of the spot check."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate

from service import evaluation_board, launches
from service import request as wiring
from service.api.monitoring import FollowSchema
from service.api.schemas import Amount, Schema, text_id
from service.permission import permission
from service.web import current

operations = Blueprint("api_evaluation", __name__, url_prefix="/api/v1/evaluations", description="项目支出绩效自评")
_POINTS = {"description": "分，精确文本"}
_GRADE = {"description": "优、良、中、差；未报送时为空"}


class EvaluationSumsSchema(Schema):
    total = fields.Integer()
    reported = fields.Integer()
    unreported = fields.Integer(metadata={"description": "尚未报送的项目数"})
    finished = fields.Integer(metadata={"description": "已审定的项目数"})
    full_marks = fields.Integer(metadata={"description": "自评满分的项目数"})
    sampled = fields.Integer(metadata={"description": "抽查的项目数"})
    grades = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "各核定等级的项目数"})
    self_mean = Amount(allow_none=True, metadata=_POINTS)
    checked_mean = Amount(allow_none=True, metadata=_POINTS)
    weighted_mean = Amount(allow_none=True, metadata={"description": "按金额加权的核定平均分，仅供参考"})
    full_rate = Amount(allow_none=True, metadata={"description": "自评满分率，百分数"})


class EvaluationDepartmentSchema(Schema):
    id = fields.String()
    name = fields.String()
    sums = fields.Nested(EvaluationSumsSchema)


class BandSchema(Schema):
    from_ = fields.String(attribute="from", data_key="from", metadata={"description": "本段的下限，分"})
    self_ = fields.Integer(attribute="self", data_key="self")
    checked = fields.Integer()


class EvaluationBoardSchema(Schema):
    campaign_id = fields.String()
    title = fields.String()
    fiscal_year = fields.Integer(metadata={"description": "被评价的年度"})
    rule_set = fields.String(metadata={"description": "随批次保存的计分规则"})
    sums = fields.Nested(EvaluationSumsSchema)
    departments = fields.List(fields.Nested(EvaluationDepartmentSchema))
    distribution = fields.List(fields.Nested(BandSchema))
    expected = fields.Integer(metadata={"description": "应布置的项目数"})
    opened = fields.Integer()
    submitted = fields.Integer()


class EvaluatedProjectSchema(Schema):
    case_id = fields.String()
    number = fields.String()
    title = fields.String()
    project_code = fields.String()
    unit_id = fields.String()
    unit = fields.String()
    department_id = fields.String()
    department = fields.String()
    stage = fields.String()
    stage_label = fields.String()
    finished = fields.Boolean()
    annual_budget = Amount(allow_none=True, metadata={"description": "万元，精确文本"})
    self_total = Amount(allow_none=True, metadata=_POINTS)
    self_grade = fields.String(allow_none=True, metadata=_GRADE)
    total = Amount(allow_none=True, metadata={"description": "到目前为止的核定得分"})
    grade = fields.String(allow_none=True, metadata=_GRADE)
    gap = Amount(allow_none=True, metadata={"description": "自评得分减核定得分"})
    far_apart = fields.Boolean(metadata={"description": "相差超过10分（S07）"})
    sampled = fields.Boolean(allow_none=True, metadata={"description": "是否抽查；资金科室审核前为空"})
    sample_reason = fields.String(allow_none=True)
    rectification = fields.Nested(FollowSchema, allow_none=True)


class EvaluatedQuerySchema(Schema):
    department = text_id(load_default="")
    unit = text_id(load_default="")
    grade = fields.String(
        load_default="", validate=validate.OneOf(["", *evaluation_board.GRADES, "unreported", "sampled"])
    )
    sort = fields.String(load_default="score", validate=validate.OneOf(evaluation_board.SORTS))


class DrawnSchema(Schema):
    rank = fields.Integer(metadata={"description": "按种子和项目代码排出的名次"})
    project_code = fields.String()
    title = fields.String()
    case_id = fields.String()
    drawn = fields.Boolean()
    recorded = fields.Boolean(allow_none=True, metadata={"description": "资金科室审核时记录的结果"})


class DrawSchema(Schema):
    seed = fields.String()
    share = Amount(metadata={"description": "抽查比例，百分数"})
    lines = fields.List(fields.Nested(DrawnSchema))


@operations.get("/<campaign_id>")
@permission("evaluation.read")
@operations.response(200, EvaluationBoardSchema)
def board(campaign_id: str) -> dict[str, Any]:
    """自评批次的等级、分布和部门得分。"""
    session = wiring.session()
    found = evaluation_board.board(session, campaign_id, actor=current.actor())
    return {**found.to_json(), **vars(launches.progress(session, campaign_id))}


@operations.get("/<campaign_id>/projects")
@permission("evaluation.read")
@operations.arguments(EvaluatedQuerySchema, location="query")
@operations.response(200, EvaluatedProjectSchema(many=True))
def projects(query: dict[str, Any], campaign_id: str) -> list[dict[str, Any]]:
    """自评批次的项目，按得分、差距或代码排序。"""
    found = evaluation_board.board(wiring.session(), campaign_id, actor=current.actor())
    return [one.to_json() for one in evaluation_board.ranked(found.projects, **query)]


@operations.get("/<campaign_id>/draw")
@permission("evaluation.draw")
@operations.response(200, DrawSchema)
def drawn(campaign_id: str) -> dict[str, Any]:
    """抽查的抽样：由种子重新排出，与记录对照。"""
    found = evaluation_board.board(wiring.session(), campaign_id, actor=current.actor())
    return {"seed": found.seed, "share": str(found.share), "lines": evaluation_board.drawn(found)}
