"""A person's inbox for programs."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validate

from service import inbox, inbox_criteria, inbox_sorting
from service import request as wiring
from service.api.case_schemas import CaseRowsSchema
from service.api.cases import LONGEST_SEARCH, CaseQuerySchema
from service.api.schemas import Schema
from service.permission import permission
from service.web import current

operations = Blueprint("api_inbox", __name__, url_prefix="/api/v1/inbox", description="本人的收件箱")


def _require_order(text: str) -> None:
    if not inbox_sorting.is_order(text):
        raise ValidationError(f"排序须为 {'、'.join(inbox_sorting.KEYS)} 中至多三项，逗号分隔，前加 - 倒序。")


class InboxQuerySchema(CaseQuerySchema):
    tab = fields.String(
        load_default="todo",
        validate=validate.OneOf(inbox.TABS),
        metadata={
            "description": "待办 todo、委派代理 entrusted、抄送 copies、已办 done、被退回 returned、我发起的 initiated、草稿 drafts"
        },
    )
    due = fields.String(load_default=None, validate=validate.OneOf(inbox_criteria.DUE))
    arrived = fields.String(load_default=None, validate=validate.OneOf(inbox_criteria.ARRIVED))
    role = fields.String(
        load_default=None,
        validate=validate.OneOf(list(inbox_criteria.ROLES)),
        metadata={"description": "本人的身份：own 经办、transferred 受转办、added 加签、advice 受委派"},
    )
    round_from = fields.Integer(load_default=None, data_key="round", validate=validate.Range(1, 99))
    category = fields.String(load_default=None, validate=validate.Length(max=LONGEST_SEARCH))
    fiscal_year = fields.Integer(load_default=None, data_key="year", validate=validate.Range(2000, 2100))
    attachments = fields.Boolean(load_default=False, metadata={"description": "只要有附件的"})
    from_whom = fields.String(
        load_default=None,
        data_key="from",
        validate=validate.Length(max=LONGEST_SEARCH),
        metadata={"description": "上一步办理人姓名中的字"},
    )
    risks = fields.List(
        fields.String(validate=validate.Regexp(inbox_criteria.RISK)),
        load_default=(),
        data_key="risk",
        metadata={"description": "上次提交时提醒过的质量规则，如 Q09；any 为任一提醒；可重复，满足其一即可"},
    )
    opinion = fields.String(
        load_default=None,
        validate=validate.Length(inbox_criteria.SHORTEST_WORD, LONGEST_SEARCH),
        metadata={"description": "意见中的字词，空格分开的须都有，每个至少两个字"},
    )
    sort = fields.String(
        load_default="due",
        validate=_require_order,
        metadata={"description": "排序：至多三项，逗号分隔，如 due,-amount；前加 - 倒序"},
    )


class CountsSchema(Schema):
    todo = fields.Integer()
    overdue = fields.Integer(metadata={"description": "待办中已逾期的"})
    done = fields.Integer()
    returned = fields.Integer()
    initiated = fields.Integer()
    drafts = fields.Integer()
    entrusted = fields.Integer(metadata={"description": "委派给本人的和代理办理的"})
    copies = fields.Integer(metadata={"description": "抄送给本人的"})
    unread_copies = fields.Integer(metadata={"description": "其中未阅的"})


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
