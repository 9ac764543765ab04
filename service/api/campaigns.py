"""Seasons of declaration for programs: list, prepare, open, extend, close."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import campaign_scope, campaigns
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import BodySchema, Schema, text_id
from service.campaign_terms import FIRST_YEAR, LAST_YEAR, LONGEST_TITLE, MOST_EXPECTED
from service.permission import permission
from service.web import current

operations = Blueprint("api_campaigns", __name__, url_prefix="/api/v1/campaigns", description="申报批次")
MOST_UNITS = 5000


class CampaignSchema(Schema):
    id = fields.String()
    process_id = fields.String()
    process_release_id = fields.String()
    process_version = fields.Integer()
    fiscal_year = fields.Integer()
    phase = fields.String()
    phase_label = fields.String()
    title = fields.String()
    indicator_template = fields.String()
    rule_set = fields.String()
    parameters = fields.Dict(keys=fields.String())
    opens_on = fields.Date()
    closes_on = fields.Date()
    state = fields.String(metadata={"description": "prepared、open 或 closed"})
    state_label = fields.String()
    created_by = fields.String(allow_none=True)
    created_at = fields.DateTime()
    units = fields.Integer(metadata={"description": "参加的单位数"})
    expected = fields.Integer(allow_none=True, metadata={"description": "预计项目数；没有计划为 null"})
    declared = fields.Integer(metadata={"description": "已申报项目数"})


class UnitSchema(BodySchema):
    unit_id = text_id(required=True)
    expected_projects = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, MOST_EXPECTED)
    )


class ScopeUnitSchema(Schema):
    unit_id = fields.String()
    code = fields.String()
    name = fields.String()
    department_id = fields.String()
    department_code = fields.String()
    department_name = fields.String()
    expected_projects = fields.Integer(allow_none=True)
    declared = fields.Integer(metadata={"description": "已申报项目数，含草稿"})


class ScopeSchema(BodySchema):
    units = fields.List(fields.Nested(UnitSchema), required=True, validate=validate.Length(max=MOST_UNITS))


class CampaignFieldsSchema(BodySchema):
    title = fields.String(validate=validate.Length(1, LONGEST_TITLE))
    fiscal_year = fields.Integer(strict=True, validate=validate.Range(FIRST_YEAR, LAST_YEAR))
    phase = text_id(metadata={"description": "main 年度申报、additional 年中追加"})
    indicator_template = text_id(metadata={"description": "CLASSIC_2020 或 COST_2021"})
    rule_set = text_id(metadata={"description": "LINEAR_2020 或 THRESHOLD_2021"})
    opens_on = fields.Date()
    closes_on = fields.Date()
    parameters = fields.Dict(
        keys=fields.String(validate=validate.Length(max=60)), metadata={"description": "阈值（万元）和质量规则参数"}
    )
    units = fields.List(fields.Nested(UnitSchema), validate=validate.Length(max=MOST_UNITS))


class NewCampaignSchema(CampaignFieldsSchema):
    title = fields.String(required=True, validate=validate.Length(1, LONGEST_TITLE))
    fiscal_year = fields.Integer(required=True, strict=True, validate=validate.Range(FIRST_YEAR, LAST_YEAR))
    indicator_template = text_id(required=True)
    opens_on = fields.Date(required=True)
    closes_on = fields.Date(required=True)


class ReasonSchema(BodySchema):
    reason = fields.String(required=True, validate=validate.Length(campaigns.SHORTEST_REASON, 500))


class ExtensionSchema(ReasonSchema):
    closes_on = fields.Date(required=True, metadata={"description": "新的截止日期"})


class ScopeQuerySchema(Schema):
    mine = fields.Boolean(load_default=False, metadata={"description": "只要本人可以申报的单位"})


class CampaignQuerySchema(Schema):
    open_for_me = fields.Boolean(load_default=False, metadata={"description": "只要今天本人可以申报的批次"})


class ChangedCampaignSchema(Schema):
    id = fields.String()


@operations.get("")
@permission("campaign.read")
@operations.arguments(CampaignQuerySchema, location="query")
@operations.response(200, CampaignSchema(many=True))
def index(query: dict[str, Any]) -> Any:
    """申报批次，年度新的在前。"""
    session = wiring.session()
    if query["open_for_me"]:
        return campaigns.open_for(session, actor=current.actor(), at=current.at())
    return campaigns.rows(session)


@operations.post("")
@permission("campaign.manage")
@operations.arguments(NewCampaignSchema)
@operations.response(201, ChangedCampaignSchema)
@operations.doc(parameters=[KEY_HEADER])
def create(values: dict[str, Any]) -> Any:
    """建立批次，状态为筹备中。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return campaigns.create(session, values, actor=who, at=at, client=client)

    return answered(current.change(action, route="campaigns.create"), 201)


