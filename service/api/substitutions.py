"""Substitutions for programs: who stands in for whom, from when to when?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import request as wiring
from service import substitutions
from service.api.document import KEY_HEADER, answered
from service.api.schemas import LONGEST_TEXT, BodySchema, Schema, amount, plain, text_id
from service.permission import permission
from service.rules import quantities
from service.substitutions import Wanted
from service.web import current

operations = Blueprint("api_substitutions", __name__, url_prefix="/api/v1/substitutions", description="代理")
MOST_PROCESSES = 50
_LIMIT = "只代理不超过此金额的事项，万元；不限为 null"


class SubstitutionSchema(Schema):
    id = fields.String()
    principal_id = fields.String()
    principal = fields.String(metadata={"description": "被代理人姓名"})
    substitute_id = fields.String()
    substitute = fields.String(metadata={"description": "代理人姓名"})
    begins_on = fields.String(metadata={"description": "开始日期", "format": "date"})
    ends_before = fields.String(metadata={"description": "结束日期，不含当日", "format": "date"})
    processes = fields.List(fields.String(), metadata={"description": "所代理的流程；全部流程为空"})
    greatest_amount = fields.String(allow_none=True, metadata={"description": _LIMIT})
    reason = fields.String()
    state = fields.String(metadata={"description": "coming、running 或 over"})


class NewSubstitutionSchema(BodySchema):
    principal_id = text_id(required=True, metadata={"description": "被代理人；只能是本人，系统管理员除外"})
    substitute_id = text_id(required=True, metadata={"description": "代理人"})
    begins_on = fields.Date(required=True)
    ends_before = fields.Date(required=True, metadata={"description": f"不含当日，最长 {substitutions.LONGEST} 日"})
    reason = fields.String(required=True, validate=validate.Length(max=LONGEST_TEXT))
    processes = fields.List(text_id(), load_default=list, validate=validate.Length(max=MOST_PROCESSES))
    greatest_amount = amount(load_default=None, allow_none=True, metadata={"description": _LIMIT})


class SubstitutionEndedSchema(Schema):
    message = fields.String()
    id = fields.String()


@operations.get("")
@permission("account.own")
@operations.response(200, SubstitutionSchema(many=True))
def own() -> Any:
    """本人设置的和接受的代理，最新在前。"""
    found = substitutions.of_person(wiring.session(), current.actor().person_id, at=current.at())
    return [_told(one) for one in found]


@operations.get("/running")
@permission("substitution.read")
@operations.response(200, SubstitutionSchema(many=True))
def running() -> Any:
    """尚未结束的全部代理，供管理员和审计人员查看。"""
    return [_told(one) for one in substitutions.running(wiring.session(), at=current.at())]


@operations.post("")
@permission("account.own")
@operations.arguments(NewSubstitutionSchema)
@operations.response(201, SubstitutionSchema)
@operations.doc(parameters=[KEY_HEADER])
def put(wanted: dict[str, Any]) -> Any:
    """设置代理：本人为自己，或系统管理员为他人。"""
    who, client = current.actor(), current.client()
    asked = Wanted(**{**wanted, "processes": tuple(wanted["processes"])})

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return _told(substitutions.put(session, asked, actor=who, at=at, client=client))

    return answered(current.change(action, route="substitutions.put"), 201)


@operations.post("/<substitution_id>/end")
@permission("account.own")
@operations.response(200, SubstitutionEndedSchema)
@operations.doc(parameters=[KEY_HEADER])
def end(substitution_id: str) -> Any:
    """提前结束代理：被代理人、代理人或系统管理员。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return substitutions.end(session, substitution_id, actor=who, at=at, client=client)

    return answered(current.change(action, route="substitutions.end"))


def _told(one: Mapping[str, Any]) -> dict[str, Any]:
    """A substitution as it is told and remembered: days as ISO texts, the amount as an exact text."""
    most = one["greatest_amount"]
    return {**plain(one), "greatest_amount": None if most is None else quantities.plain(most)}
