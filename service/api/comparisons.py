"""Comparing cases for programs of auditors: two side by side, one beside today's rules and posts."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate

from service import case_comparison, case_today
from service import request as wiring
from service.api.case_schemas import CaseHeaderSchema
from service.api.schemas import BodySchema, Schema
from service.permission import permission
from service.web import current

operations = Blueprint("api_comparisons", __name__, url_prefix="/api/v1/cases", description="业务件对比")
_NAME = validate.Length(1, 60)


class OtherQuerySchema(BodySchema):
    other = fields.String(
        required=True, data_key="with", validate=_NAME, metadata={"description": "另一业务件的编号或标识"}
    )


class DayQuerySchema(BodySchema):
    on = fields.Date(load_default=None, metadata={"description": "看哪一天的在岗人员；不给为立件之日"})


class TakenDecisionSchema(Schema):
    step = fields.String()
    name = fields.String()
    verb = fields.String()
    verb_label = fields.String()
    person = fields.String()
    on_behalf_of = fields.String(metadata={"description": "代谁办理；本人办理为空"})
    role_name = fields.String()
    organisation = fields.String()
    at = fields.DateTime()
    round = fields.Integer()
    hours = fields.Float(metadata={"description": "送达至办理的工作小时"})


class CaseSideSchema(Schema):
    header = fields.Nested(CaseHeaderSchema)
    version = fields.String()
    decisions = fields.List(fields.Nested(TakenDecisionSchema))
    returns = fields.Integer()
    hours = fields.Float(metadata={"description": "全部办理的工作小时"})


class DecisionPairSchema(Schema):
    left = fields.Nested(TakenDecisionSchema, allow_none=True)
    right = fields.Nested(TakenDecisionSchema, allow_none=True)
    same = fields.Boolean()


class StepPairSchema(Schema):
    step = fields.String()
    name = fields.String()
    people = fields.List(fields.String())
    hours = fields.List(fields.Float(allow_none=True))
    times = fields.List(fields.Integer())


class FigureChangeSchema(Schema):
    path = fields.String()
    label = fields.String()
    old = fields.String()
    new = fields.String()
    material = fields.Boolean()


class CaseComparisonSchema(Schema):
    left = fields.Nested(CaseSideSchema)
    right = fields.Nested(CaseSideSchema)
    same_way = fields.Boolean()
    path = fields.List(fields.Nested(DecisionPairSchema))
    steps = fields.List(fields.Nested(StepPairSchema))
    figures = fields.List(
        fields.Nested(FigureChangeSchema),
        allow_none=True,
        metadata={"description": "填报内容的不同；表单不同时为 null"},
    )


class PassedStepSchema(Schema):
    step = fields.String()
    verb = fields.String()


class PassedPairSchema(Schema):
    left = fields.Nested(PassedStepSchema, allow_none=True)
    right = fields.Nested(PassedStepSchema, allow_none=True)
    same = fields.Boolean()


class BodyPairSchema(Schema):
    label = fields.String()
    then = fields.String()
    now = fields.String()
    same = fields.Boolean()


class PostPairSchema(Schema):
    step = fields.String()
    title = fields.String()
    role_name = fields.String()
    body_then = fields.String()
    body_now = fields.String()
    then = fields.List(fields.String())
    now = fields.List(fields.String())
    same = fields.Boolean()


class TodayResultSchema(Schema):
    verdict = fields.String(metadata={"description": "same、differs 或 cannot_run"})
    reason = fields.String()
    assumed = fields.List(fields.String(), metadata={"description": "以往没有、按同意推算的步骤"})
    stage_before = fields.String()
    stage_after = fields.String()


class TodaySchema(Schema):
    header = fields.Nested(CaseHeaderSchema)
    version_then = fields.String()
    version_now = fields.String()
    same_version = fields.Boolean()
    result = fields.Nested(TodayResultSchema)
    path = fields.List(fields.Nested(PassedPairSchema))
    would_go = fields.Nested(PostPairSchema, allow_none=True, metadata={"description": "走向分开处今日会到的环节"})
    on = fields.Date()
    bodies = fields.List(fields.Nested(BodyPairSchema))
    posts = fields.List(fields.Nested(PostPairSchema))


@operations.get("/<case_id>/comparison")
@permission("audit.read")
@operations.arguments(OtherQuerySchema, location="query")
@operations.response(200, CaseComparisonSchema)
def compare(query: dict[str, Any], case_id: str) -> Any:
    """与另一业务件对比走向、人员、用时和填报内容；查阅记入安全日志。"""
    session, who = wiring.session(), current.actor()
    other = case_comparison.named(session, query["other"], actor=who)
    return case_comparison.compare(session, case_id, other, actor=who, at=current.at(), client=current.client())


@operations.get("/<case_id>/today")
@permission("audit.read")
@operations.arguments(DayQuerySchema, location="query")
@operations.response(200, TodaySchema)
def today(query: dict[str, Any], case_id: str) -> Any:
    """按今日现行流程重走一遍会到哪里，及某日与今日的机构、在岗人员；查阅记入安全日志。"""
    return case_today.of_case(
        wiring.session(), case_id, actor=current.actor(), at=current.at(), on=query["on"], client=current.client()
    )
