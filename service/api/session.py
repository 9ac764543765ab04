"""Log-in of programs, and who they act as."""

from typing import Any

from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint
from marshmallow import fields, validate

from service import access, accounts, people
from service import request as wiring
from service.api.schemas import Schema
from service.permission import permission, public
from service.web import current

operations = Blueprint("api_session", __name__, url_prefix="/api/v1", description="登录与本人")


class CredentialsSchema(Schema):
    username = fields.String(required=True, validate=validate.Length(1, 100))
    password = fields.String(required=True, validate=validate.Length(1, 1000), load_only=True)


class PostHeldSchema(Schema):
    id = fields.String()
    role = fields.String()
    organisation_id = fields.String()
    organisation_code = fields.String()
    organisation_name = fields.String()
    organisation_kind = fields.String()


class MeSchema(Schema):
    person_id = fields.String()
    username = fields.String()
    name = fields.String()
    locale = fields.String()
    posts = fields.List(fields.Nested(PostHeldSchema))
    permissions = fields.List(fields.String())
    must_change_password = fields.Boolean()


class LoggedInSchema(Schema):
    token = fields.String(metadata={"description": "Bearer 令牌，12 小时有效"})
    expires_at = fields.DateTime()
    person_id = fields.String()


@operations.post("/session")
@public
@operations.arguments(CredentialsSchema)
@operations.response(201, LoggedInSchema)
@operations.doc(security=[])
def log_in(credentials: dict[str, str]) -> Any:
    """用用户名和口令登录，得到 12 小时有效的 Bearer 令牌。

    失败计入账户锁定：连续 5 次输错锁定 15 分钟。
    """
    return accounts.log_in(current.sessions(), **credentials, client=current.client(), api=True)


@operations.delete("/session")
@permission("session.end")
@operations.response(204)
def log_out() -> ResponseReturnValue:
    """结束本次登录。"""
    who = current.recognised()
    if who and who.session_id:
        with wiring.separate_session() as session:
            accounts.log_out(session, who, client=current.client())
    return ""


@operations.get("/me")
@permission("account.password")
@operations.response(200, MeSchema)
def me() -> dict[str, Any]:
    """本人、现任岗位和权限。"""
    who, actor = current.recognised(), current.actor()
    permissions = [name for name in access.PERMISSIONS if access.allowed(actor, name)]
    due = bool(who and who.session_id and who.must_change_password)
    return {**people.to_json(actor), "permissions": permissions, "must_change_password": due}
