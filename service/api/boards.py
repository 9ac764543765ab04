"""Boards for programs: a season by unit, step, return and rule, and the coverage of a year."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate

from service import boards, year_coverage
from service import request as wiring
from service.api.schemas import Amount, Schema
from service.campaign_terms import FIRST_YEAR, LAST_YEAR
from service.permission import permission
from service.web import current

operations = Blueprint("api_boards", __name__, url_prefix="/api/v1/boards", description="看板")


class UnitProgressSchema(Schema):
    unit_id = fields.String()
    code = fields.String()
    unit = fields.String()
    department = fields.String()
    drafting = fields.Integer()
    returned = fields.Integer()
    reviewing = fields.Integer()
    finished = fields.Integer()
    rejected = fields.Integer()
    total = fields.Integer()
    missing = fields.Integer(metadata={"description": "尚未报送的件数"})


class StepTimeSchema(Schema):
    node_id = fields.String()
    step = fields.String()
    decided = fields.Integer()
    returned = fields.Integer()
    average_days = fields.String(metadata={"description": "工作日"})
    median_days = fields.String()
    longest_days = fields.String()
    overdue = fields.Integer()


class CountSchema(Schema):
    name = fields.String()
    number = fields.Integer()


class SeasonBoardSchema(Schema):
    campaign_id = fields.String()
    title = fields.String()
    fiscal_year = fields.Integer()
    totals = fields.Dict(keys=fields.String(), values=fields.Integer())
    units = fields.List(fields.Nested(UnitProgressSchema))
    steps = fields.List(fields.Nested(StepTimeSchema))
    returns = fields.List(fields.Nested(CountSchema))
    rules = fields.List(fields.Nested(CountSchema))
    remarks = fields.List(fields.Nested(CountSchema))


class RatioSchema(Schema):
    code = fields.String()
    name = fields.String()
    done = fields.Integer()
    expected = fields.Integer()
    percent = Amount(allow_none=True, metadata={"description": "百分数"})


class YearQuerySchema(Schema):
    year = fields.Integer(required=True, validate=validate.Range(FIRST_YEAR, LAST_YEAR))


@operations.get("/<campaign_id>")
@permission("board.read")
@operations.response(200, SeasonBoardSchema)
def board(campaign_id: str) -> dict[str, Any]:
    """批次看板：单位进度、环节用时、退回和规则。"""
    return boards.board(wiring.session(), campaign_id, actor=current.actor()).to_json()


@operations.get("/coverage")
@permission("board.read")
@operations.arguments(YearQuerySchema, location="query")
@operations.response(200, RatioSchema(many=True))
def coverage(query: dict[str, Any]) -> list[dict[str, Any]]:
    """年度覆盖率。"""
    found = year_coverage.ratios(wiring.session(), query["year"], actor=current.actor())
    return [one.to_json() for one in found]
