"""Suggestions from the indicator library for programs."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate

from service import indicators
from service import request as wiring
from service.api.schemas import Schema
from service.permission import permission

operations = Blueprint("api_indicators", __name__, url_prefix="/api/v1/indicators", description="指标库")


class SuggestionQuerySchema(Schema):
    q = fields.String(load_default="", validate=validate.Length(max=100), metadata={"description": "指标名称中的字"})
    level2 = fields.String(
        load_default="", validate=validate.Length(max=20), metadata={"description": "二级指标代码，如 qty、qual"}
    )
    limit = fields.Integer(load_default=12, validate=validate.Range(1, indicators.MOST))


class SuggestionSchema(Schema):
    level1_code = fields.String()
    level2_code = fields.String()
    level2_name = fields.String()
    level3_name = fields.String()
    operator = fields.String()
    measure_unit = fields.String()
    example_value = fields.String(metadata={"description": "只作示例"})
    definition = fields.String()
    evidence_required = fields.String()


@operations.get("/suggestions")
@permission("indicator.read")
@operations.arguments(SuggestionQuerySchema, location="query")
@operations.response(200, SuggestionSchema(many=True))
def suggestions(query: dict[str, Any]) -> Any:
    """名称含所给文字的常用指标，用得多的在前。"""
    return indicators.suggest(wiring.session(), **query)
