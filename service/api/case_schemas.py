"""What do programs read of a case? The parts that task pages, case files and lists share."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

import forms
from service.api.document import ProblemSchema
from service.api.schemas import PageSchema, Schema, plain


class CaseHeadSchema(Schema):
    case_id = fields.String()
    number = fields.String(metadata={"description": "业务件编号，如 绩目〔2027〕0123"})
    title = fields.String()
    project_code = fields.String()
    fiscal_year = fields.Integer()
    unit = fields.String()
    department = fields.String()
    fund_section = fields.String()
    amount = fields.String(allow_none=True, metadata={"description": "申报金额，万元，精确文本；未填写为 null"})
    stage = fields.String()
    stage_label = fields.String()
    condition = fields.String(allow_none=True, metadata={"description": "returned、consulting 或 null"})
    condition_label = fields.String()
    round = fields.Integer(metadata={"description": "第几轮"})
    is_key_project = fields.Boolean()
    seq = fields.Integer(metadata={"description": "最后一个事件的序号"})
    started_at = fields.DateTime()
    finished_at = fields.DateTime(allow_none=True)


class CaseHeaderSchema(CaseHeadSchema):
    release_hash = fields.String(metadata={"description": "所依流程版本的校验值"})


class LastStepSchema(Schema):
    person = fields.String()
    verb = fields.String()
    verb_label = fields.String()
    at = fields.DateTime()


class CaseRowSchema(CaseHeadSchema):
    visit_id = fields.String(allow_none=True)
    node_name = fields.String()
    arrived_at = fields.DateTime(allow_none=True)
    due_at = fields.DateTime(allow_none=True)
    due_state = fields.String(allow_none=True, metadata={"description": "overdue、today、soon、later 或 null"})
    last_step = fields.Nested(LastStepSchema, allow_none=True)
    holder = fields.String(allow_none=True, metadata={"description": "me、group 或 null"})
    read = fields.String(metadata={"description": "unread、changed 或 read"})


class CaseRowsSchema(PageSchema):
    rows = fields.List(fields.Nested(CaseRowSchema))


class FilledFormSchema(Schema):
    code = fields.String(metadata={"description": "表单代码"})
    version = fields.Integer()
    hash = fields.String(metadata={"description": "表单版本的校验值"})
    mode = fields.String(metadata={"description": "edit 或 read"})
    content = fields.Dict(keys=fields.String(), metadata={"description": "填写内容，金额与权重为精确文本"})
    context = fields.Dict(keys=fields.String(), metadata={"description": "自动项和条件所依的事实"})
    draft_version = fields.Integer(metadata={"description": "暂存的版本；暂存时带上，以免互相覆盖"})
    saved_at = fields.DateTime(allow_none=True)


class OpinionSchema(Schema):
    round = fields.Integer()
    visit_id = fields.String()
    node_id = fields.String()
    node_name = fields.String()
    person = fields.String()
    organisation = fields.String()
    role = fields.String()
    on_behalf_of = fields.String(allow_none=True)
    verb = fields.String()
    verb_label = fields.String()
    grade = fields.String(allow_none=True)
    opinion = fields.String(allow_none=True)
    at = fields.DateTime(allow_none=True)
    state = fields.String(metadata={"description": "valid、superseded 或 cancelled"})
    review = fields.Function(lambda opinion: _review_content(opinion), metadata={"type": ["object", "null"]})


class FindingSchema(Schema):
    id = fields.String()
    field = fields.String()
    label = fields.String()
    message = fields.String()
    severity = fields.String()
    round = fields.Integer()
    state = fields.String()
    answer_kind = fields.String(allow_none=True)
    answer = fields.String(allow_none=True)
    raised_by = fields.String()
    raised_at = fields.DateTime()


class TimelineEntrySchema(Schema):
    seq = fields.Integer()
    at = fields.DateTime()
    actor = fields.String()
    on_behalf_of = fields.String()
    post = fields.String()
    kind = fields.String()
    verb = fields.String()
    verb_label = fields.String()
    node_id = fields.String(allow_none=True)
    node_name = fields.String()
    round = fields.Integer()
    reason = fields.String(allow_none=True)
    details = fields.List(fields.String())


class PlaceSchema(Schema):
    node_id = fields.String()
    node_name = fields.String()
    role_name = fields.String()
    names = fields.List(fields.String())
    since = fields.String(metadata={"description": "送达时间，ISO 8601，带时区"})


class DiagramSchema(Schema):
    xml = fields.String(metadata={"description": "BPMN 2.0"})
    current = fields.List(fields.Nested(PlaceSchema))
    done = fields.List(fields.String())
    returned = fields.List(fields.String())


class AttachmentSchema(Schema):
    id = fields.String()
    filename = fields.String()
    media_type = fields.String()
    size = fields.Integer(metadata={"description": "字节"})
    sha256 = fields.String()
    uploaded_by = fields.String()
    uploaded_at = fields.DateTime()


class AdmittedSchema(Schema):
    library_no = fields.String()
    version = fields.Integer()
    admitted_at = fields.DateTime()


class CaseFileSchema(Schema):
    """The parts of a case that everybody who may see it reads."""

    header = fields.Nested(CaseHeaderSchema)
    form = fields.Nested(FilledFormSchema)
    previous = fields.Dict(keys=fields.String(), allow_none=True, metadata={"description": "上年批准的绩效目标"})
    problems = fields.List(fields.Nested(ProblemSchema))
    opinions = fields.List(fields.Nested(OpinionSchema))
    findings = fields.List(fields.Nested(FindingSchema))
    timeline = fields.List(fields.Nested(TimelineEntrySchema))
    attachments = fields.List(fields.Nested(AttachmentSchema))
    admitted = fields.Nested(AdmittedSchema, allow_none=True)
    head_hash = fields.String(metadata={"description": "最后一个事件的校验值"})


def parts(page: Any) -> dict[str, Any]:
    """The parts of a task page or a case's file with its forms as programs read them."""
    review = page.review and filled(page.review, mode="edit")
    return {**vars(page), "form": filled(page.form), "review": review, "previous": plain(page.previous)}


def filled(part: Mapping[str, Any], mode: str = "read") -> dict[str, Any]:
    """A form of a page: which version it is, and what is filled in."""
    definition = part["definition"]
    told = {name: value for name, value in part["context"].items() if name != "previous"}
    return {
        "mode": mode,
        **part,
        "code": definition.code,
        "version": definition.version,
        "hash": definition.hash,
        "content": plain(forms.readable(definition, part["content"] or {}, part.get("node") or "")),
        "context": plain(told),
    }


def _review_content(opinion: Mapping[str, Any]) -> Any:
    review = opinion["review"]
    return plain(forms.readable(review["definition"], review["content"])) if review else None
