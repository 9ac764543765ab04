"""Exceptional acts for programs: what would happen, who asks, who agrees?"""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import cases, commands, exceptional_acts, reasons
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import BodySchema, Schema, text_id
from service.api.visits import DecidedSchema
from service.exceptional_acts import Wish
from service.permission import permission
from service.web import current

operations = Blueprint(
    "api_exceptional_acts", __name__, url_prefix="/api/v1", description="特别处理：一人申请、一人确认"
)
_PLACE = {"description": "跳转到哪个环节（node_id）；其他特别处理不需要"}


def _verb() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(tuple(exceptional_acts.VERBS)),
        metadata={"description": "jump 跳转、suspend 挂起、resume 恢复、terminate 终止、void 作废"},
    )


def _reason(**more: Any) -> fields.String:
    return fields.String(validate=validate.Length(max=reasons.LONGEST), **more)


class WishQuerySchema(Schema):
    verb = _verb()
    place = text_id(load_default=None, metadata=_PLACE)


class WishSchema(BodySchema):
    verb = _verb()
    place = text_id(load_default=None, allow_none=True, metadata=_PLACE)
    reason = _reason(required=True)


class ConfirmationSchema(BodySchema):
    reason = _reason(load_default=None, allow_none=True)


class NotAgreeingSchema(BodySchema):
    reason = _reason(required=True)


class EffectsSchema(Schema):
    why = fields.String(metadata={"description": "不可办理的原因；可办理时为空"})
    closes = fields.List(fields.String(), metadata={"description": "将关闭的待办环节"})
    skips = fields.List(fields.String(), metadata={"description": "将越过的环节"})
    opens = fields.List(fields.String(), metadata={"description": "将打开的环节"})
    people = fields.List(fields.String(), metadata={"description": "涉及的办理人"})
    compensations = fields.List(fields.String(), metadata={"description": "已经生效、须另行处理的事项"})


class ExceptionalActSchema(Schema):
    id = fields.String()
    case_id = fields.String()
    number = fields.String()
    title = fields.String()
    verb = fields.String()
    label = fields.String()
    place = fields.String(allow_none=True)
    reason = fields.String()
    effects = fields.Nested(EffectsSchema, metadata={"description": "申请时所见的后果"})
    state = fields.String(metadata={"description": "waiting、confirmed 或 refused"})
    requested_by = fields.String()
    requested_at = fields.DateTime()
    decided_by = fields.String(allow_none=True)
    decided_at = fields.DateTime(allow_none=True)
    decision_reason = fields.String(allow_none=True)


class RequestedSchema(Schema):
    message = fields.String()
    case_id = fields.String()
    seq = fields.Integer()
    act_id = fields.String()
    verb = fields.String()
    effects = fields.Nested(EffectsSchema)


class CarriedOutSchema(DecidedSchema):
    effects = fields.Nested(EffectsSchema)


class NotAgreedSchema(Schema):
    message = fields.String()
    case_id = fields.String()
    seq = fields.Integer()


@operations.get("/exceptional-acts")
@permission("exception.read")
@operations.response(200, ExceptionalActSchema(many=True))
def waiting() -> Any:
    """等待局领导确认的特别处理，最早在前。"""
    return exceptional_acts.waiting(wiring.session(), actor=current.actor())


@operations.get("/cases/<case_id>/exceptional-acts")
@permission("case.read")
@operations.response(200, ExceptionalActSchema(many=True))
def of_case(case_id: str) -> Any:
    """一个业务件的全部特别处理，最早在前。"""
    session, who = wiring.session(), current.actor()
    case = cases.one(session, case_id, actor=who)
    cases.note_read(session, case, actor=who, at=current.at(), what="exceptional_acts", client=current.client())
    return exceptional_acts.of_case(session, case_id)


@operations.get("/cases/<case_id>/exceptional-acts/preview")
@permission("exception.read")
@operations.arguments(WishQuerySchema, location="query")
@operations.response(200, EffectsSchema)
def preview(wanted: dict[str, Any], case_id: str) -> Any:
    """特别处理的后果：将关闭、越过、打开哪些环节；什么都不保存。"""
    who = current.actor()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return exceptional_acts.preview(session, case_id, actor=who, at=at, **wanted).to_json()

    wiring.session().rollback()  # its connection goes back to the pool while the preview runs on its own
    sessions, client = current.sessions(), current.client()
    return commands.preview(sessions, action, actor=who, route="exceptional_acts.preview", client=client)


@operations.post("/cases/<case_id>/exceptional-acts")
@permission("exception.request")
@operations.arguments(WishSchema)
@operations.response(201, RequestedSchema)
@operations.doc(parameters=[KEY_HEADER])
def request(wanted: dict[str, Any], case_id: str) -> Any:
    """绩效科负责人申请特别处理；局领导确认之前业务件不变。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return exceptional_acts.request(session, case_id, Wish(**wanted), actor=who, at=at, client=client)

    return answered(current.change(action, route="exceptional_acts.request"), 201)


@operations.post("/exceptional-acts/<act_id>/confirm")
@permission("exception.confirm")
@operations.arguments(ConfirmationSchema)
@operations.response(200, CarriedOutSchema)
@operations.doc(parameters=[KEY_HEADER])
def confirm(wanted: dict[str, Any], act_id: str) -> Any:
    """局领导确认并执行特别处理；申请人不能自己确认。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return exceptional_acts.confirm(session, act_id, actor=who, at=at, client=client, **wanted)

    return answered(current.change(action, route="exceptional_acts.confirm"))


@operations.post("/exceptional-acts/<act_id>/refuse")
@permission("exception.confirm")
@operations.arguments(NotAgreeingSchema)
@operations.response(200, NotAgreedSchema)
@operations.doc(parameters=[KEY_HEADER])
def refuse(wanted: dict[str, Any], act_id: str) -> Any:
    """局领导不同意特别处理，业务件不变；须写明理由。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return exceptional_acts.refuse(session, act_id, actor=who, at=at, client=client, **wanted)

    return answered(current.change(action, route="exceptional_acts.refuse"))
