"""Target adjustments for programs: the board of a year, and the beginning of an adjustment."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy.orm import Session

from service import adjustment_board, adjustments
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.ex_ante import BegunSchema, YearSchema
from service.api.schemas import Amount, Schema
from service.permission import permission
from service.web import current

operations = Blueprint("api_adjustments", __name__, url_prefix="/api/v1/adjustments", description="绩效目标调整")
_MONEY = {"description": "万元，精确文本"}


class MonthSchema(Schema):
    month = fields.String()
    count = fields.Integer()


class AdjustedSchema(Schema):
    case_id = fields.String()
    number = fields.String()
    title = fields.String()
    project_code = fields.String()
    unit = fields.String()
    department = fields.String()
    stage = fields.String()
    stage_label = fields.String()
    kind = fields.String(allow_none=True)
    kind_label = fields.String()
    before = Amount(allow_none=True, metadata=_MONEY)
    after = Amount(allow_none=True, metadata=_MONEY)
    change = Amount(allow_none=True, metadata=_MONEY)
    version = fields.Integer(allow_none=True)
    library_no = fields.String(allow_none=True)
    effective_at = fields.DateTime(allow_none=True)
    redisclose_since = fields.DateTime(allow_none=True, metadata={"description": "自此应重新公开"})


class AdjustmentsSchema(Schema):
    fiscal_year = fields.Integer()
    projects = fields.Integer(metadata={"description": "有批准目标的项目数"})
    adjusted = fields.Integer(metadata={"description": "目标调整过的项目数"})
    share = Amount(metadata={"description": "百分数"})
    months = fields.List(fields.Nested(MonthSchema))
    rows = fields.List(fields.Nested(AdjustedSchema))


@operations.get("")
@permission("coverage.read")
@operations.arguments(YearSchema, location="query")
@operations.response(200, AdjustmentsSchema)
def board(query: dict[str, Any]) -> dict[str, Any]:
    """一个年度的绩效目标调整，最新在前。"""
    return adjustment_board.board(wiring.session(), actor=current.actor(), **query).to_json()


@operations.post("/projects/<project_id>")
@permission("declaration.write")
@operations.doc(parameters=[KEY_HEADER])
@operations.response(200, BegunSchema)
def begin(project_id: str) -> Any:
    """申请调整一个项目已批准的绩效目标。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return adjustments.start(session, project_id, actor=who, at=at, client=client)

    return answered(current.change(action, route="adjustments.begin"))
