"""Monitoring for programs: the board of a season, its projects, and execution figures from the treasury's system."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import execution_figures, launches, monitoring_board, monitoring_summaries
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import Amount, BodySchema, Schema, text_id
from service.execution_rows import MOST_ROWS
from service.permission import permission
from service.web import current

operations = Blueprint("api_monitoring", __name__, url_prefix="/api/v1/monitoring", description="绩效运行监控")
_MONEY = {"description": "万元，精确文本"}


class SumsSchema(Schema):
    total = fields.Integer()
    red = fields.Integer()
    yellow = fields.Integer()
    green = fields.Integer()
    unreported = fields.Integer(metadata={"description": "尚未报送的项目数"})
    annual_budget = Amount(metadata=_MONEY)
    executed = Amount(metadata=_MONEY)
    forecast = Amount(metadata=_MONEY)
    surplus = Amount(metadata=_MONEY)
    rate = Amount(allow_none=True, metadata={"description": "执行率，百分数"})


class DepartmentSchema(Schema):
    id = fields.String()
    name = fields.String()
    sums = fields.Nested(SumsSchema)


class BoardSchema(Schema):
    campaign_id = fields.String()
    title = fields.String()
    month = fields.Integer(metadata={"description": "监控截至月份"})
    sums = fields.Nested(SumsSchema)
    departments = fields.List(fields.Nested(DepartmentSchema))
    expected = fields.Integer(metadata={"description": "应下达的项目数"})
    opened = fields.Integer()
    submitted = fields.Integer()
    finished = fields.Integer()


class FollowSchema(Schema):
    case_id = fields.String()
    number = fields.String()
    stage = fields.String()


class MonitoredSchema(Schema):
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
    light = fields.String(allow_none=True)
    execution_light = fields.String(allow_none=True)
    target_light = fields.String(allow_none=True)
    why = fields.String(allow_none=True)
    annual_budget = Amount(allow_none=True, metadata=_MONEY)
    executed = Amount(allow_none=True, metadata=_MONEY)
    forecast = Amount(allow_none=True, metadata=_MONEY)
    surplus = Amount(allow_none=True, metadata=_MONEY)
    rate = Amount(allow_none=True, metadata={"description": "执行率，百分数"})
    disposal = fields.String(allow_none=True)
    submitted_at = fields.DateTime(allow_none=True)
    overdue = fields.Boolean(metadata={"description": "红灯满10个工作日仍未作处置选择"})
    rectification = fields.Nested(FollowSchema, allow_none=True)


class ProjectsQuerySchema(Schema):
    department = text_id(load_default="")
    unit = text_id(load_default="")
    light = fields.String(load_default="", validate=validate.OneOf(["", *monitoring_board.COLORS, "unreported"]))
    sort = fields.String(load_default="light", validate=validate.OneOf(monitoring_board.SORTS))


class FigureSchema(BodySchema):
    project_code = fields.String(required=True, validate=validate.Length(max=40))
    project_name = fields.String(load_default="", validate=validate.Length(max=200))
    annual_budget = fields.String(required=True, validate=validate.Length(max=40), metadata=_MONEY)
    carry_over = fields.String(load_default="", validate=validate.Length(max=40), metadata=_MONEY)
    executed = fields.String(required=True, validate=validate.Length(max=40), metadata=_MONEY)


class FiguresSchema(BodySchema):
    rows = fields.List(fields.Nested(FigureSchema), required=True, validate=validate.Length(1, MOST_ROWS))


class ImportedSchema(Schema):
    imported = fields.Integer()


class SummarySchema(Schema):
    id = fields.String()
    version = fields.Integer()
    state = fields.String(metadata={"description": "draft 待阅签、signed 已签发、returned 已退回"})
    sha256 = fields.String(metadata={"description": "文件校验值"})
    drafted_by = fields.String()
    drafted_at = fields.DateTime()
    signed_by = fields.String(allow_none=True, metadata={"description": "签发或退回的局领导"})
    signed_at = fields.DateTime(allow_none=True)
    opinion = fields.String(allow_none=True)


class SummaryDraftedSchema(Schema):
    id = fields.String()
    version = fields.Integer()


class SummaryDecisionSchema(BodySchema):
    verb = fields.String(required=True, validate=validate.OneOf(["sign", "return"]))
    opinion = fields.String(required=True, validate=validate.Length(2, 500))


class SummaryDecidedSchema(Schema):
    id = fields.String()
    sha256 = fields.String()


@operations.get("/<campaign_id>")
@permission("monitoring.read")
@operations.response(200, BoardSchema)
def board(campaign_id: str) -> dict[str, Any]:
    """监控批次的灯色看板。"""
    session = wiring.session()
    found = monitoring_board.board(session, campaign_id, actor=current.actor(), at=current.at())
    return {**found.to_json(), **vars(launches.progress(session, campaign_id))}


@operations.get("/<campaign_id>/projects")
@permission("monitoring.read")
@operations.arguments(ProjectsQuerySchema, location="query")
@operations.response(200, MonitoredSchema(many=True))
def projects(query: dict[str, Any], campaign_id: str) -> list[dict[str, Any]]:
    """监控批次的项目，按灯色、执行率或预计结余排序。"""
    found = monitoring_board.board(wiring.session(), campaign_id, actor=current.actor(), at=current.at())
    return [one.to_json() for one in monitoring_board.ranked(found.projects, **query)]


@operations.get("/<campaign_id>/summaries")
@permission("monitoring_summary.read")
@operations.response(200, SummarySchema(many=True))
def summaries(campaign_id: str) -> list[monitoring_summaries.Summary]:
    """监控汇总报告的各版本，最新的在前。"""
    return monitoring_summaries.of_season(wiring.session(), campaign_id, actor=current.actor())


@operations.post("/<campaign_id>/summaries")
@permission("monitoring_summary.draft")
@operations.doc(parameters=[KEY_HEADER])
@operations.response(200, SummaryDraftedSchema)
def draft_summary(campaign_id: str) -> Any:
    """按当前数据生成下一版监控汇总报告。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return monitoring_summaries.draft(session, campaign_id, actor=who, at=at, client=client)

    return answered(current.change(action, route="monitoring_summaries.draft"))


@operations.post("/summaries/<summary_id>/decision")
@permission("monitoring_summary.sign")
@operations.arguments(SummaryDecisionSchema)
@operations.doc(parameters=[KEY_HEADER])
@operations.response(200, SummaryDecidedSchema)
def decide_summary(body: dict[str, Any], summary_id: str) -> Any:
    """局领导签发或退回监控汇总报告。"""
    who, client, opinion = current.actor(), current.client(), body["opinion"]
    decide = {"sign": monitoring_summaries.sign, "return": monitoring_summaries.send_back}[body["verb"]]

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return decide(session, summary_id, actor=who, at=at, opinion=opinion, client=client)

    return answered(current.change(action, route="monitoring_summaries.sign", body=body))


@operations.put("/<campaign_id>/execution-figures")
@permission("execution.import")
@operations.arguments(FiguresSchema)
@operations.doc(parameters=[KEY_HEADER])
@operations.response(200, ImportedSchema)
def put_figures(body: dict[str, Any], campaign_id: str) -> Any:
    """写入预算执行数：全部写入或全部不写。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return execution_figures.put(session, campaign_id, body["rows"], actor=who, at=at, client=client)

    return answered(current.change(action, route="execution_figures.put", body=body))
