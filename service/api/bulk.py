"""One act upon several cases for programs: claim, hand on, urge, copy, mark as read; and who has what in a section."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import bulk, copies, reasons, section_work
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import LONGEST_ID, BodySchema, Schema, text_id
from service.bulk import Errand
from service.permission import permission
from service.web import current

operations = Blueprint(
    "api_bulk", __name__, url_prefix="/api/v1/bulk", description="批量领取、转办、催办、抄送、标为已读"
)


class ErrandParametersSchema(BodySchema):
    person = text_id(metadata={"description": "转办给谁（person_id）"})
    people = fields.List(text_id(), validate=validate.Length(max=copies.MOST), metadata={"description": "抄送给哪些人"})


class ErrandSchema(BodySchema):
    verb = fields.String(required=True, validate=validate.OneOf(bulk.VERBS))
    visits = fields.List(
        text_id(), required=True, metadata={"description": f"环节（visit_id），1 至 {bulk.MOST} 个，一件不成不影响其他"}
    )
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=reasons.LONGEST))
    params = fields.Nested(ErrandParametersSchema, load_default=dict)
    seats = fields.Dict(
        keys=fields.String(validate=validate.Length(max=LONGEST_ID)),
        values=text_id(),
        load_default=dict,
        metadata={"description": "科室负责人改派的席位，键为 visit_id；每件只有一个席位时不需要"},
    )


class ErrandRowSchema(Schema):
    visit_id = fields.String()
    case_id = fields.String()
    number = fields.String()
    title = fields.String()
    ok = fields.Boolean()
    message = fields.String()


class ErrandDoneSchema(Schema):
    batch = fields.String(metadata={"description": "批次标识，记入每件的事件"})
    done = fields.Integer()
    failed = fields.Integer()
    rows = fields.List(fields.Nested(ErrandRowSchema))


class HolderSchema(Schema):
    person_id = fields.String(allow_none=True, metadata={"description": "为空的是岗位待领取的"})
    name = fields.String()
    role = fields.String()
    organisation_id = fields.String()
    post = fields.String()
    open = fields.Integer()
    overdue = fields.Integer()


@operations.post("")
@permission("task.decide")
@operations.arguments(ErrandSchema)
@operations.response(200, ErrandDoneSchema)
@operations.doc(parameters=[KEY_HEADER])
def carry_out(wanted: dict[str, Any]) -> Any:
    """批量办理：逐件办理，结果逐件列出；批量同意另见 /batches，退回、不予通过不能批量。"""
    who, client, chosen = current.actor(), current.client(), wanted.pop("visits")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return bulk.carry_out(session, chosen, Errand(actor=who, at=at, client=client, **wanted))

    return answered(current.change(action, route="bulk.carry_out"))


@operations.get("/holders")
@permission("task.hand_over")
@operations.response(200, HolderSchema(many=True))
def holders() -> Any:
    """本科室、本单位谁手里有多少在办、逾期；系统管理员看到所有人。"""
    return section_work.holders(wiring.session(), actor=current.actor(), at=current.at())
