"""Workbooks of many declarations for programs: upload, look, confirm; templates and filled workbooks to download."""

from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from flask import request, send_file
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from service import import_downloads, imports
from service import request as wiring
from service.api.document import FILE, KEY_HEADER, answered
from service.api.schemas import Schema, text_id
from service.errors import WrongKind
from service.permission import permission
from service.web import current

operations = Blueprint("api_imports", __name__, url_prefix="/api/v1", description="工作簿导入")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RAW = (XLSX, "application/octet-stream")
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": FILE},
}
#: The workbook comes as a part named `file` of a form, or alone.
_UPLOAD = {
    "required": True,
    "content": {"multipart/form-data": {"schema": _FORM}, **{kind: {"schema": FILE} for kind in _RAW}},
}


class UploadQuerySchema(Schema):
    campaign_id = text_id(required=True)
    filename = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "文件名；直接上传文件内容时给出"},
    )


class LayoutQuerySchema(Schema):
    layout = fields.String(
        load_default="list",
        validate=validate.OneOf(("list", "form")),
        metadata={"description": "list 多个项目的清单，form 单个项目的申报表"},
    )


class ImportCountsSchema(Schema):
    rows = fields.Integer()
    good = fields.Integer(metadata={"description": "可以导入的行"})
    faulty = fields.Integer()
    errors = fields.Integer()
    warnings = fields.Integer()
    infos = fields.Integer()


class ImportedRowSchema(Schema):
    sheet = fields.String()
    row = fields.Integer()
    name = fields.String()
    unit = fields.String()
    amount = fields.String(allow_none=True, metadata={"description": "万元，精确文本"})
    good = fields.Boolean()
    problems = fields.Integer()


class PlacedProblemSchema(Schema):
    sheet = fields.String()
    row = fields.Integer()
    cell = fields.String()
    project = fields.String()
    field = fields.String()
    message = fields.String()
    severity = fields.String()
    source = fields.String()
    rule = fields.String()


class StartedDraftSchema(Schema):
    case_id = fields.String()
    visit_id = fields.String()
    number = fields.String()
    name = fields.String()


class EarlierUploadSchema(Schema):
    at = fields.String()
    by = fields.String()
    state = fields.String()
    state_label = fields.String()


class ImportSchema(Schema):
    id = fields.String()
    campaign_title = fields.String()
    filename = fields.String()
    uploaded_at = fields.DateTime()
    state = fields.String(metadata={"description": "checked 待确认、confirmed 已导入、discarded 已放弃"})
    state_label = fields.String()
    counts = fields.Nested(ImportCountsSchema)


class ImportPageSchema(ImportSchema):
    campaign_id = fields.String()
    confirmed_at = fields.DateTime(allow_none=True)
    rows = fields.List(fields.Nested(ImportedRowSchema))
    problems = fields.List(fields.Nested(PlacedProblemSchema))
    earlier = fields.Nested(EarlierUploadSchema, allow_none=True)
    started = fields.List(fields.Nested(StartedDraftSchema))


class UploadedSchema(Schema):
    import_id = fields.String()
    counts = fields.Nested(ImportCountsSchema)


class ConfirmedSchema(Schema):
    import_id = fields.String()
    imported = fields.Integer(metadata={"description": "建立的草稿数"})


@operations.get("/imports")
@permission("import.use")
@operations.response(200, ImportSchema(many=True))
def index() -> Any:
    """本人最近上传的工作簿。"""
    return imports.rows(wiring.session(), actor=current.actor())


@operations.post("/imports")
@permission("import.use")
@operations.arguments(UploadQuerySchema, location="query")
@operations.response(201, UploadedSchema)
@operations.doc(parameters=[KEY_HEADER], requestBody=_UPLOAD)
def upload(query: dict[str, str]) -> Any:
    """上传并核对工作簿；确认之前什么都不导入。"""
    who, campaign_id = current.actor(), query["campaign_id"]
    filename, content = _workbook(query["filename"])

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return imports.upload(session, actor=who, at=at, campaign_id=campaign_id, filename=filename, content=content)

    body = {"campaign": campaign_id, "filename": filename, "sha256": sha256(content).hexdigest()}
    return answered(current.change(action, route="imports.upload", body=body), 201)


@operations.get("/imports/<import_id>")
@permission("import.use")
@operations.response(200, ImportPageSchema)
def show(import_id: str) -> Any:
    """核对结果：每个项目能否导入，全部问题按工作表、行和单元格列出。"""
    return imports.show(wiring.session(), import_id, actor=current.actor())


@operations.post("/imports/<import_id>/confirm")
@permission("import.use")
@operations.response(200, ConfirmedSchema)
@operations.doc(parameters=[KEY_HEADER])
def confirm(import_id: str) -> Any:
    """导入全部可以导入的行，各成一份草稿，要么全部成功，要么一个都不建。"""
    who, client = current.actor(), current.client()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return imports.confirm(session, import_id, actor=who, at=at, client=client)

    return answered(current.change(action, route="imports.confirm"))


@operations.post("/imports/<import_id>/discard")
@permission("import.use")
@operations.response(200, ConfirmedSchema)
@operations.doc(parameters=[KEY_HEADER])
def discard(import_id: str) -> Any:
    """放弃这次上传，不导入任何项目。"""
    who = current.actor()

    def action(session: Session, at: datetime) -> dict[str, Any]:
        return imports.discard(session, import_id, actor=who)

    return answered(current.change(action, route="imports.discard"))


@operations.get("/imports/<import_id>/problems.xlsx")
@permission("import.use")
@operations.response(200, FILE, content_type=XLSX)
def problem_workbook(import_id: str) -> ResponseReturnValue:
    """下载问题清单。"""
    return _file(*import_downloads.problem_workbook(wiring.session(), import_id, actor=current.actor()))


@operations.get("/campaigns/<campaign_id>/template.xlsx")
@permission("import.use")
@operations.arguments(LayoutQuerySchema, location="query")
@operations.response(200, FILE, content_type=XLSX)
def template(query: dict[str, Any], campaign_id: str) -> ResponseReturnValue:
    """下载批次的空白工作簿。"""
    return _file(*import_downloads.template(wiring.session(), campaign_id, at=current.at(), **query))


@operations.get("/campaigns/<campaign_id>/declarations.xlsx")
@permission("export.use")
@operations.response(200, FILE, content_type=XLSX)
def filled(campaign_id: str) -> ResponseReturnValue:
    """下载批次中本人可以查看的全部申报；导出记入安全日志。"""
    who = current.actor()
    return _file(
        *import_downloads.filled(wiring.session(), campaign_id, actor=who, at=current.at(), client=current.client())
    )


def _workbook(filename: str) -> tuple[str, bytes]:
    sent = request.files.get("file")
    if sent is not None:
        return sent.filename or filename, sent.read()
    if request.mimetype not in _RAW:
        raise WrongKind("请上传 .xlsx 工作簿：表单中名为 file 的文件，或直接以 .xlsx 的类型发送文件内容。")
    return filename, request.get_data()


def _file(name: str, content: bytes) -> ResponseReturnValue:
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)
