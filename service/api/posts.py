"""Posts, and the requests with which they change."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import post_requests, posts
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import Schema
from service.permission import permission
from service.rules.roles import GRANTABLE
from service.web import current

operations = Blueprint("api_posts", __name__, url_prefix="/api/v1", description="岗位与岗位变更申请")


class PostSchema(Schema):
    id = fields.String()
    person_id = fields.String()
    username = fields.String()
    person_name = fields.String()
    role = fields.String()
    role_name = fields.String()
    organisation_id = fields.String()
    organisation_code = fields.String()
    organisation_name = fields.String()
    valid_from = fields.Date()
    valid_to = fields.Date(allow_none=True)


class PostQuerySchema(Schema):
    person_id = fields.String()
    organisation_id = fields.String()


class PostRequestSchema(Schema):
    id = fields.String()
    action = fields.String()
    state = fields.String()
    person_id = fields.String()
    username = fields.String()
    person_name = fields.String()
    role = fields.String()
    role_name = fields.String()
    organisation_name = fields.String()
    valid_from = fields.Date()
    valid_to = fields.Date(allow_none=True)
    reason = fields.String()
    requested_by_name = fields.String()
    requested_at = fields.DateTime()
    decided_by_name = fields.String(allow_none=True)
    decided_at = fields.DateTime(allow_none=True)
    decision_reason = fields.String(allow_none=True)


class RequestQuerySchema(Schema):
    state = fields.String(validate=validate.OneOf(("waiting", "approved", "refused")))
    person_id = fields.String()


class NewRequestSchema(Schema):
    person_id = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(GRANTABLE))
    organisation_id = fields.String(required=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(load_default=None, allow_none=True, metadata={"description": "最后一日；长期为 null"})
    reason = fields.String(required=True, validate=validate.Length(2, 500))


class EndSchema(Schema):
    last_day = fields.Date(required=True, metadata={"description": "最后任职日"})
    reason = fields.String(required=True, validate=validate.Length(2, 500))


class DecisionSchema(Schema):
    approve = fields.Boolean(required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=500))


class ChangedSchema(Schema):
    id = fields.String()
    post_id = fields.String(allow_none=True)


@operations.get("/posts")
@permission("post.read")
@operations.arguments(PostQuerySchema, location="query")
@operations.response(200, PostSchema(many=True))
def index(query: dict[str, Any]) -> Any:
    """岗位及任职期间，含将任和曾任。"""
    return posts.held(wiring.session(), **query)


@operations.get("/post-requests")
@permission("post.read")
@operations.arguments(RequestQuerySchema, location="query")
@operations.response(200, PostRequestSchema(many=True))
def requests(query: dict[str, Any]) -> Any:
    """岗位变更申请，最新在前。"""
    return post_requests.requests(wiring.session(), **query)


@operations.post("/post-requests")
@permission("post.request")
@operations.arguments(NewRequestSchema)
@operations.response(201, ChangedSchema)
@operations.doc(parameters=[KEY_HEADER])
def request_grant(wanted: dict[str, Any]) -> Any:
    """安全管理员申请任职；审计管理员会签后生效。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        made = post_requests.request_grant(session, **wanted, by=who.person_id, at=at, client=client)
        return {"id": made, "post_id": None}

    return answered(current.change(action, route="posts.request"), 201)


@operations.post("/posts/<post_id>/end")
@permission("post.request")
@operations.arguments(EndSchema)
@operations.response(201, ChangedSchema)
@operations.doc(parameters=[KEY_HEADER])
def request_end(wanted: dict[str, Any], post_id: str) -> Any:
    """安全管理员申请免职。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        made = post_requests.request_end(session, post_id, **wanted, by=who.person_id, at=at, client=client)
        return {"id": made, "post_id": post_id}

    return answered(current.change(action, route="posts.end"), 201)


@operations.post("/post-requests/<request_id>/decision")
@permission("post.approve")
@operations.arguments(DecisionSchema)
@operations.response(200, ChangedSchema)
@operations.doc(parameters=[KEY_HEADER])
def decide(wanted: dict[str, Any], request_id: str) -> Any:
    """审计管理员会签：批准（立即生效）或不予批准。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        post_id = post_requests.decide(session, request_id, **wanted, by=who.person_id, at=at, client=client)
        return {"id": request_id, "post_id": post_id}

    return answered(current.change(action, route="posts.decide"))
