"""What a person was told, for programs."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import notices
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import BodySchema, Schema
from service.permission import permission
from service.web import current

operations = Blueprint("api_notices", __name__, url_prefix="/api/v1/notices", description="本人的通知")
GREATEST_PAGE = 100_000


class NoticeQuerySchema(Schema):
    page = fields.Integer(load_default=1, validate=validate.Range(1, GREATEST_PAGE))
    unread = fields.Boolean(load_default=False, metadata={"description": "只要未读的"})
    kind = fields.String(load_default=None, validate=validate.OneOf(list(notices.KINDS)))


class NoticeSchema(Schema):
    id = fields.Integer()
    kind = fields.String(validate=validate.OneOf(list(notices.KINDS)))
    label = fields.String(metadata={"description": "种类的名称"})
    case_id = fields.String(allow_none=True)
    visit_id = fields.String(allow_none=True)
    facts = fields.Dict(keys=fields.String(), metadata={"description": "项目名称、编号、环节、办理人、理由、期限等"})
    at = fields.AwareDateTime()
    read = fields.Boolean()


class NoticesSchema(Schema):
    rows = fields.List(fields.Nested(NoticeSchema))
    total = fields.Integer()
    page = fields.Integer()
    size = fields.Integer()


class MarkingSchema(BodySchema):
    notice_id = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, notices.GREATEST_ID),
        metadata={"description": "只标这一条；不给则全部"},
    )


class MarkedSchema(Schema):
    read = fields.Integer(metadata={"description": "这次标为已读的条数"})


@operations.get("")
@permission("account.own")
@operations.arguments(NoticeQuerySchema, location="query")
@operations.response(200, NoticesSchema)
def index(query: dict[str, Any]) -> Any:
    """本人的通知，最新的在前。"""
    return notices.page(wiring.session(), current.actor().person_id, **query)


@operations.post("/read")
@permission("account.own")
@operations.arguments(MarkingSchema)
@operations.response(200, MarkedSchema)
@operations.doc(parameters=[KEY_HEADER])
def read(wanted: dict[str, Any]) -> Any:
    """把通知标为已读。"""
    who = current.actor()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return {"read": notices.mark_read(session, who.person_id, at=at, notice_id=wanted["notice_id"])}

    return answered(current.change(action, route="notices.read"))
