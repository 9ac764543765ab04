"""Ex-ante assessments for programs: the coverage board of a year, and the beginning of an assessment."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import assessments, ex_ante_board
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import Amount, Schema
from service.permission import permission
from service.web import current

operations = Blueprint("api_ex_ante", __name__, url_prefix="/api/v1/ex-ante", description="事前绩效评估")
_MONEY = {"description": "万元，精确文本"}


class YearSchema(Schema):
    fiscal_year = fields.Integer(required=True, validate=validate.Range(2015, 2100))


class ExAnteSumsSchema(Schema):
    total = fields.Integer(metadata={"description": "新增重大项目数"})
    assessed = fields.Integer(metadata={"description": "有评估结论的项目数"})
    share = Amount(metadata={"description": "覆盖率，百分数"})
    missing = fields.Integer()
    drafting = fields.Integer()
    reviewing = fields.Integer()
    support = fields.Integer()
    support_after_adjustment = fields.Integer()
    not_support = fields.Integer()
    asked = Amount(metadata=_MONEY)
    cut = Amount(metadata=_MONEY)


class ExAnteDepartmentSchema(Schema):
    id = fields.String()
    name = fields.String()
    sums = fields.Nested(ExAnteSumsSchema)


class AssessedSchema(Schema):
    project_id = fields.String()
    project_code = fields.String()
    title = fields.String()
    unit = fields.String()
    department_id = fields.String()
    department = fields.String()
    declaration_id = fields.String(allow_none=True, metadata={"description": "绩效目标申报的业务件"})
    declaration_stage_label = fields.String()
    case_id = fields.String(allow_none=True, metadata={"description": "事前绩效评估的业务件"})
    number = fields.String(allow_none=True)
    stage_label = fields.String()
    status = fields.String()
    status_label = fields.String()
    score = Amount(allow_none=True)
    asked = Amount(metadata=_MONEY)
    suggested = Amount(allow_none=True, metadata=_MONEY)
    cut = Amount(metadata=_MONEY)


class ExAnteBoardSchema(Schema):
    fiscal_year = fields.Integer()
    sums = fields.Nested(ExAnteSumsSchema)
    departments = fields.List(fields.Nested(ExAnteDepartmentSchema))
    projects = fields.List(fields.Nested(AssessedSchema))


class BegunSchema(Schema):
    case_id = fields.String()
    visit_id = fields.String()
    number = fields.String()


@operations.get("")
@permission("coverage.read")
@operations.arguments(YearSchema, location="query")
@operations.response(200, ExAnteBoardSchema)
def board(query: dict[str, Any]) -> dict[str, Any]:
    """一个年度新增重大项目的事前评估覆盖率、结论和核减资金。"""
    return ex_ante_board.board(wiring.session(), actor=current.actor(), **query).to_json()


@operations.post("/projects/<project_id>")
@permission("declaration.write")
@operations.doc(parameters=[KEY_HEADER])
@operations.response(200, BegunSchema)
def begin(project_id: str) -> Any:
    """为在办的申报同步编制事前绩效评估。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return assessments.start(session, project_id, actor=who, at=at, client=client)

    return answered(current.change(action, route="ex_ante.begin"))
