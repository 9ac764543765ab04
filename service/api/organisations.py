"""Organisations for the system administrator's programs."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import organisations
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import Schema
from service.permission import permission
from service.rules.roles import ORGANISATION_KINDS
from service.web import current

operations = Blueprint("api_organisations", __name__, url_prefix="/api/v1/organisations", description="单位")


class OrganisationFieldsSchema(Schema):
    code = fields.String(metadata={"description": "单位编码"})
    name = fields.String(metadata={"description": "名称"})
    parent_id = fields.String(allow_none=True, metadata={"description": "主管部门"})
    fund_section_id = fields.String(allow_none=True, metadata={"description": "资金科室"})
    finance_own = fields.Boolean(metadata={"description": "财政局本级（SD6）"})
    default_functional_subject = fields.String(allow_none=True)
    region_code = fields.String(allow_none=True)


class NewOrganisationSchema(OrganisationFieldsSchema):
    kind = fields.String(required=True, validate=validate.OneOf(list(ORGANISATION_KINDS)))


class OrganisationChangeSchema(OrganisationFieldsSchema):
    active = fields.Boolean(metadata={"description": "是否在用"})


class OrganisationSchema(NewOrganisationSchema):
    id = fields.String()
    kind_label = fields.String()
    parent_name = fields.String(allow_none=True)
    fund_section_name = fields.String(allow_none=True)
    active = fields.Boolean()


class OrganisationQuerySchema(Schema):
    kind = fields.String(validate=validate.OneOf(list(ORGANISATION_KINDS)))
    q = fields.String(load_default="", validate=validate.Length(max=100))
    active = fields.Boolean(load_default=None)


class MadeSchema(Schema):
    id = fields.String()


@operations.get("")
@permission("organisation.read")
@operations.arguments(OrganisationQuerySchema, location="query")
@operations.response(200, OrganisationSchema(many=True))
def index(query: dict[str, Any]) -> Any:
    """单位清单，按类别和编码排列。"""
    return organisations.rows(wiring.session(), **query)


@operations.post("")
@permission("organisation.manage")
@operations.arguments(NewOrganisationSchema)
@operations.response(201, MadeSchema)
@operations.doc(parameters=[KEY_HEADER])
def create(values: dict[str, Any]) -> Any:
    """新建单位。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return {"id": organisations.create(session, values, by=who.person_id, at=at, client=client)}

    return answered(current.change(action, route="organisations.create"), 201)


@operations.get("/<organisation_id>")
@permission("organisation.read")
@operations.response(200, OrganisationSchema)
def show(organisation_id: str) -> Any:
    """一个单位。"""
    return organisations.one(wiring.session(), organisation_id)


@operations.patch("/<organisation_id>")
@permission("organisation.manage")
@operations.arguments(OrganisationChangeSchema)
@operations.response(200, MadeSchema)
@operations.doc(parameters=[KEY_HEADER])
def edit(values: dict[str, Any], organisation_id: str) -> Any:
    """修改单位；`active` 停用或启用。"""
    who, client = current.actor(), current.client()
    active = values.pop("active", None)

    def action(session: Session, at: datetime) -> dict[str, Any]:
        if values:
            organisations.edit(session, organisation_id, values, by=who.person_id, at=at, client=client)
        if active is not None:
            organisations.set_active(session, organisation_id, active, by=who.person_id, at=at, client=client)
        return {"id": organisation_id}

    return answered(current.change(action, route="organisations.edit"))
