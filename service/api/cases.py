"""Cases for programs: the list, the file, the history with its hashes, the diagram, the ex-ante conclusion."""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import cases, copies, ex_ante, history, labels
from service import request as wiring
from service.api.case_schemas import CaseFileSchema, CaseRowsSchema, DiagramSchema, parts
from service.api.document import KEY_HEADER, answered
from service.api.schemas import BodySchema, PageQuerySchema, Schema, amount, number
from service.permission import permission
from service.rules.ex_ante import CONCLUSIONS
from service.web import current

operations = Blueprint("api_cases", __name__, url_prefix="/api/v1/cases", description="业务件")
LONGEST_SEARCH = 100


class CaseQuerySchema(PageQuerySchema):
    q = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_SEARCH),
        metadata={"description": "项目名称、项目编码或业务件编号中的字"},
    )
    stages = fields.List(
        fields.String(validate=validate.OneOf(list(labels.STAGES))),
        data_key="stage",
        load_default=(),
        metadata={"description": "所处阶段，可以给多个"},
    )
    unit = fields.String(
        load_default=None,
        validate=validate.Length(max=LONGEST_SEARCH),
        metadata={"description": "单位或部门名称、编码中的字"},
    )
    amount_from = amount(load_default=None, metadata={"description": "金额下限，万元，含"})
    amount_to = amount(load_default=None, metadata={"description": "金额上限，万元，含"})


class WholeCaseSchema(CaseFileSchema):
    diagram = fields.Nested(DiagramSchema)
    my_visit = fields.String(allow_none=True, metadata={"description": "本人可以办理的环节"})


class EventSchema(Schema):
    """One event with everything its hash covers."""

    case_id = fields.String()
    seq = fields.Integer()
    at = fields.DateTime()
    kind = fields.String()
    verb = fields.String()
    actor = fields.String(allow_none=True)
    on_behalf_of = fields.String(allow_none=True)
    post = fields.Dict(keys=fields.String(), allow_none=True)
    visit = fields.String(allow_none=True)
    seat = fields.String(allow_none=True)
    node = fields.String(allow_none=True)
    round = fields.Integer()
    release_hash = fields.String()
    form_hash = fields.String(allow_none=True)
    data_hash = fields.String(allow_none=True)
    command = fields.Dict(keys=fields.String(), allow_none=True)
    changes = fields.List(fields.Dict(keys=fields.String()))
    reason = fields.String(allow_none=True)
    client = fields.Dict(keys=fields.String(), allow_none=True, metadata={"description": "只给审计人员"})
    simulated = fields.Boolean()
    engine_digest = fields.String()
    prev_hash = fields.String()
    hash = fields.String()


class ReceiptSchema(Schema):
    person = fields.String()
    sent_by = fields.String(allow_none=True, metadata={"description": "抄送人；按流程自动抄送的为 null"})
    note = fields.String(allow_none=True)
    sent_at = fields.DateTime()
    read_at = fields.DateTime(allow_none=True, metadata={"description": "已阅时间；未阅为 null"})


class ConclusionSchema(BodySchema):
    conclusion = fields.String(required=True, validate=validate.OneOf(list(CONCLUSIONS)))
    score = number(2, 100, load_default=None, allow_none=True)
    reason = fields.String(required=True, validate=validate.Length(ex_ante.LEAST_REASON, 500))


class RecordedSchema(Schema):
    message = fields.String()
    case_id = fields.String()
    seq = fields.Integer()


@operations.get("")
@permission("case.read")
@operations.arguments(CaseQuerySchema, location="query")
@operations.response(200, CaseRowsSchema)
def index(query: dict[str, Any]) -> Any:
    """本人可以查看的业务件，最新在前。"""
    return cases.search(wiring.session(), actor=current.actor(), at=current.at(), **query)


@operations.get("/<case_id>")
@permission("case.read")
@operations.response(200, WholeCaseSchema)
def show(case_id: str) -> Any:
    """一个业务件的全部材料；审计人员的查阅记入安全日志。"""
    page = cases.page(
        wiring.session(), case_id, actor=current.actor(), at=current.at(), what="api", client=current.client()
    )
    return parts(page)


@operations.get("/<case_id>/events")
@permission("case.read")
@operations.response(200, EventSchema(many=True))
def events(case_id: str) -> Any:
    """全部事件及校验值，按序号排列；每个事件的 `prev_hash` 是前一个的 `hash`。"""
    session, who = wiring.session(), current.actor()
    case = cases.one(session, case_id, actor=who)
    cases.note_read(session, case, actor=who, at=current.at(), what="events", client=current.client())
    told = [name for name in (*history.COVERED, "hash") if name != "client" or who.holds("AUDITOR")]
    return [{name: getattr(event, name) for name in told} for event in history.of_case(session, case_id)]


@operations.get("/<case_id>/diagram")
@permission("case.read")
@operations.response(200, DiagramSchema)
def diagram(case_id: str) -> Any:
    """流程图及当前环节、办理人、已办和退回过的环节。"""
    return cases.diagram(wiring.session(), case_id, actor=current.actor(), at=current.at())


@operations.get("/<case_id>/copies")
@permission("case.read")
@operations.response(200, ReceiptSchema(many=True))
def receipts(case_id: str) -> Any:
    """抄送回执：抄送给谁、谁抄送、何时已阅，最早在前。"""
    session, who = wiring.session(), current.actor()
    case = cases.one(session, case_id, actor=who)
    cases.note_read(session, case, actor=who, at=current.at(), what="copies", client=current.client())
    return copies.receipts(session, case_id)


@operations.post("/<case_id>/ex-ante")
@permission("ex_ante.record")
@operations.arguments(ConclusionSchema)
@operations.response(200, RecordedSchema)
@operations.doc(parameters=[KEY_HEADER])
def record_ex_ante(wanted: dict[str, Any], case_id: str) -> Any:
    """绩效科登记事前绩效评估结论。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return ex_ante.record(session, case_id, actor=who, at=at, client=client, **wanted)

    return answered(current.change(action, route="ex_ante.record"))
