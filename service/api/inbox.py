"""A person's inbox for programs."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate

from service import inbox
from service import request as wiring
from service.api.case_schemas import CaseRowsSchema
from service.api.cases import CaseQuerySchema
from service.api.schemas import Schema
from service.permission import permission
from service.web import current

operations = Blueprint("api_inbox", __name__, url_prefix="/api/v1/inbox", description="本人的收件箱")
_SORTS = ("due", "arrived", "amount", "unit", "title", "stage")


class InboxQuerySchema(CaseQuerySchema):
    tab = fields.String(
        load_default="todo",
        validate=validate.OneOf(inbox.TABS),
        metadata={"description": "待办 todo、已办 done、被退回 returned、我发起的 initiated、草稿 drafts"},
    )
    due = fields.String(load_default=None, validate=validate.OneOf(("overdue", "today", "week")))
    sort = fields.String(
        load_default="due",
        validate=validate.OneOf([sign + name for name in _SORTS for sign in ("", "-")]),
        metadata={"description": "排序；前加 - 倒序"},
    )


class CountsSchema(Schema):
    todo = fields.Integer()
    overdue = fields.Integer(metadata={"description": "待办中已逾期的"})
    done = fields.Integer()
    returned = fields.Integer()
    initiated = fields.Integer()
    drafts = fields.Integer()


class InboxSchema(CaseRowsSchema):
    tab = fields.String()
    counts = fields.Nested(CountsSchema)


@operations.get("")
@permission("inbox.use")
@operations.arguments(InboxQuerySchema, location="query")
@operations.response(200, InboxSchema)
def index(query: dict[str, Any]) -> Any:
    """收件箱的一类事项和各类的件数。"""
    session, who, at = wiring.session(), current.actor(), current.at()
    counts = inbox.counts(session, actor=who, at=at)
    found = inbox.page(session, actor=who, at=at, known=counts, **query)
    return {**vars(found), "tab": query["tab"], "counts": counts}