@operations.get("/<campaign_id>")
@permission("campaign.read")
@operations.response(200, CampaignSchema)
def show(campaign_id: str) -> Any:
    """一个批次。"""
    return campaigns.one(wiring.session(), campaign_id)


@operations.patch("/<campaign_id>")
@permission("campaign.manage")
@operations.arguments(CampaignFieldsSchema)
@operations.response(200, ChangedCampaignSchema)
@operations.doc(parameters=[KEY_HEADER])
def change(values: dict[str, Any], campaign_id: str) -> Any:
    """修改筹备中的批次；没有给出的项不变。"""
    return _changed(campaign_id, "campaigns.change", campaigns.change, values)


@operations.get("/<campaign_id>/units")
@permission("campaign.read")
@operations.arguments(ScopeQuerySchema, location="query")
@operations.response(200, ScopeUnitSchema(many=True))
def units(query: dict[str, Any], campaign_id: str) -> Any:
    """批次的单位范围，按单位编码排列。"""
    session = wiring.session()
    campaigns.one(session, campaign_id)
    return campaign_scope.units(session, campaign_id, actor=current.actor() if query["mine"] else None)


@operations.put("/<campaign_id>/units")
@permission("campaign.manage")
@operations.arguments(ScopeSchema)
@operations.response(200, ChangedCampaignSchema)
@operations.doc(parameters=[KEY_HEADER])
def rescope(wanted: dict[str, Any], campaign_id: str) -> Any:
    """替换单位范围；已有申报的单位不能移出。"""
    return _changed(campaign_id, "campaigns.rescope", campaigns.rescope, wanted["units"])


@operations.post("/<campaign_id>/open")
@permission("campaign.manage")
@operations.response(200, ChangedCampaignSchema)
@operations.doc(parameters=[KEY_HEADER])
def open_now(campaign_id: str) -> Any:
    """立即开放筹备中的批次。"""
    return _changed(campaign_id, "campaigns.open", campaigns.open)


@operations.post("/<campaign_id>/extend")
@permission("campaign.manage")
@operations.arguments(ExtensionSchema)
@operations.response(200, ChangedCampaignSchema)
@operations.doc(parameters=[KEY_HEADER])
def extend(wanted: dict[str, Any], campaign_id: str) -> Any:
    """延后开放中批次的截止日期。"""
    return _changed(campaign_id, "campaigns.extend", campaigns.extend, **wanted)


@operations.post("/<campaign_id>/close")
@permission("campaign.manage")
@operations.arguments(ReasonSchema)
@operations.response(200, ChangedCampaignSchema)
@operations.doc(parameters=[KEY_HEADER])
def close(wanted: dict[str, Any], campaign_id: str) -> Any:
    """提前关闭开放中的批次；在办的事项继续办理。"""
    return _changed(campaign_id, "campaigns.close", campaigns.close, **wanted)


def _changed(campaign_id: str, route: str, use_case: Callable[..., None], *given: Any, **named: Any) -> Any:
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        use_case(session, campaign_id, *given, **named, actor=who, at=at, client=client)
        return {"id": campaign_id}

    return answered(current.change(action, route=route))
