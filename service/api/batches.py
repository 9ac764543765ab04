"""Several cases approved in one act for programs: which may go along, and what became of each?"""

from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import batches, reasons
from service import request as wiring
from service.api.document import KEY_HEADER, answered
from service.api.schemas import LONGEST_ID, Amount, BodySchema, Schema, text_id
from service.api.visits import LARGEST_SEQ
from service.batches import Batch
from service.permission import permission
from service.web import current

operations = Blueprint("api_batches", __name__, url_prefix="/api/v1/batches", description="批量同意")


class ChosenSchema(BodySchema):
    visits = fields.List(
        text_id(),
        required=True,
        metadata={"description": f"环节（visit_id），1 至 {batches.MOST} 个，须为同一环节、同一流程版本"},
    )


class BatchSchema(ChosenSchema):
    opinion = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=reasons.LONGEST))
    form = fields.Dict(
        keys=fields.String(validate=validate.Length(max=LONGEST_ID)),
        values=fields.Dict(keys=fields.String()),
        load_default=dict,
        metadata={"description": "各件共用的审核表，按表单代码"},
    )
    viewed = fields.Dict(
        keys=fields.String(validate=validate.Length(max=LONGEST_ID)),
        values=fields.Integer(strict=True, validate=validate.Range(0, LARGEST_SEQ)),
        load_default=dict,
        metadata={"description": "每件打开查看的秒数，键为 visit_id"},
    )


class BatchRowSchema(Schema):
    visit_id = fields.String()
    case_id = fields.String()
    number = fields.String()
    title = fields.String()
    amount = Amount(allow_none=True, metadata={"description": "万元，精确文本"})
    node_name = fields.String()
    why = fields.String(metadata={"description": "不能一并办理的原因；可以办理时为空"})


class BatchPreviewSchema(Schema):
    rows = fields.List(fields.Nested(BatchRowSchema))
    allowed = fields.Integer(metadata={"description": "可以一并办理的件数"})
    amount = Amount(metadata={"description": "可以一并办理的金额合计，万元，精确文本"})
    form = fields.String(allow_none=True, metadata={"description": "须共同填写的审核表代码；只写意见时为 null"})


class BatchResultSchema(Schema):
    visit_id = fields.String()
    number = fields.String()
    ok = fields.Boolean()
    message = fields.String()


class BatchApprovedSchema(Schema):
    batch = fields.String(metadata={"description": "批次标识，记入每件的事件"})
    done = fields.Integer()
    failed = fields.Integer()
    rows = fields.List(fields.Nested(BatchResultSchema))


@operations.post("/preview")
@permission("task.decide")
@operations.arguments(ChosenSchema)
@operations.response(200, BatchPreviewSchema)
def preview(wanted: dict[str, Any]) -> Any:
    """所选各件能否一并同意、为什么不能、金额合计；什么都不保存。"""
    return batches.preview(wiring.session(), wanted["visits"], actor=current.actor(), at=current.at())


@operations.post("")
@permission("task.decide")
@operations.arguments(BatchSchema)
@operations.response(200, BatchApprovedSchema)
@operations.doc(parameters=[KEY_HEADER])
def approve(wanted: dict[str, Any]) -> Any:
    """批量同意：逐件办理，一件不成不影响其他，结果逐件列出。"""
    who, client, chosen = current.actor(), current.client(), wanted.pop("visits")

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return batches.approve(session, chosen, Batch(who, at, client=client, **wanted))

    return answered(current.change(action, route="batches.approve"))
