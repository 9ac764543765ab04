"""Declarations for programs: start, copy, delete a draft."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy.orm import Session

from service import declarations
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import Amount, BodySchema, Schema, text_id
from service.permission import permission
from service.web import current

operations = Blueprint("api_declarations", __name__, url_prefix="/api/v1/declarations", description="申报")


class DeclarationSchema(BodySchema):
    campaign_id = text_id(required=True)
    unit_id = text_id(required=True)
    content = fields.Dict(
        keys=fields.String(), load_default=dict, metadata={"description": "已知的申报内容，至少有项目名称"}
    )
    copy_of = text_id(load_default=None, allow_none=True, metadata={"description": "从本单位已批准的项目复制"})


class StartedSchema(Schema):
    case_id = fields.String()
    visit_id = fields.String()
    number = fields.String()
    project_id = fields.String()
    project_code = fields.String()


class EarlierProjectSchema(Schema):
    project_id = fields.String()
    fiscal_year = fields.Integer()
    name = fields.String()
    amount = Amount(allow_none=True, metadata={"description": "万元，精确文本"})


class DiscardedSchema(Schema):
    message = fields.String()
    case_id = fields.String()
    seq = fields.Integer()


@operations.post("")
@permission("declaration.write")
@operations.arguments(DeclarationSchema)
@operations.response(201, StartedSchema)
@operations.doc(parameters=[KEY_HEADER])
def start(wanted: dict[str, Any]) -> Any:
    """单位经办人发起一个项目的申报，得到填报环节 `visit_id`。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return declarations.start(session, actor=who, at=at, client=client, **wanted)

    return answered(current.change(action, route="declarations.start"), 201)


@operations.get("/copyable")
@permission("declaration.write")
@operations.response(200, EarlierProjectSchema(many=True))
def copyable() -> Any:
    """可以复制的本单位项目，年度新的在前。"""
    return declarations.copyable(wiring.session(), actor=current.actor())


@operations.delete("/<visit_id>")
@permission("declaration.write")
@operations.response(200, DiscardedSchema)
@operations.doc(parameters=[KEY_HEADER])
def discard(visit_id: str) -> Any:
    """删除从未提交过的草稿，给出其填报环节；历史保留。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return declarations.discard(session, visit_id, actor=who, at=at, client=client)

    return answered(current.change(action, route="declarations.discard"))
