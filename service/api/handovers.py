"""Handing over what a leaver leaves behind, for programs: what moved, what went back to its post, what stayed?"""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import handovers, reasons
from service.api.document import KEY_HEADER, answered
from service.api.schemas import BodySchema, Schema, text_id
from service.permission import permission
from service.web import current

operations = Blueprint("api_handovers", __name__, url_prefix="/api/v1/handovers", description="离岗移交")


class HandoverSchema(BodySchema):
    leaver_id = text_id(required=True, metadata={"description": "离岗人员"})
    to_id = text_id(
        load_default=None, allow_none=True, metadata={"description": "接办人；不指定或不能接办的退回其岗位待领取"}
    )
    reason = fields.String(required=True, validate=validate.Length(max=reasons.LONGEST))


class HandedSchema(Schema):
    case_id = fields.String()
    visit_id = fields.String()


class KeptSchema(HandedSchema):
    why = fields.String(metadata={"description": "为什么没有移交"})


class HandedOverSchema(Schema):
    batch = fields.String(metadata={"description": "批次标识，记入每件的事件"})
    moved = fields.List(fields.Nested(HandedSchema), metadata={"description": "已移交接办人"})
    put_back = fields.List(fields.Nested(HandedSchema), metadata={"description": "已退回岗位或收回"})
    kept = fields.List(fields.Nested(KeptSchema), metadata={"description": "没有移交"})


@operations.post("")
@permission("task.hand_over")
@operations.arguments(HandoverSchema)
@operations.response(200, HandedOverSchema)
@operations.doc(parameters=[KEY_HEADER])
def hand_over(wanted: dict[str, Any]) -> Any:
    """移交离岗人员的全部未办事项：系统管理员，或科室负责人对本科室。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return handovers.hand_over(session, actor=who, at=at, client=client, **wanted)

    return answered(current.change(action, route="handovers.hand_over"))
