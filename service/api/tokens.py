"""A person's own API tokens."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import request as wiring
from service import tokens
from service.api.document import KEY_HEADER
from service.api.schemas import Schema
from service.errors import NotAllowed
from service.permission import permission
from service.web import current

operations = Blueprint("api_tokens", __name__, url_prefix="/api/v1/tokens", description="本人的访问令牌")


class TokenSchema(Schema):
    id = fields.String()
    name = fields.String()
    created_at = fields.DateTime()
    expires_at = fields.DateTime()
    last_used_at = fields.DateTime(allow_none=True)


class NewTokenSchema(Schema):
    name = fields.String(required=True, metadata={"description": "用途"}, validate=validate.Length(1, 60))
    days = fields.Integer(load_default=90, strict=True, validate=validate.Range(1, tokens.GREATEST_DAYS))


class MadeTokenSchema(Schema):
    id = fields.String()
    token = fields.String(allow_none=True, metadata={"description": "只在首次回答中出现；重发的请求得到 null"})


@operations.get("")
@permission("account.own")
@operations.response(200, TokenSchema(many=True))
def index() -> Any:
    """本人有效的令牌。"""
    return tokens.own(wiring.session(), current.actor().person_id, at=current.at())


@operations.post("")
@permission("account.own")
@operations.arguments(NewTokenSchema)
@operations.response(201, MadeTokenSchema)
@operations.doc(parameters=[KEY_HEADER])
def create(wanted: dict[str, Any]) -> Any:
    """创建访问令牌；须用登录得到的令牌调用，访问令牌不能再造令牌。"""
    who, client, secret = current.actor(), current.client(), tokens.new_secret()
    recognised = current.recognised()
    if recognised is None or recognised.session_id is None:
        raise NotAllowed("访问令牌不能用来创建令牌，请先用用户名和口令登录。")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        row = tokens.create(session, person_id=who.person_id, **wanted, secret=secret, at=at, client=client)
        return {"id": row.id}

    answer = current.change(action, route="tokens.create")
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
    return {**answer.body, "token": None if answer.replayed else secret}, 201, headers


@operations.delete("/<token_id>")
@permission("account.own")
@operations.response(204)
@operations.doc(parameters=[KEY_HEADER])
def revoke(token_id: str) -> str:
    """撤销访问令牌，立即失效。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        tokens.revoke(session, token_id, person_id=who.person_id, at=at, client=client)
        return {"id": token_id}

    current.change(action, route="tokens.revoke")
    return ""
