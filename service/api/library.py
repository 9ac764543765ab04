"""The project library and the coverage board for programs."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate

from service import labels, library
from service import request as wiring
from service.api.schemas import Amount, PageQuerySchema, PageSchema, Schema, text_id
from service.campaign_terms import FIRST_YEAR, LAST_YEAR
from service.permission import permission
from service.web import current

operations = Blueprint("api_library", __name__, url_prefix="/api/v1", description="项目库与覆盖率")


def _year() -> fields.Integer:
    return fields.Integer(required=True, validate=validate.Range(FIRST_YEAR, LAST_YEAR))


class LibraryQuerySchema(PageQuerySchema):
    fiscal_year = _year()
    department = text_id(load_default=None, metadata={"description": "主管部门标识"})
    unit = fields.String(
        load_default=None,
        validate=validate.Length(max=100),
        metadata={"description": "单位或部门名称、编码中的字"},
    )
    q = fields.String(
        load_default="", validate=validate.Length(max=100), metadata={"description": "项目名称或编码中的字"}
    )
    stage = fields.String(load_default=None, validate=validate.OneOf(list(labels.STAGES)))


class CoverageQuerySchema(Schema):
    fiscal_year = _year()


class ProjectSchema(Schema):
    project_id = fields.String()
    project_code = fields.String()
    name = fields.String()
    fiscal_year = fields.Integer()
    unit_code = fields.String()
    unit = fields.String()
    department = fields.String()
    fund_section = fields.String()
    category = fields.String(allow_none=True)
    amount = Amount(allow_none=True, metadata={"description": "万元，精确文本"})
    is_key_project = fields.Boolean()
    needs_ex_ante = fields.Boolean()
    ex_ante_conclusion = fields.String(allow_none=True)
    ex_ante_label = fields.String()
    ex_ante_score = Amount(allow_none=True, metadata={"description": "百分制，精确文本"})
    case_id = fields.String(allow_none=True)
    number = fields.String(allow_none=True)
    stage = fields.String(allow_none=True)
    stage_label = fields.String()
    condition_label = fields.String()
    library_no = fields.String(allow_none=True)
    version = fields.Integer(allow_none=True)
    admitted_at = fields.DateTime(allow_none=True)


class DepartmentChoiceSchema(Schema):
    id = fields.Function(lambda pair: pair[0], metadata={"type": "string"})
    name = fields.Function(lambda pair: pair[1], metadata={"type": "string"})


class LibrarySchema(PageSchema):
    rows = fields.List(fields.Nested(ProjectSchema))
    amount = Amount(metadata={"description": "符合条件的全部项目金额合计，万元"})
    admitted = fields.Integer(metadata={"description": "其中已入库的"})
    admitted_amount = Amount(metadata={"description": "其中已入库的金额，万元"})
    departments = fields.List(fields.Nested(DepartmentChoiceSchema))


class TallySchema(Schema):
    expected = fields.Integer(metadata={"description": "应申报项目数"})
    declared = fields.Integer()
    submitted = fields.Integer()
    missing = fields.Integer(metadata={"description": "未填"})
    drafting = fields.Integer(metadata={"description": "填报中"})
    reviewing = fields.Integer(metadata={"description": "各级审核中"})
    admitted = fields.Integer(metadata={"description": "已入库"})
    rejected = fields.Integer(metadata={"description": "不予通过"})
    amount = Amount(metadata={"description": "已申报金额，万元"})


class UnitLineSchema(Schema):
    id = fields.String()
    code = fields.String()
    name = fields.String()
    tally = fields.Nested(TallySchema)


class DepartmentLineSchema(UnitLineSchema):
    units = fields.List(fields.Nested(UnitLineSchema), attribute="below")


class CoverageSchema(Schema):
    fiscal_year = fields.Integer()
    tally = fields.Nested(TallySchema)
    units = fields.Function(lambda board: len(board.units), metadata={"type": "integer"})
    units_declared = fields.Integer(metadata={"description": "已有项目报送的单位数"})
    units_complete = fields.Integer(metadata={"description": "项目已全部审定的单位数"})
    departments = fields.List(fields.Nested(DepartmentLineSchema))


@operations.get("/library")
@permission("library.read")
@operations.arguments(LibraryQuerySchema, location="query")
@operations.response(200, LibrarySchema)
def index(query: dict[str, Any]) -> Any:
    """一个年度的项目，按单位和项目编码排列，含金额合计。"""
    return library.page(wiring.session(), actor=current.actor(), **query)


@operations.get("/coverage")
@permission("coverage.read")
@operations.arguments(CoverageQuerySchema, location="query")
@operations.response(200, CoverageSchema)
def coverage(query: dict[str, Any]) -> Any:
    """覆盖率：全区、各部门及其单位的申报和入库情况，未完成的在前。"""
    return library.coverage(wiring.session(), actor=current.actor(), **query)
